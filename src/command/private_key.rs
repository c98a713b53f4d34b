//! Reads the private key that a secret input contains.

use crate::{
    error::{Code, Error, Result},
    key::SecretInput,
    keypair::KeyPair,
};

/// The hint for an input that contains no private key.
pub(super) const PRIVATE_KEY_HINT: &str = "use an RSA or Ed25519 private key: PKCS#8, or PKCS#1 for RSA, in PEM or DER";

/// Returns the private key in an input.
///
/// # Errors
/// - `invalid_secret` if the input contains no private key, with the kind of the input in the message, or if the
///   private key is not supported
/// - `input_too_large` if the private key is larger than 64 KiB
pub(super) fn private_key(input: SecretInput) -> Result<KeyPair> {
    let message = match (input.kind(), input) {
        (_, SecretInput::PrivateKey(bytes)) => return KeyPair::from_private(&bytes),
        (Some(kind), _) => format!("the input is {kind}, but a private key is needed"),
        (None, _) => "the input contains no private key".to_owned(),
    };
    Err(Error::new(Code::InvalidSecret, message, PRIVATE_KEY_HINT))
}
