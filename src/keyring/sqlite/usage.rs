//! What the use of keys leaves behind: when they were last used, and which signatures were seen.

use rusqlite::{Connection, OptionalExtension, params};

/// [`Keys::remembers`](crate::keyring::Keys::remembers).
pub(super) fn remembers(connection: &Connection, signature: &[u8; 32]) -> rusqlite::Result<bool> {
    let found = connection
        .prepare_cached("SELECT 1 FROM replay WHERE hash = ?1")?
        .query_row([signature], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// [`Transaction::remember`](crate::keyring::Transaction::remember). Forgets what has passed before `now`.
pub(super) fn remember(connection: &Connection, signature: &[u8; 32], until: i64, now: i64) -> rusqlite::Result<bool> {
    connection.prepare_cached("DELETE FROM replay WHERE until < ?1")?.execute([now])?;
    let added = connection
        .prepare_cached("INSERT OR IGNORE INTO replay (hash, until) VALUES (?1, ?2)")?
        .execute(params![signature, until])?;
    Ok(added == 1)
}
