//! `create`: registers a public key whose private key stays with its holder.

use super::{
    Context,
    contract::contract_of,
    existing::{Wanted, existing, keep},
};
use crate::{
    cli::Create,
    contract::Operation,
    error::{Code, Error, Exit, Result},
    input,
    issuance::{Origin, admit, discard_late_batches, material_of, new_id, placeholder, refuse},
    key::{Field, Key, SecretInput},
    keypair::PublicKey,
    keyring::{Action, Keyring, at_least_keyring_time, refuse_clock_change, transact},
};
use std::path::Path;

pub(super) fn run(args: &Create, context: &Context) -> Result<Exit> {
    let opened = context.open_existing()?;
    let rules = contract_of(opened.as_deref())?.rules;
    // Errors in the description are reported before the public key is read, because it may come from standard input.
    args.describe.draft(&rules, placeholder(rules.key_pair_type(), u32::MAX, ""), context)?;
    let public = read(&args.public_key, args.from_cert)?;
    let mut key = Key { registered: true, ..args.describe.draft(&rules, material_of(&public), context)? };
    // The key is active without a delivery, because the holder already has the private key.
    key.lifecycle.activated = Some(context.now());
    let what = key.view().kind();
    let (name, env) = (key.description.name.clone(), key.description.env);
    let reused = |keyring: &dyn Keyring| -> Result<Option<Exit>> {
        let Some(other) = existing(args.if_not_exists, &rules, &name, env, context, keyring)? else { return Ok(None) };
        let differs = !other.material.is_same(&material_of(&public));
        let other_fields = differs.then_some(Field::PublicKey).into_iter().collect();
        let wanted = Wanted { describe: &args.describe, other: other_fields, out: None, has_command: false };
        keep(&other, &wanted, context, keyring).map(Some)
    };
    if let Some(keyring) = &opened
        && let Some(exit) = reused(keyring.as_ref())?
    {
        return Ok(exit);
    }
    if args.dry_run {
        if let Some(keyring) = &opened {
            refuse(keyring.as_ref(), &rules, &key, Origin::Registered, context.now())?;
        }
        let org_id = opened.map(|keyring| keyring.org_id());
        return context.rehearse(&key, org_id, &format!("register a {what}"));
    }
    let key = Key { id: new_id()?, ..key };
    let mut keyring = match opened {
        Some(keyring) => keyring.check_writable().map(|()| keyring)?,
        None => context.open_or_create()?,
    };
    discard_late_batches(keyring.as_mut(), &context.entry)?;
    let registered = transact(keyring.as_mut(), &context.entry, |transaction| {
        let now = at_least_keyring_time(transaction, &context.entry, context.entry.clock())?;
        refuse_clock_change(transaction, &context.entry, key.lifecycle.created)?;
        admit(transaction, &key, Origin::Registered, now)?;
        transaction.insert(&key, Action::Register)
    });
    match registered {
        // Another process added a key with this name in the meantime.
        Err(error) if error.code() == Code::NameTaken && args.if_not_exists => {
            return reused(keyring.as_ref())?.ok_or(error);
        }
        registered => registered?,
    }
    context
        .console
        .done(&format!("registered the {what} `{}` ({}), id {}", key.description.name, key.description.env, key.id));
    context.print_one(&key, keyring.as_ref(), Operation::Create)?;
    Ok(Exit::Done)
}

/// Returns the error for an input that is a token, a pair or an `api_secret` instead of a public key, or `None` for any
/// other input. For a private key, [`PublicKey::read`] returns an error.
fn of_secret(bytes: &[u8]) -> Option<Error> {
    let found = SecretInput::read(bytes).ok()?.kind()?;
    (found != SecretInput::PRIVATE_KEY && found != SecretInput::PUBLIC_KEY).then(|| {
        let hint = "pass the file of the public key; to identify the secret, run `keywright show - < FILE`";
        Error::new(Code::PublicKeyMissing, format!("the input is {found}, but a public key is needed"), hint)
    })
}

/// Reads a public key from a file or from standard input, and checks that the key is not weak.
pub(super) fn read(path: &Path, from_cert: bool) -> Result<PublicKey> {
    let bytes = input::read(path)?;
    let file = path.display().to_string();
    let named = |error: Error| error.in_file(if file == "-" { "standard input" } else { &file });
    let public = PublicKey::read(&bytes, from_cert).map_err(|error| named(of_secret(&bytes).unwrap_or(error)))?;
    public.judge().map_err(named)?;
    Ok(public)
}
