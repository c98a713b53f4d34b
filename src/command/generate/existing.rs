//! Handles a key that already has the requested name.

use super::super::Context;
use crate::{
    cli::Generate,
    contract::{Operation, Rules},
    error::{Exit, Result},
    issuance::{holder_of, name_taken},
    key::{Env, Key, Name, Status},
    keyring::Keyring,
};

/// Returns the existing key for `--if-not-exists` to reuse, or `None` if a new key can be generated.
///
/// # Errors
/// - `name_taken` if the key exists but the option is not given, or if the existing key is pending.
/// - `keyring_corrupt` or another `keyring_*` code if the keyring cannot be read.
pub(super) fn existing(
    args: &Generate,
    rules: &Rules,
    name: &Name,
    env: Env,
    context: &Context,
    keyring: &dyn Keyring,
) -> Result<Option<Key>> {
    if !rules.name.unique && !args.if_not_exists {
        return Ok(None);
    }
    let Some(key) = holder_of(keyring, name, env, context.now())? else {
        return Ok(None);
    };
    let status = key.lifecycle.status(context.now());
    let taken = name_taken(&key, context.now());
    match status {
        // A pending key cannot be reused, because it may never become active.
        Status::Pending => Err(taken),
        _ if args.if_not_exists => Ok(Some(key)),
        _ => {
            let hint = format!("{}, or pass --if-not-exists to reuse it", taken.hint());
            Err(taken.with_hint(hint))
        }
    }
}

/// Reports that an existing key is reused, and prints it.
pub(super) fn keep(key: &Key, context: &Context, keyring: &dyn Keyring) -> Result<Exit> {
    context.console.say(&format!(
        "`{}` already exists; no key was generated, and the secret of the existing key cannot be shown",
        key.description.name
    ));
    context.print_one(key, keyring, Operation::Show)?;
    Ok(Exit::Done)
}
