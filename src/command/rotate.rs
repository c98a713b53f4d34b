//! `rotate`: replaces a key by a new one with the same facts.

mod many;
mod register;
mod tally;

use super::{Context, contract::contract_of, deliver::deliver, destination::Outputs, find::find_target};
use crate::{
    cli::{KeyOrSecret, Rotate},
    error::{Code, Error, Exit, Result},
    issuance::{KeySpec, Origin, Succession, refuse, refuse_registered, refuse_rotation},
    key::{Handover, Key, Lifetime, RevocationReason, Time},
    keyring::{Keyring, LockMode},
};

/// How long an old key goes on if nothing is said.
const OVERLAP: &str = "24h";

pub(super) fn run(args: Rotate, context: &Context) -> Result<Exit> {
    args.refuse_contradictions()?;
    let succession = succession(&args, context.now)?;
    match (&args.key, &args.out_dir) {
        (Some(target), None) => one(&args, target, succession, context),
        (None, Some(directory)) => {
            let directory = directory.clone();
            many::run(args, &directory, succession, context)
        }
        _ => Err(Error::new(
            Code::Usage,
            "no key is named",
            "name one, or rotate many with --expiring-within DURATION --out-dir DIR",
        )),
    }
}

/// What is asked for, of whatever key.
fn succession(args: &Rotate, now: Time) -> Result<Succession> {
    let overlap = args.overlap.map_or_else(|| OVERLAP.parse(), Ok)?;
    let seconds = overlap.seconds(now).map_err(|e| e.in_option("--overlap"))?;
    let handover = if overlap.is_none() {
        Handover::Revoke(args.reason.unwrap_or(RevocationReason::Superseded))
    } else {
        Handover::Overlap { seconds, on_use: args.retire_on_use }
    };
    let lifetime = match args.expires {
        Some(when) => Lifetime::Until(when.resolve(now).map_err(|e| e.in_option("--expires"))?),
        None => Lifetime::AsLong,
    };
    Ok(Succession { handover, lifetime })
}

fn one(args: &Rotate, target: &KeyOrSecret, succession: Succession, context: &Context) -> Result<Exit> {
    let mut keyring = context.open()?;
    let old = find_target(keyring.as_ref(), target, context)?;
    let rules = contract_of(Some(keyring.as_ref()))?.rules;
    refuse_rotation(keyring.as_ref(), &old, context.now)?;
    if let Some(public_key) = &args.public_key {
        return register::run(args, public_key, &old, succession, &rules, keyring, context);
    }
    refuse_registered(&old)?;
    args.deliver.refuse_contradictions(old.material.key_type(), context.format)?;
    let what = KeySpec::like(&old, &args.deliver.choices(), &rules);
    let draft = succession.draft(&old, what.placeholder(), &rules, context.now)?;
    if args.dry_run {
        refuse(keyring.as_ref(), &rules, &draft, Origin::Generated, context.now)?;
        return rehearse(&draft, &old, succession, "make", keyring.as_ref(), context);
    }
    let outputs = Outputs::prepare(&args.deliver, context)?;
    keyring.check_writable()?;
    let _lock = context.location.rotation_lock(LockMode::Shared)?;
    notice(args, &old, succession, context);
    let delivered = deliver(&what, draft, outputs, keyring.as_mut(), context)?;
    let old = after(keyring.as_ref(), &old, succession, context);
    delivered.report(Some(&old), context, keyring.as_ref())?;
    Ok(Exit::Done)
}

/// Says what an overlap that was asked for will not do.
fn notice(args: &Rotate, old: &Key, succession: Succession, context: &Context) {
    if let (Some(overlap), Handover::Overlap { .. }, Some(expires)) =
        (args.overlap, succession.handover, old.lifecycle.expires)
        && succession.handover.end(None, context.now) > expires
    {
        context
            .console
            .warn(&format!("an overlap of {overlap} is longer than the old key lives: it ends at {expires}"));
    }
}

fn rehearse(
    draft: &Key,
    old: &Key,
    succession: Succession,
    verb: &str,
    keyring: &dyn Keyring,
    context: &Context,
) -> Result<Exit> {
    let what = format!("{verb} a {}", draft.view().kind());
    let done = context.rehearse(draft, Some(keyring.org_id()), &what)?;
    context.console.announce_takeover(&succession.ending(old, context.now));
    Ok(done)
}

/// An old key as it is by now. What was done is done: a keyring that cannot be read any more fails nothing.
fn after(keyring: &dyn Keyring, old: &Key, succession: Succession, context: &Context) -> Key {
    keyring.key(old.id, context.now).ok().flatten().unwrap_or_else(|| succession.ending(old, context.now))
}
