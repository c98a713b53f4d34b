//! Tombstones of purged keys.

use crate::key::{Identity, Key, KeyId, Time};

/// The record of a purged key. A tombstone prevents the key from being added again, whether by registering its public
/// key, by restoring a backup or by importing the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// The id of the key.
    pub id: KeyId,
    /// The hash of the key's public key or secret, which identifies the key even under another id.
    pub identity: Identity,
    /// The time at which the key ended.
    pub ended: Time,
    /// `true` if the key was revoked, `false` if it expired.
    pub revoked: bool,
    /// The time of the purge.
    pub purged: Time,
}

impl Tombstone {
    /// Returns the tombstone of a key that is purged at the time `now`, or `None` if the key has not ended by then.
    #[must_use]
    pub fn of(key: &Key, now: Time) -> Option<Self> {
        let life = key.lifecycle;
        let ended = life.ends().filter(|end| *end <= now)?;
        let revoked = life.revoked.is_some_and(|revoked| revoked <= now);
        Some(Self { id: key.id, identity: key.material.identity(), ended, revoked, purged: now })
    }
}
