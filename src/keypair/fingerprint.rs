//! Fingerprints of public keys.

use sha2::{Digest, Sha256};
use std::fmt;

/// The SHA-256 digest of a `SubjectPublicKeyInfo` in DER (RFC 5280, section 4.1), written in lowercase hexadecimal.
///
/// An HPKP pin is the same digest in base64 (RFC 7469, section 2.4). An SSH fingerprint is a different digest, and so
/// is the digest of the key bits alone, which some tools print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Returns the fingerprint of an SPKI in DER.
    #[must_use]
    pub fn of_spki(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }

    /// Creates a fingerprint from the 32 bytes of the digest.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes of the digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_the_digest_in_lowercase_hexadecimal() {
        // Example from FIPS 180-4: SHA-256("abc").
        assert_eq!(
            Fingerprint::of_spki(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
