//! Batches of keys in a keyring file.
//!
//! The column `batch` of a key refers to a row of the table `batch`, or is NULL. The digest of the key does not cover
//! this column. Code that reads a key must take the batch into account, with the help of `batch_state`. Code that
//! changes or deletes a key must first call `detach`, because the batch may be incomplete. Such code can ignore
//! completed batches, because their keys are updated before the next transaction begins.

use super::{
    batch_rows,
    batch_state::{BatchPage, PageStart, adding_row, detach, open, stored},
    error::Explain,
    ranges::Ranges,
    writer::Writer,
};
use crate::{
    error::{Code, Error, Result},
    key::{KeyId, Time},
    keyring::{Action, BatchId, BatchKind, Entry},
};
use rusqlite::{Connection, OptionalExtension as _, params};
use rustix::{
    io::Errno,
    process::{Pid, test_kill_process},
};
use serde_json::{Map, Value};

fn last_key(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("SELECT coalesce(max(seq), 0) FROM key")?.query_row([], |row| row.get(0))
}

/// Returns the number of the batch that the transaction writes, or `None` if it writes no batch. Must be called before
/// each key is added.
pub(super) fn number_for_new(writer: &mut Writer<'_>) -> rusqlite::Result<Option<i64>> {
    let Some(mut page) = writer.page else { return Ok(None) };
    if page.start.is_none() {
        page.start = Some(PageStart { key: last_key(writer.connection)?, row: writer.head.seq });
        writer.page = Some(page);
    }
    Ok(Some(page.batch))
}

/// Implements [`Transaction::begin_batch`](crate::keyring::Transaction::begin_batch).
pub(super) fn begin(writer: &mut Writer<'_>, kind: BatchKind) -> Result<BatchId> {
    let attempt = writer.attempt();
    let process = match kind {
        BatchKind::Pending => None,
        BatchKind::Imported => {
            let sql = "SELECT process FROM batch WHERE process IS NOT NULL AND completed_at IS NULL";
            let other: Option<String> =
                writer.connection.query_row(sql, [], |row| row.get(0)).optional().explain(attempt)?;
            if let Some(other) = other {
                return Err(importing(&other));
            }
            Some(process(&writer.entry))
        }
    };
    writer
        .connection
        .execute(
            "INSERT INTO batch (written_at, process, rows, changed) VALUES (?1, ?2, '[]', 0)",
            params![writer.entry.at.seconds(), process],
        )
        .explain(attempt)?;
    let number = writer.connection.last_insert_rowid();
    writer.page = Some(BatchPage { batch: number, start: None });
    Ok(BatchId::new(number))
}

fn process(entry: &Entry) -> String {
    format!("{} on {}", std::process::id(), entry.host)
}

/// Returns `false` if a process is known to have ended, or if `process` is malformed. Returns `true` for every process
/// on another host, because its state is unknown.
fn may_run(process: &str, entry: &Entry) -> bool {
    let Some((id, host)) = process.split_once(" on ") else { return false };
    let Some(id) = id.parse().ok().and_then(Pid::from_raw) else { return false };
    host != entry.host || (test_kill_process(id) != Err(Errno::SRCH) && !is_zombie(id))
}

/// Returns `true` if a process has ended, but its parent has not asked for its exit status yet. Returns `false` on a
/// system without Linux's `/proc`.
fn is_zombie(id: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", id.as_raw_nonzero())).unwrap_or_default();
    // The state follows the name of the program, which is in parentheses and may contain some.
    stat.rsplit_once(')').is_some_and(|(_, fields)| fields.trim_start().starts_with(['Z', 'X']))
}

fn importing(process: &str) -> Error {
    Error::new(
        Code::KeyringLocked,
        format!("another import into this keyring is in progress (process {process})"),
        "wait until it has finished, then run the command again",
    )
}

fn gone() -> Error {
    Error::new(
        Code::WrongState,
        "the keys that were being added have been deleted by another process, because they were not completed in time",
        "run the command again",
    )
}

/// Implements [`Transaction::continue_batch`](crate::keyring::Transaction::continue_batch).
pub(super) fn continue_batch(writer: &mut Writer<'_>, id: BatchId) -> Result<()> {
    let sql = "UPDATE batch SET written_at = ?2 WHERE number = ?1 AND completed_at IS NULL";
    let values = params![id.number(), writer.entry.at.seconds()];
    if writer.connection.execute(sql, values).explain(writer.attempt())? == 0 {
        return Err(gone());
    }
    writer.page = Some(BatchPage { batch: id.number(), start: None });
    Ok(())
}

/// Records the rows that a transaction has added to its batch. Does nothing if the transaction writes no batch or has
/// added no keys. Must be called at the end of each transaction.
pub(super) fn finish_page(writer: &mut Writer<'_>) -> rusqlite::Result<()> {
    let Some(BatchPage { batch, start: Some(start) }) = writer.page.take() else { return Ok(()) };
    let last = last_key(writer.connection)?;
    let sql = "SELECT rows FROM batch WHERE number = ?1";
    let rows: Option<String> = writer.connection.query_row(sql, [batch], |row| row.get(0))?;
    let rows = rows.map(|rows| {
        let mut rows = Ranges::parse(&rows);
        rows.add(start.row + 1, writer.head.seq);
        rows.to_json().to_string()
    });
    let sql = "UPDATE batch SET first_key = min(coalesce(first_key, ?2), ?2), last_key = max(coalesce(last_key, ?3), ?3), rows = ?4
               WHERE number = ?1";
    writer.connection.execute(sql, params![batch, start.key + 1, last, rows]).map(drop)
}

/// Implements [`Transaction::is_in_batch`](crate::keyring::Transaction::is_in_batch).
pub(super) fn contains(writer: &Writer<'_>, id: KeyId) -> Result<bool> {
    let Some(page) = writer.page else { return Ok(false) };
    writer
        .connection
        .prepare_cached("SELECT 1 FROM key WHERE id = ?1 AND batch = ?2")
        .and_then(|mut statement| statement.exists(params![id.as_bytes(), page.batch]))
        .explain(writer.attempt())
}

/// Implements [`Transaction::add_to_batch`](crate::keyring::Transaction::add_to_batch).
pub(super) fn add(writer: &mut Writer<'_>, ids: &[KeyId]) -> Result<()> {
    let attempt = writer.attempt();
    let Some(page) = writer.page else { return Err(gone()) };
    for id in ids {
        detach(writer.connection, *id).explain(attempt)?;
        let sql = "UPDATE key SET batch = ?2 WHERE id = ?1 RETURNING seq";
        let mut statement = writer.connection.prepare_cached(sql).explain(attempt)?;
        let seq: Option<i64> =
            statement.query_row(params![id.as_bytes(), page.batch], |row| row.get(0)).optional().explain(attempt)?;
        let seq = seq.ok_or_else(gone)?;
        let sql =
            "UPDATE batch SET first_key = min(coalesce(first_key, ?2), ?2), last_key = max(coalesce(last_key, ?2), ?2),
                   rows = NULL WHERE number = ?1";
        writer
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([page.batch, seq]))
            .explain(attempt)?;
    }
    Ok(())
}

/// Implements [`Transaction::complete_batch`](crate::keyring::Transaction::complete_batch).
pub(super) fn complete(
    writer: &mut Writer<'_>,
    id: BatchId,
    action: Action,
    mut facts: Map<String, Value>,
) -> Result<()> {
    let attempt = writer.attempt();
    finish_page(writer).explain(attempt)?;
    let batch = stored(writer.connection, &open(id)).explain(attempt)?.ok_or_else(gone)?;
    if batch.changed {
        return Err(Error::new(
            Code::WrongState,
            "one of the keys was changed or deleted while its secret was being delivered",
            "run `keywright list --all` to see the keys, and try again",
        ));
    }
    let (first, last) = batch.range();
    let rows = match batch.rows {
        Some(rows) => Ranges::parse(&rows),
        None => added_by(writer.connection, id.number(), first, last).explain(attempt)?,
    };
    facts.insert("rows".to_owned(), rows.to_json());
    writer
        .connection
        .execute(
            "UPDATE batch SET completed_at = ?2 WHERE number = ?1",
            params![id.number(), writer.entry.at.seconds()],
        )
        .and_then(|_| writer.audit(action, None, &Value::Object(facts).to_string()))
        .explain(attempt)?;
    // If there are few keys, no other process ever sees the completed batch.
    if last.saturating_sub(first) < batch_rows::PAGE {
        batch_rows::apply_page(writer.connection).explain(attempt)?;
    }
    Ok(())
}

/// Returns the ranges of audit rows that added the keys of a batch.
fn added_by(connection: &Connection, batch: i64, first: i64, last: i64) -> rusqlite::Result<Ranges> {
    let mut rows = Ranges::default();
    let mut keys = connection.prepare("SELECT id FROM key WHERE seq BETWEEN ?1 AND ?2 AND batch = ?3 ORDER BY seq")?;
    let mut keys = keys.query([first, last, batch])?;
    while let Some(key) = keys.next()? {
        if let Some(seq) = adding_row(connection, KeyId::from_bytes(key.get(0)?))? {
            rows.add(seq, seq);
        }
    }
    Ok(rows)
}

/// Implements [`Keyring::abandoned_batches`](crate::keyring::Keyring::abandoned_batches).
pub(super) fn abandoned(connection: &Connection, entry: &Entry, before: Time) -> rusqlite::Result<Vec<BatchId>> {
    let mut statement =
        connection.prepare_cached("SELECT number, process, written_at FROM batch WHERE completed_at IS NULL")?;
    let mut rows = statement.query([])?;
    let mut abandoned = Vec::new();
    while let Some(row) = rows.next()? {
        let process: Option<String> = row.get(1)?;
        let is_late = row.get::<_, i64>(2)? < before.seconds();
        if is_late || process.is_some_and(|process| !may_run(&process, entry)) {
            abandoned.push(BatchId::new(row.get(0)?));
        }
    }
    Ok(abandoned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::entry;

    #[test]
    fn a_process_on_this_host_is_known_to_have_ended() {
        let entry = entry(0);
        assert!(may_run(&process(&entry), &entry));
        assert!(may_run(&format!("{} on another-host", i32::MAX), &entry));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        if cfg!(target_os = "linux") {
            while may_run(&format!("{} on {}", child.id(), entry.host), &entry) {
                std::thread::yield_now();
            }
        }
        child.wait().unwrap();
        assert!(!may_run(&format!("{} on {}", child.id(), entry.host), &entry));
        assert!(!may_run("damaged", &entry));
    }
}
