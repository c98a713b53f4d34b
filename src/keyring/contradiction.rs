//! Keys whose rows disagree with the audit log or with a tombstone.

use crate::key::KeyId;

/// A key whose row the log or a tombstone contradicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// No row of the log is about it: it was put there past keywright.
    Unlogged(KeyId),
    /// The log has its revocation, its row has not.
    Unrevoked(KeyId),
    /// A key with this id, this public key or this secret was purged, and must stay deleted.
    Purged(KeyId),
}

impl Contradiction {
    /// A stable word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unlogged(_) => "unlogged",
            Self::Unrevoked(_) => "unrevoked",
            Self::Purged(_) => "buried",
        }
    }

    /// Which key.
    #[must_use]
    pub const fn key(self) -> KeyId {
        match self {
            Self::Unlogged(id) | Self::Unrevoked(id) | Self::Purged(id) => id,
        }
    }

    /// What is wrong, for people.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Unlogged(id) => format!("key {id} is in the keyring, and no row of the log says how it came there"),
            Self::Unrevoked(id) => format!("key {id} was revoked by the log, and its row says that it was not"),
            Self::Purged(id) => {
                format!("key {id} is in the keyring, and the key, its public key or its secret was purged")
            }
        }
    }
}
