//! Writing a backup of a keyring in any storage engine. The keyring is read through the traits of the engine, and the
//! backup is a new SQLite keyring file.

use super::{
    audit::AUDIT,
    backup_file::TempFiles,
    connection::connect_with,
    copy,
    error::{Attempt, Explain, corrupt},
    migrations::newest,
    place::Place,
    policy, purge, row, schema, usage,
};
use crate::{
    error::{Code, Error, Result},
    key::{KeyId, Time},
    keyring::{AuditCursor, AuditQuery, AuditRow, KeyCursor, Keyring, Reads, Snapshot, each_signature},
};
use rusqlite::{Connection, OpenFlags, params};
use std::{
    fs::File,
    io::{self, Read as _},
};

/// The maximum number of bytes to pass on at a time.
const CHUNK: usize = 1 << 20;

/// Writes a single state of a keyring to a temporary file, passes the bytes of that file to `put` in order, and returns
/// a summary of the state. Bearer tokens are left out, because restoring a backup drops them anyway.
///
/// # Errors
/// - `keyring_corrupt` if the snapshot of the file differs from that of the keyring
/// - `keyring_exposed` or `keyring_owner` if another user can replace the temporary file
/// - any other [storage error](crate::keyring#storage-errors) if the keyring cannot be read or the temporary file
///   cannot be written
/// - any error that `put` returns
pub fn write_backup(keyring: &dyn Keyring, put: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<Snapshot> {
    let (place, files) = TempFiles::create()?;
    let written = fill_and_pass_on(keyring, &place, &files, put);
    files.remove();
    written
}

fn fill_and_pass_on(
    keyring: &dyn Keyring,
    place: &Place,
    files: &TempFiles,
    put: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<Snapshot> {
    let mut state = None;
    keyring.consistent_read(&mut |reads| {
        state = Some(fill(files, reads, place)?);
        Ok(())
    })?;
    let state = state.ok_or_else(|| Error::internal("a consistent read ended without running its work"))?;
    let unreadable = |cause: io::Error| {
        let message = format!("{} cannot be read", files.path().display());
        Error::new(Code::KeyringFailed, message, "check the disk, and try again").because(cause)
    };
    let mut file = File::open(files.path()).map_err(unreadable)?;
    let mut buffer = vec![0; CHUNK];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(state),
            Ok(read) => put(&buffer[..read])?,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(unreadable(e)),
        }
    }
}

/// Writes the complete content of a backup to the temporary file, and returns the snapshot of the keyring after
/// checking that the file has the same snapshot.
fn fill(files: &TempFiles, reads: &dyn Reads, place: &Place) -> Result<Snapshot> {
    let write = Attempt::Write(place);
    let connection = connect_with(files.path(), OpenFlags::SQLITE_OPEN_READ_WRITE).explain(write)?;
    // The temporary file does not have to be durable, because the caller stores the bytes that it receives. A crash
    // leaves only a temporary file behind.
    connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN").explain(write)?;
    schema::lay_out(&connection, newest()).explain(write)?;
    let created = log(&connection, reads, place)?;
    let contract = reads.contract()?;
    schema::insert_keyring(&connection, reads.org_id(), contract.as_deref(), created).explain(write)?;
    for entitlement in reads.entitlements(None)? {
        policy::entitle(&connection, &entitlement).explain(write)?;
    }
    let mut cursor = KeyCursor::default();
    loop {
        let keys = reads.all_keys(&mut cursor)?;
        if keys.is_empty() {
            break;
        }
        keys.iter().try_for_each(|key| row::insert(&connection, key, None)).explain(write)?;
    }
    let mut after = None;
    loop {
        let tombstones = reads.tombstones(after)?;
        let Some(last) = tombstones.last() else { break };
        after = Some(last.id);
        tombstones.iter().try_for_each(|tombstone| purge::insert_tombstone(&connection, tombstone)).explain(write)?;
    }
    signatures(&connection, reads, place)?;
    connection.execute_batch("COMMIT").explain(write)?;
    let state = reads.snapshot()?;
    let found = copy::snapshot(&connection, reads.org_id()).explain(write)?;
    connection.close().map_err(|(_, e)| e).explain(write)?;
    if found == state {
        Ok(state)
    } else {
        let error = corrupt(place, "it does not contain what was written to it");
        Err(error.with_hint("check the disk, and try again"))
    }
}

/// Copies the records of accepted signatures to `connection`, and what is known of records that were deleted.
fn signatures(connection: &Connection, reads: &dyn Reads, place: &Place) -> Result<()> {
    let write = Attempt::Write(place);
    usage::note_skew(connection, reads.accepted_skew()?).explain(write)?;
    if let Some(timestamp) = reads.forgotten_requests()? {
        usage::forget_requests(connection, timestamp).explain(write)?;
    }
    each_signature(reads, |of| usage::insert_signature(connection, of).map(drop).explain(write))
}

/// Copies every row of the audit log to `connection`, and returns the time of the oldest row, or 1970-01-01T00:00:00Z
/// if the log is empty.
fn log(connection: &Connection, reads: &dyn Reads, place: &Place) -> Result<Time> {
    let write = Attempt::Write(place);
    let mut insert = connection.prepare(AUDIT).explain(write)?;
    let mut created = Time::from_seconds(0);
    let mut copy = |row: &AuditRow<'_>| {
        created = row.at;
        let values = params![
            row.at.seconds(),
            row.clock_set,
            row.user,
            row.host,
            row.command,
            row.action,
            row.seq,
            row.key.as_ref().map(KeyId::as_bytes),
            row.facts,
            row.hash.as_bytes()
        ];
        insert.execute(values).map(drop).explain(write)
    };
    let (query, mut cursor) = (AuditQuery::default(), AuditCursor::default());
    while reads.audit(&query, &mut cursor, &mut copy)? {}
    Ok(created)
}
