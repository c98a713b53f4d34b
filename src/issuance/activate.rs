//! Activates pending keys, as the last step in issuing them or after a crash.

use super::{hand_over, rotate::predecessor};
use crate::{
    error::{Code, Error, Result},
    key::{Key, KeyId, Status, Time},
    keyring::{Action, BATCH_PAGE, BatchKind, Entry, Keyring, Keys, Transaction, at_least_keyring_time, transact},
};
use serde_json::{Map, json};

/// Activates a pending key, applies the key's handover to its predecessor if there is one, and returns the activated
/// key.
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
/// left unchanged. Returns the number of keys that were activated.
///
/// More than [`BATCH_PAGE`] keys are first added to a batch, in several transactions, and stay pending until the last
/// transaction.
///
/// # Errors
/// - `not_found` if a key was deleted
/// - `wrong_state` if a key has ended, if its predecessor was revoked, disabled or rotated after the rotation began, or
///   if another process changed a key or deleted the batch in the meantime
/// - `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written
pub fn activate_all(keyring: &mut dyn Keyring, entry: &Entry, ids: &[KeyId]) -> Result<usize> {
    if ids.len() <= BATCH_PAGE {
        return transact(keyring, entry, |transaction| activate_each(transaction, ids, entry));
    }
    let (mut batch, mut pending, mut successors) = (None, 0, Vec::new());
    for page in ids.chunks(BATCH_PAGE) {
        let (id, added, others) = transact(keyring, entry, |transaction| {
            let id = match batch {
                Some(id) => transaction.continue_batch(id).map(|()| id)?,
                None => transaction.begin_batch(BatchKind::Pending)?,
            };
            let (added, others) = add_page(transaction, page, entry)?;
            Ok((id, added, others))
        })?;
        batch = Some(id);
        pending += added;
        successors.extend(others);
    }
    let Some(batch) = batch else { return Ok(0) };
    if pending == 0 {
        // The batch has no keys.
        keyring.discard_batch(entry, batch)?;
        return transact(keyring, entry, |transaction| activate_each(transaction, &successors, entry));
    }
    let activated = transact(keyring, entry, |transaction| {
        let facts = Map::from_iter([("keys".to_owned(), json!(pending))]);
        transaction.complete_batch(batch, Action::Activate, facts)?;
        Ok(pending + activate_each(transaction, &successors, entry)?)
    })?;
    // The keys are active whether or not this succeeds.
    let _ = keyring.apply_batches();
    Ok(activated)
}

/// Adds the pending keys of a page to the batch of the transaction. Returns the number of added keys, and the ids of
/// the keys that have to be activated individually because their activation also changes their predecessors.
fn add_page(transaction: &mut dyn Transaction, page: &[KeyId], entry: &Entry) -> Result<(usize, Vec<KeyId>)> {
    let (mut pending, mut successors) = (Vec::new(), Vec::new());
    for id in page {
        let key = existing(transaction, *id, entry)?;
        if is_complete(transaction, &key, now(transaction, entry)?)? {
            continue;
        }
        if key.rotation.handover.is_some() { successors.push(*id) } else { pending.push(*id) }
    }
    transaction.add_to_batch(&pending)?;
    Ok((pending.len(), successors))
}

/// Returns the time at which the state of a key is judged during an activation.
fn now(transaction: &dyn Transaction, entry: &Entry) -> Result<Time> {
    at_least_keyring_time(transaction, entry, entry.clock())
}

/// Activates the pending keys among the given keys, one by one, and returns their number.
fn activate_each(transaction: &mut dyn Transaction, ids: &[KeyId], entry: &Entry) -> Result<usize> {
    let mut activated = 0;
    for id in ids {
        let old = existing(transaction, *id, entry)?;
        if !is_complete(transaction, &old, now(transaction, entry)?)? {
            complete(transaction, &old, entry)?;
            activated += 1;
        }
    }
    Ok(activated)
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
    new.lifecycle.activated = Some(at_least_keyring_time(transaction, entry, entry.began())?);
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
