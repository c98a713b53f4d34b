//! Verifying signatures with public keys of every algorithm.

use super::ed25519::Ed25519Verifier;
use super::rsa::RsaVerifier;
use super::{Algorithm, RecoveredMessage, SignatureAlgorithm};

/// A public key that has been prepared for verification. Reuse the value to verify many signatures with the same key.
pub struct Verifier(AnyVerifier);

enum AnyVerifier {
    Rsa(RsaVerifier),
    Ed25519(Ed25519Verifier),
}

impl From<RsaVerifier> for Verifier {
    fn from(key: RsaVerifier) -> Self {
        Self(AnyVerifier::Rsa(key))
    }
}

impl From<Ed25519Verifier> for Verifier {
    fn from(key: Ed25519Verifier) -> Self {
        Self(AnyVerifier::Ed25519(key))
    }
}

impl Verifier {
    /// Returns the length of a signature in bytes: for RSA, the length of the modulus, and for
    /// Ed25519, 64.
    #[must_use]
    pub fn signature_length(&self) -> usize {
        match &self.0 {
            AnyVerifier::Rsa(key) => key.signature_length(),
            AnyVerifier::Ed25519(_) => Ed25519Verifier::SIGNATURE,
        }
    }

    /// Returns `true` if a signature has the right length and, for RSA, its value is less than the modulus (RFC 8017,
    /// sections 8.1.2, step 1, and 5.2.2, step 1).
    #[must_use]
    pub fn could_be(&self, signature: &[u8]) -> bool {
        match &self.0 {
            AnyVerifier::Rsa(key) => key.could_be(signature),
            AnyVerifier::Ed25519(_) => signature.len() == Ed25519Verifier::SIGNATURE,
        }
    }

    /// Returns `true` if the key can make signatures with the algorithm. A key that is restricted to RSASSA-PSS, or to
    /// RSASSA-PSS with SHA-256, supports no other algorithm.
    #[must_use]
    pub fn supports(&self, algorithm: SignatureAlgorithm) -> bool {
        match &self.0 {
            AnyVerifier::Rsa(key) => key.supports(algorithm),
            AnyVerifier::Ed25519(_) => algorithm == SignatureAlgorithm::Ed25519,
        }
    }

    /// Returns `true` if the key can make signatures with the algorithm, and the signature is valid for the message. An
    /// Ed25519 signature is verified strictly (RFC 8032, section 5.1.7, without cofactor, points of small order and
    /// encodings that are not canonical). A restricted key accepts no other algorithm than those that it supports.
    #[must_use]
    pub fn accepts(&self, algorithm: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            AnyVerifier::Rsa(key) => key.accepts(algorithm, message, signature),
            AnyVerifier::Ed25519(key) => algorithm == SignatureAlgorithm::Ed25519 && key.accepts(message, signature),
        }
    }

    /// Returns the algorithm of the key.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match &self.0 {
            AnyVerifier::Rsa(_) => Algorithm::Rsa,
            AnyVerifier::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// Recovers the encoded message from an RSA signature (RFC 8017, section 5.2.2) with a single RSA operation. Many
    /// messages can then be compared with the result. Returns `None` if [`Verifier::could_be`] returns `false`, and for other
    /// algorithms, whose signatures contain no message.
    #[must_use]
    pub fn recover(&self, signature: &[u8]) -> Option<RecoveredMessage> {
        match &self.0 {
            AnyVerifier::Rsa(key) => key.recover(signature),
            AnyVerifier::Ed25519(_) => None,
        }
    }
}
