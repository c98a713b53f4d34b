//! Keys whose rows disagree with the audit log or with a tombstone.

use crate::key::KeyId;

/// A key whose row disagrees with the log or a tombstone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// No row of the log is about the key: it was inserted without keywright.
    Unlogged(KeyId),
    /// The log contains the revocation of the key, but its row does not.
    Unrevoked(KeyId),
    /// A key with this id, public key or secret was purged, and must not come back.
    Purged(KeyId),
}

impl Contradiction {
    /// Returns a stable word for scripts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unlogged(_) => "unlogged",
            Self::Unrevoked(_) => "unrevoked",
            Self::Purged(_) => "buried",
        }
    }

    /// Returns the id of the key.
    #[must_use]
    pub const fn key(self) -> KeyId {
        match self {
            Self::Unlogged(id) | Self::Unrevoked(id) | Self::Purged(id) => id,
        }
    }

    /// Describes the contradiction for people.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Unlogged(id) => format!("key {id} is in the keyring, but no row of the log says how it got there"),
            Self::Unrevoked(id) => format!("key {id} was revoked according to the log, but not according to its row"),
            Self::Purged(id) => {
                format!("key {id} is in the keyring, but a key with its id, public key or secret was purged")
            }
        }
    }
}
