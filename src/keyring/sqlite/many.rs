//! Many keys in one transaction.
//!
//! What takes time is not SQLite alone: a row's digest, what the audit log tells of it and its link of the chain cost as much
//! as storing them. So a second thread works these out in chunks while this one stores the rows before. Nothing small is
//! handed over, for what one thread allocates and another frees keeps both waiting. One statement adds many rows, because
//! opening a table and its dozen indexes takes SQLite as long as adding a row to them. Ids that ascend keep the pages of the
//! indexes that they go into close at hand.

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
        Action, Batch, Entry,
        audit::{Link, write_summary},
        record::{self, COUNT, Composed, Digester},
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

/// How many rows one statement adds. Some thousand values are bound to it then; with more of them it gets no faster.
const ROWS: usize = 64;

/// How many rows go from one thread to the other at a time.
const CHUNK: usize = 4 * ROWS;

/// How many chunks may wait.
const WAITING: usize = 4;

/// What SQLite may keep of the file meanwhile, in KiB: enough that a page is not written twice.
const CACHE: i64 = 16 * 1024;

/// Works something out for every chunk of a batch in another thread, and stores it in this one, in order. What was stored goes
/// back, so that its memory serves again.
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
                // Nobody receives any more once storing has failed.
                if send.send((chunk, room)).is_err() {
                    break;
                }
            }
        };
        thread::Builder::new().spawn_scoped(scope, work).map_err(Error::no_thread)?;
        for (chunk, room) in receive {
            store(chunk, &room)?;
            // The last ones are not wanted any more.
            let _ = give_back.send(room);
        }
        Ok(())
    })
}

/// Lets SQLite keep more of the file, which it writes once the transaction ends.
fn roomy(writer: &Writer<'_>) -> Result<()> {
    writer.connection.pragma_update(None, "cache_size", -CACHE).explain(writer.attempt())
}

/// A statement that adds rows: so many at once, or one.
struct Insert<'a> {
    many: Statement<'a>,
    one: Statement<'a>,
    /// How many values are bound once, for all rows.
    shared: usize,
    /// How many values every row has of its own.
    own: usize,
    /// Which of the values of `many` are not NULL: most columns of a key are not set, and what is NULL need not be bound again.
    set: Vec<bool>,
}

impl<'a> Insert<'a> {
    /// `sql` ends with the values of one row.
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

    /// Adds so many rows, which have these values.
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

/// Rows that are to be added.
#[derive(Default)]
struct Added {
    keys: Packed,
    /// What their audit rows do not share.
    audit: Packed,
    /// The last audit row.
    head: Head,
}

/// Adds every key, each with its audit row.
pub(super) fn insert(writer: &mut Writer<'_>, keys: Batch<'_>, action: Action) -> Result<()> {
    roomy(writer)?;
    let (entry, mut head) = (writer.entry, writer.head);
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
    /// Adds a row and its audit row, and returns the new head of the log.
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
        let told = self.audit.push_text(|bytes| write_summary(&key.view(), bytes));
        // It is made of texts.
        let facts = str::from_utf8(told).unwrap_or_default();
        let hash = Link { entry, action, key: Some(key.id), facts }.hash(&head.hash);
        self.audit.push(ValueRef::Blob(&hash));
        Head { seq, hash }
    }
}

/// The digests of rows as they are and as they are to be, each 32 bytes.
#[derive(Default)]
struct Activated {
    before: Vec<u8>,
    after: Vec<u8>,
}

/// Makes every key active that is as it was inserted, with one audit row for all. They are found by their numbers, which
/// follow each other.
pub(super) fn activate(writer: &mut Writer<'_>, keys: Batch<'_>) -> Result<()> {
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
    // `substr` counts from 1.
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
    let facts = serde_json::json!({ "keys": keys.count, "first": name(0), "last": name(keys.count.saturating_sub(1)) });
    writer.audit(Action::Activate, None, &facts.to_string()).explain(writer.attempt())
}

fn digest(key: &Key, digester: &mut Digester) -> [u8; 32] {
    let composed = Composed::of(key);
    digester.digest(record::cells(key, &composed).into_iter())
}

fn changed(id: KeyId) -> Error {
    Error::new(
        Code::WrongState,
        format!("key {id} was changed or removed while its secret was on the way"),
        "look with `keywright list --all`, and run it again",
    )
}

/// Removes those of the keys that are still pending, with one audit row for all.
pub(super) fn delete(writer: &mut Writer<'_>, ids: &[KeyId], action: Action, at: Time) -> Result<()> {
    roomy(writer)?;
    let mut gone = 0;
    {
        let sql = "DELETE FROM key WHERE id = ?1 AND activated_at IS NULL AND coalesce(revoked_at > ?2, 1)";
        let mut statement = writer.connection.prepare_cached(sql).explain(writer.attempt())?;
        for id in ids {
            gone += statement.execute(params![id.as_bytes(), at.seconds()]).explain(writer.attempt())?;
        }
    }
    writer.audit(action, None, &serde_json::json!({ "keys": gone }).to_string()).explain(writer.attempt())
}
