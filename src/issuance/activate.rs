//! Activates pending keys. This is the last step in issuing a key, and can also be completed after a crash.

use super::{hand_over, rotate::predecessor};
use crate::{
    error::{Code, Error, Result},
    key::{Key, KeyId, Status, Time},
    keyring::{Action, Entry, Keyring, Keys, Transaction, at_least_keyring_time, transact},
};

/// Activates a pending key and, if it has a predecessor, applies the handover to the predecessor.
///
/// # Errors
/// - `not_found` if the key was deleted
/// - `wrong_state` if the key is not pending, or if its predecessor was revoked, disabled or rotated after the rotation
///   began
/// - `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written
pub fn activate(keyring: &mut dyn Keyring, entry: &Entry, pending: &Key) -> Result<Key> {
    transact(keyring, entry, |transaction| {
        let old = existing(transaction, pending.id, entry)?;
        complete(transaction, &old, entry)
    })
}

/// Activates all of the keys, or none of them if an activation fails. Keys for which [`is_complete`] returns `true` are
/// left unchanged. Returns all keys in their new state, and the number of keys that were activated.
///
/// # Errors
/// - `not_found` if a key was deleted
/// - `wrong_state` if a key has ended, or if its predecessor was revoked, disabled or rotated after the rotation began
/// - `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written
pub fn activate_all(keyring: &mut dyn Keyring, entry: &Entry, ids: &[KeyId]) -> Result<(Vec<Key>, usize)> {
    transact(keyring, entry, |transaction| {
        let mut activated = 0;
        let keys = ids.iter().map(|id| {
            let old = existing(transaction, *id, entry)?;
            let now = at_least_keyring_time(transaction, entry, entry.clock())?;
            if is_complete(transaction, &old, now)? {
                return Ok(old);
            }
            activated += 1;
            complete(transaction, &old, entry)
        });
        Ok((keys.collect::<Result<_>>()?, activated))
    })
}

fn existing(transaction: &dyn Transaction, id: KeyId, entry: &Entry) -> Result<Key> {
    transaction.key(id, entry.at)?.ok_or_else(|| {
        Error::new(
            Code::NotFound,
            format!("key {id} was deleted by another process before it could be activated"),
            "generate a new key with `keywright generate`; the delivered secret is not valid",
        )
    })
}

fn complete(transaction: &mut dyn Transaction, old: &Key, entry: &Entry) -> Result<Key> {
    // The delivery may have taken a long time, and a revocation during it is later than `entry.at`.
    refuse_not_pending(old, at_least_keyring_time(transaction, entry, entry.clock())?)?;
    let mut new = old.clone();
    new.lifecycle.activated = Some(at_least_keyring_time(transaction, entry, entry.at)?);
    if let Some(handover) = new.rotation.handover.take() {
        hand_over(transaction, &new, handover, entry)?;
    }
    transaction.update(old, &new, Action::Activate)?;
    Ok(new)
}

/// Returns `true` if a key has already been activated, or `false` if it is pending and can be activated.
///
/// # Errors
/// - `wrong_state` if the key has ended, or if its predecessor was revoked, disabled or rotated after the rotation
///   began
/// - `keyring_corrupt` or another `keyring_*` code if the keyring cannot be read
pub fn is_complete(keys: &(impl Keys + ?Sized), key: &Key, now: Time) -> Result<bool> {
    if key.lifecycle.activated.is_some() && !key.lifecycle.status(now).has_ended() {
        return Ok(true);
    }
    refuse_not_pending(key, now)?;
    if key.rotation.handover.is_some() {
        predecessor(keys, key, now)?;
    }
    Ok(false)
}

/// Checks that a key is pending.
///
/// # Errors
/// Returns `wrong_state` if the key is active or disabled, or if it has ended.
pub fn refuse_not_pending(key: &Key, now: Time) -> Result<()> {
    let hint = match key.lifecycle.status(now) {
        Status::Pending => return Ok(()),
        Status::Expired | Status::Revoked => {
            "generate a new key with `keywright generate`; an ended key cannot be reinstated".to_owned()
        }
        Status::Active | Status::Disabled => format!("run `keywright show {}` to see the key", key.id),
    };
    let message = format!("key {} is {}, not pending", key.id, key.lifecycle.status(now));
    Err(Error::new(Code::WrongState, message, hint))
}
