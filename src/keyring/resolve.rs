//! From what a user names to the one key that is meant.

use super::Keys;
use crate::{
    error::{Code, Error, Result},
    key::{Key, Lookup, Reference, Time},
};

/// How many candidates an ambiguous reference lists.
const CANDIDATES: usize = 10;

/// The one key that a reference means.
///
/// A full id always wins. Of several keys with one name, those that are not over go before those that are: a name is
/// free again once its key has ended, and then means the key that took it.
///
/// # Errors
/// `not_found`, or `ambiguous` with the candidates as details.
pub fn resolve(keys: &dyn Keys, reference: &Reference, now: Time) -> Result<Key> {
    let mut found: Vec<Key> = Vec::new();
    for lookup in reference.lookups() {
        let mut candidates = keys.find(lookup, now, CANDIDATES + 1)?;
        match lookup {
            Lookup::Ids(low, high) if low == high => {
                if let Some(key) = candidates.pop() {
                    return Ok(key);
                }
            }
            Lookup::Prefix(_, _, text) => {
                candidates.retain(|key| {
                    let facts = key.facts();
                    match (facts.api_key, facts.prefix) {
                        (Some(api_key), _) => api_key.starts_with(text.as_str()),
                        // Of a token more digits of its id can be given than are shown.
                        (None, Some(prefix)) => prefix.starts_with(text.as_str()) || text.starts_with(prefix),
                        (None, None) => false,
                    }
                });
            }
            Lookup::Name(_) if candidates.iter().any(|key| !key.lifecycle.status(now).is_over()) => {
                candidates.retain(|key| !key.lifecycle.status(now).is_over());
            }
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
                let line = format!("{} ({}, {})", key.name, key.env, key.lifecycle.status(now));
                error.detail(&["KEY"], line, key.id.to_string())
            }))
        }
    }
}
