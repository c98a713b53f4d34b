//! `rotate KEY`: rotates one key.

use super::{
    predecessor::{current, preview, warn_about_overlap},
    register,
};
use crate::{
    cli::{KeyOrSecret, Rotate},
    command::{
        Context, change::change_all, contract::contract_of, deliver::deliver, destination::Outputs, find::find_target,
    },
    error::{Exit, Result},
    issuance::{KeySpec, Origin, Succession, refuse, refuse_registered, refuse_rotation},
    key::{Handover, Key},
    keyring::{Action, Keyring, LockMode, Resolved, rotation_chain},
};

pub(super) fn run(args: &Rotate, target: &KeyOrSecret, succession: Succession<'_>, context: &Context) -> Result<Exit> {
    let mut keyring = context.open()?;
    let Resolved { key: old, by_name } = find_target(keyring.as_ref(), target, args.filter.only_env(), context)?;
    let rules = contract_of(Some(keyring.as_ref()))?.rules;
    refuse_rotation(keyring.as_ref(), &old, context.now())?;
    if let Some(public_key) = &args.public_key {
        register::run(args, public_key, &old, succession, &rules, keyring.as_mut(), context)?;
        return end_chain(args, by_name, &old, succession, keyring.as_mut(), context).map(|()| Exit::Done);
    }
    refuse_registered(&old)?;
    args.deliver.refuse_contradictions(old.material.key_type(), context.format)?;
    let what = KeySpec::like(&old, &args.deliver.choices(), &rules);
    let draft = succession.draft(&old, what.placeholder(), &rules, context.now())?;
    if args.dry_run {
        refuse(keyring.as_ref(), &rules, &draft, Origin::Generated, context.now())?;
        return preview(&draft, &old, succession, "generate", keyring.as_ref(), context);
    }
    let outputs = Outputs::prepare(&args.deliver, context)?;
    keyring.check_writable()?;
    let _lock = context.location.rotation_lock(LockMode::Shared)?;
    warn_about_overlap(args, &old, succession, context);
    let delivered = deliver(&what, draft, outputs, keyring.as_mut(), context)?;
    let old = current(keyring.as_ref(), &old, succession, context);
    delivered.report(Some(&old), context, keyring.as_ref())?;
    end_chain(args, by_name, &old, succession, keyring.as_mut(), context).map(|()| Exit::Done)
}

/// Revokes the predecessors of the old key that have not ended yet, if the old key was given by name and was replaced
/// without an overlap. A name stands for the whole rotation chain, so no earlier key may stay valid either.
fn end_chain(
    args: &Rotate,
    by_name: bool,
    old: &Key,
    succession: Succession<'_>,
    keyring: &mut dyn Keyring,
    context: &Context,
) -> Result<()> {
    let (true, false, Handover::Revoke(reason)) = (by_name, args.dry_run, succession.handover) else { return Ok(()) };
    let mut older = rotation_chain(keyring, old, context.now())?;
    older.retain(|key| {
        !key.lifecycle.status(context.now()).has_ended() && key.rotation.to.is_some() && key.id != old.id
    });
    if older.is_empty() {
        return Ok(());
    }
    change_all(keyring, &older, Action::Revoke, &|key, now| Ok(key.revoked(now, reason, None)), context)?;
    for key in &older {
        context.console.done(&format!("revoked `{}` ({}) of the same rotation chain", key.description.name, key.id));
    }
    Ok(())
}
