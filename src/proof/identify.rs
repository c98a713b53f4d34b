//! Finding the key of a secret, regardless of the key's status. This module does not check whether the key may be used.

use crate::{
    error::{Code, Error, Result},
    key::{Key, Lookup, Presented, SecretHash, SecretInput, Time, find_secrets},
    keypair::KeyPair,
    keyring::Keys,
};

/// Returns every lookup with which [`identify`] may find the key of a secret.
#[must_use]
pub fn lookups(secret: &[u8]) -> Vec<Lookup> {
    let input = SecretInput::read(secret);
    let whole = str::from_utf8(secret).unwrap_or_default();
    let texts: Vec<&str> = input.as_ref().map(|input| input.texts().collect()).unwrap_or_default();
    let words = || texts.iter().copied().chain([whole]);
    let tokens = words().flat_map(find_secrets).map(|presented| presented.lookup);
    let others = words().map(str::trim).filter(|word| !word.is_empty());
    let key = match &input {
        Ok(SecretInput::PrivateKey(bytes)) => KeyPair::from_private(bytes).and_then(|key| key.public()).ok(),
        _ => None,
    };
    tokens
        .chain(others.map(|word| Lookup::Secret(SecretHash::of(word.as_bytes()))))
        .chain(key.map(|public| Lookup::PublicKey(public.identity())))
        .collect()
}

/// Finds the key of a secret. `secret` can be a token, a bearer token, an `api_secret` or a private key, in any form
/// that [`SecretInput::read`] recognizes or within other text, or a token from another system.
///
/// # Errors
/// - `invalid_secret` if the input is a public key, or contains neither a private key nor a secret that keywright
///   recognizes or that belongs to a key in the keyring
/// - any error of [`KeyPair::from_private`] if the input is a private key that cannot be read
/// - `not_found` if the secret or the private key in the input belongs to no key in the keyring
/// - `ambiguous` if the input contains the secrets of several keys
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
pub fn identify(keys: &(impl Keys + ?Sized), secret: &[u8], now: Time) -> Result<Key> {
    let input = SecretInput::read(secret);
    let whole = str::from_utf8(secret).unwrap_or_default();
    let texts: Vec<&str> = input.as_ref().map(|input| input.texts().collect()).unwrap_or_default();
    let mut found: Vec<Key> = Vec::new();
    let mut presented: Vec<Presented> = texts.iter().flat_map(|text| find_secrets(text)).collect();
    if presented.is_empty() {
        // The secret may stand in text that has none of the known forms.
        presented = find_secrets(whole);
    }
    for presented in &presented {
        let is_its_own = |key: &Key| match &key.material {
            _ if matches!(presented.lookup, Lookup::Bearer(_)) => true,
            material => material.secret_hash() == Some(&presented.hash),
        };
        let mut of_secret = keys.find(&presented.lookup, now, 1)?;
        if of_secret.is_empty() && !matches!(presented.lookup, Lookup::Bearer(_)) {
            // The token of another keyring may have been imported by its hash.
            of_secret = keys.find(&Lookup::Secret(presented.hash), now, 1)?;
        }
        for key in of_secret.into_iter().filter(is_its_own) {
            // A pair and a bearer token that was issued for it belong to the same key.
            if found.iter().all(|other| other.id != key.id) {
                found.push(key);
            }
        }
    }
    if presented.is_empty() {
        match &input {
            Ok(SecretInput::PrivateKey(bytes)) => {
                let public = KeyPair::from_private(bytes)?.public()?;
                found = keys.find(&Lookup::PublicKey(public.identity()), now, 1)?;
            }
            Ok(SecretInput::PublicKey) => {
                let hint = "present the secret itself; to find a registered public key, pass its fingerprint to `keywright show`";
                return Err(Error::new(Code::InvalidSecret, "the input is a public key, but a secret is needed", hint));
            }
            Ok(_) => {
                // A token from another system has no recognizable form.
                let words = texts.iter().copied().chain([whole.trim()]);
                for word in words.filter(|word| !word.is_empty()) {
                    if found.is_empty() {
                        found = keys.find(&Lookup::Secret(SecretHash::of(word.as_bytes())), now, 1)?;
                    }
                }
                if found.is_empty() {
                    return Err(unknown(
                        "the input contains no token, `api_secret` or private key that keywright recognizes",
                    ));
                }
            }
            Err(mistake) => return Err(unknown(mistake)),
        }
    }
    match (found.pop(), found.is_empty()) {
        (Some(key), true) => Ok(key),
        (None, _) => Err(Error::new(
            Code::NotFound,
            "no key in this keyring has this secret",
            "run `keywright list --all` to see all keys",
        )),
        (Some(_), false) => Err(Error::new(
            Code::Ambiguous,
            "the input contains the secrets of several keys",
            "present one secret at a time",
        )),
    }
}

fn unknown(mistake: &str) -> Error {
    let hint = "present the whole secret; a missing or mistyped character breaks its checksum";
    Error::new(Code::InvalidSecret, mistake.to_owned(), hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        key::{Bearer, Env, KeyId, Material, Scopes, TokenPrefix, token},
        keyring::{Keyring, transact},
        testing::{self, ScratchKeyring, entry, time},
    };

    fn text(secret: &crate::key::Secret) -> String {
        String::from_utf8(secret.expose().to_vec()).unwrap()
    }

    /// Inserts a key with the given secret.
    fn insert(keyring: &mut dyn Keyring, n: u8, material: impl FnOnce(SecretHash) -> Material, secret: &str) -> KeyId {
        let key = testing::key(n).with_material(material(SecretHash::of(secret.as_bytes())));
        testing::insert(keyring, std::slice::from_ref(&key));
        key.id
    }

    #[test]
    fn a_secret_belongs_to_the_key_that_it_was_generated_for() {
        let mut scratch = ScratchKeyring::new();
        let keyring = &mut scratch.keyring;
        let prefix = TokenPrefix::default();
        let own = text(&token::make_token(&prefix, Env::Test, testing::id(1), &mut [1; 32]));
        let forged = text(&token::make_token(&prefix, Env::Test, testing::id(1), &mut [2; 32]));
        let api_secret = text(&token::make_api_secret(&mut [3; 64]));
        let id = insert(keyring, 1, |hash| Material::Token { prefix: "kw_test_1".into(), hash }, &own);
        let api_key = token::public_part(&prefix, Env::Test, testing::id(2));
        let pair = insert(keyring, 2, |hash| Material::Pair { prefix: "kw_test_2".into(), api_key, hash }, &api_secret);
        let foreign = insert(keyring, 3, |hash| Material::Opaque { prefix: None, hash }, "sk_live_x");

        let id_of = |keyring: &dyn Keyring, text: &str| identify(keyring, text.as_bytes(), time(0)).map(|key| key.id);
        assert_eq!(id_of(keyring, &format!("API_TOKEN=\"{own}\"\n")).unwrap(), id);
        assert_eq!(id_of(keyring, &api_secret).unwrap(), pair);
        assert_eq!(id_of(keyring, " sk_live_x\n").unwrap(), foreign);
        let code = |text: &str| id_of(keyring, text).unwrap_err().code();
        assert_eq!(code(&forged), Code::NotFound, "the id in a token proves nothing");
        assert_eq!(code(&format!("{own} {api_secret}")), Code::Ambiguous);
        assert_eq!(code("sk_live_y"), Code::InvalidSecret);
        assert_eq!(code(""), Code::InvalidSecret);

        let bearer = text(&token::make_bearer(&prefix, pair, &mut [4; 32]));
        let hash = SecretHash::of(bearer.as_bytes());
        let expires = time(60);
        let stored = Bearer { hash, key: pair, scopes: Scopes::default(), created: time(0), expires };
        transact(keyring, &entry(0), |transaction| transaction.insert_bearer(&stored)).unwrap();
        assert_eq!(id_of(keyring, &bearer).unwrap(), pair);
        assert_eq!(id_of(keyring, &format!("{api_secret} {bearer}")).unwrap(), pair, "two secrets of one key");
    }
}
