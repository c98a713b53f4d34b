//! Generates keys and their secrets.

use super::Random;
use crate::{
    contract::{ApiKeyForm, PemForm, Rules},
    error::Result,
    key::{Env, Key, KeyId, KeyType, Material, Secret, SecretHash, TokenPrefix, token},
    keypair::{Algorithm, Bits, KeyPair, PemKind, PrimeSearch, PublicKey, StoredPublicKey},
};
use std::sync::atomic::AtomicU64;

/// The specification of a key to generate.
#[derive(Clone, Debug)]
pub struct KeySpec {
    /// The type of the key.
    pub key_type: KeyType,
    /// The environment of the key, which is part of a token, and of an `api_key` in the form [`ApiKeyForm::Env`].
    pub env: Env,
    /// The prefix of the token or the `api_key`.
    pub prefix: TokenPrefix,
    /// The size of the RSA modulus in bits.
    pub bits: Bits,
    /// The arithmetic used to search for RSA primes.
    pub prime_search: PrimeSearch,
    /// The PEM form of the RSA private key.
    pub pem: PemKind,
    /// The form of the `api_key` of a pair.
    pub api_key: ApiKeyForm,
}

/// The user's choices for a key to generate. The rules, or the predecessor of the key, supply the values that are not
/// set.
#[derive(Clone, Debug, Default)]
pub struct KeyChoices {
    /// The prefix of the token or the `api_key`.
    pub prefix: Option<TokenPrefix>,
    /// The size of the RSA modulus in bits.
    pub bits: Option<Bits>,
    /// The PEM form of the RSA private key.
    pub pem: Option<PemKind>,
    /// The arithmetic used to search for RSA primes.
    pub prime_search: PrimeSearch,
}

impl KeySpec {
    /// Creates the specification of a new key from `choices`, and from the defaults in `rules` for the values that are
    /// not set. If `key_type` is `None`, the key has the default type of the rules.
    #[must_use]
    pub fn new(key_type: Option<KeyType>, env: Env, choices: &KeyChoices, rules: &Rules) -> Self {
        let prefix = choices.prefix.clone().or_else(|| rules.prefix(env).cloned());
        Self {
            key_type: key_type.unwrap_or_else(|| rules.default_type()),
            env,
            prefix: prefix.unwrap_or_default(),
            bits: choices.bits.unwrap_or_else(|| {
                rules.rsa.default.map_or_else(Bits::default, Bits::at_least).max(Bits::at_least(rules.rsa.smallest))
            }),
            prime_search: choices.prime_search,
            pem: choices.pem.unwrap_or(rules.rsa.pem.into()),
            api_key: rules.api_key,
        }
    }

    /// Creates the specification of the successor of `old`:
    ///
    /// - The type and the environment are those of `old`.
    /// - The prefix is the one in `choices`, the one that the rules require, or the one of `old`, in this order of
    ///   precedence. The prefix of a token from another system is not used.
    /// - The modulus of an RSA key has the size in `choices`, or else the smallest available size that is at least as
    ///   large as the modulus of `old` and as the rules require, but at most 4096 bits.
    /// - All other values are those of a new key.
    #[must_use]
    pub fn like(old: &Key, choices: &KeyChoices, rules: &Rules) -> Self {
        let facts = old.view();
        let before = facts.prefix.and_then(|prefix| prefix.split('_').next()).and_then(|prefix| prefix.parse().ok());
        // The prefix of a token from another system is not a keywright prefix.
        let before = before.filter(|_| !matches!(old.material, Material::Opaque { .. }));
        let new = Self::new(Some(facts.key_type), old.description.env, choices, rules);
        let bits = facts.bits.map_or_else(Bits::default, Bits::at_least).max(Bits::at_least(rules.rsa.smallest));
        let prefix = choices.prefix.clone().or_else(|| rules.prefix(old.description.env).cloned()).or(before);
        Self { prefix: prefix.unwrap_or_default(), bits: choices.bits.unwrap_or(bits), ..new }
    }

    /// Returns placeholder material for the draft of a key that has not been generated yet.
    #[must_use]
    pub fn placeholder(&self) -> Material {
        placeholder(self.key_type, self.bits.get(), self.prefix.as_str())
    }
}

impl From<PemForm> for PemKind {
    fn from(form: PemForm) -> Self {
        match form {
            PemForm::Pkcs8 => Self::Pkcs8,
            PemForm::Pkcs1 => Self::Pkcs1,
        }
    }
}

/// Returns placeholder material for a key that has not been generated or read yet. The placeholder has the given type,
/// RSA modulus size in bits and prefix, so that the key can be checked against the rules.
#[must_use]
pub fn placeholder(key_type: KeyType, bits: u32, prefix: &str) -> Material {
    let prefix = prefix.to_owned();
    let hash = SecretHash::of(&[]);
    match key_type {
        KeyType::Rsa => Material::KeyPair(StoredPublicKey::placeholder(Algorithm::Rsa, bits)),
        KeyType::Ed25519 => Material::KeyPair(StoredPublicKey::placeholder(Algorithm::Ed25519, 256)),
        KeyType::Token => Material::Token { prefix, hash },
        KeyType::Pair => Material::Pair { prefix, api_key: String::new(), hash },
    }
}

/// Generates a key, and returns its id, its material and its secret (PEM, token or `api_secret`). `tried` counts the
/// prime candidates that have been tested.
///
/// # Errors
/// Returns `system_limit` if the operating system provides no random bytes, or `internal` if a check of a new RSA key
/// fails.
pub fn generate(spec: &KeySpec, tried: &AtomicU64) -> Result<(KeyId, Material, Secret)> {
    let mut random = Random::default();
    let id = random.id()?;
    let (material, secret) = generate_with_id(spec, id, None, &mut random, tried)?;
    Ok((id, material, secret))
}

/// Generates a key with the given id, and returns its material and its secret. The search for primes uses the given
/// number of threads. If `threads` is `None`, the search uses one thread per core, but at most eight. `tried` counts
/// the prime candidates that have been tested.
///
/// # Errors
/// Returns `system_limit` if the operating system provides no random bytes, or `internal` if a check of a new RSA key
/// fails.
pub fn generate_with_id(
    spec: &KeySpec,
    id: KeyId,
    threads: Option<usize>,
    random: &mut Random,
    tried: &AtomicU64,
) -> Result<(Material, Secret)> {
    Ok(match spec.key_type {
        KeyType::Rsa => {
            let pair = KeyPair::generate_rsa_on(spec.bits, spec.prime_search, threads, tried)?;
            (material_of(&pair.public()?), pair.to_pem(spec.pem)?)
        }
        KeyType::Ed25519 => {
            let pair = KeyPair::generate_ed25519()?;
            (material_of(&pair.public()?), pair.to_pem(PemKind::Pkcs8)?)
        }
        KeyType::Token => {
            let prefix = token::display_prefix(&spec.prefix, spec.env, id);
            let secret = token::make_token(&spec.prefix, spec.env, id, &mut *random.take()?);
            (Material::Token { prefix, hash: SecretHash::of(secret.expose()) }, secret)
        }
        KeyType::Pair => {
            let secret = token::make_api_secret(&mut *random.take()?);
            let (prefix, api_key) = match spec.api_key {
                ApiKeyForm::Env => {
                    let prefix = token::display_prefix(&spec.prefix, spec.env, id);
                    (prefix, token::public_part(&spec.prefix, spec.env, id))
                }
                ApiKeyForm::Plain => {
                    let api_key = token::plain_api_key(&spec.prefix, id, &*random.take()?);
                    (token::plain_display_prefix(&spec.prefix, &api_key), api_key)
                }
            };
            (Material::Pair { prefix, api_key, hash: SecretHash::of(secret.expose()) }, secret)
        }
    })
}

/// Returns a new random key id.
///
/// # Errors
/// Returns `system_limit` if the operating system provides no random bytes.
pub fn new_id() -> Result<KeyId> {
    Random::default().id()
}

/// Returns the material of a key pair with the given public key.
#[must_use]
pub fn material_of(key: &PublicKey) -> Material {
    Material::KeyPair(key.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contract::Contract, testing};

    fn rules(changes: &[(&str, &str)]) -> Rules {
        let standard = Contract::stored(None).unwrap();
        changes.iter().fold(standard, |contract, (rule, value)| contract.with(rule, value).unwrap()).rules
    }

    fn key(material: Material) -> Key {
        testing::key(1).with_env(Env::Live).with_material(material)
    }

    #[test]
    fn the_rules_decide_what_is_left_open() {
        let open = KeySpec::new(None, Env::Test, &KeyChoices::default(), &rules(&[]));
        assert_eq!(
            (open.key_type, open.prefix.as_str(), open.bits, open.pem),
            (KeyType::Rsa, "kw", Bits::B3072, PemKind::Pkcs8)
        );
        let strict =
            rules(&[("types", "[\"token\"]"), ("prefix.live", "acme"), ("rsa.smallest", "4096"), ("rsa.pem", "pkcs1")]);
        let open = KeySpec::new(None, Env::Live, &KeyChoices::default(), &strict);
        assert_eq!(
            (open.key_type, open.prefix.as_str(), open.bits, open.pem),
            (KeyType::Token, "acme", Bits::B4096, PemKind::Pkcs1)
        );
        let wanted = KeyChoices {
            prefix: Some("own".parse().unwrap()),
            bits: Some(Bits::B2048),
            pem: Some(PemKind::Pkcs8),
            ..KeyChoices::default()
        };
        let said = KeySpec::new(Some(KeyType::Pair), Env::Live, &wanted, &strict);
        assert_eq!(
            (said.key_type, said.prefix.as_str(), said.bits, said.pem),
            (KeyType::Pair, "own", Bits::B2048, PemKind::Pkcs8),
            "the rules are applied later"
        );
    }

    #[test]
    fn a_successor_is_like_its_predecessor_and_no_weaker_than_the_rules_allow() {
        let rsa = |bits| key(placeholder(KeyType::Rsa, bits, ""));
        let (none, strict) = (KeyChoices::default(), rules(&[("rsa.smallest", "3072")]));
        assert_eq!(KeySpec::like(&rsa(2048), &none, &rules(&[])).bits, Bits::B2048);
        assert_eq!(KeySpec::like(&rsa(4096), &none, &strict).bits, Bits::B4096);
        assert_eq!(KeySpec::like(&rsa(2048), &none, &strict).bits, Bits::B3072);
        assert_eq!(
            KeySpec::like(&rsa(3000), &none, &rules(&[])).bits,
            Bits::B3072,
            "the next size that can be generated"
        );
        let token = key(placeholder(KeyType::Token, 0, "own_live_abcd"));
        let like = KeySpec::like(&token, &none, &rules(&[]));
        assert_eq!((like.key_type, like.env, like.prefix.as_str()), (KeyType::Token, Env::Live, "own"));
        let renamed = rules(&[("prefix.live", "acme")]);
        assert_eq!(KeySpec::like(&token, &none, &renamed).prefix.as_str(), "acme");
        let foreign = Material::Opaque { prefix: Some("sk_live_".into()), hash: SecretHash::of(b"x") };
        assert_eq!(KeySpec::like(&key(foreign), &none, &rules(&[])).prefix.as_str(), "kw");
    }
}
