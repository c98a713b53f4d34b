//! `revoke`: revokes keys permanently.

use super::{
    Context,
    change::{change_all, mention_related, preview_all, print_after},
    find::{Selected, selected_keys},
};
use crate::{
    cli::Revoke,
    contract::Operation,
    error::{Exit, Result},
    key::{Key, Status, Time, When, refuse_secret},
    keyring::Action,
    output::count_keys,
};

pub(super) fn run(args: Revoke, context: &Context) -> Result<Exit> {
    let at = effective(&args, context.now())?;
    let mut keyring = context.open()?;
    let (reason, note) = (args.reason, args.note.clone());
    if let Some(note) = &note {
        refuse_secret(note.as_str()).map_err(|error| error.in_option("--note"))?;
    }
    let ended = |key: &Key| key.revoked(at, reason, note.as_ref());
    let selected = selected_keys(&args.keys, args.filter, true, context, keyring.as_ref())?;
    let Selected { keys, related, .. } = selected;
    let change = |key: &Key| Ok(ended(key));
    let changing: Vec<Key> = keys.iter().filter(|key| ended(key).is_some()).cloned().collect();
    if args.dry_run {
        context.console.say(&format!("dry run: would revoke {}", count_keys(changing.len())));
        let after = preview_all(&keys, &change)?;
        return context.print_list(&after, keyring.as_ref(), Operation::Revoke).map(|()| Exit::Done);
    }
    if !changing.is_empty() {
        keyring.check_writable()?;
        context.console.confirm(&question(&changing, at, context.now()))?;
        change_all(keyring.as_mut(), &changing, Action::Revoke, &change, context)?;
        let from = if at > context.now() { format!(" as of {at}") } else { String::new() };
        context.console.done(&format!("revoked {}{from}", count_keys(changing.len())));
    }
    if keys.is_empty() {
        context.console.say("no key matches the filter; nothing was changed");
    }
    let standing = keys.iter().filter(|key| ended(key).is_none());
    let (over, planned): (Vec<&Key>, Vec<&Key>) =
        standing.partition(|key| key.lifecycle.status(context.now()) == Status::Revoked);
    if !over.is_empty() {
        let were = if over.len() == 1 { "was" } else { "were" };
        context
            .console
            .say(&format!("{} {were} already revoked; the original time and reason are kept", count_keys(over.len())));
    }
    for key in planned {
        let at = key.lifecycle.revoked.unwrap_or(at);
        context.console.say(&format!(
            "`{}` is already scheduled to be revoked at {at}; a later time does not postpone the revocation",
            key.description.name
        ));
    }
    mention_related(&related, context);
    print_after(&keys, keyring.as_ref(), Operation::Revoke, context)?;
    Ok(Exit::Done)
}

/// Returns the time at which the revocation takes effect.
fn effective(args: &Revoke, now: Time) -> Result<Time> {
    let (option, planned) = match (args.delay, args.at) {
        (Some(delay), _) => ("--in", When::After(delay)),
        (None, Some(at)) => ("--at", When::At(at)),
        (None, None) => return Ok(now),
    };
    Ok(planned.resolve(now).map_err(|e| e.in_option(option))?.unwrap_or(now))
}

fn question(keys: &[Key], at: Time, now: Time) -> String {
    let when = if at > now { format!(" as of {at}") } else { String::new() };
    match keys {
        [key] => {
            format!(
                "revoke `{}` ({}, {}){when}? This cannot be undone.",
                key.description.name, key.description.env, key.id
            )
        }
        many => format!("revoke {} keys{when}? This cannot be undone.", many.len()),
    }
}
