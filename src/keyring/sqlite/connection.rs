//! Connections to a keyring file, and waiting for the locks of other processes.

use crate::keyring::WAIT;
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// The time between two attempts to get a lock. SQLite's own handler soon sleeps for 100 ms at a time. With many writers, a
/// process that sleeps that long keeps losing the race.
const RETRY: Duration = Duration::from_millis(3);

/// Opens a keyring file to read and write.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    durable(&connection)?;
    Ok(connection)
}

/// Sets up a connection to write. A connection that only reads is spared this: the pragmas make SQLite read the whole schema.
pub(super) fn durable(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON;")
}

/// Opens a keyring file to read only.
pub(super) fn connect_read_only(path: &Path) -> rusqlite::Result<Connection> {
    connect_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Opens a keyring file with some access.
pub(super) fn connect_with(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    // Without SQLITE_OPEN_CREATE: keywright creates the file itself, with its mode. Without SQLITE_OPEN_URI: a path is a path.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    // First of all, because the pragmas below may already have to wait.
    connection.busy_handler(Some(wait_at_most(WAIT)))?;
    // Query plans do not depend on bound values. Otherwise SQLite compiles a statement again to see whether a partial index fits.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;",
    )?;
    Ok(connection)
}

/// Returns a handler that sleeps until another process has released a lock, but no longer than `wait` for each statement.
pub(super) fn wait_at_most(wait: Duration) -> impl FnMut(i32) -> bool + Send + 'static {
    let mut since = Instant::now();
    // SQLite counts the attempts of each statement from 0.
    move |attempts| {
        if attempts == 0 {
            since = Instant::now();
        }
        let again = since.elapsed() < wait;
        if again {
            thread::sleep(RETRY);
        }
        again
    }
}

/// Returns `true` if there is a table, which an older schema may not have.
pub(super) fn has_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1")?.exists([name])
}

/// Returns the value of a pragma that is a number.
pub(super) fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}
