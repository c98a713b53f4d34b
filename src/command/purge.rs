//! `purge`: deletes ended keys.

use super::Context;
use crate::{
    cli::Purge,
    error::{Exit, Result},
    issuance::{Retention, purge},
    key::{KeyId, KeyView},
    keyring::{Query, Selection},
    output::{self, Format, count_keys},
};

pub(super) fn run(args: Purge, context: &Context) -> Result<Exit> {
    let before = args.ended_before.first(context.now()).map_err(|e| e.in_option("--ended-before"))?;
    let mut keyring = context.open()?;
    let query = Query::every(Selection { ended_before: Some(before), ..args.filter.selection(context.now())?.ended() });
    let retention = Retention::of(keyring.as_ref())?;
    let mut kept = 0;
    let goes = |facts: &KeyView<'_>| {
        let stays = retention.holds(facts, context.now());
        kept += usize::from(stays);
        !stays
    };
    if args.dry_run {
        let found = context.print_found(&query, keyring.as_ref(), goes)?;
        context.console.say(&format!("dry run: would purge {}", count_keys(found)));
        tell_kept(kept, context);
        return Ok(Exit::Done);
    }
    let ids = query.ids(keyring.as_ref(), goes)?;
    let mut purged: Vec<KeyId> = Vec::new();
    if !ids.is_empty() {
        keyring.check_writable()?;
        let question = "Their audit rows remain, but the keys cannot be restored";
        context
            .console
            .confirm(&format!("delete {} that ended before {before}? {question}.", count_keys(ids.len())))?;
        purged = purge(keyring.as_mut(), &context.entry, &ids, before)?;
        context.console.done(&format!("purged {}", count_keys(purged.len())));
    }
    if purged.is_empty() {
        context.console.say("there are no keys to purge; nothing was changed");
    }
    tell_kept(kept, context);
    print(&purged, kept, context)?;
    Ok(Exit::Done)
}

fn tell_kept(kept: usize, context: &Context) {
    if kept > 0 {
        let why = "still counted toward the owner's issue limit (rule issue_limit)";
        context.console.say(&format!("kept {}: {why}", count_keys(kept)));
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
