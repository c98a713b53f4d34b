//! Finding contradictions between the stored objects and the audit log or the tombstones.

use super::{connection::has_table, replay, schema_check};
use crate::{
    key::{KeyId, Time},
    keyring::{Contradiction, LoggedObject, buckets::BUCKET},
};
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::{BTreeSet, HashMap};

/// Selects the keys that do not occur in the log. ORDER BY makes the query read both of its sides from indexes without
/// collecting anything in memory.
const UNLOGGED: &str =
    "SELECT id FROM key EXCEPT SELECT key_id FROM audit WHERE key_id IS NOT NULL ORDER BY 1 LIMIT ?1";

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
    found.extend(strange_row(connection)?.map(Contradiction::Schema));
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
        found.extend(unrevoked_by_the_log(connection, limit)?.into_iter().map(Contradiction::Unrevoked));
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

/// Returns a description of a row that keywright never writes, or `None` if there is none. The rows of the tables with
/// numbers are read from the lowest number that keywright writes on, and only one row of the table `keyring` is read.
fn strange_row(connection: &Connection) -> rusqlite::Result<Option<String>> {
    for (table, number) in [("audit", "seq"), ("key", "seq"), ("owner", "rowid"), ("batch", "number")] {
        let sql = format!("SELECT {number} FROM {table} NOT INDEXED WHERE {number} < 1 LIMIT 1");
        let numbered = if has_table(connection, table)? {
            connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).optional()?
        } else {
            None
        };
        if let Some(number) = numbered {
            return Ok(Some(format!("the table `{table}` contains a row with the number {number}")));
        }
    }
    let rows: i64 = connection.query_row("SELECT count(*) FROM keyring", [], |row| row.get(0))?;
    Ok((rows != 1).then(|| format!("the table `keyring` contains {rows} rows")))
}

/// Returns at most `limit` of the keys that are stored without a revocation, or are revoked later than at the time according
/// to the log. A planned revocation only moves to an earlier time.
fn unrevoked(connection: &Connection, revoked: &HashMap<KeyId, Time>, limit: usize) -> rusqlite::Result<Vec<KeyId>> {
    let mut found = Vec::new();
    if revoked.is_empty() {
        return Ok(found);
    }
    // No index is used, because an index can be edited too.
    let mut statement = connection.prepare("SELECT id, revoked_at FROM key NOT INDEXED")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, stored): (KeyId, Option<i64>) = (KeyId::from_bytes(row.get(0)?), row.get(1)?);
        let is_late = |time: &Time| stored.is_none_or(|stored| stored > time.seconds());
        if revoked.get(&id).is_some_and(is_late) && found.len() < limit {
            found.push(id);
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Reads the whole log, and returns at most `limit` of the keys that it revokes, but that are stored without a revocation
/// or with a later one.
fn unrevoked_by_the_log(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<KeyId>> {
    let (mut found, mut revoked) = (BTreeSet::new(), HashMap::new());
    replay::each_revocation(connection, &mut |id, time| {
        let earliest = revoked.entry(id).or_insert(time);
        *earliest = time.min(*earliest);
        if revoked.len() >= BUCKET {
            found.extend(unrevoked(connection, &std::mem::take(&mut revoked), limit)?);
        }
        Ok(found.len() < limit)
    })?;
    found.extend(unrevoked(connection, &revoked, limit)?);
    Ok(found.into_iter().take(limit).collect())
}
