//! The stored state of batches, and its effect on their keys.

use crate::{key::KeyId, keyring::BatchId};
use rusqlite::{Connection, OptionalExtension as _};
use std::borrow::Cow;

/// Expands to the SQL expression for the effective activation time of a row of the table `key`: the stored time if
/// there is one, and otherwise the time at which the key's batch was completed. The expression is NULL if the key is
/// pending, or if the key refers to a batch that is not complete or does not exist.
macro_rules! activated_at {
    () => {
        "CASE WHEN batch IS NULL THEN activated_at ELSE (SELECT coalesce(key.activated_at, b.completed_at) \
         FROM batch AS b WHERE b.number = key.batch AND b.completed_at IS NOT NULL) END"
    };
}
pub(super) use activated_at;

/// Expands to the SQL condition for the rows of the table `key` that are listed, which are all except imported keys in a
/// batch that is not complete.
macro_rules! listed {
    () => {
        "(batch IS NULL OR activated_at IS NULL OR EXISTS \
         (SELECT 1 FROM batch AS b WHERE b.number = key.batch AND b.completed_at IS NOT NULL))"
    };
}
pub(super) use listed;

/// The SQL condition for the rows of the table `key` that are listed.
pub(super) const LISTED: &str = listed!();

/// The keys that a query finds.
#[derive(Clone, Copy)]
pub(super) enum Visible {
    /// The listed keys.
    Listed,
    /// The listed keys, and the keys of the batch with this number, which the transaction writes.
    ListedAnd(i64),
    /// Only the keys that are not visible otherwise, because another process is importing them.
    Hidden,
    /// Like `Hidden`, but without the keys of the batch with this number.
    HiddenExcept(i64),
}

impl Visible {
    /// Returns the SQL condition for the rows of the table `key`.
    pub(super) fn condition(self) -> Cow<'static, str> {
        match self {
            Self::Listed => LISTED.into(),
            Self::ListedAnd(batch) => format!("({LISTED} OR batch = {batch})").into(),
            Self::Hidden => concat!("NOT ", listed!()).into(),
            Self::HiddenExcept(batch) => format!("NOT ({LISTED} OR batch = {batch})").into(),
        }
    }

    /// Returns the keys that are visible if these are not, and vice versa.
    pub(super) fn complement(self) -> Self {
        match self {
            Self::Listed => Self::Hidden,
            Self::ListedAnd(batch) => Self::HiddenExcept(batch),
            Self::Hidden => Self::Listed,
            Self::HiddenExcept(batch) => Self::ListedAnd(batch),
        }
    }
}

/// The SQL condition for the rows of the table `key` that refer to a batch that does not exist.
pub(super) const DANGLING: &str =
    "batch IS NOT NULL AND NOT EXISTS (SELECT 1 FROM batch AS b WHERE b.number = key.batch)";

/// The part of a batch that a transaction writes.
#[derive(Clone, Copy)]
pub(super) struct BatchPage {
    pub(super) batch: i64,
    /// The place of the first key that the transaction adds, or `None` if it has added none yet. The place is taken
    /// immediately before, because a deletion in the same transaction frees the numbers of the newest rows.
    pub(super) start: Option<PageStart>,
}

/// The place where the keys of a page begin.
#[derive(Clone, Copy)]
pub(super) struct PageStart {
    /// The number of the last row of the table `key` before the page.
    pub(super) key: i64,
    /// The number of the last audit row before the page.
    pub(super) row: i64,
}

impl BatchPage {
    pub(super) const fn batch(self) -> i64 {
        self.batch
    }
}

/// Removes a key from its batch before the key is changed or deleted. The batch can then no longer be completed. Does
/// nothing if the key is not part of a batch.
pub(super) fn detach(connection: &Connection, id: KeyId) -> rusqlite::Result<()> {
    let sql = "UPDATE batch SET changed = 1 WHERE number = (SELECT batch FROM key WHERE id = ?1)";
    if connection.prepare_cached(sql)?.execute([id.as_bytes()])? > 0 {
        connection.prepare_cached("UPDATE key SET batch = NULL WHERE id = ?1")?.execute([id.as_bytes()])?;
    }
    Ok(())
}

/// Returns `true` if the keyring contains a batch, whether complete or not.
pub(super) fn exists(connection: &Connection) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM batch LIMIT 1")?.exists([])
}

/// A row of the table `batch`.
pub(super) struct StoredBatch {
    pub(super) number: i64,
    first: Option<i64>,
    last: Option<i64>,
    pub(super) completed: Option<i64>,
    pub(super) rows: Option<String>,
    pub(super) changed: bool,
}

impl StoredBatch {
    /// Returns the numbers of the first and the last row of the table `key` that can be part of the batch. If there is
    /// no such row, the last number is less than the first.
    pub(super) fn range(&self) -> (i64, i64) {
        (self.first.unwrap_or(0), self.last.unwrap_or(-1))
    }
}

/// Returns the SQL condition for the batch with the given id, which is true only if the batch is not complete.
pub(super) fn open(id: BatchId) -> String {
    format!("completed_at IS NULL AND number = {}", id.number())
}

pub(super) fn stored(connection: &Connection, condition: &str) -> rusqlite::Result<Option<StoredBatch>> {
    let sql =
        format!("SELECT number, first_key, last_key, completed_at, rows, changed FROM batch WHERE {condition} LIMIT 1");
    connection
        .prepare_cached(&sql)?
        .query_row([], |row| {
            Ok(StoredBatch {
                number: row.get(0)?,
                first: row.get(1)?,
                last: row.get(2)?,
                completed: row.get(3)?,
                rows: row.get(4)?,
                changed: row.get(5)?,
            })
        })
        .optional()
}

/// Returns the number of the newest audit row that records the generation or the import of a key, or `None` if there is
/// no such row.
pub(super) fn adding_row(connection: &Connection, id: KeyId) -> rusqlite::Result<Option<i64>> {
    // A restore also appends rows about changes of keys, in which the state is a list.
    let sql = "SELECT max(seq) FROM audit WHERE key_id = ?1 AND action IN ('reserve', 'import', 'restore')
               AND facts NOT LIKE '%\"state\":[%'";
    connection.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0))
}
