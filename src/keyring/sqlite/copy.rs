//! Backing up a keyring by copying its entire file.

use super::{
    batch_state::{self, LISTED},
    connection::pragma,
    error::{Attempt, Explain, corrupt},
    place::Place,
};
use crate::{
    error::{Code, Error, Result},
    keyring::{RowHash, Snapshot},
};
use rusqlite::Connection;
use std::{fs::File, io::Read};
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
