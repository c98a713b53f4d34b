//! `purge`: removes keys that are over.

use super::{Context, change::count};
use crate::{
    cli::Purge,
    contract::{IssueLimit, Operation},
    error::{Exit, Result},
    issuance::contract,
    key::{Facts, KeyId, Time},
    keyring::{Cursor, Keyring, Keys, Query, Selection, transact},
    output::{self, Format},
};

pub(super) fn run(args: Purge, context: &Context) -> Result<Exit> {
    let before = args.ended_before.first(context.now).map_err(|e| e.in_option("--ended-before"))?;
    let mut keyring = context.open()?;
    let query = Query::every(Selection { ended_before: Some(before), ..args.filter.selection(context.now)?.over() });
    let limit = issue_limit(keyring.as_ref())?;
    let counted = |facts: &Facts<'_>| limit.as_ref().is_some_and(|limit| limit.counts(facts, context.now));
    if args.dry_run {
        return rehearse(keyring.as_ref(), &query, &counted, context);
    }
    let mut kept = 0;
    let ids = query.ids(keyring.as_ref(), |facts| {
        let counts = counted(facts);
        kept += usize::from(counts);
        !counts
    })?;
    let mut purged: Vec<KeyId> = Vec::new();
    if !ids.is_empty() {
        keyring.writable()?;
        let question = "their audit rows stay, and they never come back";
        context.talk.confirm(&format!("remove {} that ended before {before}? {question}.", count(ids.len())))?;
        purged = remove(keyring.as_mut(), &ids, before, context)?;
        context.talk.done(&format!("purged {}", count(purged.len())));
    }
    if purged.is_empty() {
        context.talk.say("no key ended before then that can be purged; nothing was changed");
    }
    tell_kept(kept, context);
    print(&purged, kept, context)?;
    Ok(Exit::Done)
}

/// Removes keys in one transaction, each if it is still what it was when it was chosen.
fn remove(keyring: &mut dyn Keyring, ids: &[KeyId], before: Time, context: &Context) -> Result<Vec<KeyId>> {
    transact(keyring, &context.entry, |transaction| {
        let limit = issue_limit(transaction)?;
        let mut purged = Vec::new();
        for id in ids {
            // Somebody else may have purged it meanwhile, or changed the contract.
            let Some(key) = transaction.key(*id, context.now)? else { continue };
            let over = key.lifecycle.ends().is_some_and(|end| end < before && end <= context.now);
            if over && !limit.as_ref().is_some_and(|limit| limit.counts(&key.facts(), context.now)) {
                transaction.purge(&key)?;
                purged.push(*id);
            }
        }
        Ok(purged)
    })
}

fn issue_limit(keys: &(impl Keys + ?Sized)) -> Result<Option<IssueLimit>> {
    Ok(contract(keys)?.rules.issue_limit.map(|limit| *limit.value()))
}

/// Lists what would be purged, however much that is.
fn rehearse(
    keyring: &dyn Keyring,
    query: &Query,
    counted: &dyn Fn(&Facts<'_>) -> bool,
    context: &Context,
) -> Result<Exit> {
    let org_id = keyring.org_id().to_string();
    let template = context.template(keyring, Operation::List)?;
    let mut out = output::Keys::list(context.format, &org_id, context.now, context.color).under(template);
    let mut cursor = Cursor::default();
    let mut kept = 0;
    let mut visit = |out: &mut output::Keys<'_>| {
        keyring.page(query, &mut cursor, &mut |facts| {
            if counted(facts) {
                kept += 1;
            } else {
                out.push(facts);
            }
            Ok(())
        })
    };
    while visit(&mut out)? {
        out.flush()?;
    }
    let found = usize::try_from(out.count()).unwrap_or(usize::MAX);
    out.finish()?;
    context.talk.say(&format!("dry run: would purge {}", count(found)));
    tell_kept(kept, context);
    Ok(Exit::Done)
}

fn tell_kept(kept: usize, context: &Context) {
    if kept > 0 {
        let why = "their owners' issue limit still counts them (rule issue_limit)";
        context.talk.say(&format!("kept back {}: {why}", count(kept)));
    }
}

fn print(purged: &[KeyId], kept: usize, context: &Context) -> Result<()> {
    match context.format {
        Format::Table => Ok(()),
        Format::Id => {
            let mut lines = Vec::with_capacity(purged.len() * 37);
            for id in purged {
                lines.extend_from_slice(id.encode(&mut [0; 36]).as_bytes());
                lines.push(b'\n');
            }
            output::write(&lines)
        }
        Format::Csv => output::write(format!("purged,kept_back\n{},{kept}\n", purged.len()).as_bytes()),
        Format::Json | Format::Jsonl | Format::Contract => {
            let answer = serde_json::json!({ "purged": purged.len(), "kept_back": kept });
            output::write(format!("{answer}\n").as_bytes())
        }
    }
}
