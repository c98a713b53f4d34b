//! Batches of keys that are written in several transactions and take effect in one.
//!
//! A single transaction with a million keys would either need memory for all pages that it changes, or lock out readers
//! until it is committed. A batch is therefore written by many short transactions, and completed by a last transaction.
//! Until then, the keys of the batch do not authenticate. If the program stops before the batch is complete, a later
//! command deletes the keys.

use super::{Entry, Keyring};
use crate::{error::Result, key::Time};

/// The usual number of keys that a single transaction adds to a batch. The number is small enough for the commit to
/// take a fraction of a second, and large enough to hide the fixed cost of a commit.
pub const BATCH_PAGE: usize = 4096;

/// The number of a batch in its keyring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchId(i64);

impl BatchId {
    /// Creates the id from a number that the storage engine has chosen.
    pub(super) const fn new(number: i64) -> Self {
        Self(number)
    }

    /// Returns the number.
    pub(super) const fn number(self) -> i64 {
        self.0
    }
}

/// The kind of a batch, which determines how its keys appear until the batch is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchKind {
    /// The keys are being issued or activated. Until the batch is complete, the keys are listed as pending and can be
    /// activated individually.
    Pending,
    /// The keys are being imported. Until the batch is complete, the keys are not listed. If the importing process ends
    /// before that, the next command that adds keys deletes the batch. A keyring has at most one such batch at a time.
    Imported,
}

/// Deletes the batches that [`Keyring::abandoned_batches`] returns: those of an importing process that has ended, and
/// those to which no key has been added since the time `before`.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be written.
pub fn discard_abandoned(keyring: &mut dyn Keyring, entry: &Entry, before: Time) -> Result<()> {
    for batch in keyring.abandoned_batches(entry, before)? {
        keyring.discard_batch(entry, batch)?;
    }
    Ok(())
}
