//! `audit`: prints the audit log.

mod accept_clock;
mod list;
mod verify;

use super::{Context, find::find_target};
use crate::{
    cli::{Audit, AuditCommand, KeyOrSecret},
    error::{Code, Error, Exit, Result},
    key::{KeyId, Lookup},
    keyring::{AuditQuery, Keyring},
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
    list::print(query, args, keyring.as_ref(), context)
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
