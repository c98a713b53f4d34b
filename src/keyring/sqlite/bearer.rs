//! Storing bearer tokens as rows.

use super::{
    error::{Attempt, Explain, corrupt},
    place::Place,
    values::{array, cell},
};
use crate::{
    error::Result,
    key::{Bearer, KeyId, Scopes, SecretHash, Time},
    keyring::{
        Damage,
        record::{self, Cell},
    },
};
use rusqlite::{
    Connection, params,
    types::{FromSqlResult, ValueRef},
};

/// The names of the columns that the digest covers, separated by commas.
pub(super) const COLUMNS: &str = "hash, key_id, scopes, created_at, expires_at, scope_wildcards";

/// The number of columns in [`COLUMNS`].
pub(super) const COUNT: usize = 6;

/// Returns the values that a digest covers: all values, except that `scope_wildcards` is left out if its value is NULL.
/// This column was added later, and the digests of older rows must remain valid.
pub(super) fn covered<'a, 'b>(cells: &'a [Cell<'b>; COUNT]) -> &'a [Cell<'b>] {
    match cells {
        [older @ .., Cell::Null] => older,
        all => all,
    }
}

/// Returns the digest of a row with the given values.
pub(super) fn digest(cells: &[Cell<'_>; COUNT]) -> [u8; 32] {
    record::digest(covered(cells).iter().copied())
}

fn columns(bearer: &Bearer) -> [Cell<'_>; COUNT] {
    [
        Cell::Blob(bearer.hash.as_bytes()),
        Cell::Blob(bearer.key.as_bytes()),
        Cell::Text(bearer.scopes.as_str().as_bytes()),
        Cell::Integer(bearer.created.seconds()),
        Cell::Integer(bearer.expires.seconds()),
        if bearer.scopes.as_set().wildcards { Cell::Integer(1) } else { Cell::Null },
    ]
}

/// Implements [`Keys::bearer`](crate::keyring::Keys::bearer).
pub(super) fn find(connection: &Connection, hash: &SecretHash, place: &Place) -> Result<Option<Bearer>> {
    let read = Attempt::Read(place);
    let sql = format!("SELECT {COLUMNS}, digest FROM bearer WHERE hash = ?1");
    let mut statement = connection.prepare_cached(&sql).explain(read)?;
    let mut rows = statement.query([hash.as_bytes()]).explain(read)?;
    let Some(row) = rows.next().explain(read)? else { return Ok(None) };
    let mut found = [ValueRef::Null; COUNT + 1];
    for (index, value) in found.iter_mut().enumerate() {
        *value = row.get_ref(index).explain(read)?;
    }
    let [_, key, scopes, created, expires, wildcards, stored] = found;
    let parse = || -> FromSqlResult<Option<(Bearer, [u8; 32])>> {
        let (Some(key), Some(stored)) = (array(key)?, array(stored)?) else { return Ok(None) };
        let bearer = Bearer {
            hash: *hash,
            key: KeyId::from_bytes(key),
            scopes: Scopes::from_stored(scopes.as_str()?.to_owned(), wildcards != ValueRef::Null),
            created: Time::from_seconds(created.as_i64()?),
            expires: Time::from_seconds(expires.as_i64()?),
        };
        Ok(Some((bearer, stored)))
    };
    match parse() {
        Ok(Some((bearer, stored))) if digest(&columns(&bearer)) == stored => Ok(Some(bearer)),
        _ => Err(corrupt(place, "the row of a bearer token does not match its digest")),
    }
}

/// Visits the bearer tokens that do not match their digest, and those whose key does not exist.
pub(super) fn examine(connection: &Connection, visit: &mut dyn FnMut(Damage)) -> rusqlite::Result<()> {
    let sql = format!("SELECT {COLUMNS}, digest, EXISTS (SELECT 1 FROM key WHERE key.id = bearer.key_id) FROM bearer");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut found = [ValueRef::Null; COUNT];
        for (index, value) in found.iter_mut().enumerate() {
            *value = row.get_ref(index)?;
        }
        let what = match cell(row.get_ref(COUNT)?) == Cell::Blob(&digest(&found.map(cell))) {
            false => "the row of a bearer token does not match its digest",
            true if !row.get::<_, bool>(COUNT + 1)? => "the key of a bearer token does not exist",
            true => continue,
        };
        visit(Damage { seq: None, id: row.get(1).ok().map(KeyId::from_bytes), what });
    }
    Ok(())
}

/// Inserts the row of a bearer token.
pub(super) fn insert(connection: &Connection, bearer: &Bearer) -> rusqlite::Result<()> {
    let sql = format!("INSERT INTO bearer ({COLUMNS}, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    connection.execute(
        &sql,
        params![
            bearer.hash.as_bytes(),
            bearer.key.as_bytes(),
            bearer.scopes.as_str(),
            bearer.created.seconds(),
            bearer.expires.seconds(),
            bearer.scopes.as_set().wildcards.then_some(1),
            digest(&columns(bearer))
        ],
    )?;
    Ok(())
}

/// Deletes the bearer token with the given hash, if it exists.
pub(super) fn delete(connection: &Connection, hash: &SecretHash) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM bearer WHERE hash = ?1", [hash.as_bytes()])?;
    Ok(())
}

/// Deletes all bearer tokens that were issued after the time `now`, with a clock that ran ahead.
pub(super) fn delete_later(connection: &Connection, now: Time) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM bearer WHERE created_at > ?1", [now.seconds()])?;
    Ok(())
}

/// Deletes all bearer tokens that have expired by the time `now`.
pub(super) fn sweep(connection: &Connection, now: Time) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM bearer WHERE expires_at <= ?1", [now.seconds()])?;
    Ok(())
}
