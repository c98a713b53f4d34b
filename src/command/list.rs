//! `list`: lists keys.

use super::Context;
use crate::{
    cli::List,
    error::{Exit, Result},
    key::{KeyId, Status},
    keyring::{Cursor, Keyring, Query, Selection, resolve},
};

/// The maximum number of hidden keys to count. Counting all of them would take as long as listing them.
const COUNT_CAP: u64 = 1000;

pub(super) fn run(args: List, context: &Context) -> Result<Exit> {
    let keyring = context.open()?;
    let after =
        args.after.map(|key| resolve(keyring.as_ref(), &key, None, context.now())).transpose()?.map(|found| found.key);
    let by_default = args.statuses.is_empty() && !args.all;
    let is_filtered = !args.filter.is_empty();
    let selection = args.filter.selection(context.now())?;
    let selection = if by_default { selection.not_ended() } else { Selection { statuses: args.statuses, ..selection } };
    let query =
        Query { selection, sort: args.sort.unwrap_or_default(), after: after.map(|key| key.id), limit: args.limit };
    let (mut pending, mut last) = (0, None);
    let shown = context.print_found(&query, keyring.as_ref(), |facts| {
        last = Some(facts.id);
        pending += u64::from(facts.lifecycle.status(context.now()) == Status::Pending);
        Ok(true)
    })?;
    report_pending(context, pending);
    if let Some(last) = last.filter(|_| args.limit == Some(shown)) {
        report_more(context, last, &query, keyring.as_ref())?;
    }
    if by_default && !context.console.quiet {
        let ended = keyring.count(&query.selection.ended(), COUNT_CAP)?;
        report_hidden(context, is_filtered, shown, ended);
    }
    Ok(Exit::Done)
}

/// Says how to continue a list that ended with the key `last`, if more keys follow.
fn report_more(context: &Context, last: KeyId, query: &Query, keyring: &dyn Keyring) -> Result<()> {
    let next = Query { after: Some(last), limit: Some(1), ..query.clone() };
    let mut is_more = false;
    keyring.page(&next, &mut Cursor::default(), &mut |_| {
        is_more = true;
        Ok(())
    })?;
    if is_more {
        context.console.say(&format!("more keys follow; run the same command with `--after {last}`"));
    }
    Ok(())
}

fn report_pending(context: &Context, pending: u64) {
    let next = match pending {
        0 => return,
        1 => "1 key is pending: if its secret arrived, run `keywright activate --private-key FILE`",
        _ => &format!(
            "{pending} keys are pending: if their secrets arrived in one file, run `keywright activate --from FILE`"
        ),
    };
    context.console.say(next);
}

fn report_hidden(context: &Context, is_filtered: bool, shown: u64, ended: u64) {
    let more = if ended == COUNT_CAP { " or more" } else { "" };
    match (shown, ended) {
        (0, 0) if is_filtered => context.console.say("no key matches the filter"),
        (0, 0) => context.console.say("no keys"),
        (_, 0) => {}
        (_, 1) => context.console.say("1 ended key is hidden; use --all to include it"),
        _ => context.console.say(&format!("{ended}{more} ended keys are hidden; use --all to include them")),
    }
}
