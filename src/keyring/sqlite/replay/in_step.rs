//! Reading the log and the stored keys side by side, which proves in a single pass, and in little memory, that they agree.

use super::{KeyPages, StoredKey, begin, each_other_stored, each_row, logged_row};
use crate::{
    key::{KeyId, Time},
    keyring::{
        LoggedObject,
        buckets::{BUCKET, Buckets},
        logged_row::LoggedRow,
        replay::{BaselineHash, Replay},
    },
};
use rusqlite::Connection;
use std::collections::{HashMap, VecDeque};

/// Proves that the stored objects agree with the log, and returns the ids of the keys that a row of the log revokes,
/// each with the earliest time at which the key is revoked according to the log. Returns `None` if the objects do not agree
/// or if one pass cannot show that they agree.
///
/// The keys are stored in the order in which the log adds them. A key that is stored in the state in which the log added
/// it is not kept in memory, and a later row about such a key is treated as a contradiction.
pub(super) fn prove(connection: &Connection) -> rusqlite::Result<Option<HashMap<KeyId, Time>>> {
    let mut replay = Replay::new(Buckets::of(0), 0);
    let last = begin(connection, &mut replay)?;
    let batches = batches(connection, last)?;
    if batches.has_baseline() {
        return Ok(None);
    }
    let (mut keys, mut changed, mut revoked) = (StoredKeys::default(), Vec::new(), HashMap::new());
    let mut is_provable = true;
    each_row(connection, (i64::MIN, last), &mut |row| {
        match row.added_key() {
            Some((id, state)) => match keys.next_if(connection, |key| *key.id.as_bytes() == id)? {
                Some(key) if !key.is_unlisted && batches.final_state(row, state) == Some(key.state) => {}
                found => {
                    changed.extend(found);
                    replay.apply(row);
                }
            },
            None => replay.apply(row),
        }
        if let Some((id, time)) = revocation(row, &batches) {
            let earliest = revoked.entry(id).or_insert(time);
            *earliest = time.min(*earliest);
        }
        is_provable = !row.deletes_without_state() && replay.len() + changed.len() + revoked.len() <= BUCKET;
        Ok(is_provable)
    })?;
    if !is_provable || keys.next_if(connection, |_| true)?.is_some() {
        return Ok(None);
    }
    for key in changed {
        if key.is_unlisted {
            replay.compare_unlisted(key.id);
        }
        replay.compare(LoggedObject::Key(key.id), key.state);
    }
    each_other_stored(connection, &mut replay, &mut Replay::compare)?;
    Ok(replay.finish(&mut BaselineHash::default()).0.is_empty().then_some(revoked))
}

/// Returns the key that a row revokes, and the time of the revocation, or `None` if the row revokes no key or adds a key
/// that was deleted with its batch. `batches` contains the rows about batches.
pub(super) fn revocation(row: &LoggedRow<'_>, batches: &Replay) -> Option<(KeyId, Time)> {
    let time = row.revokes()?;
    let is_deleted = row.added_key().is_some_and(|(_, state)| batches.final_state(row, state).is_none());
    row.key.filter(|_| !is_deleted).map(|id| (KeyId::from_bytes(id), time))
}

/// Replays only the rows that concern many keys, up to and including the row `last`.
pub(super) fn batches(connection: &Connection, last: i64) -> rusqlite::Result<Replay> {
    let mut batches = Replay::new(Buckets::of(0), 0);
    // Reading in index order would read the log in random order.
    let sql = "SELECT seq, at, action, key_id, facts FROM audit NOT INDEXED WHERE key_id IS NULL AND seq <= ?1";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([last])?;
    while let Some(row) = rows.next()? {
        batches.apply(&logged_row(row)?);
    }
    Ok(batches)
}

/// The stored keys in stored order.
#[derive(Default)]
struct StoredKeys {
    pages: KeyPages,
    page: VecDeque<StoredKey>,
    is_complete: bool,
}

impl StoredKeys {
    /// Returns the next key if it is `wanted`. Otherwise, the key remains the next one.
    fn next_if(
        &mut self,
        connection: &Connection,
        wanted: impl Fn(&StoredKey) -> bool,
    ) -> rusqlite::Result<Option<StoredKey>> {
        if self.page.is_empty() && !self.is_complete {
            self.is_complete = !self.pages.read(connection, |_| true, &mut |key| self.page.push_back(key))?;
        }
        Ok(if self.page.front().is_some_and(wanted) { self.page.pop_front() } else { None })
    }
}
