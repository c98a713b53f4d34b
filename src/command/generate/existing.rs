//! Handles a key that already has the requested name.

use super::super::Context;
use crate::{
    cli::Generate,
    command::describe::Request,
    contract::{Operation, Rules},
    error::{Exit, Result},
    issuance::{contract, holder_of, name_taken},
    key::{Env, Field, Key, Name, Status, When},
    keypair::Bits,
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

/// Reports that an existing key is reused, and prints the key. Warns if fields of the key differ from the options, or
/// if the file in `--out` does not exist.
pub(super) fn keep(key: &Key, args: &Generate, context: &Context, keyring: &dyn Keyring) -> Result<Exit> {
    context.console.say(&format!(
        "`{}` already exists; no key was generated, and the secret of the existing key cannot be shown",
        key.description.name
    ));
    let differences = differences(key, args, &contract(keyring)?.rules);
    if !differences.is_empty() {
        let fields = differences.iter().map(|field| field.word()).collect::<Vec<_>>().join(", ");
        let fixed = differences.iter().any(|field| matches!(field, Field::Type | Field::KeyBits));
        let next = if fixed {
            "choose another name for a key of another type or size".to_owned()
        } else {
            format!("`keywright update {}` changes the key", key.id)
        };
        context.console.warn(&format!("the existing key differs from the options in {fields}; {next}"));
    }
    if let Some(out) = args.deliver.out.as_deref().filter(|out| out.symlink_metadata().is_err()) {
        let problem =
            format!("{} does not exist, and the secret of the existing key cannot be written to it", out.display());
        context.console.warn(&format!("{problem}; `keywright rotate` issues a new secret"));
    }
    context.print_one(key, keyring, Operation::Show)?;
    Ok(Exit::Done)
}

/// Returns the fields of an existing key that differ from the options. An expiry that is given as a
/// duration is not compared, because the resulting time depends on the time of the command.
fn differences(key: &Key, args: &Generate, rules: &Rules) -> Vec<Field> {
    let mut request = Request::from_options(&args.describe);
    request.description.scope_wildcards = rules.scopes.wildcards;
    let description = request.description.apply(&key.description, &mut request.problems);
    let mut lifecycle = key.lifecycle;
    match request.expires {
        Some(When::At(time)) => lifecycle.expires = Some(time),
        Some(When::Never) => lifecycle.expires = None,
        Some(When::After(_)) | None => {}
    }
    let asked = Key { description, lifecycle, ..key.clone() };
    let mut fields: Vec<_> = key.view().differences(&asked.view()).collect();
    let bits = args.deliver.bits.map(Bits::get);
    if args.key_type.is_some_and(|key_type| key_type != key.material.key_type()) {
        fields.insert(0, Field::Type);
    } else if bits.is_some() && bits != key.view().bits {
        fields.push(Field::KeyBits);
    }
    fields
}
