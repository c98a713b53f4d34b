//! The state of a keyring.

use super::RowHash;
use uuid::Uuid;

/// The state of a keyring at one time. No two states of a keyring are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The organization to which the keyring belongs.
    pub org_id: Uuid,
    /// The number of keys.
    pub keys: u64,
    /// The number of the newest audit row.
    pub rows: u64,
    /// The hash of the newest audit row.
    pub head: RowHash,
}
