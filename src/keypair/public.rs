//! A public key as it is stored: its SPKI, and the two numbers inside.

use super::{algorithm, refuse};
use crate::error::{Code, Error, Result};
use crate::key::Fingerprint;
use rsa::pkcs1::{RsaPublicKeyRef, UintRef};
use rsa::pkcs8::SubjectPublicKeyInfoRef;
use rsa::pkcs8::der::{Decode, Encode, asn1::BitStringRef};
use rsa::pkcs8::spki::AlgorithmIdentifierRef;
use sha2::{Digest, Sha256};
use std::fmt;

/// An RSA public key that decodes; whether it is fit to be registered is [`PublicKey::judge`]'s to say.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    spki: Vec<u8>,
    /// `n`, big-endian, without leading zeros; never empty.
    modulus: Vec<u8>,
    /// `e`, likewise.
    exponent: Vec<u8>,
}

impl PublicKey {
    /// Reads a stored key: exactly one `SubjectPublicKeyInfo` in DER (RFC 5280, section 4.1), for rsaEncryption
    /// with NULL parameters (RFC 3279, section 2.3.1) or for id-RSASSA-PSS (RFC 4055, section 3.1).
    ///
    /// # Errors
    ///
    /// `public_key_malformed` if it is anything else, `unsupported_algorithm` if the key is not RSA,
    /// `unsupported_parameters` if the RSASSA-PSS parameters exclude SHA-256 with a salt of 32 bytes.
    pub fn from_spki(der: &[u8]) -> Result<Self> {
        match Self::from_spki_as(der)? {
            (algorithm::Use::AnyBare, _) => Err(refuse::malformed("the parameters of rsaEncryption are absent")),
            (_, key) => Ok(key),
        }
    }

    /// The same for a key from outside, which may lack the NULL and gets it.
    pub(super) fn from_foreign_spki(der: &[u8]) -> Result<Self> {
        match Self::from_spki_as(der)? {
            (algorithm::Use::AnyBare, key) => Self::from_numbers(&key.modulus, &key.exponent),
            (_, key) => Ok(key),
        }
    }

    fn from_spki_as(der: &[u8]) -> Result<(algorithm::Use, Self)> {
        let spki = SubjectPublicKeyInfoRef::from_der(der)
            .map_err(|_| refuse::malformed("the key is not a SubjectPublicKeyInfo in DER"))?;
        // First the algorithm: the bits of another kind of key are not ours to judge.
        let usage = algorithm::usage(&spki.algorithm)?;
        let bits = spki.subject_public_key.as_bytes();
        let key = bits.and_then(|bits| RsaPublicKeyRef::from_der(bits).ok());
        let key = key.ok_or_else(|| refuse::malformed("the RSAPublicKey inside the SPKI does not decode"))?;
        let (modulus, exponent) = positive(key.modulus.as_bytes(), key.public_exponent.as_bytes())?;
        Ok((usage, Self { spki: der.to_vec(), modulus, exponent }))
    }

    /// Reads `RSAPublicKey` (RFC 8017, appendix A.1.1), which then gets the rsaEncryption SPKI.
    pub(super) fn from_pkcs1(der: &[u8]) -> Result<Self> {
        let key =
            RsaPublicKeyRef::from_der(der).map_err(|_| refuse::malformed("the key is not an RSAPublicKey in DER"))?;
        Self::from_numbers(key.modulus.as_bytes(), key.public_exponent.as_bytes())
    }

    /// The key of these numbers, big-endian, with the rsaEncryption SPKI.
    pub(super) fn from_numbers(n: &[u8], e: &[u8]) -> Result<Self> {
        Self::with_algorithm(n, e, rsa::pkcs1::ALGORITHM_ID)
    }

    /// The key of these numbers, big-endian, with the SPKI of this algorithm.
    pub(super) fn with_algorithm(n: &[u8], e: &[u8], algorithm: AlgorithmIdentifierRef<'_>) -> Result<Self> {
        let (modulus, exponent) = positive(n, e)?;
        let encode = || {
            let key = RsaPublicKeyRef { modulus: UintRef::new(&modulus)?, public_exponent: UintRef::new(&exponent)? };
            let bits = key.to_der()?;
            SubjectPublicKeyInfoRef { algorithm, subject_public_key: BitStringRef::from_bytes(&bits)? }.to_der()
        };
        let spki = encode().map_err(|error| {
            Error::new(Code::Internal, "the SPKI could not be encoded", "report this with the key's size")
                .because(error)
        })?;
        Ok(Self { spki, modulus, exponent })
    }

    /// The `SubjectPublicKeyInfo` in DER (RFC 5280, section 4.1).
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The length of the modulus in bits.
    #[must_use]
    pub fn bits(&self) -> u32 {
        let leading = self.modulus.first().map_or(0, |byte| byte.leading_zeros());
        u32::try_from(self.modulus.len() * 8).unwrap_or(u32::MAX) - leading
    }

    /// The fingerprint of the SPKI: `openssl pkey -pubout -outform DER | sha256sum` gives the same.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_spki(&self.spki)
    }

    /// SHA-256 of the modulus, big-endian without leading zeros: the same key in another encoding, or with
    /// another exponent or algorithm, has the same digest.
    #[must_use]
    pub fn modulus_digest(&self) -> [u8; 32] {
        Sha256::digest(&self.modulus).into()
    }

    /// The modulus, big-endian, without leading zeros.
    pub(super) fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// The public exponent, likewise.
    pub(super) fn exponent(&self) -> &[u8] {
        &self.exponent
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} bits, {})", self.bits(), self.fingerprint())
    }
}

/// Both numbers without leading zeros, provided that neither is zero.
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
    use crate::key::spki_pem;
    use crate::testing::key_file;

    #[test]
    fn stored_keys_are_read_strictly() {
        let der = key_file("rsa2048.spki.der");
        let key = PublicKey::from_spki(&der).unwrap();
        assert_eq!((key.spki(), key.bits()), (der.as_slice(), 2048));
        let mut trailing = der.clone();
        trailing.push(0);
        assert_eq!(PublicKey::from_spki(&trailing).unwrap_err().code(), Code::PublicKeyMalformed);
        let bare = key_file("rsa2048.bare.spki.der");
        assert_eq!(PublicKey::from_spki(&bare).unwrap_err().code(), Code::PublicKeyMalformed);
        assert_eq!(PublicKey::from_foreign_spki(&bare).unwrap(), key);
    }

    #[test]
    fn pem_is_what_openssl_writes() {
        let key = PublicKey::from_spki(&key_file("rsa2048.spki.der")).unwrap();
        assert_eq!(spki_pem(key.spki()).as_bytes(), key_file("rsa2048.spki.pem"));
        assert_eq!(spki_pem(&[0; 48]).lines().nth(1).unwrap().len(), 64);
        assert_eq!(spki_pem(&[0; 48]).lines().count(), 3);
    }

    #[test]
    fn the_digest_is_of_the_modulus_alone() {
        let plain = PublicKey::from_spki(&key_file("rsa2048.spki.der")).unwrap();
        let other = PublicKey::from_numbers(&[&[0], plain.modulus()].concat(), &[3]).unwrap();
        assert_eq!(plain.modulus_digest(), other.modulus_digest());
        assert_ne!(plain.fingerprint(), other.fingerprint());
    }

    #[test]
    fn zeros_are_malformed() {
        assert_eq!(PublicKey::from_numbers(&[0], &[3]).unwrap_err().code(), Code::PublicKeyMalformed);
        assert_eq!(PublicKey::from_numbers(&[3], &[]).unwrap_err().code(), Code::PublicKeyMalformed);
    }

    #[test]
    fn debug_shows_no_numbers() {
        let key = PublicKey::from_numbers(&[0xff; 256], &[3]).unwrap();
        assert_eq!(format!("{key:?}"), format!("PublicKey(2048 bits, {})", key.fingerprint()));
    }
}
