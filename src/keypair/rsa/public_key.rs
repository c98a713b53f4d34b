//! RSA public keys: the `SubjectPublicKeyInfo`, and the modulus and the exponent that it contains.

use super::super::refuse;
use super::usage::{Usage, usage};
use crate::error::{Code, Error, Result};
use rsa::pkcs1::{RsaPublicKeyRef, UintRef};
use rsa::pkcs8::SubjectPublicKeyInfoRef;
use rsa::pkcs8::der::{Decode, Encode, asn1::BitStringRef};
use rsa::pkcs8::spki::AlgorithmIdentifierRef;
use sha2::{Digest, Sha256};

/// A decoded RSA public key. [`RsaPublicKey::judge`] decides whether the key is safe to register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::keypair) struct RsaPublicKey {
    spki: Vec<u8>,
    /// The modulus `n`, big-endian without leading zeros. Never empty.
    modulus: Vec<u8>,
    /// The public exponent `e`, big-endian without leading zeros. Never empty.
    exponent: Vec<u8>,
    /// The signature schemes to which the key is restricted.
    usage: Usage,
}

impl RsaPublicKey {
    /// Decodes a stored key, which must be exactly one `SubjectPublicKeyInfo` in DER (RFC 5280, section 4.1).
    ///
    /// The algorithm must be rsaEncryption with NULL parameters (RFC 3279, section 2.3.1) or id-RSASSA-PSS (RFC 4055,
    /// section 3.1).
    ///
    /// # Errors
    /// - `unsupported_algorithm` if the algorithm is neither rsaEncryption nor id-RSASSA-PSS
    /// - `unsupported_parameters` if the RSASSA-PSS parameters cannot be decoded, or exclude SHA-256, MGF1-SHA-256 or a
    ///   salt of 32 bytes
    /// - `public_key_malformed` if the bytes are not such a structure, or if the modulus or the exponent is zero
    pub(in crate::keypair) fn from_spki(der: &[u8]) -> Result<Self> {
        match Self::from_spki_as(der)? {
            (Usage::AnyBare, _) => Err(refuse::malformed("the parameters of rsaEncryption are missing")),
            (_, key) => Ok(key),
        }
    }

    /// Decodes an SPKI from an external source like [`RsaPublicKey::from_spki`], but adds the NULL parameters of
    /// rsaEncryption if they are missing.
    pub(in crate::keypair) fn from_foreign_spki(der: &[u8]) -> Result<Self> {
        match Self::from_spki_as(der)? {
            (Usage::AnyBare, key) => Self::from_numbers(&key.modulus, &key.exponent),
            (_, key) => Ok(key),
        }
    }

    fn from_spki_as(der: &[u8]) -> Result<(Usage, Self)> {
        let spki = SubjectPublicKeyInfoRef::from_der(der)
            .map_err(|_| refuse::malformed("the key is not a SubjectPublicKeyInfo in DER"))?;
        // The algorithm is checked first, because it determines how the key bits are read.
        let usage = usage(&spki.algorithm)?;
        let bits = spki.subject_public_key.as_bytes();
        let key = bits.and_then(|bits| RsaPublicKeyRef::from_der(bits).ok());
        let key =
            key.ok_or_else(|| refuse::malformed("the RSAPublicKey inside the SubjectPublicKeyInfo is damaged"))?;
        let (modulus, exponent) = positive(key.modulus.as_bytes(), key.public_exponent.as_bytes())?;
        Ok((usage, Self { spki: der.to_vec(), modulus, exponent, usage }))
    }

    /// Decodes an `RSAPublicKey` in DER (RFC 8017, appendix A.1.1), and creates an SPKI for rsaEncryption.
    pub(in crate::keypair) fn from_pkcs1(der: &[u8]) -> Result<Self> {
        let key =
            RsaPublicKeyRef::from_der(der).map_err(|_| refuse::malformed("the key is not an RSAPublicKey in DER"))?;
        Self::from_numbers(key.modulus.as_bytes(), key.public_exponent.as_bytes())
    }

    /// Creates a key from a big-endian modulus and exponent, with an SPKI for rsaEncryption. See
    /// [`RsaPublicKey::with_algorithm`] for the errors.
    pub(in crate::keypair) fn from_numbers(n: &[u8], e: &[u8]) -> Result<Self> {
        Self::with_algorithm(n, e, rsa::pkcs1::ALGORITHM_ID)
    }

    /// Creates a key from a big-endian modulus and exponent, with an SPKI for `algorithm`. Leading zeros are removed.
    ///
    /// # Errors
    /// - `public_key_malformed` if the modulus or the exponent is zero
    /// - `unsupported_algorithm` or `unsupported_parameters` if `algorithm` is not supported
    /// - `internal` if the SPKI cannot be encoded
    pub(super) fn with_algorithm(n: &[u8], e: &[u8], algorithm: AlgorithmIdentifierRef<'_>) -> Result<Self> {
        let (modulus, exponent) = positive(n, e)?;
        let encode = || {
            let key = RsaPublicKeyRef { modulus: UintRef::new(&modulus)?, public_exponent: UintRef::new(&exponent)? };
            let bits = key.to_der()?;
            SubjectPublicKeyInfoRef { algorithm, subject_public_key: BitStringRef::from_bytes(&bits)? }.to_der()
        };
        let spki = encode().map_err(|error| {
            Error::new(
                Code::Internal,
                "could not encode the SubjectPublicKeyInfo",
                "report this error as a bug, with the size of the key",
            )
            .because(error)
        })?;
        Ok(Self { spki, modulus, exponent, usage: usage(&algorithm)? })
    }

    /// Returns the `SubjectPublicKeyInfo` in DER (RFC 5280, section 4.1).
    pub(in crate::keypair) fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Returns the signature schemes to which the key is restricted.
    pub(super) const fn usage(&self) -> Usage {
        self.usage
    }

    /// Returns the length of the modulus in bits.
    pub(in crate::keypair) fn bits(&self) -> u32 {
        let leading = self.modulus.first().map_or(0, |byte| byte.leading_zeros());
        u32::try_from(self.modulus.len() * 8).unwrap_or(u32::MAX) - leading
    }

    /// Returns the SHA-256 digest of the modulus in big-endian order without leading zeros.
    ///
    /// The digest does not depend on the encoding, the exponent or the algorithm identifier of the key.
    pub(in crate::keypair) fn identity(&self) -> [u8; 32] {
        Sha256::digest(&self.modulus).into()
    }

    /// Returns the modulus, big-endian without leading zeros.
    pub(super) fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// Returns the public exponent, big-endian without leading zeros.
    pub(super) fn exponent(&self) -> &[u8] {
        &self.exponent
    }
}

/// Returns the modulus and the exponent without leading zeros, or `public_key_malformed` if either number is zero.
fn positive(n: &[u8], e: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let stripped = |number: &[u8]| number.iter().position(|&byte| byte != 0).map(|start| number[start..].to_vec());
    match (stripped(n), stripped(e)) {
        (Some(n), Some(e)) => Ok((n, e)),
        (None, _) => Err(refuse::malformed("the modulus is zero")),
        (_, None) => Err(refuse::malformed("the public exponent is zero")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::key_file;

    #[test]
    fn the_digest_covers_only_the_modulus() {
        let plain = RsaPublicKey::from_spki(&key_file("rsa2048.spki.der")).unwrap();
        let other = RsaPublicKey::from_numbers(&[&[0], plain.modulus()].concat(), &[3]).unwrap();
        assert_eq!(plain.identity(), other.identity());
        assert_ne!(plain.spki(), other.spki());
    }

    #[test]
    fn a_number_of_zero_is_malformed() {
        assert_eq!(RsaPublicKey::from_numbers(&[0], &[3]).unwrap_err().code(), Code::PublicKeyMalformed);
        assert_eq!(RsaPublicKey::from_numbers(&[3], &[]).unwrap_err().code(), Code::PublicKeyMalformed);
    }
}
