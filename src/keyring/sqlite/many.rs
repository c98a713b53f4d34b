//! Inserting many keys in one transaction.
//!
//! Computing the digest of a row, the facts of its audit row and its link in the hash chain takes about as long as
//! storing both rows. A second thread therefore computes these values in chunks while the current thread stores the
//! previous chunk. The threads only exchange large buffers, because memory that is allocated in one thread and freed in
//! the other makes both threads wait. Each statement inserts many rows, because opening a table with a dozen indexes
//! takes SQLite as long as inserting a row. Ids are in ascending order, which keeps the index pages in the cache.

use super::{
    audit::AUDIT, batch, error::Explain, packed::Packed, row::COLUMNS, thumbprint, values::value, writer::Writer,
};
use crate::{
    error::{Error, Result},
    key::Key,
    keyring::{
        Action, Entry, Head, NewKeys,
        audit::{Link, write_summary},
        record::{self, COUNT, Composed, Digester},
        state::{Change, ObjectState},
    },
};
use rusqlite::{
    Connection, Statement,
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

/// The maximum number of rows in a chunk that one thread passes to the other.
const CHUNK: usize = 4 * ROWS;

/// The maximum number of computed chunks that are waiting to be stored.
const WAITING: usize = 4;

/// The size of the SQLite page cache in KiB. It is larger than the default, so that fewer pages of a large transaction are
/// written more than once.
const CACHE: i64 = 16 * 1024;

/// Calls `prepare` for each chunk of `count` rows in another thread, and `store` for each prepared chunk in the current
/// thread, in order. The buffers of stored chunks are returned to the other thread for reuse.
fn prepared<T: Default + Send>(
    count: usize,
    mut prepare: impl FnMut(Range<usize>, &mut T) -> Result<()> + Send,
    mut store: impl FnMut(Range<usize>, &T) -> Result<()>,
) -> Result<()> {
    let (send, receive) = sync_channel(WAITING);
    let (give_back, spare) = channel::<T>();
    thread::scope(|scope| {
        let work = move || {
            for start in (0..count).step_by(CHUNK) {
                let chunk = start..count.min(start + CHUNK);
                let mut room = spare.try_recv().unwrap_or_default();
                let prepared = prepare(chunk.clone(), &mut room).map(|()| (chunk, room));
                let failed = prepared.is_err();
                // The receiver is dropped when storing fails.
                if send.send(prepared).is_err() || failed {
                    break;
                }
            }
        };
        thread::Builder::new().spawn_scoped(scope, work).map_err(Error::no_thread)?;
        for prepared in receive {
            let (chunk, room) = prepared?;
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

/// While it exists, the connection does not check the CHECK constraints of the schema, which the values of a [`Key`] and
/// of its audit row meet.
///
/// If a statement can fail with some of its rows inserted, SQLite copies each page that the statement changes, to undo the
/// statement alone. With three indexes of random values, that takes as long as the insertion. `INSERT OR FAIL` leaves such rows
/// to the transaction, which is undone as a whole, but a function in a CHECK constraint can fail nevertheless.
struct Unchecked<'a>(&'a Connection);

impl<'a> Unchecked<'a> {
    fn new(connection: &'a Connection) -> rusqlite::Result<Self> {
        connection.pragma_update(None, "ignore_check_constraints", true).map(|()| Self(connection))
    }
}

impl Drop for Unchecked<'_> {
    fn drop(&mut self) {
        // It sets a flag of the connection, which cannot fail.
        let _ = self.0.pragma_update(None, "ignore_check_constraints", false);
    }
}

/// A pair of prepared statements, one that inserts [`ROWS`] rows and one that inserts a single row.
struct Insert<'a> {
    many: Statement<'a>,
    one: Statement<'a>,
    /// The number of values that all rows share and that are bound only once.
    shared: usize,
    /// The number of values that are specific to each row.
    own: usize,
    /// One flag for each row-specific parameter of `many`, which is `true` if the parameter is bound to a value other
    /// than NULL. Most columns of a key are NULL, and NULL does not have to be bound again.
    set: Vec<bool>,
}

impl<'a> Insert<'a> {
    /// Prepares both statements from an SQL statement that ends with the values of a single row, and binds the shared
    /// values.
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
    let number = batch::number_for_new(writer).explain(writer.attempt())?;
    let (entry, mut head) = (&*writer.entry, writer.head);
    let mut digester = Digester::default();
    let prepare = move |chunk: Range<usize>, rows: &mut Added| {
        rows.keys.clear();
        rows.audit.clear();
        for index in chunk {
            head = rows.add(&keys.key(index)?, entry, action, head, &mut digester);
        }
        rows.head = head;
        Ok(())
    };
    let attempt = writer.attempt();
    let sql = format!(
        "INSERT OR FAIL INTO key (batch, {COLUMNS}, digest, thumbprint) VALUES (?1{})",
        ", ?".repeat(COUNT + 2)
    );
    let batch = number.map_or(ValueRef::Null, ValueRef::Integer);
    let _unchecked = Unchecked::new(writer.connection).explain(attempt)?;
    let mut insert = Insert::new(writer.connection, &sql, &[batch], COUNT + 2).explain(attempt)?;
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
        self.keys.push(thumbprint::value(thumbprint::of(key).as_ref()));
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
