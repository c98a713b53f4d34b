//! Many keys in one transaction.
//!
//! What takes time is not SQLite alone: a row's digest, what the audit log tells of it and its link of the chain cost as much
//! as storing them. So a second thread works these out in chunks while this one stores the rows before. Nothing small is
//! handed over, for what one thread allocates and another frees keeps both waiting. Ids that ascend keep the pages of the
//! indexes that they go into close at hand.

use super::{
    digest,
    error::Explain,
    row::{self, COLUMNS, COUNT},
    write::{AUDIT, Writer},
};
use crate::{
    error::{Code, Error, Result},
    key::{Key, KeyId, Time, summarise},
    keyring::{Action, Batch, Entry, audit::Link},
};
use rusqlite::{params, params_from_iter};
use std::{
    ops::Range,
    sync::mpsc::{Receiver, sync_channel},
    thread,
};

/// How many rows go from one thread to the other at a time.
const CHUNK: usize = 256;

/// How many chunks may wait.
const WAITING: usize = 4;

/// What SQLite may keep of the file meanwhile, in KiB: enough that a page is not written twice.
const CACHE: i64 = 16 * 1024;

/// What goes with a row that is to be added.
struct Added {
    digest: [u8; 32],
    /// The link of its audit row.
    link: [u8; 32],
    /// Where its facts end among those of its chunk.
    facts_end: usize,
}

/// A row that is to be changed.
struct Activated {
    id: KeyId,
    before: [u8; 32],
    after: [u8; 32],
}

/// Works something out for every chunk of a batch in another thread, and hands it over in order.
fn prepared<T: Send>(
    count: usize,
    mut prepare: impl FnMut(Range<usize>) -> T + Send,
    store: impl FnOnce(Receiver<(Range<usize>, T)>) -> Result<()>,
) -> Result<()> {
    let (send, receive) = sync_channel(WAITING);
    thread::scope(|scope| {
        let work = move || {
            for start in (0..count).step_by(CHUNK) {
                let chunk = start..count.min(start + CHUNK);
                // Nobody receives any more once storing has failed.
                if send.send((chunk.clone(), prepare(chunk))).is_err() {
                    break;
                }
            }
        };
        thread::Builder::new().spawn_scoped(scope, work).map_err(|e| {
            let hint = "raise the limit on threads (`ulimit -u`)";
            Error::new(Code::Internal, "a thread cannot be started", hint).because(anyhow::Error::from(e))
        })?;
        store(receive)
    })
}

/// Lets SQLite keep more of the file, which it writes once the transaction ends.
fn roomy(writer: &Writer<'_>) -> Result<()> {
    writer.connection.pragma_update(None, "cache_size", -CACHE).explain(writer.attempt())
}

/// Adds every key, each with its audit row.
pub(super) fn insert(writer: &mut Writer<'_>, keys: Batch<'_>, action: Action) -> Result<()> {
    roomy(writer)?;
    let (entry, mut head) = (writer.entry, writer.head);
    let prepare = move |chunk: Range<usize>| {
        let mut facts = Vec::with_capacity(CHUNK * 512);
        let rows: Vec<Added> = chunk
            .map(|index| {
                let row = added(&keys.key(index), entry, action, &head, &mut facts);
                head = row.link;
                row
            })
            .collect();
        // It is made of texts.
        (rows, String::from_utf8(facts).unwrap_or_default())
    };
    let mut head = writer.head;
    prepared(keys.count, prepare, |chunks| {
        let sql = format!("INSERT INTO key ({COLUMNS}, digest) VALUES (?{})", ", ?".repeat(COUNT));
        let mut insert = writer.connection.prepare_cached(&sql).explain(writer.attempt())?;
        let mut audit = writer.connection.prepare_cached(AUDIT).explain(writer.attempt())?;
        let word = action.word();
        for (chunk, (rows, facts)) in chunks {
            let mut start = 0;
            for (index, row) in chunk.zip(rows) {
                let key = keys.key(index);
                let handover = row::handover(&key);
                let values = row::values(&key, handover.as_deref());
                insert.execute(params_from_iter(row::bound(&values, &row.digest))).explain(writer.attempt())?;
                let facts = &facts[start..row.facts_end];
                start = row.facts_end;
                let Entry { at, clock_set, user, host, command } = entry;
                let id = key.id.as_bytes();
                let values = params![at.seconds(), clock_set, user, host, command, word, id, facts, row.link];
                audit.execute(values).explain(writer.attempt())?;
                head = row.link;
            }
        }
        Ok(())
    })?;
    writer.head = head;
    Ok(())
}

fn added(key: &Key, entry: &Entry, action: Action, head: &[u8], facts: &mut Vec<u8>) -> Added {
    let start = facts.len();
    summarise(&key.facts(), facts);
    let told = str::from_utf8(&facts[start..]).unwrap_or_default();
    let link = Link { entry, action, key: Some(key.id), facts: told }.hash(head);
    Added { digest: digest(key), link, facts_end: facts.len() }
}

/// Makes every key active that is as it was inserted, with one audit row for all.
pub(super) fn activate(writer: &mut Writer<'_>, keys: Batch<'_>) -> Result<()> {
    roomy(writer)?;
    let at = writer.entry.at;
    let prepare = |chunk: Range<usize>| chunk.map(|index| activated(keys.key(index), at)).collect::<Vec<_>>();
    prepared(keys.count, prepare, |chunks| {
        let sql = "UPDATE key SET activated_at = ?1, digest = ?2 WHERE id = ?3 AND digest = ?4";
        let mut update = writer.connection.prepare_cached(sql).explain(writer.attempt())?;
        for row in chunks.into_iter().flat_map(|(_, rows)| rows) {
            let values = params![at.seconds(), row.after, row.id.as_bytes(), row.before];
            if update.execute(values).explain(writer.attempt())? != 1 {
                return Err(changed(row.id));
            }
        }
        Ok(())
    })?;
    let name = |index| keys.key(index).name.to_string();
    let facts = serde_json::json!({ "keys": keys.count, "first": name(0), "last": name(keys.count.saturating_sub(1)) });
    writer.audit(Action::Activate, None, &facts.to_string()).explain(writer.attempt())
}

fn activated(pending: Key, at: Time) -> Activated {
    let before = digest(&pending);
    let mut active = pending;
    active.lifecycle.activated = Some(at);
    Activated { id: active.id, before, after: digest(&active) }
}

fn digest(key: &Key) -> [u8; 32] {
    let handover = row::handover(key);
    digest::digest(row::values(key, handover.as_deref()).into_iter())
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
