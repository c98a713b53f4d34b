//! `rotate KEY`: rotates one key.

use super::{
    predecessor::{current, preview, warn_about_overlap},
    register,
};
use crate::{
    cli::{KeyOrSecret, Rotate},
    command::{Context, contract::contract_of, deliver::deliver, destination::Outputs, find::find_target},
    error::{Exit, Result},
    issuance::{KeySpec, Origin, Succession, refuse, refuse_registered, refuse_rotation},
    keyring::LockMode,
};

pub(super) fn run(args: &Rotate, target: &KeyOrSecret, succession: Succession<'_>, context: &Context) -> Result<Exit> {
    let mut keyring = context.open()?;
    let old = find_target(keyring.as_ref(), target, context)?;
    let rules = contract_of(Some(keyring.as_ref()))?.rules;
    refuse_rotation(keyring.as_ref(), &old, context.now())?;
    if let Some(public_key) = &args.public_key {
        return register::run(args, public_key, &old, succession, &rules, keyring, context);
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
    Ok(Exit::Done)
}
