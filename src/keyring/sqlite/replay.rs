//! Reading the audit log and the stored objects for a [replay](crate::keyring::replay), and recording states.

mod in_step;
mod key_pages;

use super::{
    bearer,
    connection::has_table,
    row::{self, COMPLETE},
    values::cell,
    writer::Writer,
};
use crate::{
    key::{KeyId, SecretHash, Time},
    keyring::{
        Action, Contradiction, LoggedObject,
        buckets::Buckets,
        logged_row::LoggedRow,
        record::{self, Cell, Column, Digester},
        replay::{BaselineHash, Replay},
        state::{Change, ObjectId, ObjectState, object_id},
    },
};
use key_pages::{KeyPages, StoredKey, key_state};
use rusqlite::{Connection, OptionalExtension as _, Row, params, types::ValueRef};
use std::collections::HashMap;

/// The maximum number of rows per consistent read.
const STRETCH: i64 = 8192;

/// The kind of object that is hashed into the states of bearer tokens.
const BEARER: &str = "bearer";

const TOMBSTONES: &str = "SELECT id, modulus_hash, secret_hash, ended_at, revoked, purged_at FROM tombstone";
const OWNERS: &str = "SELECT name, usage_level, changed_at FROM owner";
const KEYRING: &str = "SELECT org_id, created_at, contract FROM keyring";

/// Returns the state of each object that a query finds, with the result of `name` for its row. The objects must not be
/// keys.
///
/// `kind` is the kind of object, `count` is the number of leading columns that form the state, and `secret` is the
/// index of the column with the hash of a secret, or `None` if there is no such column.
fn states<T>(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    (kind, count, secret): (&'static str, usize, Option<usize>),
    mut name: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<(T, ObjectState)>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut cells = [cell(ValueRef::Null); 6];
        for (place, value) in cells[..count].iter_mut().enumerate() {
            *value = cell(row.get_ref(place)?);
        }
        let covered = if kind == BEARER { bearer::covered(&cells) } else { &cells[..count] };
        found.push((name(row)?, ObjectState::of_row(kind, covered, secret)));
    }
    Ok(found)
}

fn key_id(row: &Row<'_>, column: usize) -> rusqlite::Result<KeyId> {
    row.get(column).map(KeyId::from_bytes)
}

/// Returns the state of the tombstone with the given id, or `None` if there is none.
pub(super) fn tombstone(connection: &Connection, id: KeyId) -> rusqlite::Result<Option<ObjectState>> {
    let sql = format!("{TOMBSTONES} WHERE id = ?1");
    Ok(states(connection, &sql, [id.as_bytes()], ("tombstone", 6, Some(2)), |_| Ok(()))?.pop().map(|found| found.1))
}

/// Returns the state of the owner with the given name, or `None` if there is none.
pub(super) fn owner(connection: &Connection, name: &str) -> rusqlite::Result<Option<ObjectState>> {
    let sql = format!("{OWNERS} WHERE name = ?1");
    Ok(states(connection, &sql, [name], ("owner", 3, None), |_| Ok(()))?.pop().map(|found| found.1))
}

/// Returns the state of the keyring itself, or `None` if its row is missing.
pub(super) fn keyring(connection: &Connection) -> rusqlite::Result<Option<ObjectState>> {
    Ok(states(connection, KEYRING, [], ("keyring", 3, None), |_| Ok(()))?.pop().map(|found| found.1))
}

/// Returns the id and the state of the bearer token with the given hash, or `None` if there is none.
pub(super) fn bearer(connection: &Connection, hash: &SecretHash) -> rusqlite::Result<Option<(ObjectId, ObjectState)>> {
    let sql = format!("SELECT {} FROM bearer WHERE hash = ?1", bearer::COLUMNS);
    let mut found = states(connection, &sql, [hash.as_bytes()], (BEARER, bearer::COUNT, Some(0)), bearer_id)?;
    Ok(found.pop())
}

/// Returns the id of the bearer token in a row that starts with the hash of the token. The id is a part of a hash of
/// that hash, so the id cannot be used to verify the token.
fn bearer_id(row: &Row<'_>) -> rusqlite::Result<ObjectId> {
    Ok(object_id("bearer token", row.get_ref(0)?.as_bytes()?))
}

/// Returns `true` if the log records the state of every object, starting either at its first row or at a baseline row.
/// `hint` is the SQL index hint for the search for a baseline, or an empty string.
fn has_states(connection: &Connection, hint: &str) -> rusqlite::Result<bool> {
    let first = "SELECT facts FROM audit ORDER BY seq LIMIT 1";
    let first: Option<String> = connection.prepare(first)?.query_row([], |row| row.get(0)).optional()?;
    if first.is_some_and(|facts| Change::parse(facts.as_bytes()).is_some()) {
        return Ok(true);
    }
    connection.prepare(&format!("SELECT 1 FROM audit {hint} WHERE action = 'baseline' LIMIT 1"))?.exists([])
}

/// Appends a baseline and a row for each bearer token to the log of a keyring from a version that recorded no states.
/// Does nothing if the log contains the states of all objects.
pub(super) fn ensure_states(writer: &mut Writer<'_>) -> rusqlite::Result<()> {
    let connection = writer.connection;
    if has_states(connection, "")? {
        return Ok(());
    }
    let buckets = buckets(connection)?;
    let mut hash = BaselineHash::default();
    for bucket in 0..buckets.count {
        let mut replay = Replay::new(buckets, bucket);
        each_stored(connection, &mut replay, &mut |replay, object, state| replay.add_member(&object, state))?;
        replay.finish_baseline(&mut hash);
    }
    let count =
        |table: &str| connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0));
    let facts = serde_json::json!({
        "keys": count("key")?, "tombstones": count("tombstone")?, "owners": count("owner")?, "digest": hash.finish(),
    });
    writer.audit(Action::Baseline, None, &facts.to_string())?;
    // Bearer tokens are deleted without audit rows when they have expired, so no digest can cover them together.
    let sql = format!("SELECT {} FROM bearer", bearer::COLUMNS);
    let bearers =
        states(connection, &sql, [], (BEARER, bearer::COUNT, Some(0)), |row| Ok((bearer_id(row)?, key_id(row, 1)?)))?;
    for ((id, key), state) in bearers {
        let facts = Change { bearer: Some(id), ..Change::added(state) }.append_to("{}");
        writer.audit(Action::Exchange, Some(key), &facts)?;
    }
    Ok(())
}

fn buckets(connection: &Connection) -> rusqlite::Result<Buckets> {
    let sql = "SELECT (SELECT count(*) FROM key) + (SELECT count(*) FROM tombstone) + (SELECT count(*) FROM owner)
               + (SELECT count(*) FROM bearer)";
    let objects: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(Buckets::of(u64::try_from(objects).unwrap_or(0)))
}

/// Implements the part of [`Reads::contradictions`](crate::keyring::Reads::contradictions) that compares the stored
/// objects with the log. Returns an empty list if the log contains no states.
pub(super) fn differences(connection: &Connection) -> rusqlite::Result<Vec<Contradiction>> {
    // No index is used to read the log, because an index can be edited too.
    let has_states = has_states(connection, "NOT INDEXED")?;
    if !has_states {
        return damaged(connection);
    }
    if !has_table(connection, "tombstone")? {
        // The first schemas recorded no states.
        return Ok(vec![Contradiction::Schema("the audit log was written with a later schema".to_owned())]);
    }
    compare(connection, buckets(connection)?)
}

/// Proves in a single pass that the stored objects agree with the log, and returns the ids of the keys that a row of the log
/// revokes, each with the earliest time of its revocation. Returns `None` if the log contains no states, or if one pass does
/// not prove it.
pub(super) fn prove(connection: &Connection) -> rusqlite::Result<Option<HashMap<KeyId, Time>>> {
    if has_states(connection, "NOT INDEXED")? && has_table(connection, "tombstone")? {
        in_step::prove(connection)
    } else {
        Ok(None)
    }
}

/// Visits the keys that the log revokes, each with the time of the revocation, until `visit` returns `false`. Keys that were
/// deleted with their batch are left out.
pub(super) fn each_revocation(
    connection: &Connection,
    visit: &mut dyn FnMut(KeyId, Time) -> rusqlite::Result<bool>,
) -> rusqlite::Result<()> {
    let batches = in_step::batches(connection, i64::MAX)?;
    each_row(connection, (i64::MIN, i64::MAX), &mut |row| match in_step::revocation(row, &batches) {
        Some((id, time)) => visit(id, time),
        None => Ok(true),
    })
}

/// Returns the keys whose rows do not match their digests, or contain values that keywright never writes. With a log
/// that contains states, the states show this.
fn damaged(connection: &Connection) -> rusqlite::Result<Vec<Contradiction>> {
    let sql = format!("SELECT {COMPLETE} FROM key");
    let mut statement = connection.prepare(&sql)?;
    let (mut rows, mut digester, mut found) = (statement.query([])?, Digester::default(), Vec::new());
    while let Some(row) = rows.next()? {
        let key = row::intact_cells(row, &mut digester)?;
        if key.is_none_or(|cells| record::key(|column| Ok(cells[column as usize])).is_err()) {
            found.push(Contradiction::Damaged(LoggedObject::Key(key_id(row, Column::Id as usize)?)));
        }
    }
    Ok(found)
}

/// Compares the stored objects with the log, bucket by bucket.
fn compare(connection: &Connection, buckets: Buckets) -> rusqlite::Result<Vec<Contradiction>> {
    let (mut hash, mut baseline, mut found) = (BaselineHash::default(), None, Vec::new());
    for bucket in 0..buckets.count {
        let mut replay = Replay::new(buckets, bucket);
        let last = begin(connection, &mut replay)?;
        walk(connection, &mut replay, i64::MIN, last)?;
        each_stored(connection, &mut replay, &mut Replay::compare)?;
        catch_up(connection, &mut replay, last)?;
        let (differences, expected) = replay.finish(&mut hash);
        found.extend(differences);
        baseline = baseline.or(expected);
    }
    if let Some((seq, digest)) = baseline
        && hash.finish() != digest
    {
        found.push(Contradiction::Baseline(seq));
    }
    Ok(found)
}

/// Adds the stored bearer tokens in the bucket to the replay, and returns the number of the newest audit row, or 0 if
/// the log is empty.
fn begin(connection: &Connection, replay: &mut Replay) -> rusqlite::Result<i64> {
    let reading = one_state(connection)?;
    {
        let sql = format!("SELECT {}, digest FROM bearer", bearer::COLUMNS);
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id = bearer_id(row)?;
            if replay.covers(&id) {
                let mut cells = [Cell::Null; bearer::COUNT];
                for (place, value) in cells.iter_mut().enumerate() {
                    *value = cell(row.get_ref(place)?);
                }
                let state = if cell(row.get_ref(bearer::COUNT)?) == Cell::Blob(&bearer::digest(&cells)) {
                    ObjectState::of_row(BEARER, bearer::covered(&cells), Some(0))
                } else {
                    ObjectState::of_damage()
                };
                replay.add_bearer(id, key_id(row, 1)?, state);
            }
        }
    }
    let last = connection.query_row("SELECT coalesce(max(seq), 0) FROM audit", [], |row| row.get(0))?;
    reading.map_or(Ok(()), rusqlite::Transaction::finish)?;
    Ok(last)
}

/// Replays the rows of the log after the row `from` up to and including the row `to`.
fn walk(connection: &Connection, replay: &mut Replay, from: i64, to: i64) -> rusqlite::Result<()> {
    each_row(connection, (from, to), &mut |row| {
        replay.apply(row);
        Ok(true)
    })
}

/// Visits the rows of the log after the row `from` up to and including the row `to`, until `visit` returns `false`.
pub(super) fn each_row(
    connection: &Connection,
    (from, to): (i64, i64),
    visit: &mut dyn FnMut(&LoggedRow<'_>) -> rusqlite::Result<bool>,
) -> rusqlite::Result<()> {
    let sql = "SELECT seq, at, action, key_id, facts FROM audit WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let mut from = from;
    loop {
        let mut seen = 0;
        let mut rows = statement.query(params![from, to, STRETCH])?;
        while let Some(row) = rows.next()? {
            seen += 1;
            let row = logged_row(row)?;
            from = row.seq;
            if !visit(&row)? {
                return Ok(());
            }
        }
        if seen < STRETCH {
            return Ok(());
        }
    }
}

/// Returns the row of the log from a row with its number, time, action, key and facts.
fn logged_row<'a>(row: &'a Row<'_>) -> rusqlite::Result<LoggedRow<'a>> {
    Ok(LoggedRow {
        seq: row.get(0)?,
        at: row.get(1)?,
        action: row.get_ref(2)?.as_bytes()?,
        key: row.get_ref(3)?.as_blob_or_null()?.and_then(|id| id.try_into().ok()),
        facts: row.get_ref(4)?.as_bytes()?,
    })
}

/// Visits all stored objects in the bucket, apart from bearer tokens. The keys are visited in stored order. Also
/// compares the order of the keys and the keys of incomplete imports with the log.
fn each_stored(
    connection: &Connection,
    replay: &mut Replay,
    visit: &mut dyn FnMut(&mut Replay, LoggedObject, ObjectState),
) -> rusqlite::Result<()> {
    let (mut pages, buckets) = (KeyPages::default(), replay.bucket_filter());
    let mut compare = |key: StoredKey| {
        replay.compare_order(key.id.as_bytes());
        if key.is_unlisted {
            replay.compare_unlisted(key.id);
        }
        visit(replay, LoggedObject::Key(key.id), key.state);
    };
    while pages.read(connection, buckets, &mut compare)? {}
    each_other_stored(connection, replay, visit)
}

/// Visits all stored objects in the bucket, apart from keys and bearer tokens.
fn each_other_stored(
    connection: &Connection,
    replay: &mut Replay,
    visit: &mut dyn FnMut(&mut Replay, LoggedObject, ObjectState),
) -> rusqlite::Result<()> {
    let mut after: Vec<u8> = Vec::new();
    loop {
        let sql = format!("{TOMBSTONES} WHERE id > ?1 ORDER BY id LIMIT ?2");
        let kind = ("tombstone", 6, Some(2));
        let page = states(connection, &sql, params![after, STRETCH], kind, |row| key_id(row, 0))?;
        let Some((last, _)) = page.last() else { break };
        after = last.as_bytes().to_vec();
        for (id, state) in page {
            if replay.covers(id.as_bytes()) {
                visit(replay, LoggedObject::Key(id), state);
            }
        }
    }
    let mut after = i64::MIN;
    loop {
        let sql = "SELECT name, usage_level, changed_at, rowid FROM owner NOT INDEXED WHERE rowid > ?1 ORDER BY rowid LIMIT ?2";
        let name = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get(3)?));
        let page = states(connection, sql, [after, STRETCH], ("owner", 3, None), name)?;
        let Some(((_, last), _)) = page.last() else { break };
        after = *last;
        for ((name, _), state) in page {
            let object = LoggedObject::Owner(name);
            if replay.covers(&object.id()) {
                visit(replay, object, state);
            }
        }
    }
    if let Some(state) = keyring(connection)?
        && replay.covers(&LoggedObject::Keyring.id())
    {
        visit(replay, LoggedObject::Keyring, state);
    }
    Ok(())
}

/// Replays the rows that were appended after the row `last` while the objects were read, and then repeats the
/// comparison of the objects that differed. Does nothing if no rows were appended. All reads see the same state.
fn catch_up(connection: &Connection, replay: &mut Replay, last: i64) -> rusqlite::Result<()> {
    let reading = one_state(connection)?;
    if connection.prepare("SELECT 1 FROM audit WHERE seq > ?1")?.exists([last])? {
        walk(connection, replay, last, i64::MAX)?;
        for object in replay.take_doubts() {
            let states = match &object {
                LoggedObject::Key(id) => {
                    let of = |row: &Row<'_>| key_state(row, &mut Digester::default());
                    let key = connection.prepare_cached(row::BY_ID)?.query_row([id.as_bytes()], of).optional()?;
                    [key, tombstone(connection, *id)?]
                }
                LoggedObject::Owner(name) => [owner(connection, name)?, None],
                LoggedObject::BearerToken(_) => [None, None],
                LoggedObject::Keyring => [keyring(connection)?, None],
            };
            for state in states.into_iter().flatten() {
                replay.compare(object.clone(), state);
            }
        }
    }
    reading.map_or(Ok(()), rusqlite::Transaction::finish)
}

/// Begins a transaction in which all reads see the same state. Returns `None` if the connection is already in a
/// transaction.
fn one_state(connection: &Connection) -> rusqlite::Result<Option<rusqlite::Transaction<'_>>> {
    connection.is_autocommit().then(|| connection.unchecked_transaction()).transpose()
}

#[cfg(test)]
mod tests;
