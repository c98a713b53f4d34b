//! Which keys a command is about: named, by conditions, or by a secret.

use super::Context;
use crate::{
    cli::{Filter, Target},
    error::{Code, Error, Result},
    input,
    key::{Key, Lookup, Material, SecretHash, Time, find_secrets},
    keypair::KeyPair,
    keyring::{Keyring, Query, Selection, resolve},
};
use std::path::Path;

/// The most conditions on keys: more than a key can have scopes and labels, and far from what SQLite gives up at.
const CONDITIONS_MAX: usize = 200;

impl Filter {
    /// The keys that meet the conditions, of any status.
    pub(super) fn selection(self, now: Time) -> Result<Selection> {
        let count = self.types.len() + self.envs.len() + self.scopes.len() + self.labels.len();
        if count > CONDITIONS_MAX {
            let problem = format!("{count} conditions are too many; {CONDITIONS_MAX} is the most");
            return Err(Error::new(Code::Usage, problem, "leave out what is there twice, or ask for less at once"));
        }
        Ok(Selection {
            types: self.types,
            envs: self.envs,
            scopes: self.scopes,
            owner: self.owner,
            name: self.name,
            labels: self.labels,
            expiring_by: self
                .expiring_within
                .map(|period| period.after(now))
                .transpose()
                .map_err(|e| e.in_option("--expiring-within"))?,
            unused_since: self
                .unused_for
                .map(|period| period.before(now))
                .transpose()
                .map_err(|e| e.in_option("--unused-for"))?,
            never_used: self.never_used,
            ..Selection::all(now)
        })
    }
}

/// The key that is meant: by name, or by a secret on standard input.
pub(super) fn find_target(keyring: &dyn Keyring, target: &Target, context: &Context) -> Result<Key> {
    match target {
        Target::Key(reference) => resolve(keyring, reference, context.now),
        Target::Secret => {
            let secret = input::read_secret(Path::new("-"), context.talk)?;
            find_by_secret(keyring, &secret, context.now)
        }
    }
}

/// The key that a secret belongs to, whatever its status.
pub(super) fn find_by_secret(keyring: &dyn Keyring, secret: &[u8], now: Time) -> Result<Key> {
    let unknown =
        || Error::new(Code::NotFound, "no key of this keyring has that secret", "look with `keywright list --all`");
    let text = str::from_utf8(secret).unwrap_or_default();
    let mut found: Vec<Key> = Vec::new();
    let presented = find_secrets(text);
    for presented in &presented {
        let candidates = keyring.find(&presented.lookup, now, 1)?;
        found.extend(candidates.into_iter().filter(|key| match &key.material {
            _ if matches!(presented.lookup, Lookup::Bearer(_)) => true,
            Material::Token { hash, .. } | Material::Opaque { hash, .. } | Material::Pair { hash, .. } => {
                presented.hash == *hash
            }
            Material::Rsa { .. } => false,
        }));
    }
    if presented.is_empty() && !text.contains("PRIVATE KEY") {
        // A token of another system has no form that it could be found by.
        let word = text.trim();
        found = keyring.find(&Lookup::Secret(SecretHash::of(word.as_bytes())), now, 1)?;
    }
    if presented.is_empty() && found.is_empty() {
        let pair = KeyPair::from_private(secret).map_err(|error| match error.code() {
            // Without the marks of a private key it may as well have been meant for a token.
            Code::InvalidSecret if !text.contains("PRIVATE KEY") => Error::new(
                Code::InvalidSecret,
                "that holds no token, api_secret or private key",
                "give all of it: a character that is missing or wrong breaks its checksum",
            ),
            _ => error,
        })?;
        let modulus = pair.public()?.modulus_digest();
        found = keyring.find(&Lookup::Modulus(modulus), now, 1)?;
    }
    match (found.pop(), found.is_empty()) {
        (Some(key), true) => Ok(key),
        (None, _) => Err(unknown()),
        (Some(_), false) => {
            Err(Error::new(Code::Ambiguous, "the input holds the secrets of several keys", "give them one at a time"))
        }
    }
}

/// The keys that are meant, each once: named, or by conditions those that are not over.
pub(super) fn chosen(targets: &[Target], filter: Filter, context: &Context, keyring: &dyn Keyring) -> Result<Vec<Key>> {
    let contradiction = match (targets.is_empty(), filter.is_empty()) {
        (true, true) => Some("no key is named and no condition given"),
        (false, false) => Some("keys are named and conditions given"),
        _ => None,
    };
    if let Some(problem) = contradiction {
        return Err(Error::new(Code::Usage, problem, "name keys, or say which by --owner, --name, --env and the like"));
    }
    let mut keys: Vec<Key> = Vec::new();
    for target in targets {
        let key = find_target(keyring, target, context)?;
        if keys.iter().all(|other| other.id != key.id) {
            keys.push(key);
        }
    }
    if targets.is_empty() {
        let those = Query::every(filter.selection(context.now)?.not_over());
        for id in those.ids(keyring, |_| true)? {
            keys.extend(keyring.key(id, context.now)?);
        }
    }
    Ok(keys)
}
