//! The stored record of a key, which never contains a secret.

use super::{Description, Handover, KeyId, Lifecycle, Material, Name, Note, RevocationReason, Time};
use crate::error::{Code, Error, Result};

/// A key with all its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The id of the key.
    pub id: KeyId,
    /// The public key, or the hash of the secret.
    pub material: Material,
    /// The fields that users set, such as the name, the owner and the scopes.
    pub description: Description,
    /// The times that determine the status of the key.
    pub lifecycle: Lifecycle,
    /// The note that was given when the key was revoked, or `None` if there is none.
    pub revocation_note: Option<Note>,
    /// The position of the key in its rotation chain.
    pub rotation: Rotation,
    /// `true` if the key pair was generated elsewhere and registered here, so that only its holder has the private key.
    pub registered: bool,
}

/// The position of a key in its rotation chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// The id of the predecessor, or `None` if the key was not issued by a rotation.
    pub from: Option<KeyId>,
    /// The id of the successor, or `None` if the key has not been rotated.
    pub to: Option<KeyId>,
    /// `true` if the key expires when its successor is first used.
    pub retire_on_use: bool,
    /// The change that the activation of this key applies to the predecessor, or `None` if the key has no predecessor
    /// or has been activated.
    pub handover: Option<Handover>,
}

impl Key {
    /// Creates the record of a key that keywright generated and that has no predecessor or successor.
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

    /// Returns a copy of the key with another id, name and material.
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

    /// Returns a copy of the key that is revoked starting at `at`, or `None` if it is already revoked at that time.
    #[must_use]
    pub fn revoked(&self, at: Time, reason: RevocationReason, note: Option<&Note>) -> Option<Self> {
        let mut revoked = self.clone();
        revoked.lifecycle.revoke(at, reason).then(|| {
            revoked.revocation_note = note.cloned();
            revoked
        })
    }

    /// Returns a copy of the key that is disabled starting at `at`, or `None` if it is already disabled at that time.
    ///
    /// # Errors
    /// Returns `wrong_state` if the key has ended.
    pub fn disabled(&self, at: Time) -> Result<Option<Self>> {
        self.refuse_ended(at)?;
        let mut disabled = self.clone();
        Ok(disabled.lifecycle.disable(at).then_some(disabled))
    }

    /// Returns a copy of the key that is enabled, or `None` if the key is not disabled and no suspension is planned.
    ///
    /// # Errors
    /// Returns `wrong_state` if the key has ended.
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
            "omit this key, or generate a new key with `keywright generate`",
        ))
    }
}
