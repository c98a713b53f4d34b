//! RSA keys in the binary format of OpenSSH (RFC 4253, section 6.6).

use super::super::ssh::{malformed, string};
use super::RsaPublicKey;
use crate::error::Result;

impl RsaPublicKey {
    /// Reads the exponent and the modulus, which follow the key type. Returns the key and the remaining bytes.
    ///
    /// # Errors
    /// Returns `public_key_malformed` if the key is truncated, or if a number is zero, negative or not canonical.
    pub(in crate::keypair) fn from_ssh(bytes: &[u8]) -> Result<(Self, &[u8])> {
        let (e, rest) = string(bytes)?;
        let (n, rest) = string(rest)?;
        Ok((Self::from_numbers(mpint(n)?, mpint(e)?)?, rest))
    }
}

/// Checks that an `mpint` (RFC 4251, section 5) is not negative and has no unnecessary leading zeros, and returns its
/// bytes. Zero, which has no bytes, is accepted here and rejected by [`RsaPublicKey::from_numbers`].
fn mpint(bytes: &[u8]) -> Result<&[u8]> {
    match bytes {
        [0x80..=0xff, ..] => Err(malformed("a number in the SSH key is negative")),
        [0] | [0, 0..0x80, ..] => Err(malformed("a number in the SSH key has unnecessary leading zeros")),
        _ => Ok(bytes),
    }
}
