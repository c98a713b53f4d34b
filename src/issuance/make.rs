//! Making what a key is recognised by, and its secret.

use super::Random;
use crate::{
    contract::ApiKeyForm,
    error::Result,
    key::{Env, KeyId, KeyType, Material, Secret, SecretHash, TokenPrefix, token},
    keypair::{Bits, KeyPair, PemKind, PrimeSearch, PublicKey},
};
use std::sync::atomic::AtomicU64;

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
    let mut random = Random::default();
    let id = random.id()?;
    let (material, secret) = make_on(what, id, None, &mut random, tried)?;
    Ok((id, material, secret))
}

/// [`make`] for a key that has its id, by so many threads, one per core if nothing is said.
///
/// # Errors
/// As [`make`].
pub fn make_on(
    what: &Make,
    id: KeyId,
    threads: Option<usize>,
    random: &mut Random,
    tried: &AtomicU64,
) -> Result<(Material, Secret)> {
    Ok(match what.key_type {
        KeyType::Rsa => {
            let pair = KeyPair::generate_on(what.bits, what.prime_search, threads, tried)?;
            (recognise(&pair.public()?), pair.to_pem(what.pem)?)
        }
        KeyType::Token => {
            let prefix = token::display_prefix(&what.prefix, what.env, id);
            let secret = token::make_token(&what.prefix, what.env, id, &mut *random.take()?);
            (Material::Token { prefix, hash: SecretHash::of(secret.expose()) }, secret)
        }
        KeyType::Pair => {
            let secret = token::make_api_secret(&mut *random.take()?);
            let (prefix, api_key) = match what.api_key {
                ApiKeyForm::Env => {
                    let prefix = token::display_prefix(&what.prefix, what.env, id);
                    (prefix, token::public_part(&what.prefix, what.env, id))
                }
                ApiKeyForm::Plain => {
                    let api_key = token::plain_api_key(&what.prefix, id, &*random.take()?);
                    (token::plain_display_prefix(&what.prefix, &api_key), api_key)
                }
            };
            (Material::Pair { prefix, api_key, hash: SecretHash::of(secret.expose()) }, secret)
        }
    })
}

/// A new id.
///
/// # Errors
/// `internal` when the operating system gives no random numbers.
pub fn new_id() -> Result<KeyId> {
    Random::default().id()
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
