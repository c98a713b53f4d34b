//! What a key leaves when it is purged.

use crate::key::{Identity, Key, KeyId, Time};

/// As much of a key that was purged as it takes that it never comes back: not by registering its public key again, not out
/// of a backup, not by an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// Its id.
    pub id: KeyId,
    /// The identity of its public key or secret.
    pub identity: Identity,
    /// Since when it could not authenticate.
    pub ended: Time,
    /// Whether it was revoked, and did not merely expire.
    pub revoked: bool,
    /// When it was purged.
    pub purged: Time,
}

impl Tombstone {
    /// What a key leaves that is over; `None` of one that is not.
    #[must_use]
    pub fn of(key: &Key, now: Time) -> Option<Self> {
        let life = key.lifecycle;
        let ended = life.ends().filter(|end| *end <= now)?;
        let revoked = life.revoked.is_some_and(|revoked| revoked <= now);
        Some(Self { id: key.id, identity: key.material.identity(), ended, revoked, purged: now })
    }
}
