//! A public key as stored in a keyring, together with the values that were derived from the key when it was stored.

use super::{Fingerprint, PublicKey, Verifier};
use crate::error::Result;

/// The algorithm of a key pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA (RFC 8017).
    Rsa,
    /// Ed25519 (RFC 8032, section 5.1).
    Ed25519,
}

impl Algorithm {
    /// Returns the name of the algorithm in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Ed25519 => "Ed25519",
        }
    }
}

/// A public key of any supported algorithm, with its fingerprint, identity and size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPublicKey {
    algorithm: Algorithm,
    spki: Vec<u8>,
    fingerprint: Fingerprint,
    identity: [u8; 32],
    bits: u32,
}

impl StoredPublicKey {
    /// Creates a public key from values stored in a keyring. The values are not checked for consistency.
    #[must_use]
    pub const fn from_stored(
        algorithm: Algorithm,
        spki: Vec<u8>,
        fingerprint: Fingerprint,
        identity: [u8; 32],
        bits: u32,
    ) -> Self {
        Self { algorithm, spki, fingerprint, identity, bits }
    }

    /// Creates a placeholder for a key of `bits` bits that has not been generated yet, for checking rules about key
    /// sizes. The SPKI is empty.
    #[must_use]
    pub fn placeholder(algorithm: Algorithm, bits: u32) -> Self {
        Self::from_stored(algorithm, Vec::new(), Fingerprint::of_spki(&[]), [0; 32], bits)
    }

    /// Returns the algorithm of the key.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the `SubjectPublicKeyInfo` in DER (RFC 5280, section 4.1).
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Returns the SHA-256 digest of the SPKI.
    #[must_use]
    pub const fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Returns a SHA-256 digest that is the same for every encoding of the key: the digest of the modulus
    /// for RSA, and of the encoded point for Ed25519.
    #[must_use]
    pub const fn identity(&self) -> &[u8; 32] {
        &self.identity
    }

    /// Returns the size of the key in bits: the length of the modulus for RSA, and 256 for Ed25519.
    #[must_use]
    pub const fn bits(&self) -> u32 {
        self.bits
    }

    /// Returns a verifier for signatures made with the key.
    ///
    /// # Errors
    /// - `unsupported_algorithm` or `unsupported_parameters` if the `AlgorithmIdentifier` in the stored SPKI is not
    ///   supported
    /// - `public_key_malformed` if the stored SPKI cannot be decoded, or for the same reasons as
    ///   [`PublicKey::verifier`]
    pub fn verifier(&self) -> Result<Verifier> {
        PublicKey::from_spki(&self.spki)?.verifier()
    }
}

impl From<&PublicKey> for StoredPublicKey {
    fn from(key: &PublicKey) -> Self {
        Self::from_stored(key.algorithm(), key.spki().to_vec(), key.fingerprint(), key.identity(), key.bits())
    }
}
