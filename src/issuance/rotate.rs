//! Taking over from a key: who may, and the moment when it happens.
//!
//! The successor is issued as any key is; its predecessor is looked at when it is reserved, and changed when it becomes
//! active, in the same transaction. Until then the predecessor is what it was, and afterwards whoever holds the new secret
//! can use it: there is no moment at which neither works, unless that was asked for.

use super::PENDING_TTL;
use crate::{
    error::{Code, Error, Result},
    key::{Handover, Key, KeyId, Lookup, Status, Time},
    keyring::{Action, Entry, Keys, Transaction},
};

/// Refuses a key that nothing may take over from.
///
/// # Errors
/// `wrong_state` when it is not active or was rotated already; `rotation_in_progress` when its successor is pending.
pub fn refuse_rotation(keys: &(impl Keys + ?Sized), old: &Key, now: Time) -> Result<()> {
    let id = old.id;
    let wrong = |what: String, hint: String| Err(Error::new(Code::WrongState, what, hint));
    if let Some(to) = old.rotated_to {
        return wrong(
            format!("key {id} was rotated already, to {to}"),
            format!("use that one; `keywright rotate {to}` replaces it in its turn"),
        );
    }
    let again = "make a new key with `keywright generate`; what has ended cannot be continued".to_owned();
    match (old.lifecycle.status(now), old.lifecycle.revoked, old.lifecycle.expires) {
        (Status::Active, ..) => {}
        (Status::Revoked, Some(at), _) => {
            let reason = old.lifecycle.reason.unwrap_or_default();
            return wrong(format!("key {id} is revoked since {at} ({reason})"), again);
        }
        (Status::Expired, _, Some(at)) => return wrong(format!("key {id} is expired since {at}"), again),
        (Status::Disabled, ..) => {
            return wrong(
                format!("key {id} is disabled, and so would its successor have to be"),
                format!("`keywright enable {id}` first, or revoke it and make a new key"),
            );
        }
        (status, ..) => {
            return wrong(
                format!("key {id} is {status}: whether its own secret arrived is not known"),
                format!("`keywright activate {id} --private-key FILE` if it did, else `keywright revoke {id}`"),
            );
        }
    }
    let fresh = |key: &Key| key.lifecycle.created.seconds() >= now.seconds() - PENDING_TTL;
    let successors = keys.find(&Lookup::Successors(id), now, usize::MAX)?;
    match successors.iter().find(|key| key.lifecycle.status(now) == Status::Pending && fresh(key)) {
        Some(pending) => Err(in_progress(old, pending.id)),
        None => Ok(()),
    }
}

/// [`refuse_rotation`] for the key that a successor names, as it is now.
pub(super) fn refuse_succession(keys: &(impl Keys + ?Sized), from: KeyId, now: Time) -> Result<()> {
    match keys.key(from, now)? {
        Some(old) => refuse_rotation(keys, &old, now),
        None => Err(Error::new(
            Code::NotFound,
            format!("key {from} was removed meanwhile"),
            "look with `keywright list --all`",
        )),
    }
}

fn in_progress(old: &Key, pending: KeyId) -> Error {
    Error::new(
        Code::RotationInProgress,
        format!("`{}` is being rotated: its successor {pending} is pending", old.name),
        format!(
            "if a crash left it: `keywright activate {pending} --private-key FILE` finishes the rotation if the secret \
             arrived, and `keywright revoke {pending}` drops it if not"
        ),
    )
    .detail(&["KEY"], old.name.to_string(), pending.to_string())
}

/// The key that a successor takes over from; none of a key that is no successor, or whose predecessor was purged meanwhile, which
/// has nothing left to end.
///
/// # Errors
/// `wrong_state` when somebody has revoked, disabled or rotated it since the rotation began: what they wanted then holds for its
/// successor too, which must not become active.
pub(super) fn predecessor(keys: &(impl Keys + ?Sized), successor: &Key, now: Time) -> Result<Option<Key>> {
    let Some(from) = successor.rotated_from else { return Ok(None) };
    let Some(old) = keys.key(from, now)? else { return Ok(None) };
    let status = old.lifecycle.status(now);
    let meanwhile = match (old.rotated_to, status) {
        (Some(to), _) => format!("rotated to {to}"),
        (None, Status::Revoked | Status::Disabled) => status.to_string(),
        (None, _) => return Ok(Some(old)),
    };
    Err(Error::new(
        Code::WrongState,
        format!("key {from} was {meanwhile} while its successor {} was on the way", successor.id),
        format!("look with `keywright show {from}`; the new secret works nowhere"),
    ))
}

/// What happens to the predecessor of a key that is with its holder from now on.
///
/// # Errors
/// As [`predecessor`].
pub fn hand_over(transaction: &mut dyn Transaction, successor: &Key, handover: Handover, entry: &Entry) -> Result<()> {
    let Some(old) = predecessor(transaction, successor, entry.clock())? else { return Ok(()) };
    let ending = old.handed_over(successor.id, handover, entry.clock());
    transaction.update(&old, &ending, Action::Rotate)?;
    if let Handover::Revoke(reason) = handover
        && let Some(revoked) = ending.revoked(entry.at, reason, None)
    {
        transaction.update(&ending, &revoked, Action::Revoke)?;
    }
    Ok(())
}
