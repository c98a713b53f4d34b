//! `list`: the keys.

use super::Context;
use crate::{
    cli::List,
    error::{Exit, Result},
    key::Status,
    keyring::{Query, Selection, resolve},
};

/// How far the keys that were left out are counted: further than anybody reads the number, not as far as it goes.
const COUNT_CAP: u64 = 1000;

pub(super) fn run(args: List, context: &Context) -> Result<Exit> {
    let keyring = context.open()?;
    let after = args.after.map(|key| resolve(keyring.as_ref(), &key, context.now)).transpose()?;
    let by_default = args.statuses.is_empty() && !args.all;
    let selection = args.filter.selection(context.now)?;
    let selection = if by_default { selection.not_over() } else { Selection { statuses: args.statuses, ..selection } };
    let query =
        Query { selection, sort: args.sort.unwrap_or_default(), after: after.map(|key| key.id), limit: args.limit };
    let mut pending = 0;
    let shown = context.print_found(&query, keyring.as_ref(), |facts| {
        pending += u64::from(facts.lifecycle.status(context.now) == Status::Pending);
        true
    })?;
    tell_pending(context, pending);
    if by_default && !context.console.quiet {
        let ended = keyring.count(&query.selection.over(), COUNT_CAP)?;
        tell_left_out(context, shown, ended);
    }
    Ok(Exit::Done)
}

fn tell_pending(context: &Context, pending: u64) {
    let next = match pending {
        0 => return,
        1 => "1 key is pending: `keywright activate KEY --private-key FILE` completes it if its secret arrived",
        _ => &format!(
            "{pending} keys are pending: `keywright activate --from FILE` completes those whose secrets arrived together"
        ),
    };
    context.console.say(next);
}

fn tell_left_out(context: &Context, shown: u64, ended: u64) {
    let more = if ended == COUNT_CAP { " or more" } else { "" };
    match (shown, ended) {
        (0, 0) => context.console.say("no keys"),
        (_, 0) => {}
        (_, 1) => context.console.say("1 key that is over was left out; --all shows it"),
        _ => context.console.say(&format!("{ended}{more} keys that are over were left out; --all shows them")),
    }
}
