//! Handles a key that already has the requested name.

mod differences;

use super::Context;
use crate::{
    cli::Describe,
    contract::{Operation, Rules},
    error::{Exit, Result},
    issuance::{contract, holder_of, name_taken},
    key::{Env, Field, Key, Name, Status},
    keyring::Keyring,
};
use differences::differences;
use std::path::Path;

/// The key that was asked for.
pub(super) struct Wanted<'a> {
    /// The options that describe the key.
    pub(super) describe: &'a Describe,
    /// The fields in which the existing key differs from the other options.
    pub(super) other: Vec<Field>,
    /// The file that should contain the secret of the key.
    pub(super) out: Option<&'a Path>,
    /// `true` if the secret should be passed to a command.
    pub(super) has_command: bool,
}

/// Returns the existing key for `--if-not-exists` to reuse, or `None` if a new key can be generated.
///
/// # Errors
/// - `name_taken` if the key exists but the option is not given, or if the existing key is pending.
/// - `keyring_corrupt` or another `keyring_*` code if the keyring cannot be read.
pub(super) fn existing(
    if_not_exists: bool,
    rules: &Rules,
    name: &Name,
    env: Env,
    context: &Context,
    keyring: &dyn Keyring,
) -> Result<Option<Key>> {
    if !rules.name.unique && !if_not_exists {
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
        _ if if_not_exists => Ok(Some(key)),
        _ => {
            let hint = format!("{}, or pass --if-not-exists to reuse it", taken.hint());
            Err(taken.with_hint(hint))
        }
    }
}

/// Reports that an existing key is reused, and prints the key. Warns if the key is disabled or will be revoked, if its
/// fields differ from the options, or if its secret does not reach the requested file or command.
pub(super) fn keep(key: &Key, wanted: &Wanted<'_>, context: &Context, keyring: &dyn Keyring) -> Result<Exit> {
    let secret = if key.registered { "" } else { ", and the secret of the existing key cannot be shown" };
    context.console.say(&format!("`{}` already exists; no key was added{secret}", key.description.name));
    if key.lifecycle.status(context.now()) == Status::Disabled {
        context.console.warn(&format!("the existing key is disabled; `keywright enable {}` enables it", key.id));
    }
    if let Some(at) = key.lifecycle.revoked {
        context.console.warn(&format!("the existing key will be revoked at {at}"));
    }
    let differences = differences(key, wanted, &contract(keyring)?.rules);
    if !differences.is_empty() {
        let fields = differences.iter().map(|field| field.word()).collect::<Vec<_>>().join(", ");
        let next = if differences.iter().any(|field| matches!(field, Field::Type | Field::KeyBits)) {
            "choose another name for a key of another type or size".to_owned()
        } else if differences.contains(&Field::PublicKey) {
            format!("`keywright rotate {} --public-key FILE` replaces the public key", key.id)
        } else {
            format!("`keywright update {}` changes the key", key.id)
        };
        context.console.warn(&format!("the existing key differs from the options in {fields}; {next}"));
    }
    if let Some(out) = wanted.out.filter(|out| out.symlink_metadata().is_err()) {
        let problem =
            format!("{} does not exist, and the secret of the existing key cannot be written to it", out.display());
        context.console.warn(&format!("{problem}; `keywright rotate` issues a new secret"));
    }
    if wanted.has_command {
        context.console.warn("the command was not run, because no secret was issued");
    }
    context.print_one(key, keyring, Operation::Show)?;
    Ok(Exit::Done)
}
