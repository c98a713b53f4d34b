//! Finds the keys that a command acts on: by reference, by filter, or by secret.

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

/// The maximum number of conditions in a filter. No key can have that many scopes and labels, and SQLite allows far
/// more terms in a query.
const CONDITIONS_MAX: usize = 200;

impl Filter {
    /// Returns the selection of the keys that match the filter, with any status.
    pub(super) fn selection(self, now: Time) -> Result<Selection> {
        let count = self.types.len() + self.envs.len() + self.scopes.len() + self.labels.len();
        if count > CONDITIONS_MAX {
            let problem = format!("the filter has {count} conditions; at most {CONDITIONS_MAX} are allowed");
            return Err(Error::new(
                Code::Usage,
                problem,
                "remove repeated conditions, or run the command several times",
            ));
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

/// Returns the key that `target` identifies: by a reference, or by a secret that is read from standard input.
pub(super) fn find_target(keyring: &dyn Keyring, target: &KeyOrSecret, context: &Context) -> Result<Key> {
    match target {
        KeyOrSecret::Key(reference) => resolve(keyring, reference, context.now()),
        KeyOrSecret::Secret => {
            let secret = input::read_secret(Path::new("-"), context.console)?;
            identify(keyring, &secret, context.now())
        }
    }
}

/// Returns the selected keys without duplicates: the named keys, or else the keys that match the filter and have not
/// ended.
pub(super) fn selected_keys(
    targets: &[KeyOrSecret],
    filter: Filter,
    context: &Context,
    keyring: &dyn Keyring,
) -> Result<Vec<Key>> {
    let contradiction = match (targets.is_empty(), filter.is_empty()) {
        (true, true) => Some("neither a key nor a filter is given"),
        (false, false) => Some("both keys and a filter are given"),
        _ => None,
    };
    if let Some(problem) = contradiction {
        return Err(Error::new(
            Code::Usage,
            problem,
            "name one or more keys, or select keys with options such as --owner, --name or --env",
        ));
    }
    let mut keys: Vec<Key> = Vec::new();
    for target in targets {
        let key = find_target(keyring, target, context)?;
        if keys.iter().all(|other| other.id != key.id) {
            keys.push(key);
        }
    }
    if targets.is_empty() {
        let those = Query::every(filter.selection(context.now())?.not_ended());
        for id in those.ids(keyring, |_| true)? {
            keys.extend(keyring.key(id, context.now())?);
        }
    }
    Ok(keys)
}
