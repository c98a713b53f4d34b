//! The SQLite keyring.
//!
//! One file with a rollback journal and `synchronous = EXTRA`: a commit that was acknowledged survives a power cut
//! (with `FULL` the journal's removal is not durable, and the last commit can be undone), the file can be read from a
//! read-only directory, and can be copied when nobody writes.

mod audit;
mod backup_file;
mod bearer;
mod copy;
mod digest;
mod engine;
mod error;
mod inspect;
mod list;
mod many;
mod packed;
mod place;
mod policy;
mod purge;
mod rotation_lock;
mod row;
mod schema;
#[cfg(test)]
mod tests;
mod usage;
mod write;

pub use copy::describe;
pub use inspect::{Damage, Inspection};

use super::{
    Action, AuditCursor, AuditQuery, AuditRow, Chain, Contradiction, Cursor, Entitlement, Entry, KeyCursor, Keyring,
    Keys, PreviousUse, Query, RowHash, Selection, Snapshot, Tombstone, Transaction,
};
use crate::{
    error::Result,
    key::{Bearer, Facts, Key, KeyId, Lookup, Material, Name, Owner, SecretHash, Time},
};
pub use backup_file::OpenedBackup;
use error::{Attempt, Explain};
pub use place::{Exposure, Place};
use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};
use std::{
    cell::Cell,
    path::Path,
    thread,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How long a command waits for another process's write.
const BUSY: Duration = Duration::from_secs(10);

/// The time between two tries. SQLite's own handler soon sleeps 100 ms at a time; among many writers, who sleeps that
/// long finds the keyring locked by a newcomer again and again, until the wait is over.
const RETRY: Duration = Duration::from_millis(3);

/// An open keyring file.
pub(crate) struct SqliteKeyring {
    place: Place,
    connection: Connection,
    org_id: Uuid,
    /// Whether the connection is set up to write.
    durable: bool,
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    durable(&connection)?;
    Ok(connection)
}

/// Sets up a connection to write. Those that only read are spared it: it takes a look at the whole schema.
fn durable(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON;")
}

fn connect_read_only(path: &Path) -> rusqlite::Result<Connection> {
    connect_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn connect_with(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    // Without SQLITE_OPEN_CREATE: the file was made by us, with its mode. Without SQLITE_OPEN_URI: a path is a path.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    // First of all: every other pragma may already have to wait.
    connection.busy_handler(Some(wait))?;
    // Plans do not look at what is bound: SQLite would compile a statement once more to see whether a partial index fits.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;",
    )?;
    Ok(connection)
}

thread_local! {
    /// How long this thread waits for a lock.
    static PATIENCE: Cell<Duration> = const { Cell::new(BUSY) };
}

/// Whether to try again for a lock that somebody else has. SQLite counts the tries of each statement from 0.
fn wait(tries: i32) -> bool {
    thread_local!(static SINCE: Cell<Option<Instant>> = const { Cell::new(None) });
    if tries == 0 {
        SINCE.set(Some(Instant::now()));
    }
    if SINCE.get().is_none_or(|since| since.elapsed() >= PATIENCE.get()) {
        return false;
    }
    thread::sleep(RETRY);
    true
}

impl Keys for SqliteKeyring {
    fn find(&self, lookup: &Lookup, now: Time, limit: usize) -> Result<Vec<Key>> {
        row::find(&self.connection, lookup, now, limit, &self.place)
    }

    fn peek(&self, lookup: &Lookup, now: Time, see: &mut dyn FnMut(&Facts<'_>, Option<&SecretHash>)) -> Result<bool> {
        row::peek(&self.connection, lookup, now, see, &self.place)
    }

    fn bearer(&self, hash: &SecretHash) -> Result<Option<Bearer>> {
        bearer::find(&self.connection, hash, &self.place)
    }

    fn contract(&self) -> Result<Option<String>> {
        policy::contract(&self.connection).explain(Attempt::Read(&self.place))
    }

    fn has_signature(&self, signature: &[u8; 32]) -> Result<bool> {
        usage::has_signature(&self.connection, signature).explain(Attempt::Read(&self.place))
    }

    fn audited_ids(&self, low: KeyId, high: KeyId, limit: usize) -> Result<Vec<KeyId>> {
        audit::audited_ids(&self.connection, low, high, limit).explain(Attempt::Read(&self.place))
    }

    fn has_tombstone(&self, id: KeyId) -> Result<bool> {
        purge::has_tombstone(&self.connection, id).explain(Attempt::Read(&self.place))
    }

    fn tombstone(&self, id: KeyId, material: &Material) -> Result<Option<Tombstone>> {
        purge::tombstone(&self.connection, id, material).explain(Attempt::Read(&self.place))
    }

    fn entitlements(&self, owner: Option<&Owner>) -> Result<Vec<Entitlement>> {
        policy::entitlements(&self.connection, owner, &self.place)
    }

    fn has_names_between(&self, low: &Name, high: &Name) -> Result<bool> {
        row::has_names_between(&self.connection, low, high).explain(Attempt::Read(&self.place))
    }

    fn nth_newest(&self, owner: &Owner, since: Time, n: u32) -> Result<Option<Time>> {
        policy::nth_newest(&self.connection, owner, since, n).explain(Attempt::Read(&self.place))
    }
}

impl Keyring for SqliteKeyring {
    fn org_id(&self) -> Uuid {
        self.org_id
    }

    fn page(
        &self,
        query: &Query,
        cursor: &mut Cursor,
        visit: &mut dyn FnMut(&Facts<'_>) -> Result<()>,
    ) -> Result<bool> {
        list::page(&self.connection, query, &mut cursor.0, visit, &self.place)
    }

    fn count(&self, selection: &Selection, cap: u64) -> Result<u64> {
        list::count(&self.connection, selection, cap).explain(Attempt::Read(&self.place))
    }

    fn audit(
        &self,
        query: &AuditQuery,
        cursor: &mut AuditCursor,
        visit: &mut dyn FnMut(&AuditRow<'_>) -> Result<()>,
    ) -> Result<bool> {
        audit::page(&self.connection, query, cursor, visit, &self.place)
    }

    fn verify_chain(&self, sought: Option<RowHash>) -> Result<Chain> {
        audit::verify_chain(&self.connection, self.org_id, sought, &self.place)
    }

    fn contradictions(&self, limit: usize) -> Result<Vec<Contradiction>> {
        audit::contradictions(&self.connection, limit).explain(Attempt::Read(&self.place))
    }

    fn all_keys(&self, cursor: &mut KeyCursor) -> Result<Vec<Key>> {
        row::next(&self.connection, &mut cursor.0, &self.place)
    }

    fn tombstones(&self, after: Option<KeyId>) -> Result<Vec<Tombstone>> {
        purge::tombstones(&self.connection, after).explain(Attempt::Read(&self.place))
    }

    fn snapshot(&self) -> Result<Snapshot> {
        copy::snapshot(&self.connection, self.org_id).explain(Attempt::Read(&self.place))
    }

    fn copy(&self, put: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<Snapshot> {
        copy::copy(&self.connection, self.org_id, put, &self.place)
    }

    fn transact(&mut self, entry: &Entry, work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>) -> Result<()> {
        let attempt = Attempt::Write(&self.place);
        if !self.durable {
            durable(&self.connection).explain(attempt)?;
            self.durable = true;
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).explain(attempt)?;
        let mut writer = write::Writer::new(&transaction, entry, &self.place).explain(attempt)?;
        work(&mut writer)?;
        transaction.commit().explain(attempt)
    }

    fn consistent_read(&self, work: &mut dyn FnMut(&dyn Keys) -> Result<()>) -> Result<()> {
        // A deferred transaction takes its shared lock with its first read, and keeps it to the end; with a rollback
        // journal no commit gets past that lock.
        let reading = self.connection.unchecked_transaction().explain(Attempt::Read(&self.place))?;
        work(self)?;
        reading.finish().explain(Attempt::Read(&self.place))
    }

    fn wait_at_most(&self, wait: Duration) -> Duration {
        PATIENCE.replace(wait)
    }

    fn check_writable(&self) -> Result<()> {
        self.place.check_writable()
    }
}
