//! Snapshots, which summarize the state of a keyring.

use super::RowHash;
use uuid::Uuid;

/// A summary of the state of a keyring at one time. Every change that appends an audit row results in a different
/// snapshot. A recorded use or a recorded signature does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The id of the keyring's organization.
    pub org_id: Uuid,
    /// The number of keys, without the keys in an incomplete import.
    pub keys: u64,
    /// The number of the newest audit row, or 0 if the log is empty.
    pub rows: u64,
    /// The hash of the newest audit row, or zeros if the log is empty.
    pub head: RowHash,
}
