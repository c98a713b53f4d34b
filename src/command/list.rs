//! `list`: the keys.

use super::Context;
use crate::{
    cli::List,
    contract::Operation,
    error::{Exit, Result},
    keyring::{Cursor, Query, Selection, resolve},
    output,
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

    let org_id = keyring.org_id().to_string();
    let template = context.template(keyring.as_ref(), Operation::List)?;
    let mut out = output::Keys::list(context.format, &org_id, context.now, context.color).under(template);
    let mut cursor = Cursor::default();
    let mut visit = |out: &mut output::Keys<'_>| {
        keyring.page(&query, &mut cursor, &mut |facts| {
            out.push(facts);
            Ok(())
        })
    };
    while visit(&mut out)? {
        out.flush()?;
    }
    let shown = out.count();
    out.finish()?;
    if by_default && !context.talk.quiet {
        let ended = keyring.count(&query.selection.over(), COUNT_CAP)?;
        tell_left_out(context, shown, ended);
    }
    Ok(Exit::Done)
}

fn tell_left_out(context: &Context, shown: u64, ended: u64) {
    let more = if ended == COUNT_CAP { " or more" } else { "" };
    match (shown, ended) {
        (0, 0) => context.talk.say("no keys"),
        (_, 0) => {}
        (_, 1) => context.talk.say("1 key that is over was left out; --all shows it"),
        _ => context.talk.say(&format!("{ended}{more} keys that are over were left out; --all shows them")),
    }
}
