//! Ed25519 private keys.

use super::super::refuse;
use super::{Ed25519PublicKey, IDENTIFIER, refuse_parameters};
use crate::error::{Code, Error, Result};
use crate::random;
use crate::secret::Secret;
use ed25519_dalek::{Signer, SigningKey};
use rsa::pkcs8::der::{Decode, SecretDocument, asn1::OctetStringRef};
use rsa::pkcs8::{LineEnding, PrivateKeyInfoRef};
use std::hint::black_box;
use zeroize::Zeroizing;

/// An Ed25519 private key, which is wiped on drop, and its public key.
pub(in crate::keypair) struct Ed25519KeyPair(SigningKey);

impl Ed25519KeyPair {
    /// Generates a key pair from 32 random bytes of the operating system (RFC 8032, section 5.1.5). Computes the public key
    /// twice, as a pairwise consistency test (NIST SP 800-56A, revision 3, section 5.6.2.1.4): a faulty processor rarely
    /// makes the same mistake twice.
    ///
    /// # Errors
    /// - `system_limit` if the operating system provides no random bytes
    /// - `internal` if the two public keys differ
    pub(in crate::keypair) fn generate() -> Result<Self> {
        let mut seed = Zeroizing::new([0; 32]);
        random::fill(&mut *seed)?;
        let pair = Self(SigningKey::from_bytes(&seed));
        if pair.0.verifying_key() == SigningKey::from_bytes(black_box(&seed)).verifying_key() {
            return Ok(pair);
        }
        Err(failed_test())
    }

    /// Reads the key in a `PrivateKeyInfo` for id-Ed25519 (RFC 8410, section 7; version 2: RFC 5958, section 2).
    ///
    /// # Errors
    /// Returns `invalid_secret` if the structure does not contain a private key of 32 bytes, or if it contains a public key
    /// that does not belong to the private key.
    pub(in crate::keypair) fn from_pkcs8(info: &PrivateKeyInfoRef<'_>) -> Result<Self> {
        let damaged = || refuse::private("the Ed25519 private key is damaged");
        refuse_parameters(&info.algorithm).map_err(|_| damaged())?;
        let inner = <&OctetStringRef>::from_der(info.private_key.as_bytes()).map_err(|_| damaged())?;
        let seed: &[u8; 32] = inner.as_bytes().try_into().map_err(|_| damaged())?;
        let pair = Self(SigningKey::from_bytes(seed));
        let public = info.public_key.map(|bits| bits.as_bytes());
        if public.is_some_and(|bytes| bytes != Some(pair.0.verifying_key().as_bytes().as_slice())) {
            return Err(refuse::private("the public key in the file does not belong to the Ed25519 private key")
                .with_hint("use an undamaged copy of the key"));
        }
        Ok(pair)
    }

    /// Returns the public key.
    ///
    /// # Errors
    /// Returns `internal` if the public key cannot be encoded.
    pub(in crate::keypair) fn public(&self) -> Result<Ed25519PublicKey> {
        Ed25519PublicKey::of(self.0.verifying_key())
    }

    /// Returns the private key as PEM. See [`pem`].
    ///
    /// # Errors
    /// Returns `internal` if the private key cannot be encoded.
    pub(in crate::keypair) fn to_pem(&self) -> Result<Secret> {
        pem(self.0.as_bytes())
    }

    /// Signs a message (RFC 8032, section 5.1.6). Another signature of the same message is the same.
    pub(in crate::keypair) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).to_bytes().to_vec()
    }

    /// Returns the private key, for tests that search the memory for it.
    #[cfg(test)]
    pub(in crate::keypair) fn private_numbers(&self) -> Vec<Vec<u8>> {
        vec![self.0.as_bytes().to_vec()]
    }
}

/// Returns a private key as PEM of a `PrivateKeyInfo` in version 1, without the public key, because OpenSSL 3.0 does not
/// read version 2.
///
/// # Errors
/// Returns `internal` if the private key cannot be encoded.
pub(super) fn pem(seed: &[u8; 32]) -> Result<Secret> {
    // CurvePrivateKey is an OCTET STRING inside the OCTET STRING of the PrivateKeyInfo (RFC 8410, section 7).
    let mut inner = Zeroizing::new([0; 34]);
    inner[..2].copy_from_slice(&[0x04, 32]);
    inner[2..].copy_from_slice(seed);
    let mut pem = OctetStringRef::new(&*inner)
        .and_then(|inner| SecretDocument::encode_msg(&PrivateKeyInfoRef::new(IDENTIFIER, inner)))
        .and_then(|der| der.to_pem("PRIVATE KEY", LineEnding::LF))
        .map_err(|error| {
            Error::new(Code::Internal, "could not encode the key", "report this error as a bug").because(error)
        })?;
    // Moves the text from one wiping wrapper to another without copying it.
    Ok(Secret::new(Zeroizing::new(std::mem::take(&mut *pem).into_bytes())))
}

/// Returns the error for a new key pair that is not consistent.
pub(super) fn failed_test() -> Error {
    refuse::faulty("the new key pair failed its test")
}
