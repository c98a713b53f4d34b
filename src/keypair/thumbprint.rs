//! Thumbprints of public keys.

use super::{ed25519, refuse, rsa::RsaPublicKey};
use crate::error::{Code, Error, Result};
use base64ct::{Base64UrlUnpadded, Encoding};
use rsa::pkcs8::{SubjectPublicKeyInfoRef, der::Decode};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// The JWK thumbprint of a public key with SHA-256 (RFC 7638, section 3), written in base64url without padding.
///
/// Every encoding of a key has the same thumbprint. An RSA key has another thumbprint if its exponent is different.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JwkThumbprint([u8; 32]);

impl JwkThumbprint {
    /// Returns the digest of the required members of a JWK: JSON without whitespace, with the members in lexicographic
    /// order.
    pub(super) fn of_members(json: &str) -> Self {
        Self(Sha256::digest(json).into())
    }

    /// Returns the thumbprint of the key in an SPKI in DER (RFC 5280, section 4.1). The point of an Ed25519 key is not
    /// decoded, because that would take longer than generating the key.
    ///
    /// # Errors
    /// - `unsupported_algorithm` or `unsupported_parameters` if the `AlgorithmIdentifier` is not supported
    /// - `public_key_malformed` if the key cannot be decoded
    pub fn of_spki(der: &[u8]) -> Result<Self> {
        match SubjectPublicKeyInfoRef::from_der(der) {
            Ok(SubjectPublicKeyInfoRef { algorithm, subject_public_key }) if algorithm.oid == ed25519::OID => {
                let point = subject_public_key.as_bytes();
                point.map(ed25519::jwk_thumbprint).ok_or_else(|| refuse::malformed("the Ed25519 key has unused bits"))
            }
            _ => RsaPublicKey::from_spki(der).map(|key| key.jwk_thumbprint()),
        }
    }

    /// Creates a thumbprint from the 32 bytes of the digest.
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

impl fmt::Display for JwkThumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Base64UrlUnpadded::encode_string(&self.0))
    }
}

impl FromStr for JwkThumbprint {
    type Err = Error;

    /// # Errors
    /// Returns `invalid_reference` if the text is not the only encoding of 32 bytes.
    fn from_str(text: &str) -> Result<Self> {
        let mut bytes = [0; 32];
        match Base64UrlUnpadded::decode(text, &mut bytes) {
            Ok(decoded) if decoded.len() == 32 => Ok(Self(bytes)),
            _ => {
                let hint = "pass 43 characters of base64url, as in the member `kid` of a JWK";
                Err(Error::new(Code::InvalidReference, "the JWK thumbprint is malformed", hint))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_text_is_read() {
        // RFC 7638, section 3.1.
        let text = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        let thumbprint: JwkThumbprint = text.parse().unwrap();
        assert_eq!(thumbprint.to_string(), text);
        assert_eq!(JwkThumbprint::from_bytes(*thumbprint.as_bytes()), thumbprint);
        for malformed in [
            "",
            "NzbL",
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xt",
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs=",
            "NzbLsXh8uDCcd+6MNwXF4W/7noWXFZAfHkxZsRGC9Xs",
            " NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9XsA",
        ] {
            assert_eq!(malformed.parse::<JwkThumbprint>().unwrap_err().code(), Code::InvalidReference, "{malformed}");
        }
    }
}
