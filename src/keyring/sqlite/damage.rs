//! Damaged rows.

use crate::key::KeyId;

/// A row that is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The number of the row, where it has one.
    pub seq: Option<i64>,
    /// The id of the key that it is about, if it can be read.
    pub id: Option<KeyId>,
    /// What is wrong.
    pub what: &'static str,
}
