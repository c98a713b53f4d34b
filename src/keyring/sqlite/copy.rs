//! Backing up a keyring by copying its entire file.

use super::{
    batch_state::{self, LISTED},
    connection::{connect_read_only, pragma},
    error::{Attempt, Explain, corrupt},
    keyring::SqliteKeyring,
    migrations,
    place::Place,
    schema,
};
use crate::{
    error::{Code, Error, Result},
    keyring::{Reads, RowHash, Snapshot},
};
use rusqlite::Connection;
use std::{fs::File, io::Read, path::Path};
use uuid::Uuid;

/// The maximum number of bytes to read at a time.
const CHUNK: usize = 1 << 20;

/// Implements [`Engine::back_up`](crate::keyring::Engine::back_up).
///
/// A read transaction holds the shared lock from its first read on, and that first read rolls back a hot journal if
/// there is one. In rollback journal mode, no process can write to the file while the lock is held, so the file is a
/// complete keyring and does not change.
pub(super) fn copy(
    connection: &Connection,
    org_id: Uuid,
    put: &mut dyn FnMut(&[u8]) -> Result<()>,
    place: &Place,
) -> Result<Snapshot> {
    let read = Attempt::Read(place);
    let reading = connection.unchecked_transaction().explain(read)?;
    let snapshot = snapshot(&reading, org_id).explain(read)?;
    let size =
        pragma(&reading, "page_count").and_then(|pages| Ok(pages * pragma(&reading, "page_size")?)).explain(read)?;
    let unreadable = |cause: std::io::Error| {
        let hint = "check the permissions and the disk, and try again";
        Error::new(Code::KeyringFailed, format!("{} cannot be read", place.path().display()), hint).because(cause)
    };
    // Closing any descriptor of a file releases all locks that the process holds on the file (fcntl(2)), so this
    // descriptor must stay open until the transaction has ended.
    let mut file = File::open(place.path()).map_err(unreadable)?;
    let mut buffer = vec![0; CHUNK];
    let mut left = u64::try_from(size).unwrap_or(0);
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        match file.read(&mut buffer[..wanted]) {
            Ok(0) => return Err(corrupt(place, "it is shorter than its header says")),
            Ok(read) => {
                put(&buffer[..read])?;
                left -= read as u64;
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(unreadable(e)),
        }
    }
    reading.finish().explain(read)?;
    drop(file);
    Ok(snapshot)
}

/// Opens a backup file for reading only, without checking permissions.
///
/// # Errors
/// - `keyring_foreign` if the file is not a keyring
/// - `keyring_newer` if a newer version of keywright wrote the file
/// - `keyring_corrupt` if the schema of the file is too old to be read without an upgrade
/// - any other [storage error](crate::keyring#storage-errors) if the file cannot be read
pub fn open_written(path: &Path) -> Result<Box<dyn Reads>> {
    let place = Place::new(path)?;
    let read = Attempt::Open(&place);
    let mut connection = connect_read_only(path).explain(read)?;
    let found = schema::recognize(&mut connection, &place)?;
    if !found.is_readable() {
        return Err(corrupt(&place, &format!("its schema ({}) is too old for a backup", found.version)));
    }
    if !found.is_current() {
        migrations::read_as_current(&connection, found.version).explain(read)?;
    }
    Ok(Box::new(SqliteKeyring {
        org_id: found.org_id,
        durable: true,
        outdated: (!found.is_current()).then_some(found.version),
        has_states: false,
        inode: None,
        connection,
        place,
    }))
}

/// Checks the pages of a backup file, and that its indexes agree with its tables.
///
/// # Errors
/// - `keyring_corrupt` if the file is damaged
/// - any other [storage error](crate::keyring#storage-errors) if the file cannot be read
pub fn check_pages(path: &Path) -> Result<()> {
    let place = Place::new(path)?;
    let read = Attempt::Open(&place);
    let connection = connect_read_only(path).explain(read)?;
    let problem: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).explain(read)?;
    if problem == "ok" { Ok(()) } else { Err(corrupt(&place, &problem.replace('\n', " "))) }
}

/// Implements [`Reads::snapshot`](crate::keyring::Reads::snapshot).
pub(super) fn snapshot(connection: &Connection, org_id: Uuid) -> rusqlite::Result<Snapshot> {
    // Without a condition, SQLite counts the entries of an index.
    let sql = if batch_state::exists(connection)? {
        format!("SELECT count(*) FROM key WHERE {LISTED}")
    } else {
        "SELECT count(*) FROM key".to_owned()
    };
    let keys: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
    let newest = "SELECT coalesce(max(seq), 0), coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), zeroblob(32)) FROM audit";
    let (rows, head): (i64, _) = connection.query_row(newest, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Snapshot { org_id, keys: number(keys), rows: number(rows), head: RowHash::from_bytes(head) })
}
