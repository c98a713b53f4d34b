//! Activation: the last step of an issue, or its completion after a crash.

use super::{hand_over, rotate::predecessor};
use crate::{
    error::{Code, Error, Result},
    key::{Key, KeyId, Status, Time},
    keyring::{Action, Entry, Keyring, Keys, Transaction, transact},
};

/// Activates a pending key, and hands over to it from its predecessor if it has one.
///
/// # Errors
/// `not_found` if the key is gone; `wrong_state` if it is not pending; the errors of [`hand_over`].
pub fn activate(keyring: &mut dyn Keyring, entry: &Entry, pending: &Key) -> Result<Key> {
    transact(keyring, entry, |transaction| {
        let old = existing(transaction, pending.id, entry)?;
        complete(transaction, &old, entry)
    })
}

/// Activates keys, all or none. A key for which [`is_complete`] returns `true` stays as it is. Returns all of the keys as they are
/// afterwards, and the number of keys that were activated.
///
/// # Errors
/// The errors of [`activate`], for any of the keys.
pub fn activate_all(keyring: &mut dyn Keyring, entry: &Entry, ids: &[KeyId]) -> Result<(Vec<Key>, usize)> {
    transact(keyring, entry, |transaction| {
        let mut activated = 0;
        let keys = ids.iter().map(|id| {
            let old = existing(transaction, *id, entry)?;
            if is_complete(transaction, &old, entry.clock())? {
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
            format!("key {id} was deleted while its secret was being delivered"),
            "generate a new key; the delivered secret belongs to no key",
        )
    })
}

fn complete(transaction: &mut dyn Transaction, old: &Key, entry: &Entry) -> Result<Key> {
    // The delivery may have taken long: a revocation meanwhile is later than `entry.at`.
    refuse_not_pending(old, entry.clock())?;
    let mut new = old.clone();
    new.lifecycle.activated = Some(entry.at);
    if let Some(handover) = new.rotation.handover.take() {
        hand_over(transaction, &new, handover, entry)?;
    }
    transaction.update(old, &new, Action::Activate)?;
    Ok(new)
}

/// Returns `true` if a key is already activated, and `false` if it can be activated.
///
/// # Errors
/// `wrong_state` if the key has ended, or if it is the successor of a key that was revoked, disabled or rotated meanwhile.
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

/// Refuses a key that cannot be activated.
///
/// # Errors
/// `wrong_state` if the key is not pending.
pub fn refuse_not_pending(key: &Key, now: Time) -> Result<()> {
    let hint = match key.lifecycle.status(now) {
        Status::Pending => return Ok(()),
        Status::Expired | Status::Revoked => {
            "generate a new key with `keywright generate`; an ended key cannot be reinstated".to_owned()
        }
        Status::Active | Status::Disabled => format!("run `keywright show {}`", key.id),
    };
    let message = format!("key {} is {}, not pending", key.id, key.lifecycle.status(now));
    Err(Error::new(Code::WrongState, message, hint))
}
