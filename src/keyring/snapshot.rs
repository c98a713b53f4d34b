//! Snapshots, which identify a state of a keyring.

use super::RowHash;
use uuid::Uuid;

/// A summary of the state of a keyring at one time. Two different states never have equal snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The organization to which the keyring belongs.
    pub org_id: Uuid,
    /// The number of keys.
    pub keys: u64,
    /// The number of the newest audit row, or 0 if the log is empty.
    pub rows: u64,
    /// The hash of the newest audit row, or zeros if the log is empty.
    pub head: RowHash,
}
