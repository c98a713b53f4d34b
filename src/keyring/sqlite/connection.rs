//! Connecting to keyring files and waiting for the locks of other processes.

use super::lock_probe;
use crate::keyring::WAIT;
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// The time between two attempts to acquire a lock. SQLite's built-in handler increases the interval to 100 ms, and
/// with many writers, a process that sleeps that long keeps losing the race.
const RETRY: Duration = Duration::from_millis(3);

/// Opens a keyring file for reading and writing.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    durable(&connection)?;
    Ok(connection)
}

/// Sets up a connection for writing. Connections that only read are not set up, because the pragmas make SQLite read
/// the entire schema.
pub(super) fn durable(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON;")
}

/// Opens a keyring file for reading only.
pub(super) fn connect_read_only(path: &Path) -> rusqlite::Result<Connection> {
    connect_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Opens a keyring file with the given access flags.
pub(super) fn connect_with(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    // SQLITE_OPEN_CREATE is not set because keywright creates the file itself, with the right mode. SQLITE_OPEN_URI is
    // not set because the path must not be interpreted as a URI.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    // Set the handler first, because the pragmas below may already have to wait for a lock.
    connection.busy_handler(Some(wait_at_most(WAIT, path)))?;
    // Make query plans independent of bound values. Otherwise, SQLite would recompile statements to check whether a
    // partial index is applicable.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;",
    )?;
    Ok(connection)
}

/// Returns a busy handler for the keyring file `path` that waits until another process has released a lock, but at most
/// `wait` for each lock. The handler does not wait if the file system does not support locks.
pub(super) fn wait_at_most(wait: Duration, path: &Path) -> impl FnMut(i32) -> bool + Send + 'static {
    let mut since = Instant::now();
    let path = path.to_owned();
    // SQLite passes 0 the first time that it calls the handler for a lock.
    move |attempts| {
        if attempts == 0 {
            since = Instant::now();
            if lock_probe::refusal(&path).is_some() {
                return false;
            }
        }
        let again = since.elapsed() < wait;
        if again {
            thread::sleep(RETRY);
        }
        again
    }
}

/// Sleeps long enough for another process that is waiting for a lock to acquire it. Call this function between the
/// transactions of a longer change.
pub(super) fn yield_to_others() {
    thread::sleep(RETRY + RETRY / 2);
}

/// Returns `true` if a table exists. Some tables do not exist in keywright's first schemas.
pub(super) fn has_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1")?.exists([name])
}

/// Returns the value of a numeric pragma.
pub(super) fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}
