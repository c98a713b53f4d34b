//! Contradictions between the stored objects and the audit log or the tombstones.

use crate::key::KeyId;
use std::fmt;

/// An object whose changes the audit log records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoggedObject {
    /// The key with this id, or its tombstone.
    Key(KeyId),
    /// The usage level of the owner with this name.
    Owner(String),
    /// A bearer token of the key with this id.
    BearerToken(KeyId),
    /// The keyring itself: its organization, its creation time and its contract.
    Keyring,
}

impl fmt::Display for LoggedObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => write!(f, "key {id}"),
            Self::Owner(name) => write!(f, "owner `{name}`"),
            Self::BearerToken(id) => write!(f, "a bearer token of key {id}"),
            Self::Keyring => f.write_str("the organization, the creation time or the contract of the keyring"),
        }
    }
}

/// A contradiction between a stored object and the audit log or a tombstone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// The audit log has no row about the object, so the object was inserted without keywright or the log was altered.
    Unlogged(LoggedObject),
    /// The audit log records a revocation of the key, but the key's row does not, or with a later time.
    Unrevoked(KeyId),
    /// The key exists, although a key with the same id, public key or secret was purged. A token in keywright's format
    /// is recognized only by its id.
    Purged(KeyId),
    /// The row of the object does not match its own digest.
    Damaged(LoggedObject),
    /// The stored values of the object differ from those in the audit log.
    Altered(LoggedObject),
    /// The object exists according to the audit log, but it is not stored.
    Missing(LoggedObject),
    /// The object had been altered without keywright before the change that the audit row with this number records.
    Overwritten(LoggedObject, i64),
    /// The audit row with this number records a change of the object that keywright never makes, such as the deletion of a
    /// key that is not pending.
    Invented(LoggedObject, i64),
    /// The key is out of place: the keyring stores its keys in a different order from the one that the audit log records.
    Moved(KeyId),
    /// A table, an index or another object of the database is missing, was changed, or was not created by keywright. The
    /// text describes the difference.
    Schema(String),
    /// Objects that have not changed since the baseline in the audit row with this number differ from their states at
    /// that time, or the row is not the first baseline.
    Baseline(i64),
}

impl Contradiction {
    /// Returns the word for this contradiction, which scripts can rely on.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Unlogged(_) => "unlogged",
            Self::Unrevoked(_) => "unrevoked",
            Self::Purged(_) => "buried",
            Self::Damaged(_) => "damaged",
            Self::Altered(_) => "altered",
            Self::Missing(_) => "absent",
            Self::Overwritten(..) => "overwritten",
            Self::Invented(..) => "invented",
            Self::Moved(_) => "moved",
            Self::Schema(_) => "schema",
            Self::Baseline(_) => "baseline",
        }
    }

    /// Returns the id of the affected key, or `None` if no particular key is affected.
    #[must_use]
    pub const fn key(&self) -> Option<KeyId> {
        match self {
            Self::Unrevoked(id) | Self::Purged(id) | Self::Moved(id) => Some(*id),
            Self::Unlogged(object)
            | Self::Damaged(object)
            | Self::Altered(object)
            | Self::Missing(object)
            | Self::Overwritten(object, _)
            | Self::Invented(object, _) => match object {
                LoggedObject::Key(id) | LoggedObject::BearerToken(id) => Some(*id),
                LoggedObject::Owner(_) | LoggedObject::Keyring => None,
            },
            Self::Schema(_) | Self::Baseline(_) => None,
        }
    }

    /// Returns a human-readable description of the contradiction.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Unlogged(object) => format!("{object} is in the keyring, but the audit log has no row about it"),
            Self::Unrevoked(id) => {
                format!(
                    "key {id} was revoked according to the audit log, but its row records no revocation, or a later one"
                )
            }
            Self::Purged(id) => {
                format!("key {id} is in the keyring, although a key with the same id, public key or secret was purged")
            }
            Self::Damaged(object) => format!("the row of {object} does not match its digest or its public key"),
            Self::Altered(object) => format!("{object} was altered: the stored values differ from the audit log"),
            Self::Missing(object) => {
                format!("{object} is not in the keyring, although the audit log records no deletion")
            }
            Self::Overwritten(object, seq) => format!(
                "{object} had been altered before the change in row {seq} of the audit log; review its current values"
            ),
            Self::Invented(object, seq) => {
                format!("row {seq} of the audit log records a change of {object} that keywright does not make")
            }
            Self::Moved(id) => format!("key {id} was moved: the keys are not in the order in which they were added"),
            Self::Schema(difference) => format!("the schema of the keyring was altered: {difference}"),
            Self::Baseline(seq) => format!(
                "keys, owners, tombstones or the contract differ from their states in row {seq} of the audit log, although the \
                 log records no change since"
            ),
        }
    }
}
