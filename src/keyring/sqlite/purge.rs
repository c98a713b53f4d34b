//! Storing tombstones as rows.

use crate::{
    key::{Identity, KeyId, Material, SecretHash, Time},
    keyring::{Damage, Tombstone},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Implements [`Keys::tombstone`](crate::keyring::Keys::tombstone).
pub(super) fn tombstone(
    connection: &Connection,
    id: KeyId,
    material: &Material,
) -> rusqlite::Result<Option<Tombstone>> {
    let identity = material.identity();
    let (public_key, secret) = (identity.public_key(), identity.secret().map(SecretHash::as_bytes));
    let sql = "SELECT id, modulus_hash, secret_hash, ended_at, revoked, purged_at FROM tombstone
               WHERE id = ?1 OR modulus_hash = ?2 OR secret_hash = ?3 LIMIT 1";
    connection.prepare_cached(sql)?.query_row(params![id.as_bytes(), public_key, secret], as_written).optional()
}

fn as_written(row: &Row<'_>) -> rusqlite::Result<Tombstone> {
    let identity = match row.get(1)? {
        Some(hash) => Identity::PublicKey(hash),
        None => Identity::Secret(SecretHash::from_bytes(row.get(2)?)),
    };
    Ok(Tombstone {
        id: KeyId::from_bytes(row.get(0)?),
        identity,
        ended: Time::from_seconds(row.get(3)?),
        revoked: row.get(4)?,
        purged: Time::from_seconds(row.get(5)?),
    })
}

/// Implements [`Keys::has_tombstone`](crate::keyring::Keys::has_tombstone).
pub(super) fn has_tombstone(connection: &Connection, id: KeyId) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM tombstone WHERE id = ?1")?;
    statement.exists([id.as_bytes()])
}

/// Implements [`Reads::tombstones`](crate::keyring::Reads::tombstones).
pub(super) fn tombstones(connection: &Connection, after: Option<KeyId>) -> rusqlite::Result<Vec<Tombstone>> {
    let sql = "SELECT id, modulus_hash, secret_hash, ended_at, revoked, purged_at FROM tombstone
               WHERE id > ?1 ORDER BY id LIMIT 512";
    // The empty blob sorts before every id.
    let after = after.as_ref().map_or(&[][..], |id| id.as_bytes());
    connection.prepare_cached(sql)?.query_map([after], as_written)?.collect()
}

/// Visits the tombstones that keywright cannot have written. A valid tombstone has either the hash of a public key or
/// the hash of a secret, and its key had ended when it was purged.
pub(super) fn examine(connection: &Connection, visit: &mut dyn FnMut(Damage)) -> rusqlite::Result<()> {
    let sql = "SELECT id FROM tombstone
               WHERE length(id) <> 16 OR (modulus_hash IS NULL) = (secret_hash IS NULL)
                  OR length(coalesce(modulus_hash, secret_hash)) <> 32 OR revoked NOT IN (0, 1) OR ended_at > purged_at";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let what = "a tombstone contains values that keywright never writes";
        visit(Damage { seq: None, id: row.get(0).ok().map(KeyId::from_bytes), what });
    }
    Ok(())
}

/// Inserts a tombstone, and deletes the key's bearer tokens.
pub(super) fn insert_tombstone(connection: &Connection, of: &Tombstone) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM bearer WHERE key_id = ?1")?.execute([of.id.as_bytes()])?;
    let sql = "INSERT INTO tombstone (id, modulus_hash, secret_hash, ended_at, revoked, purged_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    connection.prepare_cached(sql)?.execute(params![
        of.id.as_bytes(),
        of.identity.public_key(),
        of.identity.secret().map(SecretHash::as_bytes),
        of.ended.seconds(),
        of.revoked,
        of.purged.seconds()
    ])?;
    Ok(())
}
