//! Rotates a key by registering the public key of its successor, whose private key stays with its holder.

use super::predecessor::{current, preview, warn_about_overlap};
use crate::{
    cli::Rotate,
    command::{Context, create},
    contract::{Operation, Rules},
    error::{Code, Error, Exit, Result},
    issuance::{Origin, Succession, admit, hand_over, material_of, new_id, refuse, refuse_stale_draft},
    key::Key,
    keyring::{Action, Keyring, LockMode, at_least_keyring_time, refuse_clock_change, transact},
};
use std::path::Path;

pub(super) fn run(
    args: &Rotate,
    public_key: &Path,
    old: &Key,
    succession: Succession<'_>,
    rules: &Rules,
    keyring: &mut dyn Keyring,
    context: &Context,
) -> Result<Exit> {
    if old.material.public_key().is_none() {
        let problem =
            format!("`{}` is a {}; only a key pair has a public key", old.description.name, old.material.key_type());
        return Err(Error::new(
            Code::Usage,
            problem,
            "omit --public-key, or register the public key with `keywright create`",
        ));
    }
    let public = create::read(public_key, args.from_cert)?;
    let mut new = Key { registered: true, ..succession.draft(old, material_of(&public), rules, context.now())? };
    new.lifecycle.activated = Some(context.now());
    new.rotation.handover = None;
    if args.dry_run {
        refuse(keyring, rules, &new, Origin::Registered, context.now())?;
        return preview(&new, old, succession, "register", keyring, context);
    }
    new.id = new_id()?;
    keyring.check_writable()?;
    let _lock = context.location.rotation_lock(LockMode::Shared)?;
    warn_about_overlap(args, old, succession, context);
    transact(keyring, &context.entry, |transaction| {
        let now = at_least_keyring_time(transaction, &context.entry, context.entry.clock())?;
        refuse_clock_change(transaction, &context.entry, new.lifecycle.created)?;
        admit(transaction, &new, Origin::Registered, now)?;
        refuse_stale_draft(transaction, old, now)?;
        transaction.insert(&new, Action::Register)?;
        hand_over(transaction, &new, succession.handover, &context.entry)
    })?;
    let kind = new.view().kind();
    context
        .console
        .done(&format!("registered the {kind} `{}` ({}), id {}", new.description.name, new.description.env, new.id));
    context.console.announce_takeover(&current(keyring, old, succession, context));
    context.print_one(&new, keyring, Operation::Create)?;
    Ok(Exit::Done)
}
