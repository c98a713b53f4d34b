//! Explains why a reference or a secret does not lead to a key.

use super::Context;
use crate::{
    cli,
    error::{Code, Error},
    key::{Env, KeyView, Lookup, Reference},
    keyring::{Cursor, Keyring, Query, Selection, resolve},
};
use std::collections::BTreeSet;

/// The number of newest keys among which a similar name is sought.
const NEWEST: u64 = 1000;

/// Returns the error of [`resolve`] with a hint that leads to the key that is meant, or the error of [`not_indexed`].
pub(super) fn unresolved(
    error: Error,
    (reference, env): (&Reference, Option<Env>),
    keyring: &dyn Keyring,
    context: &Context,
) -> Error {
    match error.code() {
        Code::Ambiguous if env.is_none() && is_in_both(keyring, reference, context) => {
            error.with_hint("use one of these ids, or pass --env test or --env live")
        }
        _ => not_indexed(error, reference.lookups(), keyring, context),
    }
}

/// Returns `true` if the environment is enough to make a reference unambiguous.
fn is_in_both(keyring: &dyn Keyring, reference: &Reference, context: &Context) -> bool {
    Env::ALL.into_iter().all(|env| resolve(keyring, reference, Some(env), context.now()).is_ok())
}

/// Returns `keyring_corrupt` instead of a `not_found` error if the key exists but a damaged index does not lead to it,
/// because a user would otherwise believe that there is nothing to revoke. Returns the error of the keyring if the
/// keyring cannot be read, and any other error unchanged. If the key does not exist, suggests a similar name.
pub(super) fn not_indexed(error: Error, lookups: &[Lookup], keyring: &dyn Keyring, context: &Context) -> Error {
    if error.code() != Code::NotFound {
        return error;
    }
    for lookup in lookups {
        match keyring.is_unindexed(lookup, context.now()) {
            Ok(false) => {}
            Ok(true) => {
                return Error::new(
                    Code::KeyringCorrupt,
                    "the key exists, but an index of the keyring is damaged and does not lead to it",
                    "run `keywright check` to see the damage, move the keyring to another directory, and run `keywright restore` with a backup",
                );
            }
            Err(unreadable) => return unreadable,
        }
    }
    let name = lookups.iter().find_map(|lookup| match lookup {
        Lookup::Name(name) => Some(name.as_str()),
        _ => None,
    });
    match name.and_then(|name| similar(name, keyring, context)) {
        Some(similar) => error.with_hint(format!("did you mean `{similar}`? `keywright list --all` shows all keys")),
        None => error,
    }
}

/// Returns the name among those of the newest keys that is most similar to `name`, or `None` if no name is similar or the
/// keyring cannot be read.
fn similar(name: &str, keyring: &dyn Keyring, context: &Context) -> Option<String> {
    let query = Query { limit: Some(NEWEST), ..Query::every(Selection::all(context.now())) };
    let (mut cursor, mut names) = (Cursor::default(), BTreeSet::new());
    let mut add = |key: &KeyView<'_>| {
        names.insert(key.name.to_owned());
        Ok(())
    };
    while keyring.page(&query, &mut cursor, &mut add).ok()? {}
    cli::nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
}
