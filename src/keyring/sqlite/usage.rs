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
        ASSERTION_SKEW, LONGEST_ASSERTION, RecordedSignature, latest_use,
        record::{self, Cell, Column, Digester},
    },
};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Implements [`Keys::has_signature`](crate::keyring::Keys::has_signature).
pub(super) fn has_signature(connection: &Connection, signature: &[u8; 32]) -> rusqlite::Result<bool> {
    let found = connection
        .prepare_cached("SELECT 1 FROM replay WHERE hash = ?1")?
        .query_row([signature], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Implements [`Keys::forgotten_requests`](crate::keyring::Keys::forgotten_requests).
pub(super) fn forgotten_requests(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection.prepare_cached("SELECT timestamp FROM replay_floor")?.query_row([], |row| row.get(0)).optional()
}

/// The timestamp in a row of `replay`. A row from before timestamps were stored has a timestamp before its expiry. The limits
/// keep the number of a row that was edited from overflowing.
const TIMESTAMP: &str = "coalesce(timestamp, max(0, min(until, 9000000000000)) * 1000)";

/// Implements [`Transaction::record_signature`](crate::keyring::Transaction::record_signature). Also deletes the
/// signatures that expired before `now`, the time of the system clock in seconds since 1970. Deletes no signatures if
/// `now` is `None`, because a time that was set with `--now` must not make a replay possible.
pub(super) fn record_signature(
    connection: &Connection,
    signature: &[u8; 32],
    (timestamp, until): (i64, i64),
    now: Option<i64>,
) -> rusqlite::Result<bool> {
    if let Some(now) = now {
        let newest = format!("SELECT max({TIMESTAMP}) FROM replay WHERE until < ?1");
        let newest: Option<i64> = connection.prepare_cached(&newest)?.query_row([now], |row| row.get(0))?;
        if let Some(newest) = newest {
            // A record is deleted after its timestamp, so a much later timestamp was edited.
            forget_requests(connection, newest.min(now.saturating_mul(1000).saturating_add(LONGEST_SKEW)))?;
            connection.prepare_cached("DELETE FROM replay WHERE until < ?1")?.execute([now])?;
        }
    }
    if forgotten_requests(connection)?.is_some_and(|forgotten| timestamp <= forgotten) {
        return Ok(false);
    }
    insert_signature(connection, &RecordedSignature { digest: *signature, timestamp, until: Time::from_seconds(until) })
}

/// Adds the record of a signature unless it is on record. Returns `true` if it was not.
pub(super) fn insert_signature(connection: &Connection, of: &RecordedSignature) -> rusqlite::Result<bool> {
    let until = of.until.seconds();
    let added = connection
        .prepare_cached("INSERT OR IGNORE INTO replay (hash, timestamp, until) VALUES (?1, ?2, ?3)")?
        .execute(params![of.digest, of.timestamp, until])?;
    // A signature is kept on record for twice the difference, rounded up to a second.
    note_skew(connection, until.saturating_mul(1000).saturating_sub(of.timestamp) / 2000 * 1000)?;
    Ok(added == 1)
}

/// Implements [`Reads::signatures`](crate::keyring::Reads::signatures).
pub(super) fn signatures(connection: &Connection, after: Option<[u8; 32]>) -> rusqlite::Result<Vec<RecordedSignature>> {
    // The first digest is that of the mark.
    let sql = format!("SELECT hash, {TIMESTAMP}, until FROM replay WHERE hash > ?1 ORDER BY hash LIMIT 512");
    let recorded = |row: &Row<'_>| {
        let (digest, timestamp, until) = (row.get(0)?, row.get(1)?, Time::from_seconds(row.get(2)?));
        Ok(RecordedSignature { digest, timestamp, until })
    };
    connection.prepare_cached(&sql)?.query_map([after.unwrap_or(MARK)], recorded)?.collect()
}

/// Raises the value that [`accepted_skew`] returns to at least `skew`.
pub(super) fn note_skew(connection: &Connection, skew: i64) -> rusqlite::Result<()> {
    let skew = skew.min(LONGEST_SKEW);
    if skew <= SKEW {
        return Ok(());
    }
    let sql = "INSERT INTO accepted_skew (only, milliseconds) VALUES (1, ?1)
               ON CONFLICT (only) DO UPDATE SET milliseconds = ?1 WHERE milliseconds < ?1";
    connection.prepare_cached(sql)?.execute([skew]).map(drop)
}

/// Implements [`Keys::accepted_skew`](crate::keyring::Keys::accepted_skew).
pub(super) fn accepted_skew(connection: &Connection) -> rusqlite::Result<i64> {
    let noted = connection.prepare_cached("SELECT milliseconds FROM accepted_skew")?.query_row([], |row| row.get(0));
    // Somebody may have edited the value.
    Ok(noted.optional()?.unwrap_or(SKEW).min(LONGEST_SKEW))
}

/// Raises the timestamp that [`forgotten_requests`] returns to at least `timestamp`, in milliseconds since 1970.
pub(super) fn forget_requests(connection: &Connection, timestamp: i64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO replay_floor (only, timestamp) VALUES (1, ?1)
               ON CONFLICT (only) DO UPDATE SET timestamp = max(timestamp, ?1)";
    connection.prepare_cached(sql)?.execute([timestamp]).map(drop)
}

/// The value of `hash` in the row of `replay` that marks assertions as forgotten. No SHA-256 digest is known to have this
/// value. The timestamp of the row is the latest expiry of these assertions, so that deleting the row refuses them for
/// good.
const MARK: [u8; 32] = [0; 32];

/// The time for which the row with [`MARK`] is kept after these assertions have expired, in seconds.
const MARK_KEPT: i64 = 2 * SKEW / 1000;

/// Returns the latest expiry of an assertion that may be issued by the time `now`, in milliseconds since 1970.
fn latest_expiry(now: Time) -> i64 {
    now.seconds().saturating_add(ASSERTION_SKEW + LONGEST_ASSERTION).saturating_mul(1000)
}

/// Implements [`Keys::forgotten_assertions`](crate::keyring::Keys::forgotten_assertions).
pub(super) fn forgotten_assertions(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    // The column `timestamp` is missing while a keyring with an older schema is read.
    let sql = "SELECT until FROM replay WHERE hash = ?1";
    let until: Option<i64> = connection.prepare_cached(sql)?.query_row([MARK], |row| row.get(0)).optional()?;
    Ok(until.map(|until| until.saturating_sub(MARK_KEPT + LONGEST_ASSERTION).saturating_mul(1000)))
}

/// Refuses all assertions that may have been accepted by the time `now`.
fn forget_assertions(connection: &Connection, now: Time) -> rusqlite::Result<()> {
    let expiry = latest_expiry(now);
    let until = expiry.div_euclid(1000).saturating_add(MARK_KEPT);
    let sql = "INSERT OR REPLACE INTO replay (hash, timestamp, until) VALUES (?1, ?2, ?3)";
    connection.execute(sql, params![MARK, expiry, until]).map(drop)
}

/// The minimum to assume for the largest accepted difference between the clock and the timestamp of a request, in
/// milliseconds. The value is the default of `verify-request --max-skew`.
const SKEW: i64 = 30_000;

/// The largest difference that a contract can allow, in milliseconds. A larger `verify-request --max-skew` is not noted, because
/// a restore would then refuse requests for longer than a day.
const LONGEST_SKEW: i64 = 86_400_000;

/// Returns the newest timestamp, in milliseconds since 1970, that a request accepted by the end of the second `now` can have.
/// `skew` is the largest difference that the contract allows between a timestamp and the clock, in milliseconds.
fn newest_acceptable(connection: &Connection, now: Time, skew: u64) -> rusqlite::Result<i64> {
    let skew = i64::try_from(skew).unwrap_or(i64::MAX).max(accepted_skew(connection)?);
    Ok(now.seconds().saturating_mul(1000).saturating_add(skew.saturating_add(999)))
}

/// Implements [`Transaction::forget_accepted`](crate::keyring::Transaction::forget_accepted).
pub(super) fn forget_accepted(connection: &Connection, now: Time, skew: u64) -> rusqlite::Result<()> {
    // Otherwise, a later correction of the clock would accept them again.
    note_skew(connection, i64::try_from(skew).unwrap_or(i64::MAX))?;
    forget_requests(connection, newest_acceptable(connection, now, skew)?)?;
    let newest_issue = now.seconds().saturating_add(ASSERTION_SKEW).saturating_mul(1000);
    match forgotten_assertions(connection)? {
        Some(forgotten) if forgotten >= newest_issue => Ok(()),
        _ => forget_assertions(connection, now),
    }
}

/// Lowers the timestamp that [`forgotten_requests`] returns to the newest timestamp that a request accepted by the
/// correct time `now` can have, and does the same for assertions. Changes no timestamp that is not later.
pub(super) fn accept_clock(connection: &Connection, now: Time, skew: u64) -> rusqlite::Result<()> {
    // Records of assertions that have not expired may have been deleted while the clock was ahead.
    let is_ahead = |time: Option<i64>, most: i64| time.is_some_and(|time| time > most);
    let newest_issue = now.seconds().saturating_add(ASSERTION_SKEW).saturating_mul(1000);
    if is_ahead(forgotten_requests(connection)?, now.seconds().saturating_mul(1000))
        || is_ahead(forgotten_assertions(connection)?, newest_issue)
    {
        forget_assertions(connection, now)?;
    }
    let newest = newest_acceptable(connection, now, skew)?;
    connection.execute("UPDATE replay_floor SET timestamp = min(timestamp, ?1)", [newest])?;
    // Otherwise, a batch that was left incomplete with the clock ahead would count as being written until that time.
    connection.execute("UPDATE batch SET written_at = min(written_at, ?1)", [now.seconds()]).map(drop)
}

/// Implements [`Transaction::record_use`](crate::keyring::Transaction::record_use). Only writes the time of the use and
/// the digest of the row.
///
/// `at` is the time of the use, and `is_set` is `true` if it was set with `--now`. Such a time replaces no later one.
pub(super) fn record_use(
    connection: &Connection,
    id: KeyId,
    (at, is_set): (Time, bool),
    place: &Place,
) -> Result<Option<KeyId>> {
    let write = Attempt::Write(place);
    let mut statement = connection.prepare_cached(row::BY_ID).explain(write)?;
    let mut rows = statement.query([id.as_bytes()]).explain(write)?;
    let Some(found) = rows.next().explain(write)? else { return Ok(None) };
    let mut cells = row::intact(found, &mut Digester::default(), place)?;
    let view = record::view(|column| Ok(cells[column as usize])).map_err(|_| row::strange(place))?;
    let rotated_from = view.rotated_from;
    let latest = latest_use(view.lifecycle.last_used, at, is_set).seconds();
    cells[Column::LastUsedAt as usize] = Cell::Integer(latest);
    let digest = record::digest(cells.into_iter());
    drop(rows);
    connection
        .prepare_cached("UPDATE key SET last_used_at = ?2, digest = ?3 WHERE id = ?1")
        .and_then(|mut statement| statement.execute(params![id.as_bytes(), latest, digest]))
        .explain(write)?;
    Ok(rotated_from)
}
