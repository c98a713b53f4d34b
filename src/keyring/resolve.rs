//! Resolving a reference, such as a name or the start of an id, to a single key.

use super::Keys;
use crate::{
    error::{Code, Error, Result},
    key::{Env, Key, KeyId, Lookup, Reference, Time},
};

/// The maximum number of candidates to list for an ambiguous reference.
const CANDIDATES: usize = 10;

/// The maximum number of keys with the same name, or of successors of one key, to consider. This number is enough for
/// almost three years of daily rotation.
const NAMESAKES: usize = 1000;

/// A key to which a reference was resolved.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The key.
    pub key: Key,
    /// `true` if the reference is the name of the key. A name can mean the whole rotation chain of the key.
    pub by_name: bool,
}

/// Resolves a reference to a key, based on the statuses of the keys at the time `now`. If `env` is not `None`, only
/// keys in that environment match.
///
/// A full id takes precedence over any other match. [`named`] chooses among several keys with the same name.
///
/// # Errors
/// - `not_found` if no key matches
/// - `ambiguous` if several keys match; the details list the candidates
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
pub fn resolve(keys: &dyn Keys, reference: &Reference, env: Option<Env>, now: Time) -> Result<Resolved> {
    let mut found: Vec<Resolved> = Vec::new();
    for lookup in reference.lookups() {
        // Most of the keys with a name may be keys that have passed the name on to a successor.
        let most = if matches!(lookup, Lookup::Name(_)) { NAMESAKES } else { CANDIDATES + 1 };
        let mut candidates = keys.find(lookup, now, most)?;
        candidates.retain(|key| env.is_none_or(|env| key.description.env == env));
        match lookup {
            Lookup::Ids(low, high) if low == high => {
                if let Some(key) = candidates.pop() {
                    return Ok(Resolved { key, by_name: false });
                }
            }
            Lookup::Prefix(_, _, text) => {
                candidates.retain(|key| {
                    let facts = key.view();
                    match (facts.api_key, facts.prefix) {
                        (Some(api_key), _) => api_key.starts_with(text.as_str()),
                        // A reference can contain more characters of the token than its stored prefix.
                        (None, Some(prefix)) => prefix.starts_with(text.as_str()) || text.starts_with(prefix),
                        (None, None) => false,
                    }
                });
            }
            Lookup::Name(_) => candidates = named(candidates, now),
            _ => {}
        }
        for key in candidates {
            if !found.iter().any(|other| other.key.id == key.id) {
                found.push(Resolved { key, by_name: matches!(lookup, Lookup::Name(_)) });
            }
        }
    }
    match (found.pop(), found.len()) {
        (Some(key), 0) => Ok(key),
        (None, _) => Err(Error::new(
            Code::NotFound,
            format!("no key matches `{}`", reference.text()),
            "run `keywright list --all` to see all keys",
        )),
        (Some(last), more) => {
            found.push(last);
            let count = if more >= CANDIDATES { format!("more than {CANDIDATES}") } else { (more + 1).to_string() };
            let hint = if more >= CANDIDATES {
                "use one of these ids, or run `keywright list --all` to see the other keys"
            } else {
                "use one of these ids"
            };
            let error = Error::new(Code::Ambiguous, format!("`{}` matches {count} keys", reference.text()), hint);
            Err(found.iter().take(CANDIDATES).fold(error, |error, Resolved { key, .. }| {
                let line = format!("{} ({}, {})", key.description.name, key.description.env, key.lifecycle.status(now));
                error.detail(&["KEY"], line, key.id.to_string())
            }))
        }
    }
}

/// Returns the other keys in the rotation chain of a key: all direct and indirect predecessors of the key, oldest
/// first, and then all direct and indirect successors of the key and of its predecessors, pending successors included,
/// by creation time. Purged keys are left out. A key that only a purged successor connects to the chain is found if it has
/// the same name and environment as `key`.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
pub fn rotation_chain(keys: &dyn Keys, key: &Key, now: Time) -> Result<Vec<Key>> {
    let (mut before, mut after): (Vec<Key>, Vec<Key>) = (Vec::new(), Vec::new());
    add_predecessors(keys, key, key.id, &mut before, now)?;
    for namesake in keys.find(&Lookup::Name(key.description.name.clone()), now, NAMESAKES)? {
        let is_known = namesake.id == key.id || before.iter().any(|other| other.id == namesake.id);
        if !is_known
            && namesake.description.env == key.description.env
            && let Some(to) = namesake.rotation.to
            && keys.key(to, now)?.is_none()
        {
            before.push(namesake.clone());
            add_predecessors(keys, &namesake, key.id, &mut before, now)?;
        }
    }
    before.reverse();
    // A predecessor can have several successors if a rotation was canceled, so all of them are followed.
    let mut open: Vec<KeyId> = before.iter().map(|key| key.id).chain([key.id]).collect();
    while let Some(id) = open.pop() {
        for successor in keys.find(&Lookup::Successors(id), now, NAMESAKES)? {
            let known = |other: &Key| other.id == successor.id;
            if !known(key) && !before.iter().any(known) && !after.iter().any(known) {
                open.push(successor.id);
                after.push(successor);
            }
        }
    }
    after.sort_by_key(|key| key.lifecycle.created);
    before.extend(after);
    Ok(before)
}

/// Appends the direct and indirect predecessors of a key, newest first, except those that are known and the key `except`.
fn add_predecessors(keys: &dyn Keys, of: &Key, except: KeyId, before: &mut Vec<Key>, now: Time) -> Result<()> {
    let mut previous = of.rotation.from;
    while let Some(id) = previous {
        let known = |other: &Key| other.id == id;
        let found = keys.key(id, now)?.filter(|_| id != except && !before.iter().any(known));
        previous = found.as_ref().and_then(|found| found.rotation.from);
        before.extend(found);
    }
    Ok(())
}

/// Returns the keys that a name refers to, given all keys with that name. The name is ambiguous if several keys remain.
///
/// Keys that have not ended take precedence, because the name of an ended key is free for another key. Among the keys
/// in the same environment, any other key then takes precedence over a pending successor, and a key without a successor
/// takes precedence over a key that has been replaced.
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
    // If all remaining keys have been replaced, the name refers to the last one, whose successor is not among them.
    let left: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
    keys.retain(|key| key.rotation.to.is_none_or(|to| !left.contains(&to)));
    keys
}
