//! Making what a key is recognised by, and its secret.

use super::Random;
use crate::{
    contract::{ApiKeyForm, PemForm, Rules},
    error::Result,
    key::{Env, Fingerprint, Key, KeyId, KeyType, Material, Secret, SecretHash, TokenPrefix, token},
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

/// What somebody wants of a key that is to be made. What they leave open the rules say, or the key before it.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What it begins with.
    pub prefix: Option<TokenPrefix>,
    /// Its size.
    pub bits: Option<Bits>,
    /// Its PEM.
    pub pem: Option<PemKind>,
    /// The arithmetic that searches for its primes.
    pub prime_search: PrimeSearch,
}

impl Make {
    /// A new key, of the type that the rules have first if none is given.
    #[must_use]
    pub fn new(key_type: Option<KeyType>, env: Env, wanted: &Wanted, rules: &Rules) -> Self {
        let prefix = wanted.prefix.clone().or_else(|| rules.prefix(env).cloned());
        Self {
            key_type: key_type.unwrap_or_else(|| rules.default_type()),
            env,
            prefix: prefix.unwrap_or_default(),
            bits: wanted.bits.unwrap_or_else(|| Bits::default().max(Bits::at_least(rules.rsa.smallest))),
            prime_search: wanted.prime_search,
            pem: wanted.pem.unwrap_or(rules.rsa.pem.into()),
            api_key: rules.api_key,
        }
    }

    /// What follows a key: the same, with the prefix of the rules if they have one, and no smaller than they allow by now.
    #[must_use]
    pub fn like(old: &Key, wanted: &Wanted, rules: &Rules) -> Self {
        let facts = old.view();
        let before = facts.prefix.and_then(|prefix| prefix.split('_').next()).and_then(|prefix| prefix.parse().ok());
        // Of a token of another system only its start is known, whatever that says.
        let before = before.filter(|_| !matches!(old.material, Material::Opaque { .. }));
        let new = Self::new(Some(facts.key_type), old.description.env, wanted, rules);
        let bits = facts.bits.map_or_else(Bits::default, Bits::at_least).max(Bits::at_least(rules.rsa.smallest));
        let prefix = wanted.prefix.clone().or_else(|| rules.prefix(old.description.env).cloned()).or(before);
        Self { prefix: prefix.unwrap_or_default(), bits: wanted.bits.unwrap_or(bits), ..new }
    }

    /// What a key that is not made yet would be recognised by.
    #[must_use]
    pub fn stand_in(&self) -> Material {
        stand_in(self.key_type, self.bits.get(), self.prefix.as_str())
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

/// What a key that is not made or read yet would be recognised by, as far as rules look at it.
#[must_use]
pub fn stand_in(key_type: KeyType, bits: u32, prefix: &str) -> Material {
    let prefix = prefix.to_owned();
    let hash = SecretHash::of(&[]);
    match key_type {
        KeyType::Rsa => {
            Material::Rsa { spki: Vec::new(), fingerprint: Fingerprint::of_spki(&[]), modulus: [0; 32], bits }
        }
        KeyType::Token => Material::Token { prefix, hash },
        KeyType::Pair => Material::Pair { prefix, api_key: String::new(), hash },
    }
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
    fn what_is_left_open_the_rules_say() {
        let open = Make::new(None, Env::Test, &Wanted::default(), &rules(&[]));
        assert_eq!(
            (open.key_type, open.prefix.as_str(), open.bits, open.pem),
            (KeyType::Rsa, "kw", Bits::B3072, PemKind::Pkcs8)
        );
        let strict =
            rules(&[("types", "[\"token\"]"), ("prefix.live", "acme"), ("rsa.smallest", "4096"), ("rsa.pem", "pkcs1")]);
        let open = Make::new(None, Env::Live, &Wanted::default(), &strict);
        assert_eq!(
            (open.key_type, open.prefix.as_str(), open.bits, open.pem),
            (KeyType::Token, "acme", Bits::B4096, PemKind::Pkcs1)
        );
        let wanted = Wanted {
            prefix: Some("own".parse().unwrap()),
            bits: Some(Bits::B2048),
            pem: Some(PemKind::Pkcs8),
            ..Wanted::default()
        };
        let said = Make::new(Some(KeyType::Pair), Env::Live, &wanted, &strict);
        assert_eq!(
            (said.key_type, said.prefix.as_str(), said.bits, said.pem),
            (KeyType::Pair, "own", Bits::B2048, PemKind::Pkcs8),
            "whether that is allowed is for the rules to judge"
        );
    }

    #[test]
    fn a_successor_is_as_its_key_was_and_no_weaker_than_the_rules_allow() {
        let rsa = |bits| key(stand_in(KeyType::Rsa, bits, ""));
        let (none, strict) = (Wanted::default(), rules(&[("rsa.smallest", "3072")]));
        assert_eq!(Make::like(&rsa(2048), &none, &rules(&[])).bits, Bits::B2048);
        assert_eq!(Make::like(&rsa(4096), &none, &strict).bits, Bits::B4096);
        assert_eq!(Make::like(&rsa(2048), &none, &strict).bits, Bits::B3072);
        assert_eq!(Make::like(&rsa(3000), &none, &rules(&[])).bits, Bits::B3072, "a size that is made");
        let token = key(stand_in(KeyType::Token, 0, "own_live_abcd"));
        let like = Make::like(&token, &none, &rules(&[]));
        assert_eq!((like.key_type, like.env, like.prefix.as_str()), (KeyType::Token, Env::Live, "own"));
        let renamed = rules(&[("prefix.live", "acme")]);
        assert_eq!(Make::like(&token, &none, &renamed).prefix.as_str(), "acme");
        let foreign = Material::Opaque { prefix: Some("sk_live_".into()), hash: SecretHash::of(b"x") };
        assert_eq!(Make::like(&key(foreign), &none, &rules(&[])).prefix.as_str(), "kw");
    }
}
