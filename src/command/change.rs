//! One change of many keys.

use super::Context;
use crate::{
    contract::Operation,
    error::{Code, Error, Result},
    key::Key,
    keyring::{Action, Keyring, transact},
};

/// What becomes of a key; `None` when it stays as it is.
pub(super) type Change<'a> = dyn Fn(&Key) -> Result<Option<Key>> + 'a;

/// Changes keys in one transaction, each as it is found inside it: what was shown may have changed since.
pub(super) fn change_all(
    keyring: &mut dyn Keyring,
    keys: &[Key],
    action: Action,
    change: &Change<'_>,
    context: &Context,
) -> Result<()> {
    transact(keyring, &context.entry, |transaction| {
        for key in keys {
            let old = transaction.key(key.id, context.now)?.ok_or_else(|| gone(key))?;
            if let Some(new) = change(&old)? {
                transaction.update(&old, &new, action)?;
            }
        }
        Ok(())
    })
}

/// The keys as they would be.
pub(super) fn rehearsed(keys: &[Key], change: &Change<'_>) -> Result<Vec<Key>> {
    keys.iter().map(|key| Ok(change(key)?.unwrap_or_else(|| key.clone()))).collect()
}

/// Prints keys as they are by now.
pub(super) fn print_after(keys: &[Key], keyring: &dyn Keyring, operation: Operation, context: &Context) -> Result<()> {
    let now = |key: &Key| keyring.key(key.id, context.now).map(|found| found.unwrap_or_else(|| key.clone()));
    let after: Vec<Key> = keys.iter().map(now).collect::<Result<_>>()?;
    context.print_list(&after, keyring, operation)
}

/// A key that somebody else removed between two looks.
pub(super) fn gone(key: &Key) -> Error {
    Error::new(Code::NotFound, format!("key {} was removed meanwhile", key.id), "look with `keywright list --all`")
}
