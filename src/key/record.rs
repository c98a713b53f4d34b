//! The record of a key: public fields, never a secret.

use super::{Description, Handover, KeyId, Lifecycle, Material, Name, Note, RevocationReason, Time};
use crate::error::{Code, Error, Result};

/// A whole key, as it is issued and changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The id.
    pub id: KeyId,
    /// The public key, or the hash of the secret.
    pub material: Material,
    /// The name, purpose and limits.
    pub description: Description,
    /// The times at which the key begins and ends.
    pub lifecycle: Lifecycle,
    /// The note on the revocation.
    pub revocation_note: Option<Note>,
    /// The place of the key in its rotation chain.
    pub rotation: Rotation,
    /// The key pair was generated elsewhere, and only its holder has the private half.
    pub registered: bool,
}

/// The place of a key in its rotation chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// The predecessor.
    pub from: Option<KeyId>,
    /// The successor.
    pub to: Option<KeyId>,
    /// The key expires when its successor is first used.
    pub retire_on_use: bool,
    /// The change to the predecessor once this key is activated; unset from then on.
    pub handover: Option<Handover>,
}

impl Key {
    /// Returns a key without a predecessor or a successor, whose secret keywright generated.
    #[must_use]
    pub const fn new(id: KeyId, description: Description, material: Material, lifecycle: Lifecycle) -> Self {
        Self {
            id,
            material,
            description,
            lifecycle,
            revocation_note: None,
            rotation: Rotation { from: None, to: None, retire_on_use: false, handover: None },
            registered: false,
        }
    }

    /// Returns a key with the same fields except for the id, the name and the material.
    #[must_use]
    pub fn another(&self, id: KeyId, name: Name, material: Material) -> Self {
        Self {
            id,
            material,
            description: Description { name, ..self.description.clone() },
            lifecycle: self.lifecycle,
            revocation_note: self.revocation_note.clone(),
            rotation: self.rotation,
            registered: self.registered,
        }
    }

    /// Returns the key as revoked from `at` on, or `None` when [`Lifecycle::revoke`] keeps an earlier revocation.
    #[must_use]
    pub fn revoked(&self, at: Time, reason: RevocationReason, note: Option<&Note>) -> Option<Self> {
        let mut revoked = self.clone();
        revoked.lifecycle.revoke(at, reason).then(|| {
            revoked.revocation_note = note.cloned();
            revoked
        })
    }

    /// Returns the key as disabled from `at` on, or `None` when it is disabled already.
    ///
    /// # Errors
    /// `wrong_state` when the key has ended.
    pub fn disabled(&self, at: Time) -> Result<Option<Self>> {
        self.refuse_ended(at)?;
        let mut disabled = self.clone();
        Ok(disabled.lifecycle.disable(at).then_some(disabled))
    }

    /// Returns the key as enabled, or `None` when it is not disabled.
    ///
    /// # Errors
    /// `wrong_state` when the key has ended.
    pub fn enabled(&self, now: Time) -> Result<Option<Self>> {
        self.refuse_ended(now)?;
        let mut enabled = self.clone();
        Ok(enabled.lifecycle.enable().then_some(enabled))
    }

    fn refuse_ended(&self, now: Time) -> Result<()> {
        let status = self.lifecycle.status(now);
        if !status.has_ended() {
            return Ok(());
        }
        Err(Error::new(
            Code::WrongState,
            format!("`{}` ({}) is {status}, which is final", self.description.name, self.id),
            "omit it, or generate a new key with `keywright generate`",
        ))
    }
}
