//! The keyring, which stores an organization's keys and an audit log.
//!
//! Other modules open a keyring through [`Location`] and use the keyring through the traits in this folder. Each
//! storage engine has its own folder, such as `sqlite`, with a type that implements [`Engine`]. `location.rs` lists the
//! engines, and the tests in `conformance` run against each engine. SQL and `rusqlite` are confined to the `sqlite`
//! folder, which also reads and writes backups, because a backup is an SQLite file regardless of the engine.
//!
//! # Storage errors
//!
//! The documentation of functions that read or write a keyring calls each of these errors a storage error:
//!
//! - `keyring_locked` if another process keeps the keyring locked for too long
//! - `keyring_no_locks` if the file system of the keyring does not support locks
//! - `keyring_linked` if a keyring that is to be changed has another name, or is mounted by itself
//! - `keyring_corrupt` if the keyring is damaged, for example if a row does not match its digest
//! - `keyring_foreign` if the storage engine no longer recognizes its own file
//! - `keyring_read_only` if the permissions or the file system prevent access
//! - `keyring_full` if there is no space left for the keyring
//! - `keyring_failed` if reading or writing fails for any other reason, such as an I/O error

mod audit;
mod baseline;
mod batch;
mod buckets;
#[cfg(test)]
mod conformance;
mod contradiction;
mod engine;
mod inspection;
mod keys;
mod location;
mod logged_row;
mod query;
mod record;
mod recorded_signature;
mod replay;
mod resolve;
mod row_ranges;
mod snapshot;
mod sqlite;
mod state;
mod tombstone;
mod transaction;

pub use audit::{
    Action, AuditCursor, AuditQuery, AuditRow, Break, Chain, Entry, Flaw, Head, RowHash, describe_changes, difference,
};
pub use batch::{BATCH_PAGE, BatchId, BatchKind, discard_abandoned};
pub use contradiction::{Contradiction, LoggedObject};
pub use engine::{Engine, LockMode, RotationLock};
pub use inspection::{Damage, Exposure, Inspection};
pub use keys::{ASSERTION_SKEW, Entitlement, Keys, LONGEST_ASSERTION, latest_refused};
pub use location::Location;
pub use query::{Cursor, KeyCursor, Query, Selection, Sort, SortField};
pub use recorded_signature::{RecordedSignature, each_signature};
pub use resolve::{Resolved, named, resolve, rotation_chain};
pub use snapshot::Snapshot;
#[cfg(test)]
pub(crate) use sqlite::SqliteKeyring;
pub use sqlite::{OpenedBackup, Place, open_written as open_written_backup, page_problem, write_backup};
pub use tombstone::Tombstone;
use transaction::latest_use;
pub use transaction::{
    NewKeys, Transaction, WAIT, at_least_keyring_time, refuse_clock_change, refuse_earlier, transact, transact_within,
};

use crate::{
    error::Result,
    key::{Key, KeyId, KeyView, Time},
};
use std::time::Duration;
use uuid::Uuid;

/// Read access to an entire keyring.
pub trait Reads: Keys {
    /// Returns the id of the keyring's organization.
    fn org_id(&self) -> Uuid;

    /// Returns the version of the keyring's schema.
    fn schema(&self) -> i64;

    /// Visits the next page of a list of keys, and returns `true` if more keys may follow. If the list is sorted by
    /// creation, each page is a single consistent read. Otherwise, the order is determined once, and each key is read
    /// when it is visited.
    ///
    /// Outside [`Keyring::consistent_read`], no lock is held between pages, so a reader that pauses between pages does
    /// not block writers.
    ///
    /// # Errors
    /// - `not_found` if the key after which the list starts does not exist
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
    /// - any error that `visit` returns
    fn page(
        &self,
        query: &Query,
        cursor: &mut Cursor,
        visit: &mut dyn FnMut(&KeyView<'_>) -> Result<()>,
    ) -> Result<bool>;

    /// Visits the next page of a list of keys like [`Reads::page`], but reads each key completely and checks its
    /// digest.
    ///
    /// # Errors
    /// - `not_found` if the key after which the list starts does not exist
    /// - `keyring_corrupt` if a key is damaged
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
    /// - any error that `visit` returns
    fn page_of_keys(
        &self,
        query: &Query,
        cursor: &mut Cursor,
        visit: &mut dyn FnMut(Key) -> Result<()>,
    ) -> Result<bool>;

    /// Returns the number of keys in a selection, but at most `cap`.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn count(&self, selection: &Selection, cap: u64) -> Result<u64>;

    /// Visits the next page of the audit log, newest rows first, and returns `true` if more rows may follow. As with
    /// [`Reads::page`], no lock is held between pages.
    ///
    /// # Errors
    /// - a [storage error](crate::keyring#storage-errors) if the log cannot be read
    /// - any error that `visit` returns
    fn audit(
        &self,
        query: &AuditQuery,
        cursor: &mut AuditCursor,
        visit: &mut dyn FnMut(&AuditRow<'_>) -> Result<()>,
    ) -> Result<bool>;

    /// Verifies the hash of every row in the audit log, oldest rows first, and looks for the row with the hash `sought`
    /// unless `sought` is `None`. Outside [`Keyring::consistent_read`], no lock is held for longer than it takes to
    /// read a few thousand rows.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the log cannot be read. Tampering with the log is
    /// not an error: it is reported in the returned [`Chain`].
    fn verify_chain(&self, sought: Option<RowHash>) -> Result<Chain>;

    /// Returns the contradictions between the stored objects and the audit log or the tombstones, at most `limit` of
    /// each kind.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn contradictions(&self, limit: usize) -> Result<Vec<Contradiction>>;

    /// Returns the next keys in the order in which the keys were added to the keyring, after checking the digest of
    /// each key. Keys in an incomplete import are left out. An empty list means that there are no more keys.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn all_keys(&self, cursor: &mut KeyCursor) -> Result<Vec<Key>>;

    /// Returns the next tombstones in the order of their ids, starting after the id `after`, or with the first
    /// tombstone if `after` is `None`. An empty list means that there are no more tombstones.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn tombstones(&self, after: Option<KeyId>) -> Result<Vec<Tombstone>>;

    /// Returns the next records of accepted signatures in the order of their digests, starting after the digest `after`, or
    /// with the first record if `after` is `None`. An empty list means that there are no more records.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn signatures(&self, after: Option<[u8; 32]>) -> Result<Vec<RecordedSignature>>;

    /// Returns a summary of the current state of the keyring.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn snapshot(&self) -> Result<Snapshot>;
}

/// An open keyring.
pub trait Keyring: Reads + Send {
    /// Runs `work` in a single durable transaction. Whenever another process holds a lock, waits at most `wait` for it.
    ///
    /// All changes are rolled back if `work` fails. If `work` succeeds but this method returns an error, the changes
    /// may nevertheless have been committed.
    ///
    /// The engine may run `work` again from the beginning if the transaction conflicts with another one. Outside the
    /// transaction, `work` must therefore have no effect except to set results, which the last run overwrites.
    ///
    /// # Errors
    /// - `keyring_locked` if other processes keep the keyring locked for longer than `wait`, or if `wait` is not
    ///   [`WAIT`] and the keys of a completed batch have to be updated first
    /// - any other [storage error](crate::keyring#storage-errors) if the keyring cannot be written
    /// - any error that `work` returns
    fn transact(
        &mut self,
        entry: &Entry,
        wait: Duration,
        work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>,
    ) -> Result<()>;

    /// Runs `work`, in which all reads see the same state of the keyring. That state includes every change that was
    /// acknowledged before the first of these reads. While `work` runs, other processes can either commit changes or
    /// have to wait, depending on the engine, so `work` must be short.
    ///
    /// `verify --batch` must also honor every revocation that was acknowledged before an input line was read. The
    /// command therefore reads all lines of a group before it starts to read the keyring for the group.
    ///
    /// # Errors
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
    /// - any error that `work` returns
    fn consistent_read(&self, work: &mut dyn FnMut(&dyn Reads) -> Result<()>) -> Result<()>;

    /// Returns `true` if a process that opens the keyring now would open the same keyring. Returns `false` if the
    /// keyring has been replaced, moved or deleted since it was opened. Changes by other processes are then not
    /// visible.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the location cannot be examined.
    fn is_current(&self) -> Result<bool>;

    /// Returns the batches that were left incomplete: those of an importing process that has ended, and those to which
    /// no key has been added since the time `before`. A process on another host than the host of `entry` counts as
    /// running.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn abandoned_batches(&mut self, entry: &Entry, before: Time) -> Result<Vec<BatchId>>;

    /// Deletes a batch that is not complete, and its keys, in several transactions. Each transaction that deletes keys
    /// appends an audit row. Pending keys that have been revoked are kept. Does nothing if the batch does not exist or
    /// is complete.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be written.
    fn discard_batch(&mut self, entry: &Entry, batch: BatchId) -> Result<()>;

    /// Updates the keys of completed batches, in several transactions, so that the keyring no longer depends on the
    /// batches. The update changes nothing for readers. Without this call, the next transaction has to make the update.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be written.
    fn apply_batches(&mut self) -> Result<()>;

    /// Checks that the permissions and the names of the keyring allow writing, without writing to the keyring.
    ///
    /// # Errors
    /// - `keyring_read_only` if the permissions do not allow writing
    /// - `keyring_linked` if the keyring has another name, or is mounted by itself
    /// - `keyring_failed` if the names of the keyring cannot be determined
    fn check_writable(&self) -> Result<()>;
}
