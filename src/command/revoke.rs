//! `revoke`: revokes keys permanently.

mod named;

use super::{
    Context,
    bulk::{BulkChange, Verb},
    find::selected_keys,
    selected::Selected,
};
use crate::{
    cli::Revoke,
    contract::Operation,
    error::{Exit, Result},
    key::{Key, Time, When, refuse_secret},
    keyring::{Action, refuse_earlier},
    output::count_keys,
};

pub(super) fn run(args: Revoke, context: &Context) -> Result<Exit> {
    let planned = planned(&args, context.now())?;
    let mut keyring = context.open()?;
    let (reason, note) = (args.reason, args.note);
    if let Some(note) = &note {
        refuse_secret(note.as_str()).map_err(|error| error.in_option("--note"))?;
    }
    let change = |key: &Key, now: Time| {
        if planned.is_some() {
            refuse_earlier(now, context.now())?;
        }
        Ok(key.revoked(planned.unwrap_or(now), reason, note.as_ref()))
    };
    let verb = Verb { action: Action::Revoke, doing: "revoking", done: "revoked", planned };
    let question = |first: &[Key], count| Some(question(first, count, verb));
    match selected_keys(&args.keys, args.filter, true, context, keyring.as_ref())? {
        Selected::Named(named) if args.dry_run => named::rehearse(&named, keyring.as_ref(), &change, context),
        Selected::Named(named) => named::run(&named, keyring.as_mut(), verb, &change, context),
        Selected::Filtered(selection) => {
            let bulk =
                BulkChange { selection: *selection, verb, change: &change, operation: Operation::Revoke, context };
            if args.dry_run {
                bulk.rehearse(keyring.as_ref())
            } else {
                bulk.run(keyring.as_mut(), &question, &scheduled)
            }
        }
    }
}

/// Returns the time for which the revocation is planned, or `None` if the revocation takes effect at once.
fn planned(args: &Revoke, now: Time) -> Result<Option<Time>> {
    let (option, planned) = match (args.delay, args.at) {
        (Some(delay), _) => ("--in", When::After(delay)),
        (None, Some(at)) => ("--at", When::At(at)),
        (None, None) => return Ok(None),
    };
    planned.resolve(now).map_err(|e| e.in_option(option))
}

/// Returns the question to ask before keys are revoked. The question names a single key, and counts several keys.
fn question(first: &[Key], count: usize, verb: Verb) -> String {
    let what = match first {
        [Key { id, description, .. }] if count == 1 => format!("`{}` ({}, {id})", description.name, description.env),
        _ => count_keys(count),
    };
    format!("revoke {what}{}? This cannot be undone.", verb.as_of())
}

/// Returns the message about selected keys that are already scheduled to be revoked earlier.
fn scheduled(count: usize) -> String {
    let are = if count == 1 { "is" } else { "are" };
    format!(
        "{} {are} already scheduled to be revoked; a later time does not postpone the revocation",
        count_keys(count)
    )
}
