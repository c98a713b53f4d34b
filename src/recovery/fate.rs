//! What becomes of a saved key in the keyring that is there.

use super::merged;
use crate::{
    error::{Code, Error, Result},
    issuance::{contract, holder_of},
    key::{Key, Material, Time},
    keyring::{Keyring, Keys},
};

/// What becomes of a saved key.
pub(super) enum Fate {
    /// It is there, and as it is to be.
    Same,
    /// It is there, and changes.
    Change(Box<(Key, Key)>),
    /// It is not there, and comes back.
    Add,
    /// It was removed since, and the log or a tombstone knows of it.
    Removed,
    /// What it is recognised by belongs to another key now, which stays as it is.
    Elsewhere(Box<Key>),
}

/// What becomes of a saved key, as the keyring is now.
///
/// # Errors
/// `restore_conflict` when another key has its name.
pub(super) fn fate(keys: &dyn Keys, saved: &dyn Keyring, key: &Key, now: Time) -> Result<Fate> {
    if let Some(live) = keys.key(key.id, now)? {
        if !live.material.is_same(&key.material) {
            let message = format!("key {} is another in the backup than in the keyring", key.id);
            return Err(conflict(&live, message));
        }
        let after = merged(&live, key);
        if after.description.name != live.description.name {
            refuse_name(keys, saved, &after, now)?;
        }
        let changes = format!("{after:?}") != format!("{live:?}");
        return Ok(if changes { Fate::Change(Box::new((live, after))) } else { Fate::Same });
    }
    if keys.tombstone(key.id, &key.material)?.is_some() || !keys.audited_ids(key.id, key.id, 1)?.is_empty() {
        return Ok(Fate::Removed);
    }
    if let Some(other) = counterpart(keys, key, now)? {
        return Ok(match (key.lifecycle.revoked, key.lifecycle.reason) {
            // A revoked public key or secret is revoked under any id.
            (Some(at), Some(reason)) => match other.revoked(at, reason, key.revocation_note.as_ref()) {
                Some(ended) => Fate::Change(Box::new((other, ended))),
                None => Fate::Elsewhere(Box::new(other)),
            },
            _ => Fate::Elsewhere(Box::new(other)),
        });
    }
    refuse_name(keys, saved, key, now)?;
    Ok(Fate::Add)
}

/// Returns the key that has the same public key or secret under another id.
fn counterpart(keys: &dyn Keys, key: &Key, now: Time) -> Result<Option<Key>> {
    // A token contains the id of its key.
    if matches!(key.material, Material::Token { .. }) {
        return Ok(None);
    }
    Ok(keys.find(&key.lookup(), now, 1)?.pop())
}

/// Refuses a name that a key has which is not in the backup: between those that are, the backup has settled it.
fn refuse_name(keys: &dyn Keys, saved: &dyn Keyring, key: &Key, now: Time) -> Result<()> {
    if key.lifecycle.status(now).has_ended() || !contract(keys)?.rules.name.unique {
        return Ok(());
    }
    let Some(holder) = holder_of(keys, &key.description.name, key.description.env, now)? else { return Ok(()) };
    // A successor has the name of its predecessor.
    if holder.id == key.id || holder.rotation.from == Some(key.id) || saved.key(holder.id, now)?.is_some() {
        return Ok(());
    }
    let message =
        format!("`{}` ({}) is the name of key {} by now", key.description.name, key.description.env, holder.id);
    Err(conflict(&holder, message))
}

fn conflict(with: &Key, message: String) -> Error {
    let hint = "rename that key with `keywright update ID --name NAME`, or revoke it, and restore again";
    Error::new(Code::RestoreConflict, &message, hint).detail(&["FILE"], message, with.id.to_string())
}
