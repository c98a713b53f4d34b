//! Signatures in the one scheme there is: RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes
//! (RFC 8017, section 8.1; `PS256` of RFC 7518, section 3.5).

use super::{KeyPair, PublicKey, refuse};
use crate::error::{Code, Error, Result};
use rand::rngs::SysRng;
use rsa::traits::{PublicKeyParts, SignatureScheme};
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use sha2::{Digest, Sha256};

/// The length of the salt: as long as the digest.
const SALT: usize = 32;

impl KeyPair {
    /// Signs a message (RFC 8017, section 8.1.1), with a fresh salt and a blinded base: signing it again gives another
    /// signature.
    ///
    /// # Errors
    ///
    /// `invalid_secret` when the modulus is too short for the scheme, `internal` when the system gives no random bytes.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        // SHA-256, a salt as long and two bytes around them (RFC 8017, section 9.1.1, step 3).
        if self.key().size() < 2 * SALT + 2 {
            return Err(Error::new(
                Code::InvalidSecret,
                "the key is too short to sign with RSASSA-PSS and SHA-256",
                "make another with `keywright generate`",
            ));
        }
        Pss::<Sha256>::new_with_salt(SALT).sign(Some(&mut SysRng), self.key(), &Sha256::digest(message)).map_err(|e| {
            Error::new(Code::Internal, "the key could not sign", "try again, and distrust the machine").because(e)
        })
    }
}

/// A public key made ready to verify; worth keeping where many signatures are for the same key.
pub struct Verifier(rsa::PublicKey);

impl PublicKey {
    /// The key, ready to verify. Any key that decodes will do, whatever [`PublicKey::judge`] thinks of it.
    ///
    /// # Errors
    ///
    /// `public_key_malformed` when no signature could be verified with these numbers.
    pub fn verifier(&self) -> Result<Verifier> {
        let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
        rsa::PublicKey::new(number(self.modulus()), number(self.exponent()))
            .map(Verifier)
            .map_err(|_| refuse::malformed("its numbers are not those of an RSA key that can verify"))
    }
}

impl Verifier {
    /// How many bytes a signature has: as many as the modulus.
    #[must_use]
    pub fn signature_length(&self) -> usize {
        self.0.size()
    }

    /// Whether a signature has the form of one: the length of the modulus, and a value below it (RFC 8017,
    /// sections 8.1.2, step 1, and 5.2.2, step 1).
    #[must_use]
    pub fn could_be(&self, signature: &[u8]) -> bool {
        signature.len() == self.0.size() && BoxedUint::from_be_slice_vartime(signature) < *self.0.n().as_ref()
    }

    /// Whether the signature is one of the message in this scheme (RFC 8017, section 8.1.2).
    #[must_use]
    pub fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        let scheme = Pss::<Sha256>::new_with_salt(SALT);
        self.could_be(signature) && self.0.verify(scheme, &Sha256::digest(message), signature).is_ok()
    }

    /// Which other scheme the key's holder signed the message in, to tell them. `None` of a signature in the right one.
    #[must_use]
    pub fn other_scheme(&self, message: &[u8], signature: &[u8]) -> Option<OtherScheme> {
        let (digest, size) = (Sha256::digest(message), self.0.size());
        if !self.could_be(signature) {
            return None;
        }
        if self.0.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, signature).is_ok() {
            return Some(OtherScheme::Pkcs1);
        }
        let any_salt = Pss::<Sha256> { salt_len: None, ..Pss::new() };
        if size < 2 * SALT + 2 || self.0.verify(any_salt, &digest, signature).is_err() {
            return None;
        }
        // The longest, which is openssl's own choice, first.
        let length = (0..=size - SALT - 2)
            .rev()
            .find(|length| self.0.verify(Pss::<Sha256>::new_with_salt(*length), &digest, signature).is_ok());
        length.filter(|length| *length != SALT).map(OtherScheme::Salt)
    }
}

/// A scheme that is not ours, for explanations. Knowing it accepts nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherScheme {
    /// RSASSA-PSS with SHA-256 and a salt of so many bytes.
    Salt(usize),
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2).
    Pkcs1,
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
