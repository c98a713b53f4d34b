//! The store: the keys of one organization, and the log of every change.
//!
//! The rest of the program knows a [`Location`] and the traits in this folder. A storage engine is a folder of its own, here
//! `sqlite`, with a place that implements [`Engine`]; `location.rs` lists the engines, and the tests in `conformance` run for
//! every one. SQL and `rusqlite` stay inside the engine.

mod audit;
#[cfg(test)]
mod conformance;
mod contradiction;
mod engine;
mod inspection;
mod keys;
mod location;
mod query;
mod record;
mod resolve;
mod snapshot;
mod sqlite;
mod tombstone;
mod transaction;

pub use audit::{
    Action, AuditCursor, AuditQuery, AuditRow, Break, Chain, Entry, Flaw, RowHash, describe_changes, difference,
};
pub use contradiction::Contradiction;
pub use engine::{Engine, LockMode, RotationLock};
pub use inspection::{Damage, Exposure, Inspection};
pub use keys::{Entitlement, Keys};
pub use location::Location;
pub use query::{Cursor, KeyCursor, Query, Selection, Sort, SortField};
pub use resolve::{named, resolve};
pub use snapshot::Snapshot;
#[cfg(test)]
pub(crate) use sqlite::SqliteKeyring;
pub use sqlite::{OpenedBackup, Place, describe as describe_backup, write_backup};
pub use tombstone::Tombstone;
pub use transaction::{Batch, PreviousUse, Transaction, WAIT, transact, transact_within};

use crate::{
    error::Result,
    key::{Key, KeyId, KeyView},
};
use std::time::Duration;
use uuid::Uuid;

/// Reading a whole keyring.
pub trait Reads: Keys {
    /// Returns the id of the organization to which the keyring belongs.
    fn org_id(&self) -> Uuid;

    /// Visits the next keys of a list, and returns `true` if more may follow. A page is one consistent read. No lock is held
    /// between pages, so that a slow reader never keeps a writer waiting.
    ///
    /// # Errors
    /// Returns the errors of the visitor and of the engine.
    fn page(
        &self,
        query: &Query,
        cursor: &mut Cursor,
        visit: &mut dyn FnMut(&KeyView<'_>) -> Result<()>,
    ) -> Result<bool>;

    /// Returns the number of keys in a selection, or `cap` if there are more.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn count(&self, selection: &Selection, cap: u64) -> Result<u64>;

    /// Visits the next rows of the audit log, the newest first, and returns `true` if more may follow. As with
    /// [`Reads::page`], no lock is held between pages.
    ///
    /// # Errors
    /// Returns the errors of the visitor and of the engine.
    fn audit(
        &self,
        query: &AuditQuery,
        cursor: &mut AuditCursor,
        visit: &mut dyn FnMut(&AuditRow<'_>) -> Result<()>,
    ) -> Result<bool>;

    /// Computes the hash of every row of the audit log, the oldest first, and looks for the row with the hash `sought`. No lock
    /// is held for longer than some thousand rows take.
    ///
    /// # Errors
    /// Returns the errors of the engine. A log that was tampered with is not an error, but a field of the result.
    fn verify_chain(&self, sought: Option<RowHash>) -> Result<Chain>;

    /// Returns the keys whose rows disagree with the audit log or a tombstone, at most `limit` of each kind.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn contradictions(&self, limit: usize) -> Result<Vec<Contradiction>>;

    /// Returns the next keys in the order of creation, or none if there are no more.
    ///
    /// # Errors
    /// See [`Keys::find`].
    fn all_keys(&self, cursor: &mut KeyCursor) -> Result<Vec<Key>>;

    /// Returns the next tombstones in the order of their ids, or none if there are no more.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn tombstones(&self, after: Option<KeyId>) -> Result<Vec<Tombstone>>;

    /// Returns the state of the keyring.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn snapshot(&self) -> Result<Snapshot>;
}

/// An open keyring.
pub trait Keyring: Reads + Send {
    /// Runs one durable transaction. Everything that `work` does is kept, or, if it fails, nothing is. An error after `work` has
    /// returned comes from the commit, whose outcome is then unknown. Waits at most `wait` for the writes of other processes.
    ///
    /// An engine may run `work` again, from the beginning, when the transaction conflicted with another one. So `work` must have
    /// no effect outside the transaction other than setting results, which the last run overwrites.
    ///
    /// # Errors
    /// Returns the errors of `work` and of the engine; `keyring_locked` when other processes write for longer than `wait`.
    fn transact(
        &mut self,
        entry: &Entry,
        wait: Duration,
        work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>,
    ) -> Result<()>;

    /// Runs reads that all see one state of the keyring. The state includes every change that was acknowledged before the first
    /// of these reads. Other processes may commit changes meanwhile, or may have to wait, depending on the engine, so keep it
    /// short.
    ///
    /// `verify --batch` needs more: a revocation that was acknowledged before a line was read must count for that line. So it
    /// reads the lines that it answers together before the first of these reads.
    ///
    /// # Errors
    /// Returns the errors of `work` and of the engine.
    fn consistent_read(&self, work: &mut dyn FnMut(&dyn Reads) -> Result<()>) -> Result<()>;

    /// Checks that the keyring can be written, without writing.
    ///
    /// # Errors
    /// `keyring_read_only`.
    fn check_writable(&self) -> Result<()>;
}
