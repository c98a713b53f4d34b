//! The keys that a command acts on.

use crate::{key::Key, keyring::Selection};

/// The keys that a command acts on.
pub(super) enum Selected {
    /// The keys that are named on the command line.
    Named(NamedKeys),
    /// The keys that the filter selects and that have not ended.
    Filtered(Box<Selection>),
}

/// The keys that are named on the command line.
pub(super) struct NamedKeys {
    /// The keys, without duplicates.
    pub(super) keys: Vec<Key>,
    /// The keys that are in a rotation chain with one of the keys, have not ended, and are not selected themselves.
    pub(super) related: Vec<Key>,
    /// The keys that stand for their whole rotation chains, because they were given by name.
    pub(super) roots: Vec<Key>,
}
