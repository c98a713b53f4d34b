//! The key that already has the requested name.

use super::super::Context;
use crate::{
    cli::Generate,
    contract::{Operation, Rules},
    error::{Exit, Result},
    issuance::{holder_of, name_taken},
    key::{Env, Key, Name, Status},
    keyring::Keyring,
};

/// Returns the key that `--if-not-exists` reuses.
///
/// # Errors
/// `name_taken` if the key exists and the option is not given, or if the key is pending.
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
    let Some(key) = holder_of(keyring, name, env, context.now)? else {
        return Ok(None);
    };
    let status = key.lifecycle.status(context.now);
    let taken = name_taken(&key, context.now);
    match status {
        // A pending key may never become active.
        Status::Pending => Err(taken),
        _ if args.if_not_exists => Ok(Some(key)),
        _ => {
            let hint = format!("{}, or pass --if-not-exists to reuse it", taken.hint());
            Err(taken.with_hint(hint))
        }
    }
}

/// Prints a key that is reused.
pub(super) fn keep(key: &Key, context: &Context, keyring: &dyn Keyring) -> Result<Exit> {
    context.console.say(&format!(
        "`{}` already exists; no key was generated, and its secret cannot be shown",
        key.description.name
    ));
    context.print_one(key, keyring, Operation::Show)?;
    Ok(Exit::Done)
}
