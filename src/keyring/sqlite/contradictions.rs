//! Finding contradictions between the stored objects and the audit log or the tombstones.

use super::{connection::has_table, replay, schema_check};
use crate::{
    key::KeyId,
    keyring::{Contradiction, LoggedObject},
};
use rusqlite::{Connection, params};
use std::collections::HashSet;

/// Selects the keys that do not occur in the log. ORDER BY makes the query read both of its sides from indexes without
/// collecting anything in memory.
const UNLOGGED: &str =
    "SELECT id FROM key EXCEPT SELECT key_id FROM audit WHERE key_id IS NOT NULL ORDER BY 1 LIMIT ?1";

/// Selects the keys that a row of the log revokes, but that have no revocation. NOT INDEXED makes the query scan the log
/// sequentially, which is faster than looking up each of its rows.
const UNREVOKED: &str = "SELECT DISTINCT k.id FROM audit AS a NOT INDEXED CROSS JOIN key AS k ON k.id = a.key_id
                         WHERE a.action = 'revoke' AND k.revoked_at IS NULL LIMIT ?1";

/// Selects the keys that have a tombstone. A token that contains its id is matched only by the id, because no index
/// contains the hash of its secret.
const BURIED: &str = "SELECT k.id FROM tombstone AS t CROSS JOIN key AS k ON k.id = t.id
                      UNION SELECT k.id FROM tombstone AS t CROSS JOIN key AS k ON k.modulus_hash = t.modulus_hash
                      UNION SELECT k.id FROM tombstone AS t CROSS JOIN key AS k
                            ON k.secret_hash = t.secret_hash AND k.api_key IS NOT NULL
                      UNION SELECT k.id FROM tombstone AS t CROSS JOIN key AS k
                            ON k.secret_hash = t.secret_hash AND k.opaque IS NOT NULL LIMIT ?1";

/// Implements [`Reads::contradictions`](crate::keyring::Reads::contradictions).
pub(super) fn contradictions(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<Contradiction>> {
    let mut found: Vec<Contradiction> =
        schema_check::difference(connection)?.map(Contradiction::Schema).into_iter().collect();
    let ids = |sql: &str| -> rusqlite::Result<Vec<KeyId>> {
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        connection.prepare(sql)?.query_map([most], |row| row.get(0).map(KeyId::from_bytes))?.collect()
    };
    // A proof makes it unnecessary to search the whole log and two indexes once more.
    let proof = replay::prove(connection)?;
    if let Some(revoked) = &proof {
        found.extend(unrevoked(connection, revoked, limit)?.into_iter().map(Contradiction::Unrevoked));
    } else {
        found.extend(ids(UNLOGGED)?.into_iter().map(|id| Contradiction::Unlogged(LoggedObject::Key(id))));
        found.extend(ids(UNREVOKED)?.into_iter().map(Contradiction::Unrevoked));
    }
    if has_table(connection, "tombstone")? {
        found.extend(ids(BURIED)?.into_iter().map(Contradiction::Purged));
    }
    let differences = if proof.is_some() { Vec::new() } else { replay::differences(connection)? };
    for difference in differences {
        let same_kind = found.iter().filter(|other| other.word() == difference.word());
        if same_kind.count() < limit && !found.contains(&difference) {
            found.push(difference);
        }
    }
    Ok(found)
}

/// Returns at most `limit` of the keys in `revoked` that are stored without a revocation.
fn unrevoked(connection: &Connection, revoked: &HashSet<KeyId>, limit: usize) -> rusqlite::Result<Vec<KeyId>> {
    let mut statement = connection.prepare("SELECT 1 FROM key WHERE id = ?1 AND revoked_at IS NULL")?;
    let mut found = Vec::new();
    for id in revoked {
        if found.len() < limit && statement.exists(params![id.as_bytes()])? {
            found.push(*id);
        }
    }
    found.sort_unstable();
    Ok(found)
}
