//! Updating the keys of completed batches, and deleting the keys of batches that will not be completed.

use super::{
    batch_state::{adding_row, open, stored},
    error::Explain,
    ranges::Ranges,
    row::{self, COLUMNS},
    writer::Writer,
};
use crate::{
    error::Result,
    key::KeyId,
    keyring::{
        Action, BatchId,
        record::{COUNT, Cell, Column, Digester},
    },
};
use rusqlite::{CachedStatement, Connection, params};

/// The maximum number of keys of a batch that a single transaction updates or deletes. The number is smaller in unit
/// tests, so that the batches in the tests have several pages.
pub(super) const PAGE: i64 = if cfg!(test) { 512 } else { 1 << 15 };

/// Returns `true` if there is a completed batch whose keys have not been updated yet.
pub(super) fn has_completed(connection: &Connection) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM batch WHERE completed_at IS NOT NULL LIMIT 1")?.exists([])
}

/// Stores the activation times of the next keys of a completed batch, removes these keys from the batch, and deletes
/// the batch after the last key. Does nothing if there is no completed batch. Appends no audit row, because nothing
/// changes for a reader.
pub(super) fn apply_page(connection: &Connection) -> rusqlite::Result<()> {
    let Some(batch) = stored(connection, "completed_at IS NOT NULL")? else { return Ok(()) };
    let (first, last) = batch.range();
    let select = format!(
        "SELECT {COLUMNS}, digest, seq FROM key WHERE seq BETWEEN ?1 AND ?2 AND batch = ?3 ORDER BY seq LIMIT ?4"
    );
    let mut select = connection.prepare_cached(&select)?;
    let mut release = connection.prepare_cached("UPDATE key SET batch = NULL WHERE seq = ?1")?;
    let mut rows = select.query(params![first, last, batch.number, PAGE])?;
    let (mut seen, mut seq) = (0, first);
    let (mut digester, mut run) = (Digester::default(), Run::new(connection, batch.completed)?);
    while let Some(found) = rows.next()? {
        seen += 1;
        seq = found.get(COUNT + 1)?;
        // A damaged row must remain recognizable as such.
        match row::intact_cells(found, &mut digester)? {
            Some(mut cells) if cells[Column::ActivatedAt as usize] == Cell::Null => {
                cells[Column::ActivatedAt as usize] = batch.completed.map_or(Cell::Null, Cell::Integer);
                run.add(seq, &digester.digest(cells.into_iter()))?;
            }
            _ => drop(release.execute([seq])?),
        }
    }
    run.write()?;
    if seen < PAGE {
        connection.execute("DELETE FROM batch WHERE number = ?1", [batch.number]).map(drop)
    } else {
        connection.execute("UPDATE batch SET first_key = ?2 WHERE number = ?1", [batch.number, seq + 1]).map(drop)
    }
}

/// The maximum number of rows that a single statement updates.
const ROWS: usize = 256;

/// Consecutive rows of the table `key` that a single statement updates, with their new digests one after another.
struct Run<'a> {
    update: CachedStatement<'a>,
    completed: Option<i64>,
    first: i64,
    digests: Vec<u8>,
}

impl<'a> Run<'a> {
    fn new(connection: &'a Connection, completed: Option<i64>) -> rusqlite::Result<Self> {
        // `substr` counts from 1.
        let sql = "UPDATE key SET batch = NULL, activated_at = ?1, digest = substr(?2, (seq - ?3) * 32 + 1, 32)
                   WHERE seq BETWEEN ?3 AND ?4";
        Ok(Self {
            update: connection.prepare_cached(sql)?,
            completed,
            first: 0,
            digests: Vec::with_capacity(32 * ROWS),
        })
    }

    /// Returns the number of the row that would continue the run.
    fn end(&self) -> i64 {
        self.first.saturating_add_unsigned(self.digests.len() as u64 / 32)
    }

    fn add(&mut self, seq: i64, digest: &[u8; 32]) -> rusqlite::Result<()> {
        if seq != self.end() || self.digests.len() == 32 * ROWS {
            self.write()?;
            self.first = seq;
        }
        self.digests.extend_from_slice(digest);
        Ok(())
    }

    /// Updates the rows and empties the run. Does nothing if the run is empty.
    fn write(&mut self) -> rusqlite::Result<()> {
        if !self.digests.is_empty() {
            let last = self.end() - 1;
            self.update.execute(params![self.completed, self.digests, self.first, last])?;
            self.digests.clear();
        }
        Ok(())
    }
}

/// Deletes the next keys of a batch that is not complete, with an audit row, and deletes the batch after the last key.
/// Pending keys that have been revoked are kept, and so are keys that were complete before, which only somebody who has
/// edited the file can have put into the batch. They no longer belong to the batch. Returns `true` if the batch has been deleted.
pub(super) fn discard_page(writer: &mut Writer<'_>, id: BatchId) -> Result<bool> {
    let attempt = writer.attempt();
    let Some(batch) = stored(writer.connection, &open(id)).explain(attempt)? else { return Ok(true) };
    let (first, last) = batch.range();
    let (mut rows, mut gone, mut seen, mut next) = (Ranges::default(), 0, 0, first);
    {
        let sql = "SELECT seq, id, CASE WHEN activated_at IS NULL THEN revoked_at IS NULL
                          ELSE EXISTS (SELECT 1 FROM batch WHERE number = ?3 AND process IS NOT NULL)
                               AND (SELECT action = 'import' FROM audit WHERE key_id = key.id ORDER BY seq DESC LIMIT 1) END
                   FROM key
                   WHERE seq BETWEEN ?1 AND ?2 AND batch = ?3 ORDER BY seq LIMIT ?4";
        let mut select = writer.connection.prepare_cached(sql).explain(attempt)?;
        let mut delete = writer.connection.prepare_cached("DELETE FROM key WHERE seq = ?1").explain(attempt)?;
        let mut release =
            writer.connection.prepare_cached("UPDATE key SET batch = NULL WHERE seq = ?1").explain(attempt)?;
        let values = params![first, last, batch.number, PAGE];
        let mut found = select.query(values).explain(attempt)?;
        while let Some(row) = found.next().explain(attempt)? {
            let (seq, id, is_deleted): (i64, [u8; 16], bool) =
                (|| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))().explain(attempt)?;
            (seen, next) = (seen + 1, seq + 1);
            if is_deleted {
                gone += 1;
                delete.execute([seq]).explain(attempt)?;
                if let Some(seq) = adding_row(writer.connection, KeyId::from_bytes(id)).explain(attempt)? {
                    rows.add(seq, seq);
                }
            } else {
                release.execute([seq]).explain(attempt)?;
            }
        }
    }
    let is_last = seen < PAGE;
    let (sql, values) = if is_last {
        ("DELETE FROM batch WHERE number = ?1 AND ?2", [batch.number, 1])
    } else {
        ("UPDATE batch SET first_key = ?2, changed = 1 WHERE number = ?1", [batch.number, next])
    };
    writer.connection.execute(sql, values).explain(attempt)?;
    if gone > 0 {
        let facts = serde_json::json!({ "keys": gone, "rows": rows.to_json() });
        writer.audit(Action::Discard, None, &facts.to_string()).explain(attempt)?;
    }
    Ok(is_last)
}
