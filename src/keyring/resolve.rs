//! From what a user names to the one key that is meant.

use super::Keys;
use crate::{
    error::{Code, Error, Result},
    key::{Env, Key, KeyId, Lookup, Reference, Time},
};

/// How many candidates an ambiguous reference lists.
const CANDIDATES: usize = 10;

/// How many keys of one name are looked at: those of a year of nightly rotations, three times over.
const NAMESAKES: usize = 1000;

/// The one key that a reference means.
///
/// A full id always wins; what a name means, [`named`] says.
///
/// # Errors
/// `not_found`, or `ambiguous` with the candidates as details.
pub fn resolve(keys: &dyn Keys, reference: &Reference, now: Time) -> Result<Key> {
    let mut found: Vec<Key> = Vec::new();
    for lookup in reference.lookups() {
        // Of those that have a name most may have passed it on.
        let most = if matches!(lookup, Lookup::Name(_)) { NAMESAKES } else { CANDIDATES + 1 };
        let mut candidates = keys.find(lookup, now, most)?;
        match lookup {
            Lookup::Ids(low, high) if low == high => {
                if let Some(key) = candidates.pop() {
                    return Ok(key);
                }
            }
            Lookup::Prefix(_, _, text) => {
                candidates.retain(|key| {
                    let facts = key.view();
                    match (facts.api_key, facts.prefix) {
                        (Some(api_key), _) => api_key.starts_with(text.as_str()),
                        // Of a token more digits of its id can be given than are shown.
                        (None, Some(prefix)) => prefix.starts_with(text.as_str()) || text.starts_with(prefix),
                        (None, None) => false,
                    }
                });
            }
            Lookup::Name(_) => candidates = named(candidates, now),
            _ => {}
        }
        for key in candidates {
            if !found.iter().any(|other| other.id == key.id) {
                found.push(key);
            }
        }
    }
    match (found.pop(), found.len()) {
        (Some(key), 0) => Ok(key),
        (None, _) => Err(Error::new(
            Code::NotFound,
            format!("no key answers to `{}`", reference.text()),
            "look with `keywright list --all`",
        )),
        (Some(last), more) => {
            found.push(last);
            let count = if more >= CANDIDATES { format!("more than {CANDIDATES}") } else { (more + 1).to_string() };
            let error = Error::new(
                Code::Ambiguous,
                format!("`{}` can mean {count} keys", reference.text()),
                "give one of these ids",
            );
            Err(found.iter().take(CANDIDATES).fold(error, |error, key| {
                let line = format!("{} ({}, {})", key.description.name, key.description.env, key.lifecycle.status(now));
                error.detail(&["KEY"], line, key.id.to_string())
            }))
        }
    }
}

/// Of keys with one name, those that it means.
///
/// Those that are not over go before those that are: a name is free again once its key has ended, and then means the
/// key that took it. A name that was passed on means the newest key whose secret is known to be with its holder: not a
/// successor that is pending, and not a key that was taken over from.
#[must_use]
pub fn named(mut keys: Vec<Key>, now: Time) -> Vec<Key> {
    let prefer = |keys: &mut Vec<Key>, better: &dyn Fn(&Key) -> bool| {
        let has_better = |env: &Env| keys.iter().any(|key| key.description.env == *env && better(key));
        let envs: Vec<Env> = Env::ALL.into_iter().filter(has_better).collect();
        keys.retain(|key| better(key) || !envs.contains(&key.description.env));
    };
    if keys.iter().any(|key| !key.lifecycle.status(now).has_ended()) {
        keys.retain(|key| !key.lifecycle.status(now).has_ended());
    }
    prefer(&mut keys, &|key| key.rotation.from.is_none() || key.lifecycle.activated.is_some());
    prefer(&mut keys, &|key| key.rotation.to.is_none());
    // Where all have passed it on, the last of those that are left: its successor is over.
    let left: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
    keys.retain(|key| key.rotation.to.is_none_or(|to| !left.contains(&to)));
    keys
}
