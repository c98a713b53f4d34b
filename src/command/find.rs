//! Which keys a command is about: named, by conditions, or by a secret.

use super::Context;
use crate::{
    cli::{Filter, KeyOrSecret},
    error::{Code, Error, Result},
    input,
    key::{Key, Time},
    keyring::{Keyring, Query, Selection, resolve},
    proof::identify,
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
pub(super) fn find_target(keyring: &dyn Keyring, target: &KeyOrSecret, context: &Context) -> Result<Key> {
    match target {
        KeyOrSecret::Key(reference) => resolve(keyring, reference, context.now),
        KeyOrSecret::Secret => {
            let secret = input::read_secret(Path::new("-"), context.console)?;
            identify(keyring, &secret, context.now)
        }
    }
}

/// The keys that are meant, each once: named, or by conditions those that are not over.
pub(super) fn chosen(
    targets: &[KeyOrSecret],
    filter: Filter,
    context: &Context,
    keyring: &dyn Keyring,
) -> Result<Vec<Key>> {
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
