//! `audit`: prints the audit log.

mod accept_clock;
mod verify;

use super::{Context, find::find_target};
use crate::{
    cli::{Audit, AuditCommand, KeyOrSecret},
    error::{Code, Error, Exit, Result},
    key::{KeyId, Lookup},
    keyring::{AuditCursor, AuditQuery, AuditRow, Keyring},
    output::Records,
};

/// The maximum number of candidates to list for an ambiguous id prefix.
const CANDIDATES: usize = 10;

pub(super) fn run(args: &Audit, context: &Context) -> Result<Exit> {
    let keyring = context.open()?;
    match &args.command {
        Some(AuditCommand::Verify { head }) => return verify::run(keyring.as_ref(), *head, context),
        Some(AuditCommand::AcceptClock { dry_run }) => return accept_clock::run(keyring, *dry_run, context),
        None => {}
    }
    let query = AuditQuery {
        key: args.key.as_ref().map(|key| about(keyring.as_ref(), key, context)).transpose()?,
        since: args.since.map(|past| past.first(context.now())).transpose().map_err(|e| e.in_option("--since"))?,
        until: args.until.map(|past| past.last(context.now())).transpose().map_err(|e| e.in_option("--until"))?,
        actions: args.actions.clone(),
        user: args.user.clone(),
        limit: args.limit,
    };
    let mut out = Records::new(
        context.format,
        context.color,
        (["WHEN", "WHO", "COMMAND", "ACTION", "KEY", "FACTS"], 5),
        &AuditRow::FIELDS,
    );
    let mut cursor = AuditCursor::default();
    while keyring.audit(&query, &mut cursor, &mut |row| {
        out.push(row.document(), || cells(row));
        Ok(())
    })? {
        out.flush()?;
    }
    if out.count() == 0 {
        context.console.say("no audit rows match");
    }
    out.finish()?;
    Ok(Exit::Done)
}

/// Returns the id of the key that `target` identifies. If the keyring does not contain the key, searches the audit log
/// for the id of a deleted key.
fn about(keyring: &dyn Keyring, target: &KeyOrSecret, context: &Context) -> Result<KeyId> {
    let (missing, reference) = match (find_target(keyring, target, None, context), target) {
        (Ok(found), _) => return Ok(found.key.id),
        (Err(error), KeyOrSecret::Key(reference)) if error.code() == Code::NotFound => (error, reference),
        (Err(error), _) => return Err(error),
    };
    let mut gone: Vec<KeyId> = Vec::new();
    for lookup in reference.lookups() {
        if let Lookup::Ids(low, high) | Lookup::Prefix(low, high, _) = lookup {
            gone.extend(keyring.audited_ids(*low, *high, CANDIDATES)?);
        }
    }
    gone.sort_unstable();
    gone.dedup();
    match gone.as_slice() {
        [] => Err(missing),
        [id] => Ok(*id),
        several => {
            let message = format!("`{}` is ambiguous: it matches several deleted keys", reference.text());
            let error = Error::new(Code::Ambiguous, message, "give one of these ids");
            Err(several.iter().fold(error, |error, id| error.detail(&["KEY"], "deleted", id.to_string())))
        }
    }
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
