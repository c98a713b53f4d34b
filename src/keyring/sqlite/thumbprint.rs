//! The JWK thumbprints of key pairs, by which signatures can name their keys.
//!
//! The column `thumbprint` is derived from the public key, so the digest of the row does not cover it. `check` and
//! `audit verify` compare the two.

use super::connection::pragma;
use crate::{key::Key, keypair::JwkThumbprint, keyring::record::Cell};
use rusqlite::{Connection, params, types::ValueRef};

/// The first schema in which rows have thumbprints.
pub(super) const SINCE: i64 = 11;

/// Returns the thumbprint of a key, or `None` if the key is not a key pair or its public key cannot be decoded.
pub(super) fn of(key: &Key) -> Option<JwkThumbprint> {
    key.material.public_key().and_then(|public| JwkThumbprint::of_spki(public.spki()).ok())
}

/// Returns the value of the column.
pub(super) fn value(thumbprint: Option<&JwkThumbprint>) -> ValueRef<'_> {
    thumbprint.map_or(ValueRef::Null, |thumbprint| ValueRef::Blob(thumbprint.as_bytes()))
}

/// Returns `true` if a stored thumbprint is that of the public key in the same row.
pub(super) fn is_right(stored: Cell<'_>, spki: Option<&[u8]>) -> bool {
    let right = spki.and_then(|spki| JwkThumbprint::of_spki(spki).ok());
    stored == right.as_ref().map_or(Cell::Null, |thumbprint| Cell::Blob(thumbprint.as_bytes()))
}

/// Returns `true` if the keyring stores thumbprints, and `false` if it has an earlier schema.
pub(super) fn are_stored(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(pragma(connection, "user_version")? >= SINCE)
}

/// Stores the thumbprints of all keys during an upgrade.
pub(super) fn fill(connection: &Connection) -> rusqlite::Result<()> {
    let mut select = connection.prepare("SELECT seq, spki FROM key WHERE spki IS NOT NULL ORDER BY seq")?;
    let mut update = connection.prepare("UPDATE key SET thumbprint = ?2 WHERE seq = ?1")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let Ok(spki) = row.get_ref(1)?.as_blob() else { continue };
        if let Ok(thumbprint) = JwkThumbprint::of_spki(spki) {
            update.execute(params![row.get::<_, i64>(0)?, thumbprint.as_bytes()])?;
        }
    }
    Ok(())
}
