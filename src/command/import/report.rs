//! Reports the result of an import.

use super::Context;
use crate::{
    cli::Import,
    import::{Imported, InputFormat},
    output::count_keys,
};

/// Reports what was imported, or what would be imported in a dry run.
pub(super) fn report(imported: &Imported, found: InputFormat, args: &Import, context: &Context) {
    let what = format!("{} from {}", summary(imported), found.name());
    match (imported.added.is_empty(), args.dry_run) {
        (true, _) => context.console.say(&format!("nothing to do: {what}")),
        (false, true) => context.console.say(&format!("dry run: would import {what}")),
        (false, false) => context.console.done(&format!("imported {what}")),
    }
}

fn summary(imported: &Imported) -> String {
    let mut parts = Vec::new();
    if !imported.added.is_empty() {
        parts.push(count_keys(imported.added.len()));
    }
    if imported.there > 0 || imported.added.is_empty() {
        parts.push(format!("{} already in the keyring", count_keys(imported.there)));
    }
    if imported.pending > 0 {
        parts.push(format!("{} skipped: delivery never confirmed", count_keys(imported.pending)));
    }
    parts.join(", ")
}
