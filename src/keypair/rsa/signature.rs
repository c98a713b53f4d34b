//! Signatures in the only supported scheme: RSASSA-PSS with SHA-256, MGF1 with SHA-256, and a salt of 32 bytes
//! (RFC 8017, section 8.1; `PS256` in RFC 7518, section 3.5).

use super::super::refuse;
use super::{RecoveredMessage, RsaKeyPair, RsaPublicKey};
use crate::error::{Code, Error, Result};
use rand::rngs::SysRng;
use rsa::hazmat::rsa_encrypt;
use rsa::traits::{PublicKeyParts, SignatureScheme};
use rsa::{BoxedUint, Pss};
use sha2::{Digest, Sha256};

/// The length of the salt in bytes: the length of a SHA-256 digest.
const SALT: usize = 32;

impl RsaKeyPair {
    /// Signs a message (RFC 8017, section 8.1.1) with a new random salt. Another signature of the same message is
    /// therefore different.
    ///
    /// The base, the exponents and the CRT moduli of the private-key operation are blinded with new random factors.
    ///
    /// # Errors
    /// - `invalid_secret` if the modulus is too short for the scheme (less than 66 bytes)
    /// - `internal` if the operating system provides no random bytes, or if the computation fails
    pub(in crate::keypair) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        // The minimum is a digest, a salt of the same length, and two more bytes (RFC 8017, section 9.1.1, step 3).
        if self.key().size() < 2 * SALT + 2 {
            return Err(Error::new(
                Code::InvalidSecret,
                "the key is too short to sign with RSASSA-PSS and SHA-256",
                "generate a larger key with `keywright generate`",
            ));
        }
        Pss::<Sha256>::new_with_salt(SALT).sign(Some(&mut SysRng), self.key(), &Sha256::digest(message)).map_err(|e| {
            Error::new(
                Code::Internal,
                "could not sign with the key",
                "try again; if it fails again, check the hardware, which may be faulty",
            )
            .because(e)
        })
    }
}

/// A public key that has been prepared for verification. Reuse the value to verify many signatures with the same key.
pub(in crate::keypair) struct RsaVerifier(rsa::PublicKey);

impl RsaPublicKey {
    /// Prepares the key for verification. The key does not have to pass [`RsaPublicKey::judge`].
    ///
    /// # Errors
    /// Returns `public_key_malformed` if the modulus is even or does not have 1024 to 8192 bits, or if the exponent is
    /// even or not between 2 and 2^33 − 1.
    pub(in crate::keypair) fn verifier(&self) -> Result<RsaVerifier> {
        let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
        rsa::PublicKey::new(number(self.modulus()), number(self.exponent())).map(RsaVerifier).map_err(|_| {
            refuse::malformed("signatures cannot be verified with the modulus and the exponent of this RSA key")
                .with_hint("replace the key with an RSA key of 2048 to 8192 bits and the exponent 65537")
        })
    }
}

impl RsaVerifier {
    /// Returns the length of a signature in bytes, which is the length of the modulus.
    pub(in crate::keypair) fn signature_length(&self) -> usize {
        self.0.size()
    }

    /// Returns `true` if a signature is as long as the modulus and its value is less than the modulus (RFC 8017,
    /// sections 8.1.2, step 1, and 5.2.2, step 1).
    pub(in crate::keypair) fn could_be(&self, signature: &[u8]) -> bool {
        signature.len() == self.0.size() && BoxedUint::from_be_slice_vartime(signature) < *self.0.n().as_ref()
    }

    /// Returns `true` if the signature is valid for the message in the supported scheme (RFC 8017, section 8.1.2).
    pub(in crate::keypair) fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        let scheme = Pss::<Sha256>::new_with_salt(SALT);
        self.could_be(signature) && self.0.verify(scheme, &Sha256::digest(message), signature).is_ok()
    }

    /// Recovers the encoded message from a signature (RFC 8017, section 5.2.2) with a single RSA operation. Many
    /// messages can then be compared with the result. Returns `None` if [`RsaVerifier::could_be`] returns `false`.
    pub(in crate::keypair) fn recover(&self, signature: &[u8]) -> Option<RecoveredMessage> {
        if !self.could_be(signature) {
            return None;
        }
        let value = BoxedUint::from_be_slice(signature, self.0.n_bits_precision()).ok()?;
        let encoded = rsa_encrypt(&self.0, &value).ok()?.to_be_bytes();
        let start = encoded.len().checked_sub(self.0.size())?;
        let bits = usize::try_from(self.0.n().bit_width_vartime()).ok()?;
        Some(RecoveredMessage::parse(&encoded[start..], bits))
    }
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
