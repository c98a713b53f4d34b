//! Reconciling one key of a backup with the keyring that the backup is restored into.

use super::merged;
use crate::{
    error::{Code, Error, Result},
    issuance::{contract, holder_of},
    key::{Key, Lookup, Material, RevocationReason, Time},
    keyring::{Keys, Reads, Tombstone},
};

/// A key before and after a change.
pub(super) type Change = Box<(Key, Key)>;

/// The outcome of a restore for one key of the backup.
pub(super) enum RestoreOutcome {
    /// The key exists and stays as it is.
    Same,
    /// The key exists and changes.
    Change(Change),
    /// The key does not exist and is added.
    Add,
    /// The key was deleted after the backup was taken, as the log or a tombstone tells, and stays away.
    Removed,
    /// The identity of the key belongs to another key, which stays as it is.
    Elsewhere(Box<Key>),
}

/// Returns the outcome of a restore for a key of the backup, given the current state of the target.
///
/// # Errors
/// `restore_conflict` when another key of the target has the name of this key.
pub(super) fn reconcile(target: &dyn Keys, backup: &dyn Reads, key: &Key, now: Time) -> Result<RestoreOutcome> {
    if let Some(current) = target.key(key.id, now)? {
        if !current.material.is_same(&key.material) {
            let message = format!("key {} has other key material in the backup than in the keyring", key.id);
            return Err(conflict(&current, message));
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
    if target.tombstone(key.id, &key.material)?.is_some() || !target.audited_ids(key.id, key.id, 1)?.is_empty() {
        return Ok(RestoreOutcome::Removed);
    }
    if let Some(other) = counterpart(target, key, now)? {
        return Ok(match (key.lifecycle.revoked, key.lifecycle.reason) {
            // A revocation is of the public key or the secret, under whatever id.
            (Some(at), Some(reason)) => match other.revoked(at, reason, key.revocation_note.as_ref()) {
                Some(ended) => RestoreOutcome::Change(Box::new((other, ended))),
                None => RestoreOutcome::Elsewhere(Box::new(other)),
            },
            _ => RestoreOutcome::Elsewhere(Box::new(other)),
        });
    }
    refuse_name(target, backup, key, now)?;
    Ok(RestoreOutcome::Add)
}

/// Returns the change by which a tombstone of the backup ends a key of the target, or `None` if there is no such key or it ends
/// soon enough. A tombstone of a revoked key also ends a key with the same identity under another id.
pub(super) fn ended_by(target: &dyn Keys, tombstone: &Tombstone, now: Time) -> Result<Option<Change>> {
    let same = tombstone.revoked.then(|| Lookup::from(tombstone.identity));
    let old = match (target.key(tombstone.id, now)?, same) {
        (None, Some(same)) => target.find(&same, now, 1)?.pop(),
        (found, _) => found,
    };
    let Some(old) = old else { return Ok(None) };
    let mut new = old.clone();
    if tombstone.revoked {
        new.lifecycle.revoke(tombstone.ended, RevocationReason::Unspecified);
    } else {
        new.lifecycle.expires = [old.lifecycle.expires, Some(tombstone.ended)].into_iter().flatten().min();
    }
    Ok((new.lifecycle != old.lifecycle).then(|| Box::new((old, new))))
}

/// Returns the key with the same identity under another id.
fn counterpart(keys: &dyn Keys, key: &Key, now: Time) -> Result<Option<Key>> {
    // A token contains its id, so that no other key has the same token.
    if matches!(key.material, Material::Token { .. }) {
        return Ok(None);
    }
    Ok(keys.find(&key.lookup(), now, 1)?.pop())
}

/// Refuses a name that a key of the target has, unless that key is in the backup too: between keys of the backup, the backup has
/// settled who has the name.
fn refuse_name(target: &dyn Keys, backup: &dyn Reads, key: &Key, now: Time) -> Result<()> {
    if key.lifecycle.status(now).has_ended() || !contract(target)?.rules.name.unique {
        return Ok(());
    }
    let Some(holder) = holder_of(target, &key.description.name, key.description.env, now)? else { return Ok(()) };
    // A successor has the name of its predecessor.
    if holder.id == key.id || holder.rotation.from == Some(key.id) || backup.key(holder.id, now)?.is_some() {
        return Ok(());
    }
    let (name, env) = (&key.description.name, key.description.env);
    Err(conflict(&holder, format!("the name `{name}` ({env}) now belongs to key {}", holder.id)))
}

fn conflict(with: &Key, message: String) -> Error {
    let hint = "rename that key with `keywright update ID --name NAME`, or revoke it, and restore again";
    Error::new(Code::RestoreConflict, &message, hint).detail(&["FILE"], message, with.id.to_string())
}
