//! Reading, appending to and verifying the audit log.

use super::{
    error::{Attempt, Explain, corrupt},
    place::Place,
};
use crate::{
    error::Result,
    key::{Field, KeyId, Time},
    keyring::{
        Action, AuditCursor, AuditQuery, AuditRow, Break, Chain, Entry, Flaw, Head, RowHash,
        audit::{Link, RowContent, close, new_time},
        state::{Change, ObjectState},
    },
};
use rusqlite::{
    Connection, OptionalExtension, Row, params, params_from_iter,
    types::{Value, ValueRef},
};
use uuid::Uuid;

/// The maximum number of rows per consistent read when listing the log.
const PAGE: u64 = 512;

/// The maximum number of rows per consistent read when verifying the chain. A row takes about half a microsecond.
const STRETCH: i64 = 8192;

/// The statement that appends a row to the audit log. To insert several rows at once, append more groups of values to the
/// statement. The first six values are the same for every row of the statement, so they have numbered parameters.
pub(super) const AUDIT: &str =
    "INSERT INTO audit (at, clock_set, user, host, command, action, seq, key_id, facts, hash)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?, ?, ?, ?)";

/// Implements [`Reads::head`](crate::keyring::Keys::head). Every transaction reads the head before appending rows, so
/// failed transactions leave no gaps in the row numbers.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<Head> {
    let mut statement = connection.prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?;
    let found = statement.query_row([], |row| Ok(Head { seq: row.get(0)?, hash: row.get(1)? })).optional()?;
    Ok(found.unwrap_or_default())
}

/// Implements [`Reads::has_row`](crate::keyring::Keys::has_row).
pub(super) fn has_row(connection: &Connection, head: &Head) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM audit WHERE seq = ?1 AND hash = ?2)";
    Ok(*head == Head::default()
        || connection.prepare_cached(sql)?.query_row((head.seq, head.hash), |row| row.get(0))?)
}

/// Implements [`Keys::time`](crate::keyring::Keys::time) with the newest row, apart from rows whose time was set with
/// `--now`. This row has the latest time, unless `accept-clock` has set the keyring time back.
pub(super) fn time(connection: &Connection) -> rusqlite::Result<Option<Time>> {
    let sql = "SELECT at FROM audit WHERE NOT clock_set ORDER BY seq DESC LIMIT 1";
    connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional().map(|at| at.map(Time::from_seconds))
}

/// Appends a row after the row `head` of the log, and returns the new head.
pub(super) fn append(connection: &Connection, link: &Link<'_>, head: &Head) -> rusqlite::Result<Head> {
    append_after(connection, link, head.seq, &head.hash)
}

/// Appends the first row of the log, whose hash covers the id of the organization. `state` is the state of the keyring.
pub(super) fn append_init(
    connection: &Connection,
    org_id: Uuid,
    contract: Option<&str>,
    state: Option<ObjectState>,
    entry: &Entry,
) -> rusqlite::Result<()> {
    let mut facts = serde_json::json!({ "org_id": org_id.to_string() });
    if let Some(contract) = contract.and_then(|text| serde_json::from_str(text).ok()) {
        facts["contract"] = contract;
    }
    let facts = Change { new: state, ..Change::default() }.append_to(&facts.to_string());
    let link = Link { entry, action: Action::Init, key: None, facts: &facts };
    append_after(connection, &link, 0, &[]).map(|_| ())
}

fn append_after(connection: &Connection, link: &Link<'_>, seq: i64, before: &[u8]) -> rusqlite::Result<Head> {
    let head = Head { seq: seq.saturating_add(1), hash: link.hash(before) };
    connection.prepare_cached(AUDIT)?.execute(params![
        link.entry.at.seconds(),
        link.entry.clock_set,
        link.entry.user,
        link.entry.host,
        link.entry.command,
        link.action.word(),
        head.seq,
        link.key.as_ref().map(KeyId::as_bytes),
        link.facts,
        head.hash
    ])?;
    Ok(head)
}

/// Implements [`Reads::audit`](crate::keyring::Reads::audit).
pub(super) fn page(
    connection: &Connection,
    query: &AuditQuery,
    cursor: &mut AuditCursor,
    visit: &mut dyn FnMut(&AuditRow<'_>) -> Result<()>,
    place: &Place,
) -> Result<bool> {
    let read = Attempt::Read(place);
    let wanted = query.limit.map_or(PAGE, |limit| PAGE.min(limit.saturating_sub(cursor.shown)));
    let (condition, mut values) = conditions(query);
    values.push(Value::Integer(cursor.last.unwrap_or(i64::MAX)));
    values.push(Value::Integer(i64::try_from(wanted).unwrap_or(i64::MAX)));
    let sql = format!(
        "SELECT a.seq, a.at, a.clock_set, a.user, a.host, a.command, a.action, a.key_id, a.facts, a.hash, k.name
         FROM audit AS a LEFT JOIN key AS k ON k.id = a.key_id
         WHERE {condition} AND a.seq < ? ORDER BY a.seq DESC LIMIT ?"
    );
    let mut statement = connection.prepare_cached(&sql).explain(read)?;
    let mut rows = statement.query(params_from_iter(values)).explain(read)?;
    let mut seen = 0;
    while let Some(row) = rows.next().explain(read)? {
        let shown = as_written(row)
            .map_err(|_| corrupt(place, "a row of the audit log contains values that keywright never writes"))?;
        visit(&shown)?;
        cursor.last = Some(shown.seq);
        seen += 1;
    }
    cursor.shown += seen;
    Ok(seen == PAGE)
}

fn conditions(query: &AuditQuery) -> (String, Vec<Value>) {
    let mut sql = String::from("1");
    let mut values = Vec::new();
    let mut and = |condition: &str, value: Value| {
        sql.push_str(" AND ");
        sql.push_str(condition);
        values.push(value);
    };
    if let Some(key) = query.key {
        and("a.key_id = ?", Value::Blob(key.as_bytes().to_vec()));
    }
    if let Some(since) = query.since {
        and("a.at >= ?", since.seconds().into());
    }
    if let Some(until) = query.until {
        and("a.at <= ?", until.seconds().into());
    }
    if !query.actions.is_empty() {
        let words: Vec<&str> = query.actions.iter().map(|action| action.word()).collect();
        // The words for actions contain no commas, so the search only matches whole words.
        and("instr(?, ',' || a.action || ',')", format!(",{},", words.join(",")).into());
    }
    if let Some(user) = &query.user {
        and("? IN (a.user, substr(a.user, 1, instr(a.user, ' (uid ') - 1))", user.clone().into());
    }
    (sql, values)
}

fn as_written<'a>(row: &'a Row<'_>) -> rusqlite::Result<AuditRow<'a>> {
    let text = |column: usize| -> rusqlite::Result<&str> { Ok(row.get_ref(column)?.as_str()?) };
    Ok(AuditRow {
        seq: row.get(0)?,
        at: Time::from_seconds(row.get(1)?),
        clock_set: row.get(2)?,
        user: text(3)?,
        host: text(4)?,
        command: text(5)?,
        action: text(6)?,
        key: row.get_ref(7)?.as_blob_or_null()?.and_then(id),
        facts: text(8)?,
        hash: RowHash::from_bytes(row.get(9)?),
        name: row.get_ref(10)?.as_str_or_null()?,
    })
}

fn id(bytes: &[u8]) -> Option<KeyId> {
    bytes.try_into().ok().map(KeyId::from_bytes)
}

/// Implements [`Keys::audited_ids`](crate::keyring::Keys::audited_ids).
pub(super) fn audited_ids(
    connection: &Connection,
    low: KeyId,
    high: KeyId,
    limit: usize,
) -> rusqlite::Result<Vec<KeyId>> {
    // A key that was only imported, but is not stored, was part of an import that was never completed.
    let sql = "SELECT DISTINCT key_id FROM audit AS a WHERE key_id BETWEEN ?1 AND ?2
               AND (action <> 'import' OR EXISTS (SELECT 1 FROM key AS k WHERE k.id = a.key_id))
               ORDER BY key_id LIMIT ?3";
    let values = params![low.as_bytes(), high.as_bytes(), i64::try_from(limit).unwrap_or(i64::MAX)];
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map(values, |row| Ok(KeyId::from_bytes(row.get(0)?)))?.collect()
}

/// Implements [`Keys::set_after`](crate::keyring::Keys::set_after).
pub(super) fn set_after(
    connection: &Connection,
    since: Time,
    id: KeyId,
    field: Field,
    value: Time,
) -> rusqlite::Result<Option<Time>> {
    // A time that was restored or imported with an older key was set elsewhere, and perhaps with a correct clock.
    let sql = "SELECT at, clock_set OR (action IN ('restore', 'import') AND EXISTS
                   (SELECT 1 FROM key AS k WHERE k.id = a.key_id AND k.created_at <= ?2)), facts
               FROM audit AS a WHERE key_id = ?1 ORDER BY seq DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![id.as_bytes(), since.seconds()])?;
    while let Some(row) = rows.next()? {
        if new_time(row.get_ref(2)?.as_bytes()?, field) == Some(value) {
            let (at, is_set_elsewhere) = (Time::from_seconds(row.get(0)?), row.get::<_, bool>(1)?);
            return Ok((at > since && !is_set_elsewhere).then_some(at));
        }
    }
    Ok(None)
}

/// Implements [`Reads::verify_chain`](crate::keyring::Reads::verify_chain).
pub(super) fn verify_chain(
    connection: &Connection,
    org_id: Uuid,
    sought: Option<RowHash>,
    place: &Place,
) -> Result<Chain> {
    let mut walk = Walk {
        chain: Chain {
            rows: 0,
            head: RowHash::default(),
            latest: None,
            keyring_time: None,
            broken: None,
            breaks: 0,
            after: None,
        },
        last: 0,
        sought,
        org_id,
    };
    let sql = "SELECT seq, at, clock_set, user, host, command, action, key_id, facts, hash FROM audit
               WHERE seq >= ?1 ORDER BY seq LIMIT ?2";
    let mut statement = connection.prepare(sql).explain(Attempt::Read(place))?;
    // Keywright never writes row numbers below 1, but start at the minimum so that forged rows are read too.
    let mut from = i64::MIN;
    loop {
        let before = walk.chain.rows;
        let mut rows = statement.query([from, STRETCH]).explain(Attempt::Read(place))?;
        while let Some(row) = rows.next().explain(Attempt::Read(place))? {
            from = walk.step(row).explain(Attempt::Read(place))?.saturating_add(1);
        }
        if walk.chain.rows - before < STRETCH.unsigned_abs() {
            break;
        }
    }
    if walk.chain.rows == 0 {
        let at = Time::from_seconds(0);
        walk.chain.broken = Some(Break { seq: 1, at, action: String::new(), key: None, flaw: Flaw::Empty });
        walk.chain.breaks = 1;
    }
    Ok(walk.chain)
}

struct Walk {
    chain: Chain,
    /// The number of the previous row, or 0 before the first row.
    last: i64,
    sought: Option<RowHash>,
    org_id: Uuid,
}

impl Walk {
    /// Verifies the next row and returns its number. Does not copy the content of an intact row.
    fn step(&mut self, row: &Row<'_>) -> rusqlite::Result<i64> {
        let mut values = [ValueRef::Null; 10];
        for (column, value) in values.iter_mut().enumerate() {
            *value = row.get_ref(column)?;
        }
        let bytes = |column: usize| match values[column] {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
            _ => &[],
        };
        let number = |column: usize| values[column].as_i64().unwrap_or(i64::MIN);
        let seq = number(0);
        let columns = RowContent {
            at: number(1),
            clock_set: u8::try_from(number(2)).unwrap_or(u8::MAX),
            texts: [bytes(3), bytes(4), bytes(5), bytes(6)],
            key: bytes(7),
            facts: bytes(8),
        };
        let stored = bytes(9);
        let first = self.chain.rows == 0;
        // The first row has no predecessor. Every other hash covers the stored hash of the row before it.
        let hash = close(if first { &[][..] } else { self.chain.head.as_bytes() }, &columns);
        let next = self.last.saturating_add(1);
        let flaw = if seq != next {
            Some(Flaw::Missing(next))
        } else if hash != *stored || !has_written_types(&values) {
            Some(Flaw::Content)
        } else if first && !begins(&columns, self.org_id) {
            Some(Flaw::Origin)
        } else {
            None
        };
        let at = Time::from_seconds(columns.at);
        if let Some(flaw) = flaw {
            self.chain.breaks += 1;
            let action = || String::from_utf8_lossy(columns.texts[3]).into_owned();
            self.chain.broken.get_or_insert_with(|| Break { seq, at, action: action(), key: id(columns.key), flaw });
        }
        self.chain.rows += 1;
        self.chain.latest = self.chain.latest.max(Some(at));
        if columns.clock_set == 0 {
            self.chain.keyring_time = Some(at);
        }
        self.chain.head = RowHash::from_bytes(stored.try_into().unwrap_or_default());
        self.chain.after = match self.chain.after {
            None if self.sought.is_some_and(|sought| sought == self.chain.head) => Some(0),
            after => after.map(|after| after + 1),
        };
        self.last = seq;
        Ok(seq)
    }
}

/// Returns `true` if every value of a row has the type that keywright writes. The hash of a row is the same for text and for
/// a blob with the same bytes, and for NULL and an empty blob, but a query distinguishes them.
fn has_written_types(values: &[ValueRef<'_>; 10]) -> bool {
    values.iter().enumerate().all(|(column, value)| match (column, value) {
        (7, ValueRef::Blob(bytes)) => id(bytes).is_some(),
        (column, value) => matches!(
            (column, value),
            (0..=2, ValueRef::Integer(_))
                | (3..=6 | 8, ValueRef::Text(_))
                | (7, ValueRef::Null)
                | (9, ValueRef::Blob(_))
        ),
    })
}

/// Returns `true` if a row records the creation of a keyring for the given organization.
fn begins(row: &RowContent<'_>, org_id: Uuid) -> bool {
    let facts: serde_json::Value = serde_json::from_slice(row.facts).unwrap_or_default();
    row.texts[3] == Action::Init.word().as_bytes() && facts["org_id"] == org_id.to_string()
}
