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

/// The number of columns that the digest covers.
const COUNT: usize = 5;

fn columns(bearer: &Bearer) -> [Cell<'_>; COUNT] {
    [
        Cell::Blob(bearer.hash.as_bytes()),
        Cell::Blob(bearer.key.as_bytes()),
        Cell::Text(bearer.scopes.as_str().as_bytes()),
        Cell::Integer(bearer.created.seconds()),
        Cell::Integer(bearer.expires.seconds()),
    ]
}

/// Implements [`Keys::bearer`](crate::keyring::Keys::bearer).
pub(super) fn find(connection: &Connection, hash: &SecretHash, place: &Place) -> Result<Option<Bearer>> {
    let read = Attempt::Read(place);
    let sql = "SELECT key_id, scopes, created_at, expires_at, digest FROM bearer WHERE hash = ?1";
    let mut statement = connection.prepare_cached(sql).explain(read)?;
    let mut rows = statement.query([hash.as_bytes()]).explain(read)?;
    let Some(row) = rows.next().explain(read)? else { return Ok(None) };
    let mut found = [ValueRef::Null; COUNT];
    for (index, value) in found.iter_mut().enumerate() {
        *value = row.get_ref(index).explain(read)?;
    }
    let [key, scopes, created, expires, digest] = found;
    let parse = || -> FromSqlResult<Option<(Bearer, [u8; 32])>> {
        let (Some(key), Some(digest)) = (array(key)?, array(digest)?) else { return Ok(None) };
        let bearer = Bearer {
            hash: *hash,
            key: KeyId::from_bytes(key),
            scopes: Scopes::from_stored(scopes.as_str()?.to_owned()),
            created: Time::from_seconds(created.as_i64()?),
            expires: Time::from_seconds(expires.as_i64()?),
        };
        Ok(Some((bearer, digest)))
    };
    match parse() {
        Ok(Some((bearer, digest))) if record::digest(columns(&bearer).into_iter()) == digest => Ok(Some(bearer)),
        _ => Err(corrupt(place, "the row of a bearer token does not match its digest")),
    }
}

/// Visits the bearer tokens that do not match their digest, and those whose key does not exist.
pub(super) fn examine(connection: &Connection, visit: &mut dyn FnMut(Damage)) -> rusqlite::Result<()> {
    let sql = "SELECT hash, key_id, scopes, created_at, expires_at, digest,
                      EXISTS (SELECT 1 FROM key WHERE key.id = bearer.key_id)
               FROM bearer";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut found = [ValueRef::Null; COUNT];
        for (index, value) in found.iter_mut().enumerate() {
            *value = row.get_ref(index)?;
        }
        let what = match cell(row.get_ref(COUNT)?) == Cell::Blob(&record::digest(found.into_iter().map(cell))) {
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
    let digest = record::digest(columns(bearer).into_iter());
    let sql =
        "INSERT INTO bearer (hash, key_id, scopes, created_at, expires_at, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    connection.execute(
        sql,
        params![
            bearer.hash.as_bytes(),
            bearer.key.as_bytes(),
            bearer.scopes.as_str(),
            bearer.created.seconds(),
            bearer.expires.seconds(),
            digest
        ],
    )?;
    Ok(())
}

/// Deletes the bearer token with the given hash, if it exists.
pub(super) fn delete(connection: &Connection, hash: &SecretHash) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM bearer WHERE hash = ?1", [hash.as_bytes()])?;
    Ok(())
}

/// Deletes all bearer tokens that have expired by the time `now`.
pub(super) fn sweep(connection: &Connection, now: Time) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM bearer WHERE expires_at <= ?1", [now.seconds()])?;
    Ok(())
}
