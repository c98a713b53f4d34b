//! Inserting, activating and deleting many keys in one transaction.
//!
//! Computing the digest of a row, the facts of its audit row and its link in the hash chain takes about as long as
//! storing both rows. A second thread therefore computes these values in chunks while the current thread stores the
//! previous chunk. The threads only exchange large buffers, because memory that is allocated in one thread and freed in
//! the other makes both threads wait. Each statement inserts many rows, because opening a table with a dozen indexes
//! takes SQLite as long as inserting a row. Ids are in ascending order, which keeps the index pages in the cache.

use super::{
    audit::{AUDIT, Head},
    error::Explain,
    packed::Packed,
    row::COLUMNS,
    values::value,
    writer::Writer,
};
use crate::{
    error::{Code, Error, Result},
    key::{Key, KeyId, Time},
    keyring::{
        Action, Entry, NewKeys,
        audit::{Link, write_summary},
        record::{self, COUNT, Composed, Digester},
        state::{Change, ObjectState},
    },
};
use rusqlite::{
    Connection, OptionalExtension, Statement, params,
    types::{ToSqlOutput, ValueRef},
};
use std::{
    ops::Range,
    sync::mpsc::{channel, sync_channel},
    thread,
};

/// The number of rows that a single statement inserts. For keys, the statement then has about two thousand parameters.
/// Larger statements are not faster.
const ROWS: usize = 64;

/// The number of rows in each chunk that one thread passes to the other.
const CHUNK: usize = 4 * ROWS;

/// The maximum number of computed chunks that are waiting to be stored.
const WAITING: usize = 4;

/// The size of the SQLite page cache in KiB. It is larger than the default, so that fewer pages of a large transaction are
/// written more than once.
const CACHE: i64 = 16 * 1024;

/// Computes the chunks of keys in another thread, and stores them in the current thread, in order. The buffers of
/// stored chunks are returned to the other thread for reuse.
fn prepared<T: Default + Send>(
    count: usize,
    mut prepare: impl FnMut(Range<usize>, &mut T) + Send,
    mut store: impl FnMut(Range<usize>, &T) -> Result<()>,
) -> Result<()> {
    let (send, receive) = sync_channel(WAITING);
    let (give_back, spare) = channel::<T>();
    thread::scope(|scope| {
        let work = move || {
            for start in (0..count).step_by(CHUNK) {
                let chunk = start..count.min(start + CHUNK);
                let mut room = spare.try_recv().unwrap_or_default();
                prepare(chunk.clone(), &mut room);
                // The receiver is dropped when storing fails.
                if send.send((chunk, room)).is_err() {
                    break;
                }
            }
        };
        thread::Builder::new().spawn_scoped(scope, work).map_err(Error::no_thread)?;
        for (chunk, room) in receive {
            store(chunk, &room)?;
            // The receiver is dropped after the last chunk.
            let _ = give_back.send(room);
        }
        Ok(())
    })
}

/// Enlarges the connection's page cache to [`CACHE`].
fn roomy(writer: &Writer<'_>) -> Result<()> {
    writer.connection.pragma_update(None, "cache_size", -CACHE).explain(writer.attempt())
}

/// A pair of prepared statements, one that inserts [`ROWS`] rows and one that inserts a single row.
struct Insert<'a> {
    many: Statement<'a>,
    one: Statement<'a>,
    /// The number of values that all rows share. They are bound only once.
    shared: usize,
    /// The number of values that are specific to each row.
    own: usize,
    /// One flag for each row-specific parameter of `many`, which is `true` if the parameter is bound to a value other
    /// than NULL. Most columns of a key are NULL, and NULL does not have to be bound again.
    set: Vec<bool>,
}

impl<'a> Insert<'a> {
    /// Prepares both statements from an SQL statement that ends with the values of a single row.
    fn new(connection: &'a Connection, sql: &str, shared: &[ValueRef<'_>], own: usize) -> rusqlite::Result<Self> {
        let row = &sql[sql.rfind('(').unwrap_or_default()..];
        let mut many = connection.prepare(&format!("{sql}{}", format!(", {row}").repeat(ROWS - 1)))?;
        let mut one = connection.prepare(sql)?;
        for (place, value) in (1..).zip(shared) {
            many.raw_bind_parameter(place, ToSqlOutput::Borrowed(*value))?;
            one.raw_bind_parameter(place, ToSqlOutput::Borrowed(*value))?;
        }
        Ok(Self { many, one, shared: shared.len(), own, set: vec![false; ROWS * own] })
    }

    /// Inserts `rows` rows. `values` yields the row-specific values of each row in turn.
    fn add<'v>(&mut self, rows: usize, values: &mut impl Iterator<Item = ValueRef<'v>>) -> rusqlite::Result<()> {
        for _ in 0..rows / ROWS {
            for ((place, value), set) in (self.shared + 1..).zip(values.take(self.set.len())).zip(&mut self.set) {
                let is_set = value != ValueRef::Null;
                if is_set || *set {
                    self.many.raw_bind_parameter(place, ToSqlOutput::Borrowed(value))?;
                }
                *set = is_set;
            }
            self.many.raw_execute()?;
        }
        for _ in 0..rows % ROWS {
            for (place, value) in (self.shared + 1..).zip(values.take(self.own)) {
                self.one.raw_bind_parameter(place, ToSqlOutput::Borrowed(value))?;
            }
            self.one.raw_execute()?;
        }
        Ok(())
    }
}

/// The values of the rows in a chunk to insert.
#[derive(Default)]
struct Added {
    keys: Packed,
    /// The values that are specific to each audit row.
    audit: Packed,
    /// The head of the audit log after the last audit row of the chunk.
    head: Head,
}

/// Inserts keys, each with its own audit row.
pub(super) fn insert(writer: &mut Writer<'_>, keys: NewKeys<'_>, action: Action) -> Result<()> {
    roomy(writer)?;
    let (entry, mut head) = (&*writer.entry, writer.head);
    let mut digester = Digester::default();
    let prepare = move |chunk: Range<usize>, rows: &mut Added| {
        rows.keys.clear();
        rows.audit.clear();
        for index in chunk {
            head = rows.add(&keys.key(index), entry, action, head, &mut digester);
        }
        rows.head = head;
    };
    let attempt = writer.attempt();
    let sql = format!("INSERT INTO key ({COLUMNS}, digest) VALUES (?{})", ", ?".repeat(COUNT));
    let mut insert = Insert::new(writer.connection, &sql, &[], COUNT + 1).explain(attempt)?;
    let Entry { at, clock_set, user, host, command } = entry;
    let text = |text: &'static str| ValueRef::Text(text.as_bytes());
    let shared = [
        ValueRef::Integer(at.seconds()),
        ValueRef::Integer((*clock_set).into()),
        ValueRef::Text(user.as_bytes()),
        ValueRef::Text(host.as_bytes()),
        ValueRef::Text(command.as_bytes()),
        text(action.word()),
    ];
    let mut audit = Insert::new(writer.connection, AUDIT, &shared, 4).explain(attempt)?;
    let newest = &mut writer.head;
    prepared(keys.count, prepare, |chunk, rows: &Added| {
        insert.add(chunk.len(), &mut rows.keys.values()).explain(attempt)?;
        audit.add(chunk.len(), &mut rows.audit.values()).explain(attempt)?;
        *newest = rows.head;
        Ok(())
    })
}

impl Added {
    /// Adds the row of a key and its audit row to the chunk, and returns the new head of the log.
    fn add(&mut self, key: &Key, entry: &Entry, action: Action, head: Head, digester: &mut Digester) -> Head {
        let composed = Composed::of(key);
        let cells = record::cells(key, &composed);
        for cell in cells {
            self.keys.push(value(cell));
        }
        self.keys.push(ValueRef::Blob(&digester.digest(cells.into_iter())));
        let seq = head.seq.saturating_add(1);
        self.audit.push(ValueRef::Integer(seq));
        self.audit.push(ValueRef::Blob(key.id.as_bytes()));
        let change = Change::added(ObjectState::of_key(&cells, digester));
        let summary = self.audit.push_text(|bytes| {
            write_summary(&key.view(), bytes);
            change.append(bytes);
        });
        // JSON text is always UTF-8.
        let facts = str::from_utf8(summary).unwrap_or_default();
        let hash = Link { entry, action, key: Some(key.id), facts }.hash(&head.hash);
        self.audit.push(ValueRef::Blob(&hash));
        Head { seq, hash }
    }
}

/// The digests of the rows in a chunk before and after the activation, 32 bytes for each row.
#[derive(Default)]
struct Activated {
    before: Vec<u8>,
    after: Vec<u8>,
}

/// Activates keys that have not changed since they were inserted, with a single audit row for all of them. The keys are
/// looked up by their row numbers, which are consecutive because [`insert`] has inserted the keys in the same order.
pub(super) fn activate(writer: &mut Writer<'_>, keys: NewKeys<'_>) -> Result<()> {
    roomy(writer)?;
    let (at, attempt) = (writer.entry.at, writer.attempt());
    let first = keys.key(0);
    let number: Option<i64> = writer
        .connection
        .prepare_cached("SELECT seq FROM key WHERE id = ?1")
        .and_then(|mut statement| statement.query_row([first.id.as_bytes()], |row| row.get(0)).optional())
        .explain(attempt)?;
    let number = number.ok_or_else(|| changed(first.id))?;
    let mut digester = Digester::default();
    let prepare = move |chunk: Range<usize>, rows: &mut Activated| {
        rows.before.clear();
        rows.after.clear();
        for index in chunk {
            let mut key = keys.key(index);
            rows.before.extend(digest(&key, &mut digester));
            key.lifecycle.activated = Some(at);
            rows.after.extend(digest(&key, &mut digester));
        }
    };
    // Positions in `substr` start at 1.
    let sql = "UPDATE key SET activated_at = ?1, digest = substr(?2, (seq - ?3) * 32 + 1, 32)
               WHERE seq BETWEEN ?3 AND ?4 AND digest = substr(?5, (seq - ?3) * 32 + 1, 32)";
    let mut update = writer.connection.prepare(sql).explain(attempt)?;
    prepared(keys.count, prepare, |chunk, rows: &Activated| {
        let from = number.saturating_add_unsigned(chunk.start as u64);
        let to = number.saturating_add_unsigned(chunk.end as u64 - 1);
        let values = params![at.seconds(), rows.after, from, to, rows.before];
        if update.execute(values).explain(attempt)? == chunk.len() {
            return Ok(());
        }
        let mut found =
            writer.connection.prepare("SELECT 1 FROM key WHERE seq = ?1 AND digest = ?2").explain(attempt)?;
        for ((index, number), after) in chunk.zip(from..).zip(rows.after.chunks(32)) {
            if !found.exists(params![number, after]).explain(attempt)? {
                return Err(changed(keys.key(index).id));
            }
        }
        Ok(())
    })?;
    let name = |index| keys.key(index).description.name.to_string();
    let rows = added_by(writer.connection, keys).explain(writer.attempt())?;
    let facts = serde_json::json!({
        "keys": keys.count, "first": name(0), "last": name(keys.count.saturating_sub(1)), "rows": rows,
    });
    writer.audit(Action::Activate, None, &facts.to_string()).explain(writer.attempt())
}

/// Returns the ranges of audit rows that added the keys. They are recorded with the activation, so that a replay
/// of the log knows which keys were activated.
fn added_by(connection: &Connection, keys: NewKeys<'_>) -> rusqlite::Result<Vec<(i64, i64)>> {
    let mut ranges = Ranges::default();
    let last = keys.count.saturating_sub(1);
    let Some(first) = adding_row(connection, keys.key(0).id)? else { return Ok(Vec::new()) };
    // Usually, the keys were added by consecutive rows.
    let end = first.saturating_add_unsigned(last as u64);
    let found: Option<Vec<u8>> =
        connection.query_row("SELECT key_id FROM audit WHERE seq = ?1", [end], |row| row.get(0)).optional()?.flatten();
    if found.is_some_and(|id| id == keys.key(last).id.as_bytes()) {
        return Ok(vec![(first, end)]);
    }
    for index in 0..keys.count {
        adding_row(connection, keys.key(index).id)?.into_iter().for_each(|seq| ranges.add(seq));
    }
    Ok(ranges.0)
}

/// Returns the number of the audit row that added a key.
fn adding_row(connection: &Connection, id: KeyId) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT max(seq) FROM audit WHERE key_id = ?1 AND action IN ('reserve', 'import')";
    connection.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0))
}

/// Ranges of row numbers, both ends included.
#[derive(Default)]
struct Ranges(Vec<(i64, i64)>);

impl Ranges {
    fn add(&mut self, seq: i64) {
        match self.0.last_mut() {
            Some((_, end)) if *end + 1 == seq => *end = seq,
            _ => self.0.push((seq, seq)),
        }
    }
}

fn digest(key: &Key, digester: &mut Digester) -> [u8; 32] {
    let composed = Composed::of(key);
    digester.digest(record::cells(key, &composed).into_iter())
}

fn changed(id: KeyId) -> Error {
    Error::new(
        Code::WrongState,
        format!("key {id} was changed or deleted while its secret was being delivered"),
        "run `keywright list --all` to see the keys, and try again",
    )
}

/// Deletes those of the given keys that have been neither activated nor revoked by the time `at`, with a single audit
/// row for all of them.
pub(super) fn delete(writer: &mut Writer<'_>, ids: &[KeyId], action: Action, at: Time) -> Result<()> {
    roomy(writer)?;
    let (mut gone, mut rows) = (0, Ranges::default());
    {
        let sql = "DELETE FROM key WHERE id = ?1 AND activated_at IS NULL AND coalesce(revoked_at > ?2, 1)";
        let mut statement = writer.connection.prepare_cached(sql).explain(writer.attempt())?;
        for id in ids {
            if statement.execute(params![id.as_bytes(), at.seconds()]).explain(writer.attempt())? == 1 {
                gone += 1;
                adding_row(writer.connection, *id).explain(writer.attempt())?.into_iter().for_each(|seq| rows.add(seq));
            }
        }
    }
    let facts = serde_json::json!({ "keys": gone, "rows": rows.0 });
    writer.audit(action, None, &facts.to_string()).explain(writer.attempt())
}
