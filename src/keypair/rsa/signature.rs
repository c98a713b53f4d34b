//! Signatures with RSA: RSASSA-PSS (RFC 8017, section 8.1) with a salt as long as the digest, and RSASSA-PKCS1-v1_5 (section
//! 8.2).

use super::super::{SignatureAlgorithm, refuse};
use super::usage::Usage;
use super::{RecoveredMessage, RsaKeyPair, RsaPublicKey, private_operation};
use crate::error::{Code, Error, Result};
use rsa::hazmat::rsa_encrypt;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use sha2::{Digest, Sha256, Sha512};

/// The length of the salt in bytes: the length of a SHA-256 digest.
const SALT: usize = 32;

/// The length of the salt with SHA-512 in bytes: the length of a digest.
const SALT_512: usize = 64;

impl RsaKeyPair {
    /// Signs a message with a scheme of RSA (RFC 8017, sections 8.1.1 and 8.2.1). The salt of RSASSA-PSS is random, so
    /// another signature of the same message is different.
    ///
    /// # Errors
    /// - `invalid_secret` if the modulus is too short for the scheme, or if the key is restricted to another one
    /// - `internal` if the operating system provides no random bytes, or if the computation fails
    pub(in crate::keypair) fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
        let usage = self.usage()?;
        if usage.is_pss_only() && !usage.allows(algorithm) {
            let only = if usage == Usage::PssSha256 { "RSASSA-PSS with SHA-256" } else { "RSASSA-PSS" };
            return Err(Error::new(
                Code::InvalidSecret,
                format!("the key is restricted to {only}, so it cannot sign with {algorithm}"),
                "use an RSA key without this restriction, or an Ed25519 key",
            ));
        }
        match algorithm {
            SignatureAlgorithm::RsaPssSha256 => self.refuse_short(SALT)?,
            SignatureAlgorithm::RsaPssSha512 => self.refuse_short(SALT_512)?,
            SignatureAlgorithm::RsaPkcs1Sha256 | SignatureAlgorithm::Ed25519 => {}
        }
        private_operation::sign(self.key(), algorithm, message)
    }

    /// Refuses a modulus that is too short for RSASSA-PSS with a digest and a salt of the given length in bytes.
    fn refuse_short(&self, salt: usize) -> Result<()> {
        // The minimum is a digest, a salt of the same length, and two more bytes (RFC 8017, section 9.1.1, step 3).
        if self.key().size() >= 2 * salt + 2 {
            return Ok(());
        }
        Err(Error::new(
            Code::InvalidSecret,
            "the key is too short to sign with RSASSA-PSS",
            "generate a larger key with `keywright generate`",
        ))
    }
}

/// A public key that has been prepared for verification. Reuse the value to verify many signatures with the same key.
pub(in crate::keypair) struct RsaVerifier {
    key: rsa::PublicKey,
    usage: Usage,
}

impl RsaPublicKey {
    /// Prepares the key for verification. The key does not have to pass [`RsaPublicKey::judge`].
    ///
    /// # Errors
    /// Returns `public_key_malformed` if the modulus is even or does not have 1024 to 8192 bits, or if the exponent is
    /// even or not between 2 and 2^33 − 1.
    pub(in crate::keypair) fn verifier(&self) -> Result<RsaVerifier> {
        let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
        let usage = self.usage();
        let key = rsa::PublicKey::new(number(self.modulus()), number(self.exponent()));
        key.map(|key| RsaVerifier { key, usage }).map_err(|_| {
            refuse::malformed("signatures cannot be verified with the modulus and the exponent of this RSA key")
                .with_hint("replace the key with an RSA key of 2048 to 8192 bits and the exponent 65537")
        })
    }
}

impl RsaVerifier {
    /// Returns the length of a signature in bytes, which is the length of the modulus.
    pub(in crate::keypair) fn signature_length(&self) -> usize {
        self.key.size()
    }

    /// Returns `true` if a signature is as long as the modulus and its value is less than the modulus (RFC 8017,
    /// sections 8.1.2, step 1, and 5.2.2, step 1).
    pub(in crate::keypair) fn could_be(&self, signature: &[u8]) -> bool {
        signature.len() == self.key.size() && BoxedUint::from_be_slice_vartime(signature) < *self.key.n().as_ref()
    }

    /// Returns `true` if the algorithm is a scheme of RSA, and the key is not restricted to another one.
    pub(in crate::keypair) fn supports(&self, algorithm: SignatureAlgorithm) -> bool {
        self.usage.allows(algorithm)
    }

    /// Returns `true` if the signature is valid for the message in a scheme of RSA (RFC 8017, sections 8.1.2 and 8.2.2).
    pub(in crate::keypair) fn accepts(&self, algorithm: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        if !self.supports(algorithm) || !self.could_be(signature) {
            return false;
        }
        let verified = match algorithm {
            SignatureAlgorithm::RsaPssSha256 => {
                self.key.verify(Pss::<Sha256>::new_with_salt(SALT), &Sha256::digest(message), signature)
            }
            SignatureAlgorithm::RsaPssSha512 => {
                self.key.verify(Pss::<Sha512>::new_with_salt(SALT_512), &Sha512::digest(message), signature)
            }
            SignatureAlgorithm::RsaPkcs1Sha256 => {
                self.key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), signature)
            }
            SignatureAlgorithm::Ed25519 => return false,
        };
        verified.is_ok()
    }

    /// Recovers the encoded message from a signature (RFC 8017, section 5.2.2) with a single RSA operation. Many
    /// messages can then be compared with the result. Returns `None` if [`RsaVerifier::could_be`] returns `false`.
    pub(in crate::keypair) fn recover(&self, signature: &[u8]) -> Option<RecoveredMessage> {
        if !self.could_be(signature) {
            return None;
        }
        let value = BoxedUint::from_be_slice(signature, self.key.n_bits_precision()).ok()?;
        let encoded = rsa_encrypt(&self.key, &value).ok()?.to_be_bytes();
        let start = encoded.len().checked_sub(self.key.size())?;
        let bits = usize::try_from(self.key.n().bit_width_vartime()).ok()?;
        Some(RecoveredMessage::parse(&encoded[start..], bits))
    }
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
