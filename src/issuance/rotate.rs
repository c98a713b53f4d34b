//! Rotates keys: replaces a key with a successor.
//!
//! The successor is issued like any other key. The predecessor is checked when the successor is reserved, and changed
//! in the transaction that activates the successor. The rotation therefore never ends the predecessor before the
//! successor is active.

use super::PENDING_TTL;
use crate::{
    contract::{Rules, Violation},
    error::{Code, Error, Problems, Result},
    key::{DescriptionChange, Field, Handover, Key, KeyId, Lifetime, Lookup, Material, Status, Time},
    keyring::{Action, Entry, Keys, Transaction, at_least_keyring_time, rotation_chain},
};

/// The terms on which a successor replaces a key.
#[derive(Clone, Copy, Debug)]
pub struct Succession<'a> {
    /// The change that the rotation makes to the predecessor.
    pub handover: Handover,
    /// The lifetime of the successor.
    pub lifetime: Lifetime,
    /// The changes to the description that the successor inherits from its predecessor.
    pub description: &'a DescriptionChange,
}

impl Succession<'_> {
    /// Returns the successor of a key as a pending key without an id, after checking it against the rules for new keys.
    ///
    /// # Errors
    /// - a single error that lists all invalid changes to the description and all rules that the successor breaks, with
    ///   the code `invalid_time` if the successor would expire before its predecessor ends
    /// - `invalid_time` if the successor would expire after the year 9999
    pub fn draft(self, old: &Key, material: Material, rules: &Rules, now: Time) -> Result<Key> {
        let mut new = old.successor(material, now, self.lifetime)?;
        new.rotation.handover = Some(self.handover);
        let mut problems = Problems::default();
        let description = DescriptionChange { scope_wildcards: rules.scopes.wildcards, ..self.description.clone() };
        new.description = description.apply(&old.description, &mut problems);
        problems.extend(rules.judge(&new));
        let end = self.handover.end(old.lifecycle.expires, now);
        if let Some(expires) = new.lifecycle.expires
            && end > expires
        {
            let problem = format!("the old key would remain valid until {end}, but its successor expires at {expires}");
            let hint = "choose a shorter overlap or a later expiry";
            problems.push(Violation::new(Field::Handover, Code::InvalidTime, problem, hint).into());
        }
        problems.into_result().map(|()| new)
    }

    /// Returns the predecessor in its state after the rotation. The id of `old` stands in for the id of the successor,
    /// which is not known yet.
    #[must_use]
    pub fn ending(self, old: &Key, now: Time) -> Key {
        let handed_over = old.handed_over(old.id, self.handover, now);
        match self.handover {
            Handover::Revoke(reason) | Handover::RevokeChain(reason) => {
                handed_over.revoked(now, reason, None).unwrap_or(handed_over)
            }
            Handover::Overlap { .. } => handed_over,
        }
    }
}

/// Checks that a key was not registered with a public key, because keywright cannot generate a successor for such a
/// key.
///
/// # Errors
/// Returns `public_key_required` if the key was registered with a public key.
pub fn refuse_registered(old: &Key) -> Result<()> {
    if !old.registered {
        return Ok(());
    }
    Err(Error::new(
        Code::PublicKeyRequired,
        format!(
            "`{}` was registered with a public key; only the holder of its private key can generate the next one",
            old.description.name
        ),
        format!("ask the holder for a new public key, and run `keywright rotate {} --public-key FILE`", old.id),
    ))
}

/// Checks that a key can be rotated.
///
/// # Errors
/// - `wrong_state` if the key is not active or was already rotated
/// - `rotation_in_progress` if the key has a pending successor that was created at most [`PENDING_TTL`] seconds ago
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
pub fn refuse_rotation(keys: &(impl Keys + ?Sized), old: &Key, now: Time) -> Result<()> {
    let id = old.id;
    let wrong = |what: String, hint: String| Err(Error::new(Code::WrongState, what, hint));
    if let Some(to) = old.rotation.to {
        let is_over = keys.key(to, now)?.is_none_or(|successor| successor.lifecycle.status(now).has_ended());
        let hint = if is_over {
            "generate a new key with `keywright generate`; the successor has ended".to_owned()
        } else {
            format!("use key {to}, or rotate it with `keywright rotate {to}`")
        };
        return wrong(format!("key {id} was already rotated to key {to}"), hint);
    }
    let again = "generate a new key with `keywright generate`; an ended key cannot be rotated".to_owned();
    match (old.lifecycle.status(now), old.lifecycle.revoked, old.lifecycle.expires) {
        (Status::Active, ..) => {}
        (Status::Revoked, Some(at), _) => {
            let reason = old.lifecycle.reason.unwrap_or_default();
            return wrong(format!("key {id} was revoked at {at} ({reason})"), again);
        }
        (Status::Expired, _, Some(at)) => return wrong(format!("key {id} expired at {at}"), again),
        (Status::Disabled, ..) => {
            return wrong(
                format!("key {id} is disabled"),
                format!("run `keywright enable {id}` first, or revoke the key and generate a new one"),
            );
        }
        (status, ..) => {
            return wrong(
                format!("key {id} is {status}: its secret might not have been delivered"),
                format!(
                    "if it was delivered, run `keywright activate {id} --private-key FILE`; if not, run `keywright revoke {id}`"
                ),
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

/// Checks that a key is described and ends as `basis`, from which its successor was drafted. Otherwise the successor would
/// not have the changes that were made since.
///
/// # Errors
/// - `wrong_state` if the key was changed
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
pub fn refuse_stale_draft(keys: &(impl Keys + ?Sized), basis: &Key, now: Time) -> Result<()> {
    let ends = |key: &Key| (key.lifecycle.expires, key.lifecycle.revoked, key.lifecycle.disabled);
    let is_same = |old: Key| old.description == basis.description && ends(&old) == ends(basis);
    if keys.key(basis.id, now)?.is_none_or(is_same) {
        return Ok(());
    }
    let message = format!("key {} was changed while its successor was being prepared; nothing was delivered", basis.id);
    Err(Error::new(Code::WrongState, message, "run the command again"))
}

/// Reads the predecessor again, and checks that it still exists and can be rotated.
pub(super) fn refuse_succession(keys: &(impl Keys + ?Sized), from: KeyId, now: Time) -> Result<()> {
    if let Some(old) = keys.key(from, now)? {
        return refuse_rotation(keys, &old, now);
    }
    let hint = "run `keywright list --all` to see the remaining keys";
    Err(Error::new(Code::NotFound, format!("key {from} was deleted by another process"), hint))
}

pub(super) fn in_progress(old: &Key, pending: KeyId) -> Error {
    Error::new(
        Code::RotationInProgress,
        format!("`{}` is being rotated: its successor {pending} is pending", old.description.name),
        format!(
            "if a crash left the successor pending, run `keywright activate {pending} --private-key FILE` if its secret \
             arrived, or `keywright revoke {pending}` if it did not"
        ),
    )
    .detail(&["KEY"], old.description.name.to_string(), pending.to_string())
}

/// Returns the predecessor of a key, or `None` if the key is not a successor or its predecessor was purged in the
/// meantime.
///
/// # Errors
/// - `wrong_state` if the predecessor was revoked, disabled or rotated after the rotation began, because activating the
///   successor would undo that change
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
pub(super) fn predecessor(keys: &(impl Keys + ?Sized), successor: &Key, now: Time) -> Result<Option<Key>> {
    let Some(from) = successor.rotation.from else { return Ok(None) };
    let found = keys.key(from, now)?;
    let meanwhile = match &found {
        Some(old) => match (old.rotation.to, old.lifecycle.status(now)) {
            (Some(to), _) => format!("rotated to key {to}"),
            (None, Status::Revoked) => "revoked".to_owned(),
            // The key may have expired since.
            (None, _) if old.lifecycle.disabled.is_some() => "disabled".to_owned(),
            (None, _) => return Ok(found),
        },
        None if keys.tombstone(from, &successor.material)?.is_some_and(|ended| ended.revoked) => "revoked".to_owned(),
        None => return Ok(None),
    };
    Err(Error::new(
        Code::WrongState,
        format!("key {from} was {meanwhile} while the secret of its successor {} was being delivered", successor.id),
        format!("run `keywright show {from}` to see the state of the old key; the new secret is not valid"),
    ))
}

/// Returns the other keys in the rotation chain of `key` that have been replaced and have not ended.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
pub fn older_keys(keys: &dyn Keys, key: &Key, now: Time) -> Result<Vec<Key>> {
    let mut older = rotation_chain(keys, key, now)?;
    older.retain(|other| !other.lifecycle.status(now).has_ended() && other.rotation.to.is_some());
    Ok(older)
}

/// Applies the handover to the predecessor of a key that has just become active. Does nothing if the key is not a
/// successor or its predecessor has been purged.
///
/// # Errors
/// - `wrong_state` if the predecessor was revoked, disabled or rotated after the rotation began
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read or written
pub fn hand_over(transaction: &mut dyn Transaction, successor: &Key, handover: Handover, entry: &Entry) -> Result<()> {
    let now = at_least_keyring_time(transaction, entry, entry.clock())?;
    let Some(old) = predecessor(transaction, successor, now)? else { return Ok(()) };
    let ending = old.handed_over(successor.id, handover, now);
    transaction.update(&old, &ending, Action::Rotate)?;
    let (Handover::Revoke(reason) | Handover::RevokeChain(reason)) = handover else { return Ok(()) };
    let at = at_least_keyring_time(transaction, entry, entry.began())?;
    if let Some(revoked) = ending.revoked(at, reason, None) {
        transaction.update(&ending, &revoked, Action::Revoke)?;
    }
    if matches!(handover, Handover::RevokeChain(_)) {
        for older in older_keys(&*transaction, &ending, now)? {
            if let Some(revoked) = older.revoked(at, reason, None) {
                transaction.update(&older, &revoked, Action::Revoke)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contract::Contract,
        key::RevocationReason,
        testing::{self, time},
    };
    use std::sync::LazyLock;

    fn key(expires: Option<i64>) -> Key {
        testing::key(1).expiring_at(expires)
    }

    fn succession(handover: Handover, lifetime: Lifetime) -> Succession<'static> {
        static UNCHANGED: LazyLock<DescriptionChange> = LazyLock::new(DescriptionChange::default);
        Succession { handover, lifetime, description: &UNCHANGED }
    }

    fn overlap(seconds: i64, lifetime: Lifetime) -> Succession<'static> {
        succession(Handover::Overlap { seconds, on_use: false }, lifetime)
    }

    #[test]
    fn a_successor_follows_the_rules_and_does_not_end_first() {
        let rules = Contract::stored(None).unwrap().rules;
        let until = |at| Lifetime::Until(Some(time(at)));
        let draft = |old: &Key, by: Succession<'_>| by.draft(old, old.material.clone(), &rules, time(100));
        let new = draft(&key(None), overlap(50, until(150))).unwrap();
        assert_eq!((new.lifecycle.expires, new.rotation.from), (Some(time(150)), Some(key(None).id)));
        assert!(
            matches!(new.rotation.handover, Some(Handover::Overlap { seconds: 50, .. })),
            "kept until the successor is active"
        );
        assert_eq!(draft(&key(None), overlap(51, until(150))).unwrap_err().code(), Code::InvalidTime);
        assert!(draft(&key(Some(140)), overlap(51, until(150))).is_ok(), "the old key ends at 140 in any case");
        let strict = Contract::stored(None).unwrap().with("scopes.required", "true").unwrap().rules;
        let refused = overlap(50, Lifetime::AsLong).draft(&key(None), key(None).material, &strict, time(100));
        assert_eq!(refused.unwrap_err().code(), Code::ScopeRequired);
    }

    #[test]
    fn the_predecessor_ends_as_predicted() {
        let ended = overlap(50, Lifetime::AsLong).ending(&key(Some(400)), time(100));
        assert_eq!((ended.lifecycle.expires, ended.lifecycle.revoked), (Some(time(150)), None));
        let revoke = Handover::Revoke(RevocationReason::KeyCompromise);
        let revoked = succession(revoke, Lifetime::AsLong).ending(&key(Some(400)), time(100));
        assert_eq!(
            revoked.lifecycle.revoked.zip(revoked.lifecycle.reason),
            Some((time(100), RevocationReason::KeyCompromise))
        );
    }

    #[test]
    fn a_registered_key_needs_a_new_public_key() {
        assert!(refuse_registered(&key(None)).is_ok());
        let refused = refuse_registered(&Key { registered: true, ..key(None) }).unwrap_err();
        assert_eq!(refused.code(), Code::PublicKeyRequired);
    }
}
