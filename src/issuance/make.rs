//! Making what a key is recognised by, and its secret.

use crate::{
    contract::ApiKeyForm,
    error::{Code, Error, Result},
    key::{Env, KeyId, KeyType, Material, Secret, SecretHash, TokenPrefix, token},
    keypair::{Bits, KeyPair, PemKind, PrimeSearch, PublicKey},
};
use rand::{TryRng, rngs::SysRng};
use std::sync::atomic::AtomicU64;
use zeroize::Zeroizing;

/// What to make.
#[derive(Clone, Debug)]
pub struct Make {
    /// The kind of key.
    pub key_type: KeyType,
    /// Where it is valid; tokens and `api_key`s carry it.
    pub env: Env,
    /// What tokens and `api_key`s begin with.
    pub prefix: TokenPrefix,
    /// Size of an RSA modulus.
    pub bits: Bits,
    /// The arithmetic that searches for its primes.
    pub prime_search: PrimeSearch,
    /// The PEM of an RSA private key.
    pub pem: PemKind,
    /// How the public half of a pair looks.
    pub api_key: ApiKeyForm,
}

/// Makes a key: its id, what it is recognised by, and its secret (PEM, token or `api_secret`). `tried` counts candidates for
/// primes meanwhile.
///
/// # Errors
/// `internal` when the operating system gives no random numbers, or a new key does not sign.
pub fn make(what: &Make, tried: &AtomicU64) -> Result<(KeyId, Material, Secret)> {
    make_on(what, None, tried)
}

/// [`make`] by so many threads, one per core if nothing is said.
///
/// # Errors
/// As [`make`].
pub fn make_on(what: &Make, threads: Option<usize>, tried: &AtomicU64) -> Result<(KeyId, Material, Secret)> {
    let id = KeyId::from_random(*random()?);
    let prefix = token::display_prefix(&what.prefix, what.env, id);
    let (material, secret) = match what.key_type {
        KeyType::Rsa => {
            let pair = KeyPair::generate_on(what.bits, what.prime_search, threads, tried)?;
            (recognise(&pair.public()?), pair.to_pem(what.pem)?)
        }
        KeyType::Token => {
            let secret = token::make_token(&what.prefix, what.env, id, &mut *random()?);
            (Material::Token { prefix, hash: SecretHash::of(secret.expose()) }, secret)
        }
        KeyType::Pair => {
            let secret = token::make_api_secret(&mut *random()?);
            let (prefix, api_key) = match what.api_key {
                ApiKeyForm::Env => (prefix, token::public_part(&what.prefix, what.env, id)),
                ApiKeyForm::Plain => {
                    let api_key = token::plain_api_key(&what.prefix, id, &*random()?);
                    (token::plain_display_prefix(&what.prefix, &api_key), api_key)
                }
            };
            (Material::Pair { prefix, api_key, hash: SecretHash::of(secret.expose()) }, secret)
        }
    };
    Ok((id, material, secret))
}

/// A new id.
///
/// # Errors
/// `internal` when the operating system gives no random numbers.
pub fn new_id() -> Result<KeyId> {
    Ok(KeyId::from_random(*random()?))
}

/// What a public key is recognised by.
#[must_use]
pub fn recognise(key: &PublicKey) -> Material {
    Material::Rsa {
        spki: key.spki().to_vec(),
        fingerprint: key.fingerprint(),
        modulus: key.modulus_digest(),
        bits: key.bits(),
    }
}

/// Bytes from the operating system's generator.
pub(super) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    SysRng.try_fill_bytes(&mut *bytes).map_err(|e| {
        let hint = "check the sandbox that keywright runs in";
        Error::new(Code::Internal, "the operating system gives no random numbers", hint).because(anyhow::Error::new(e))
    })?;
    Ok(bytes)
}
