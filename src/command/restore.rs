//! `restore`: what a backup has and the keyring has not.

use super::Context;
use crate::{
    cli::Restore,
    error::{Code, Error, Exit, Result},
    interrupt,
    keyring::{Keyring, OpenedBackup, Snapshot, Transaction},
    output::{Records, count_keys},
    recovery::{self, Effect, Plan},
};
use serde_json::{Map, json};

const FIELDS: [&str; 4] = ["api_key_id", "name", "effect", "facts"];

pub(super) fn run(args: &Restore, context: &Context) -> Result<Exit> {
    let live = context.open_if_there()?;
    let saved = context.location.open_backup(&args.file, args.dry_run)?;
    let temp_files = saved.temp_files();
    let guard = interrupt::guard(move || temp_files.remove());
    recovery::verify(saved.keyring()?)?;
    match live {
        Some(live) => into(live, saved.keyring()?, args, context)?,
        None => instead(saved, args, context)?,
    }
    drop(guard);
    Ok(Exit::Done)
}

/// Brings back what the keyring has not.
fn into(mut live: Box<dyn Keyring>, saved: &dyn Keyring, args: &Restore, context: &Context) -> Result<()> {
    let (ours, theirs) = (live.org_id(), saved.org_id());
    if ours != theirs {
        let message = format!("the backup is of organisation {theirs}, the keyring of {ours}");
        let hint = "name its own keyring with --keyring; `keywright import` takes keys over from another";
        return Err(Error::new(Code::OrganisationMismatch, message, hint));
    }
    let plan = recovery::plan(live.as_ref(), saved, context.now)?;
    if live.verify_chain(Some(saved.snapshot()?.head))?.after.is_none() {
        context.console.warn(
            "the keyring's log has no row that the backup's ends with: it went on after the backup from an older state, or \
             was cut off",
        );
    }
    let what = told(&plan);
    if plan.is_empty() {
        context.console.say("everything in the backup is in the keyring already; nothing to do");
    } else if args.dry_run {
        context.console.say(&format!("dry run: would restore {what}"));
    } else {
        live.check_writable()?;
        context.console.confirm(&format!("restore {what} from {}?", args.file.display()))?;
        recovery::restore(live.as_mut(), saved, &plan, &context.entry)?;
        context.console.done(&format!("restored {what}"));
    }
    print(&plan, context)
}

/// Makes the backup the keyring, where there is none.
fn instead(saved: OpenedBackup, args: &Restore, context: &Context) -> Result<()> {
    let path = &context.location;
    let snapshot @ Snapshot { keys, org_id, .. } = saved.keyring()?.snapshot()?;
    let what = format!("a keyring at {path} for organisation {org_id}, with {}", count_keys(keys));
    if args.dry_run {
        context.console.say(&format!("dry run: would make {what}"));
        return print(&Plan::default(), context);
    }
    let noted = &mut |transaction: &mut dyn Transaction| recovery::note(transaction, &snapshot);
    if !context.location.restore_all(saved, &context.entry, noted)? {
        let message = format!("there is a keyring at {path} by now");
        return Err(Error::new(Code::KeyringExists, message, "restore again, into that one"));
    }
    context.console.done(&format!("made {what}"));
    print(&Plan::default(), context)
}

fn told(plan: &Plan) -> String {
    let (back, changed) = (plan.count(Effect::Back), plan.count(Effect::Changed));
    let mut parts = Vec::new();
    if back > 0 {
        parts.push(format!("{} that {} gone", count_keys(back), if back == 1 { "is" } else { "are" }));
    }
    if changed > 0 {
        parts.push(format!("facts of {}", count_keys(changed)));
    }
    parts.extend(plan.beside());
    parts.join(", ")
}

fn print(plan: &Plan, context: &Context) -> Result<()> {
    let mut out = Records::new(context.format, context.color, ["KEY", "NAME", "EFFECT", "FACTS"], &FIELDS);
    for step in &plan.steps {
        let values = [json!(step.id.to_string()), json!(step.name), json!(step.effect.word()), json!(step.facts)];
        let row: Map<_, _> = FIELDS.iter().map(ToString::to_string).zip(values).collect();
        out.push(row, || {
            let facts = crate::keyring::describe_changes(&step.facts);
            [step.id.to_string()[..8].to_owned(), step.name.clone(), step.effect.word().to_owned(), facts]
        });
    }
    out.finish()
}
