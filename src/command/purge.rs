//! `purge`: deletes ended keys.

use super::{
    Context,
    bulk::{FoundKeys, Verb, change_in_pages},
    change::shown,
};
use crate::{
    cli::Purge,
    error::{Exit, Result},
    issuance::{PageOutcome, Retention, purge_page},
    key::{Key, KeyView},
    keyring::{Action, Keyring, Query, Selection},
    output::{self, Format, count_keys},
};

const PURGE: Verb = Verb { action: Action::Purge, doing: "purging", done: "purged", planned: None };

/// The number of ids to write at a time.
const PAGE: usize = 1000;

pub(super) fn run(args: Purge, context: &Context) -> Result<Exit> {
    let before = args.ended_before.first(context.now()).map_err(|e| e.in_option("--ended-before"))?;
    let mut keyring = context.open()?;
    let selection = Selection { ended_before: Some(before), ..args.filter.selection(context.now())?.ended() };
    let retention = Retention::of(keyring.as_ref())?;
    let mut kept = 0;
    let mut goes = |keyring: &dyn Keyring, facts: &KeyView<'_>| -> Result<bool> {
        let stays = retention.holds(keyring, facts, before, context.now())?;
        kept += usize::from(stays);
        Ok(!stays)
    };
    if args.dry_run {
        let wanted = |facts: &KeyView<'_>| goes(keyring.as_ref(), facts);
        let found = context.print_found(&Query::every(selection), keyring.as_ref(), wanted)?;
        context.console.say(&format!("dry run: would purge {}", count_keys(found)));
        tell_kept(kept, context);
        return Ok(Exit::Done);
    }
    let judge = |key: &Key| Ok(goes(keyring.as_ref(), &key.view())?.then_some(PageOutcome::Due));
    let mut found = FoundKeys::find(&selection, keyring.as_ref(), judge)?;
    let mut purged = 0;
    if found.due > 0 {
        keyring.check_writable()?;
        let question = "Their audit rows remain, but the keys cannot be restored";
        let question = format!("delete {} that ended before {before}? {question}.", count_keys(found.due));
        context.console.confirm_list(&shown(&found.first, found.due), &question)?;
        purged = change_in_pages(&mut found, &PURGE, keyring.as_mut(), context, &mut |transaction, page| {
            purge_page(transaction, page, &selection)
        })?;
    }
    if purged == 0 {
        context.console.say("there are no keys to purge; nothing was changed");
    }
    tell_kept(kept, context);
    print(&found, purged, kept, context)?;
    Ok(Exit::Done)
}

fn tell_kept(kept: usize, context: &Context) {
    if kept > 0 {
        let why =
            "counted toward the owner's issue limit (rule issue_limit), or needed by another key of the rotation chain";
        context.console.say(&format!("kept {}: {why}", count_keys(kept)));
    }
}

fn print(found: &FoundKeys, purged: usize, kept: usize, context: &Context) -> Result<()> {
    match context.style.format {
        Format::Table => Ok(()),
        Format::Id => {
            for page in found.keys.chunks(PAGE) {
                let mut lines = Vec::with_capacity(page.len() * 37);
                for key in page.iter().filter(|key| key.outcome == PageOutcome::Changed) {
                    lines.extend_from_slice(key.id.encode(&mut [0; 36]).as_bytes());
                    lines.push(b'\n');
                }
                output::write(&lines)?;
            }
            Ok(())
        }
        Format::Csv => output::write(format!("purged,kept_back\n{purged},{kept}\n").as_bytes()),
        Format::Json | Format::Jsonl | Format::Contract => {
            let answer = serde_json::json!({ "purged": purged, "kept_back": kept });
            output::write(format!("{answer}\n").as_bytes())
        }
    }
}
