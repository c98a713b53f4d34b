//! `rotate KEY`: rotates one key.

use super::{
    predecessor::{current, preview, warn_about_overlap},
    register,
};
use crate::{
    cli::{KeyOrSecret, Rotate},
    command::{Context, contract::contract_of, deliver::deliver, destination::Outputs, find::find_target},
    error::{Exit, Result},
    issuance::{KeySpec, Origin, Succession, older_keys, refuse, refuse_registered, refuse_rotation},
    key::{Handover, Key},
    keyring::{Keyring, LockMode, Resolved},
};

pub(super) fn run(args: &Rotate, target: &KeyOrSecret, succession: Succession<'_>, context: &Context) -> Result<Exit> {
    let mut keyring = context.open()?;
    let Resolved { key: old, by_name } = find_target(keyring.as_ref(), target, args.filter.only_env(), context)?;
    let succession = with_chain(succession, by_name);
    let ends_chain = matches!(succession.handover, Handover::RevokeChain(_));
    let older = if ends_chain { older_keys(keyring.as_ref(), &old, context.now())? } else { Vec::new() };
    let rules = contract_of(Some(keyring.as_ref()))?.rules;
    refuse_rotation(keyring.as_ref(), &old, context.now())?;
    // A key that has been revoked cannot be rotated, so the time is in the future.
    if let Some(at) = old.lifecycle.revoked {
        let name = &old.description.name;
        context.console.warn(&format!("`{name}` is going to be revoked at {at}, but its successor is not"));
    }
    if let Some(public_key) = &args.public_key {
        register::run(args, public_key, &old, succession, &rules, keyring.as_mut(), context)?;
        return report_chain(&older, keyring.as_ref(), context).map(|()| Exit::Done);
    }
    refuse_registered(&old)?;
    args.deliver.refuse_contradictions(old.material.key_type(), context.style.format)?;
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
    let delivered = deliver(&what, draft, Some(&old), outputs, keyring.as_mut(), context)?;
    let old = current(keyring.as_ref(), &old, succession, context);
    delivered.report(Some(&old), context, keyring.as_ref())?;
    report_chain(&older, keyring.as_ref(), context).map(|()| Exit::Done)
}

/// Returns the succession for a key that was given by name or in another way. A name stands for the whole rotation chain,
/// so a rotation without an overlap ends every older key of the chain, too.
const fn with_chain(succession: Succession<'_>, by_name: bool) -> Succession<'_> {
    match succession.handover {
        Handover::Revoke(reason) if by_name => Succession { handover: Handover::RevokeChain(reason), ..succession },
        _ => succession,
    }
}

/// Reports the keys of the chain that the rotation has revoked.
fn report_chain(older: &[Key], keyring: &dyn Keyring, context: &Context) -> Result<()> {
    for key in older {
        if keyring.key(key.id, context.now())?.is_some_and(|key| key.lifecycle.status(context.now()).has_ended()) {
            let name = &key.description.name;
            context.console.done(&format!("revoked `{name}` ({}) of the same rotation chain", key.id));
        }
    }
    Ok(())
}
