//! Applies one change to several keys in a transaction, and prints the keys before and after a change.

use super::Context;
use crate::{
    contract::Operation,
    error::{Code, Error, Result},
    key::{Key, Time},
    keyring::{Action, Keyring, at_least_keyring_time, rotation_chain, transact},
};

/// A function that returns a key after a change at the given time, or `None` if the key does not change.
pub(super) type Change<'a> = dyn Fn(&Key, Time) -> Result<Option<Key>> + 'a;

/// The maximum number of keys that are listed before a question.
pub(super) const SHOWN: usize = 10;

/// Changes keys in one transaction. Each key is read again inside the transaction, because it may have changed since it
/// was shown. `roots` are keys that stand for their whole rotation chains: keys of these chains that have not ended and
/// that are not among `keys`, such as a successor that was issued in the meantime, are changed too. Returns those keys.
///
/// # Errors
/// - `not_found` if a key was deleted by another process.
/// - `wrong_state` or another code of `change` if a key cannot be changed.
/// - `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written.
pub(super) fn change_all(
    keyring: &mut dyn Keyring,
    (keys, roots): (&[Key], &[Key]),
    action: Action,
    change: &Change<'_>,
    context: &Context,
) -> Result<Vec<Key>> {
    let mut others: Vec<Key> = Vec::new();
    transact(keyring, &context.entry, |transaction| {
        others.clear();
        // The keyring time may have been set back, and time has passed, since the keys were found.
        let now = at_least_keyring_time(transaction, &context.entry, context.entry.clock())?;
        for root in roots {
            let chain = rotation_chain(&*transaction, root, now)?;
            others.extend(
                chain.into_iter().filter(|key| {
                    !key.lifecycle.status(now).has_ended() && keys.iter().all(|known| known.id != key.id)
                }),
            );
        }
        others.sort_by_key(|key| key.id);
        others.dedup_by_key(|key| key.id);
        for key in keys.iter().chain(&others) {
            let old = transaction.key(key.id, now)?.ok_or_else(|| key_deleted(key))?;
            if let Some(new) = change(&old, now)? {
                transaction.update(&old, &new, action)?;
            }
        }
        Ok(())
    })?;
    Ok(others)
}

/// Returns the keys in their state after a change, without writing anything.
pub(super) fn preview_all(keys: &[Key], change: &Change<'_>, context: &Context) -> Result<Vec<Key>> {
    keys.iter().map(|key| Ok(change(key, context.now())?.unwrap_or_else(|| key.clone()))).collect()
}

/// Returns the lines that list several keys before a question: the first keys, and the number of the remaining keys.
/// `count` is the number of all keys. A single key is not listed, because the question names the key.
pub(super) fn shown(first: &[Key], count: usize) -> Vec<String> {
    if count < 2 {
        return Vec::new();
    }
    let line = |key: &Key| format!("{} ({}, {})", key.description.name, key.description.env, key.id);
    let mut lines: Vec<String> = first.iter().take(SHOWN).map(line).collect();
    let more = count - lines.len();
    lines.extend((more > 0).then(|| format!("and {more} more; --dry-run shows all")));
    lines
}

/// Reads the keys again, and prints their current state. A key that has been deleted is printed in its earlier state.
pub(super) fn print_after(keys: &[Key], keyring: &dyn Keyring, operation: Operation, context: &Context) -> Result<()> {
    let now = |key: &Key| keyring.key(key.id, context.now()).map(|found| found.unwrap_or_else(|| key.clone()));
    let after: Vec<Key> = keys.iter().map(now).collect::<Result<_>>()?;
    context.print_list(&after, keyring, operation)
}

/// Returns the error for a key that another process deleted after it was found.
pub(super) fn key_deleted(key: &Key) -> Error {
    Error::new(
        Code::NotFound,
        format!("key {} was deleted by another process", key.id),
        "run `keywright list --all` to see the remaining keys",
    )
}
