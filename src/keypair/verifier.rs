//! Verifying signatures with public keys of every algorithm.

use super::RecoveredMessage;
use super::ed25519::Ed25519Verifier;
use super::rsa::RsaVerifier;

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

    /// Returns `true` if the signature is valid for the message in the scheme of the algorithm: RSASSA-PSS with SHA-256,
    /// MGF1 with SHA-256 and a salt of 32 bytes (RFC 8017, section 8.1.2) for RSA, and strict Ed25519 (RFC 8032, section
    /// 5.1.7, without cofactor, points of small order and encodings that are not canonical) for Ed25519.
    #[must_use]
    pub fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            AnyVerifier::Rsa(key) => key.accepts(message, signature),
            AnyVerifier::Ed25519(key) => key.accepts(message, signature),
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
