//! Activating: the last step of an issue, or, after a crash, what completes it.

use super::{hand_over, rotate::predecessor};
use crate::{
    error::{Code, Error, Result},
    key::{Key, KeyId, Status, Time},
    keyring::{Action, Entry, Keyring, Keys, Transaction, transact},
};

/// Makes exactly one pending key active, and hands over to it from the key that it takes over from, if there is one.
///
/// # Errors
/// `wrong_state` when it is not pending, or what [`hand_over`] refuses; `not_found` when it is gone.
pub fn activate(keyring: &mut dyn Keyring, entry: &Entry, pending: &Key) -> Result<Key> {
    transact(keyring, entry, |transaction| {
        let old = there(transaction, pending.id, entry)?;
        complete(transaction, &old, entry)
    })
}

/// Makes keys active, all or none; one that [`is_complete`] stays as it is. Returns all of them as they are by then, and how
/// many became active.
///
/// # Errors
/// As [`activate`], for any of them.
pub fn activate_all(keyring: &mut dyn Keyring, entry: &Entry, ids: &[KeyId]) -> Result<(Vec<Key>, usize)> {
    transact(keyring, entry, |transaction| {
        let mut became = 0;
        let keys = ids.iter().map(|id| {
            let old = there(transaction, *id, entry)?;
            if is_complete(transaction, &old, entry.clock())? {
                return Ok(old);
            }
            became += 1;
            complete(transaction, &old, entry)
        });
        Ok((keys.collect::<Result<_>>()?, became))
    })
}

fn there(transaction: &dyn Transaction, id: KeyId, entry: &Entry) -> Result<Key> {
    transaction.key(id, entry.at)?.ok_or_else(|| {
        Error::new(
            Code::NotFound,
            format!("key {id} was removed while its secret was on the way"),
            "generate a new one; the secret that was delivered belongs to no key",
        )
    })
}

fn complete(transaction: &mut dyn Transaction, old: &Key, entry: &Entry) -> Result<Key> {
    // The delivery may have taken long; who revoked the key meanwhile did so after `entry.at`.
    refuse_not_pending(old, entry.clock())?;
    let mut new = old.clone();
    new.lifecycle.activated = Some(entry.at);
    if let Some(handover) = new.rotation.handover.take() {
        hand_over(transaction, &new, handover, entry)?;
    }
    transaction.update(old, &new, Action::Activate)?;
    Ok(new)
}

/// Whether a key was activated before, so that nothing is left to do; `false` of one that can become active.
///
/// # Errors
/// `wrong_state` when it is over, or when it is to take over from a key that was ended meanwhile.
pub fn is_complete(keys: &(impl Keys + ?Sized), key: &Key, now: Time) -> Result<bool> {
    if key.lifecycle.activated.is_some() && !key.lifecycle.status(now).is_over() {
        return Ok(true);
    }
    refuse_not_pending(key, now)?;
    if key.rotation.handover.is_some() {
        predecessor(keys, key, now)?;
    }
    Ok(false)
}

/// Refuses a key that cannot become active.
///
/// # Errors
/// `wrong_state` when it is not pending.
pub fn refuse_not_pending(key: &Key, now: Time) -> Result<()> {
    let hint = match key.lifecycle.status(now) {
        Status::Pending => return Ok(()),
        Status::Expired | Status::Revoked => {
            "make a new key with `keywright generate`; one that is over never comes back".to_owned()
        }
        Status::Active | Status::Disabled => format!("look with `keywright show {}`", key.id),
    };
    let message = format!("key {} is {}, not pending", key.id, key.lifecycle.status(now));
    Err(Error::new(Code::WrongState, message, hint))
}
