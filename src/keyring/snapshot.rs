//! What a copy of a keyring is known by.

use super::RowHash;
use uuid::Uuid;

/// The state of a keyring, told by what no two of its states have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Whose it is.
    pub org_id: Uuid,
    /// How many keys it holds.
    pub keys: u64,
    /// The number of the newest audit row.
    pub rows: u64,
    /// The hash of the newest audit row.
    pub head: RowHash,
}
