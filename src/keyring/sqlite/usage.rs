//! Recording uses of keys and accepted signatures.

use super::{
    error::{Attempt, Explain},
    place::Place,
    row,
};
use crate::{
    error::Result,
    key::{KeyId, Time},
    keyring::{
        PreviousUse,
        record::{self, Cell, Column},
    },
};
use rusqlite::{Connection, OptionalExtension, params};

/// Implements [`Keys::has_signature`](crate::keyring::Keys::has_signature).
pub(super) fn has_signature(connection: &Connection, signature: &[u8; 32]) -> rusqlite::Result<bool> {
    let found = connection
        .prepare_cached("SELECT 1 FROM replay WHERE hash = ?1")?
        .query_row([signature], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Implements [`Transaction::record_signature`](crate::keyring::Transaction::record_signature). Also deletes the
/// signatures that expired before `now`, the time of the system clock. Deletes none if `now` is `None`, because a clock
/// that was set by hand must not make room for a replay.
pub(super) fn record_signature(
    connection: &Connection,
    signature: &[u8; 32],
    until: i64,
    now: Option<i64>,
) -> rusqlite::Result<bool> {
    if let Some(now) = now {
        connection.prepare_cached("DELETE FROM replay WHERE until < ?1")?.execute([now])?;
    }
    let added = connection
        .prepare_cached("INSERT OR IGNORE INTO replay (hash, until) VALUES (?1, ?2)")?
        .execute(params![signature, until])?;
    Ok(added == 1)
}

/// Implements [`Transaction::record_use`](crate::keyring::Transaction::record_use). Only writes the time of the use and
/// the digest of the row.
pub(super) fn record_use(connection: &Connection, id: KeyId, at: Time, place: &Place) -> Result<Option<PreviousUse>> {
    let write = Attempt::Write(place);
    let mut statement = connection.prepare_cached(row::BY_ID).explain(write)?;
    let mut rows = statement.query([id.as_bytes()]).explain(write)?;
    let Some(found) = rows.next().explain(write)? else { return Ok(None) };
    let mut cells = row::intact(found, place)?;
    let view = record::view(|column| Ok(cells[column as usize])).map_err(|_| row::strange(place))?;
    let (before, rotated_from) = (view.lifecycle.last_used, view.rotated_from);
    let latest = before.max(Some(at)).map_or(0, Time::seconds);
    cells[Column::LastUsedAt as usize] = Cell::Integer(latest);
    let digest = record::digest(cells.into_iter());
    drop(rows);
    connection
        .prepare_cached("UPDATE key SET last_used_at = ?2, digest = ?3 WHERE id = ?1")
        .and_then(|mut statement| statement.execute(params![id.as_bytes(), latest, digest]))
        .explain(write)?;
    Ok(Some(PreviousUse { last_used: before, rotated_from }))
}
