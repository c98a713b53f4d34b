//! Public keys of every algorithm.

use super::ed25519::{self, Ed25519PublicKey, Ed25519Verifier};
use super::refuse;
use super::rsa::RsaPublicKey;
use super::verifier::Verifier;
use super::{Algorithm, Fingerprint, JwkAlgorithm, JwkThumbprint};
use crate::error::Result;
use rsa::pkcs8::{SubjectPublicKeyInfoRef, der::Decode};
use std::fmt;

/// A decoded public key. [`PublicKey::judge`] decides whether the key is safe to register.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(AnyPublicKey);

#[derive(Clone, PartialEq, Eq)]
enum AnyPublicKey {
    Rsa(RsaPublicKey),
    Ed25519(Ed25519PublicKey),
}

impl From<RsaPublicKey> for PublicKey {
    fn from(key: RsaPublicKey) -> Self {
        Self(AnyPublicKey::Rsa(key))
    }
}

impl From<Ed25519PublicKey> for PublicKey {
    fn from(key: Ed25519PublicKey) -> Self {
        Self(AnyPublicKey::Ed25519(key))
    }
}

impl PublicKey {
    /// Decodes a stored key, which must be exactly one `SubjectPublicKeyInfo` in DER (RFC 5280, section 4.1).
    ///
    /// The algorithm must be rsaEncryption with NULL parameters (RFC 3279, section 2.3.1), id-RSASSA-PSS (RFC 4055,
    /// section 3.1) or id-Ed25519 (RFC 8410, section 3).
    ///
    /// # Errors
    /// - `unsupported_algorithm` if the algorithm is none of these
    /// - `unsupported_parameters` if the RSASSA-PSS parameters cannot be decoded, or exclude SHA-256, MGF1-SHA-256 or a
    ///   salt of 32 bytes
    /// - `public_key_malformed` if the bytes are not such a structure, if the modulus or the exponent of an RSA key is
    ///   zero, or if an Ed25519 key is not the canonical encoding of a point on the curve
    pub fn from_spki(der: &[u8]) -> Result<Self> {
        match ed25519(der)? {
            Some(key) => Ok(key.into()),
            None => RsaPublicKey::from_spki(der).map(Self::from),
        }
    }

    /// Decodes an SPKI from an external source like [`PublicKey::from_spki`], but adds the NULL parameters of
    /// rsaEncryption if they are missing.
    pub(super) fn from_foreign_spki(der: &[u8]) -> Result<Self> {
        match ed25519(der)? {
            Some(key) => Ok(key.into()),
            None => RsaPublicKey::from_foreign_spki(der).map(Self::from),
        }
    }

    /// Returns the algorithm of the key.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.0 {
            AnyPublicKey::Rsa(_) => Algorithm::Rsa,
            AnyPublicKey::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// Returns the `SubjectPublicKeyInfo` in DER (RFC 5280, section 4.1).
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        match &self.0 {
            AnyPublicKey::Rsa(key) => key.spki(),
            AnyPublicKey::Ed25519(key) => key.spki(),
        }
    }

    /// Returns the size of the key in bits: for RSA, the length of the modulus, and for Ed25519, 256.
    #[must_use]
    pub fn bits(&self) -> u32 {
        match &self.0 {
            AnyPublicKey::Rsa(key) => key.bits(),
            AnyPublicKey::Ed25519(_) => Ed25519PublicKey::BITS,
        }
    }

    /// Returns the fingerprint of the SPKI. `openssl pkey -pubout -outform DER | sha256sum` prints the same digest for
    /// the private key on standard input.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_spki(self.spki())
    }

    /// Returns a SHA-256 digest that is the same for every encoding of the key: for RSA, the digest of the modulus, which
    /// does not depend on the exponent or the algorithm identifier, and for Ed25519, the digest of the encoded point.
    #[must_use]
    pub fn identity(&self) -> [u8; 32] {
        match &self.0 {
            AnyPublicKey::Rsa(key) => key.identity(),
            AnyPublicKey::Ed25519(key) => key.identity(),
        }
    }

    /// Checks that the key is safe to register. For RSA, the check takes about 5 ms for 2048 bits and 31 ms for 4096 bits.
    ///
    /// # Errors
    /// - a `key_*`, `exponent_*` or `modulus_*` code if an RSA key has an unsafe size, exponent or modulus
    /// - `point_order` if the point of an Ed25519 key does not have prime order
    pub fn judge(&self) -> Result<()> {
        match &self.0 {
            AnyPublicKey::Rsa(key) => key.judge(),
            AnyPublicKey::Ed25519(key) => key.judge(),
        }
    }

    /// Returns the key as a JWK for signatures (RFC 7517), in which `kid` is the JWK thumbprint.
    ///
    /// `alg` is the algorithm that `algorithms` contains for the type of the key. Otherwise, it is `EdDSA` for Ed25519 and
    /// `PS256` for an RSA key that is restricted to RSASSA-PSS, and is left out for any other RSA key, because such a key
    /// can be used with several algorithms, and readers reject a token with another algorithm than that of the JWK.
    #[must_use]
    pub fn to_jwk(&self, algorithms: &[JwkAlgorithm]) -> String {
        let chosen = algorithms.iter().copied().find(|chosen| chosen.of_keys() == self.algorithm());
        match &self.0 {
            AnyPublicKey::Rsa(key) => key.to_jwk(chosen),
            AnyPublicKey::Ed25519(key) => key.to_jwk(chosen.unwrap_or(JwkAlgorithm::EdDsa)),
        }
    }

    /// Returns the JWK thumbprint (RFC 7638, section 3).
    #[must_use]
    pub fn jwk_thumbprint(&self) -> JwkThumbprint {
        match &self.0 {
            AnyPublicKey::Rsa(key) => key.jwk_thumbprint(),
            AnyPublicKey::Ed25519(key) => key.jwk_thumbprint(),
        }
    }

    /// Returns the length of a signature in bytes: for RSA, the length of the modulus, and for Ed25519, 64.
    #[must_use]
    pub fn signature_length(&self) -> usize {
        match &self.0 {
            AnyPublicKey::Rsa(key) => key.bits().div_ceil(8) as usize,
            AnyPublicKey::Ed25519(_) => Ed25519Verifier::SIGNATURE,
        }
    }

    /// Prepares the key for verification. The key does not have to pass [`PublicKey::judge`].
    ///
    /// # Errors
    /// - `public_key_malformed` if an RSA modulus is even or does not have 1024 to 8192 bits, or if the exponent is even or
    ///   not between 2 and 2^33 − 1
    /// - `point_order` if the point of an Ed25519 key does not have prime order
    pub fn verifier(&self) -> Result<Verifier> {
        match &self.0 {
            AnyPublicKey::Rsa(key) => key.verifier().map(Verifier::from),
            AnyPublicKey::Ed25519(key) => key.verifier().map(Verifier::from),
        }
    }
}

/// Returns the key if an SPKI is for Ed25519, or `None` if it is for another algorithm.
fn ed25519(der: &[u8]) -> Result<Option<Ed25519PublicKey>> {
    let spki = SubjectPublicKeyInfoRef::from_der(der)
        .map_err(|_| refuse::malformed("the key is not a SubjectPublicKeyInfo in DER"))?;
    (spki.algorithm.oid == ed25519::OID).then(|| Ed25519PublicKey::from_spki(&spki)).transpose()
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} bits, {})", self.bits(), self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::key::spki_pem;
    use crate::testing::key_file;

    #[test]
    fn stored_keys_must_be_exact() {
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
    fn the_pem_is_the_one_that_openssl_writes() {
        let key = PublicKey::from_spki(&key_file("rsa2048.spki.der")).unwrap();
        assert_eq!(spki_pem(key.spki()).as_bytes(), key_file("rsa2048.spki.pem"));
        assert_eq!(spki_pem(&[0; 48]).lines().nth(1).unwrap().len(), 64);
        assert_eq!(spki_pem(&[0; 48]).lines().count(), 3);
    }

    #[test]
    fn debug_shows_no_numbers() {
        let key = PublicKey::from(RsaPublicKey::from_numbers(&[0xff; 256], &[3]).unwrap());
        assert_eq!(format!("{key:?}"), format!("PublicKey(2048 bits, {})", key.fingerprint()));
    }
}
