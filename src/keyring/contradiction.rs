//! Keys whose rows disagree with the audit log or with a tombstone.

use crate::key::KeyId;

/// A key whose row disagrees with the audit log or with a tombstone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// The audit log has no row about the key, so the key was inserted without keywright or the log was altered.
    Unlogged(KeyId),
    /// The audit log records a revocation of the key, but the key's row does not.
    Unrevoked(KeyId),
    /// The key exists, although it or a key with the same public key or secret was purged. A token that contains its id
    /// is recognized only by the id.
    Purged(KeyId),
}

impl Contradiction {
    /// Returns the word for this contradiction, which scripts can rely on.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unlogged(_) => "unlogged",
            Self::Unrevoked(_) => "unrevoked",
            Self::Purged(_) => "buried",
        }
    }

    /// Returns the id of the affected key.
    #[must_use]
    pub const fn key(self) -> KeyId {
        match self {
            Self::Unlogged(id) | Self::Unrevoked(id) | Self::Purged(id) => id,
        }
    }

    /// Returns a human-readable description of the contradiction.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Unlogged(id) => format!("key {id} is in the keyring, but the audit log has no row about it"),
            Self::Unrevoked(id) => {
                format!("key {id} was revoked according to the audit log, but its row records no revocation")
            }
            Self::Purged(id) => {
                format!("key {id} is in the keyring, although a key with the same id, public key or secret was purged")
            }
        }
    }
}
