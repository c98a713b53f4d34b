//! Reconciling a single key in a backup with the target, which is the keyring that the backup is restored into.

use super::merged;
use crate::{
    error::{Code, Error, Result},
    issuance::{ClockChange, contract, holder_of, registered_as},
    key::{Key, KeyId, Lookup, Material, RevocationReason, Time},
    keyring::{Keys, Reads, Tombstone},
};
use std::{borrow::Cow, collections::HashMap};

/// The states of a key before and after a change.
pub(super) type Change = Box<(Key, Key)>;

/// The outcome of the restore for a single key in the backup.
pub(super) enum RestoreOutcome {
    /// The key exists in the target and does not change.
    Same,
    /// The key, or another key with the same identity, exists in the target and changes.
    Change(Change),
    /// The key does not exist in the target and is added.
    Add(Box<Key>),
    /// The key was deleted after the backup was taken, according to the audit log or a tombstone, and is not restored.
    Removed,
    /// Another key in the target has the same identity, so the key is not restored. The other key does not change.
    Elsewhere(Box<Key>),
}

/// A tombstone in the backup, and the token in the target that has its hash.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlannedTombstone {
    pub(super) tombstone: Tombstone,
    /// The id of a token that contains its id. Any other key with the identity of the tombstone is found by an index.
    pub(super) token: Option<KeyId>,
    /// `true` if the tombstone is missing from the target or ends one of its keys.
    pub(super) is_needed: bool,
}

impl PlannedTombstone {
    /// Returns the hash of the purged secret if the tombstone is that of a revoked key, which also ends a token with this
    /// hash.
    pub(super) fn secret(&self) -> Option<[u8; 32]> {
        self.tombstone.identity.secret().filter(|_| self.tombstone.revoked).map(|hash| *hash.as_bytes())
    }

    /// Returns the token with the hash of the tombstone and another id.
    pub(super) fn token_in(&self, tokens: &HashMap<[u8; 32], KeyId>) -> Option<KeyId> {
        tokens.get(&self.secret()?).copied().filter(|id| *id != self.tombstone.id)
    }
}

/// Determines the outcome of the restore for a key in the backup, given the current state of the target, in which
/// `current` has the id of the key.
///
/// # Errors
/// - `key_registered` or `name_taken` if another process is importing the key, or a key with its name
/// - `restore_conflict` if the key has different key material in the target, or if another key in the target has its
///   name (see [`refuse_name`])
/// - a [storage error](crate::keyring#storage-errors) if the target or the backup cannot be read
pub(super) fn reconcile(
    target: &dyn Keys,
    current: Option<Key>,
    backup: &dyn Reads,
    key: &Key,
    now: Time,
) -> Result<RestoreOutcome> {
    let key = settled(key, backup, now)?;
    let key = key.as_ref();
    if let Some(current) = current {
        if current == *key {
            return Ok(RestoreOutcome::Same);
        }
        if !current.material.is_same(&key.material) {
            let message = format!("key {} has different key material in the backup and in the keyring", key.id);
            let hint = "check that the backup was made from this keyring, or restore another backup";
            return Err(conflict(&current, message, hint));
        }
        let after = merged(&current, key);
        if after.description.name != current.description.name {
            refuse_name(target, backup, &after, now)?;
        }
        return Ok(if after == current {
            RestoreOutcome::Same
        } else {
            RestoreOutcome::Change(Box::new((current, after)))
        });
    }
    registered_as(target, &key.id.into(), now)?;
    if target.tombstone(key.id, &key.material)?.is_some() || !target.audited_ids(key.id, key.id, 1)?.is_empty() {
        return Ok(RestoreOutcome::Removed);
    }
    if let Some(other) = counterpart(target, key, now)? {
        return Ok(match (key.lifecycle.revoked, key.lifecycle.reason) {
            // A revocation applies to the public key or the secret, regardless of the id that it is stored under.
            (Some(at), Some(reason)) => match other.revoked(at, reason, key.revocation_note.as_ref()) {
                Some(ended) => RestoreOutcome::Change(Box::new((other, ended))),
                None => RestoreOutcome::Elsewhere(Box::new(other)),
            },
            _ => RestoreOutcome::Elsewhere(Box::new(other)),
        });
    }
    refuse_name(target, backup, key, now)?;
    Ok(RestoreOutcome::Add(Box::new(key.clone())))
}

/// Returns the key with adjusted times if the clock of the backup's keyring ran ahead: as after `audit accept-clock`, and a
/// rotated key that had expired at the keyring time of the backup ends at `now`.
fn settled<'a>(key: &'a Key, backup: &dyn Reads, now: Time) -> Result<Cow<'a, Key>> {
    let Some(from) = backup.time()?.filter(|from| *from > now) else { return Ok(Cow::Borrowed(key)) };
    let mut settled = Cow::Borrowed(key);
    if key.rotation.to.is_some() && key.lifecycle.expires.is_some_and(|expires| expires > now && expires <= from) {
        settled.to_mut().lifecycle.expires = Some(now);
    }
    if let Some(adjusted) = (ClockChange { from, to: now }).settled(backup, &settled)? {
        settled = Cow::Owned(adjusted);
    }
    Ok(settled)
}

/// Returns `now` for a time that had passed at the keyring time of the backup but is later than `now`, and any other time
/// unchanged.
fn settled_time(time: Time, backup: &dyn Reads, now: Time) -> Result<Time> {
    let had_passed = time > now && backup.time()?.is_some_and(|latest| time <= latest);
    Ok(if had_passed { now } else { time })
}

/// Returns the change that a tombstone in the backup makes to a key in the target, or `None` if the target has no such
/// key or the key already ends early enough.
///
/// The tombstone of a revoked key also applies to a key that has the same identity but another id.
///
/// # Errors
/// - `key_registered` if another process is importing the token
/// - a [storage error](crate::keyring#storage-errors) if the target or the backup cannot be read
pub(super) fn ended_by(
    target: &dyn Keys,
    backup: &dyn Reads,
    planned: &PlannedTombstone,
    now: Time,
) -> Result<Option<Change>> {
    let tombstone = &planned.tombstone;
    let ended = settled_time(tombstone.ended, backup, now)?;
    let same = tombstone.revoked.then(|| Lookup::from(tombstone.identity));
    let old = match (target.key(tombstone.id, now)?, same) {
        (None, Some(same)) => match planned.token {
            Some(token) => registered_as(target, &token.into(), now)?,
            None => target.find(&same, now, 1)?.pop(),
        },
        (found, _) => found,
    };
    let Some(old) = old else { return Ok(None) };
    let mut new = old.clone();
    if tombstone.revoked {
        new.lifecycle.revoke(ended, RevocationReason::Unspecified);
    } else {
        new.lifecycle.expires = [old.lifecycle.expires, Some(ended)].into_iter().flatten().min();
    }
    Ok((new.lifecycle != old.lifecycle).then(|| Box::new((old, new))))
}

/// Returns the key that has the same identity as `key` but another id, or `None` if there is no such key.
fn counterpart(keys: &dyn Keys, key: &Key, now: Time) -> Result<Option<Key>> {
    match &key.material {
        // A token contains its id, so another key can have the same token only if its hash was imported.
        Material::Token { hash, .. } => registered_as(keys, &Lookup::Secret(*hash), now),
        _ => registered_as(keys, &key.lookup(), now),
    }
}

/// Checks that no other key in the target has the name of `key`, if the contract requires unique names and `key` has
/// not ended. Another key may have the name if it is the successor of `key`, or if it is also in the backup, because
/// the names within a backup do not conflict with each other.
fn refuse_name(target: &dyn Keys, backup: &dyn Reads, key: &Key, now: Time) -> Result<()> {
    if key.lifecycle.status(now).has_ended() || !contract(target)?.rules.name.unique {
        return Ok(());
    }
    let Some(holder) = holder_of(target, &key.description.name, key.description.env, now)? else { return Ok(()) };
    // A successor takes over the name of its predecessor.
    if holder.id == key.id || holder.rotation.from == Some(key.id) || backup.key(holder.id, now)?.is_some() {
        return Ok(());
    }
    let (name, env) = (&key.description.name, key.description.env);
    let id = holder.id;
    let message = format!("key {} cannot be restored, because key {id} now has its name `{name}` ({env})", key.id);
    let hint = format!("rename key {id} with `keywright update {id} --name NAME`, or revoke it; then restore again");
    Err(conflict(&holder, message, hint))
}

fn conflict(with: &Key, message: String, hint: impl Into<String>) -> Error {
    Error::new(Code::RestoreConflict, &message, hint).detail(&["FILE"], message, with.id.to_string())
}
