//! Prints the rows of the audit log.

use super::Context;
use crate::{
    cli::Audit,
    error::{Exit, Result},
    keyring::{AuditCursor, AuditQuery, AuditRow, Keyring},
    output::Records,
};

/// Prints the rows that match a query, and says how to continue.
pub(super) fn print(query: AuditQuery, args: &Audit, keyring: &dyn Keyring, context: &Context) -> Result<Exit> {
    let header = ["WHEN", "WHO", "COMMAND", "ACTION", "KEY", "FACTS"];
    let mut out = Records::new(&context.style, (&header, 5), &AuditRow::FIELDS);
    let mut cursor = args.after.map_or_else(AuditCursor::default, AuditCursor::older_than);
    let mut last = None;
    while keyring.audit(&query, &mut cursor, &mut |row| {
        last = Some(row.seq);
        out.push(row.document(), || cells(row));
        Ok(())
    })? {
        out.flush()?;
        if out.is_closed() {
            break;
        }
    }
    if out.count() == 0 {
        context.console.say("no audit rows match");
    }
    let is_cut = args.limit == Some(out.count());
    out.finish()?;
    if let Some(last) = last.filter(|_| is_cut) {
        report_more(context, last, query, keyring)?;
    }
    Ok(Exit::Done)
}

/// Says how to continue a list that ended with the row `last`, if older rows match.
fn report_more(context: &Context, last: i64, query: AuditQuery, keyring: &dyn Keyring) -> Result<()> {
    let (next, mut is_more) = (AuditQuery { limit: Some(1), ..query }, false);
    keyring.audit(&next, &mut AuditCursor::older_than(last), &mut |_| {
        is_more = true;
        Ok(())
    })?;
    if is_more {
        context.console.say(&format!("older rows follow; run the same command with `--after {last}`"));
    }
    Ok(())
}

fn cells(row: &AuditRow<'_>) -> [String; 6] {
    let key = match (row.key, row.name) {
        (Some(id), Some(name)) => format!("{name} ({})", &id.to_string()[..8]),
        (Some(id), None) => id.to_string(),
        (None, _) => "-".to_owned(),
    };
    let by_hand = if row.clock_set { "clock set with --now; " } else { "" };
    [
        row.at.to_string(),
        format!("{}@{}", row.user, row.host),
        row.command.to_owned(),
        row.action.to_owned(),
        key,
        format!("{by_hand}{}", row.summary()),
    ]
}
