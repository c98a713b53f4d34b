//! Listing keys.

use super::{
    batch_state::{LISTED, activated_at},
    error::{Attempt, Explain, corrupt},
    place::Place,
    row,
};
use crate::{
    error::{Code, Error, Result},
    key::{Key, KeyView, Status},
    keyring::{Query, Selection, SortField, query::Progress, record::Digester},
};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params_from_iter, types::Value};

/// The maximum number of rows per page: large enough to hide the fixed cost of a read, and small enough to release the
/// lock soon.
const PAGE: u64 = 1024;

/// The SQL conditions of a selection, with the values of their parameters in order.
pub(super) struct Conditions {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    pub(super) fn of(selection: &Selection) -> Self {
        let mut conditions = Self { sql: String::from(LISTED), values: Vec::new() };
        let now = selection.now.seconds();
        conditions.statuses(&selection.statuses, now);
        conditions.any(selection.types.iter().map(|t| ("type = ?", vec![word(t.word())])));
        conditions.any(selection.envs.iter().map(|e| ("env = ?", vec![word(e.word())])));
        for scope in &selection.scopes {
            // Scopes contain no spaces, so searching for a scope with a space on each side only matches whole scopes.
            conditions.and("instr(' ' || scopes || ' ', ?)", [word(&format!(" {} ", scope.as_str()))]);
        }
        if let Some(owner) = &selection.owner {
            conditions.and("owner IN (?, ?)", owner.forms().map(Value::Text));
        }
        if let Some(pattern) = &selection.name {
            conditions.and("name GLOB ?", [word(pattern.as_str())]);
        }
        for label in &selection.labels {
            let within = "EXISTS (SELECT 1 FROM json_each(labels) AS l WHERE l.key = ?";
            match &label.value {
                Some(value) => conditions.and(&format!("{within} AND l.value = ?)"), [word(&label.key), word(value)]),
                None => conditions.and(&format!("{within})"), [word(&label.key)]),
            }
        }
        if let Some(by) = selection.expiring_by {
            conditions.and("expires_at > ? AND expires_at <= ?", [now.into(), by.seconds().into()]);
        }
        if let Some(before) = selection.ended_before {
            conditions.and("(revoked_at < ? OR expires_at < ?)", [before.seconds().into(), before.seconds().into()]);
        }
        if let Some(since) = selection.unused_since {
            conditions.and("coalesce(last_used_at, created_at) <= ?", [since.seconds().into()]);
        }
        if selection.never_used {
            conditions.and("last_used_at IS NULL", []);
        }
        conditions
    }

    fn and<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }

    /// Adds the condition that at least one of the alternatives is met. Adds nothing if there are no alternatives.
    fn any<'a>(&mut self, alternatives: impl Iterator<Item = (&'a str, Vec<Value>)>) {
        let mut first = true;
        for (sql, values) in alternatives {
            self.sql.push_str(if first { " AND (" } else { " OR " });
            self.sql.push_str(sql);
            self.values.extend(values);
            first = false;
        }
        if !first {
            self.sql.push(')');
        }
    }

    /// Adds the condition that the key has one of the statuses. Adds nothing if there are no statuses or all of them.
    ///
    /// Two common selections have their own conditions. The condition for keys that have not ended, which is the
    /// default list, uses the fewest comparisons. The condition for ended keys uses the indexes on the revocation and
    /// expiry times.
    fn statuses(&mut self, statuses: &[Status], now: i64) {
        // The caller may name a status twice.
        let statuses: Vec<Status> = Status::ALL.into_iter().filter(|status| statuses.contains(status)).collect();
        let over = statuses.iter().filter(|status| status.has_ended()).count();
        let sql = match (statuses.len(), over) {
            (0 | 5, _) => return,
            (3, 0) => "(revoked_at IS NULL OR revoked_at > ?) AND (expires_at IS NULL OR expires_at > ?)".to_owned(),
            (2, 2) => "(revoked_at <= ? OR expires_at <= ?)".to_owned(),
            _ => {
                let each: Vec<String> = statuses.iter().map(|status| format!("({})", status_is(*status))).collect();
                format!("({})", each.join(" OR "))
            }
        };
        self.sql.push_str(" AND ");
        self.sql.push_str(&sql);
        self.values.extend(std::iter::repeat_n(Value::Integer(now), sql.matches('?').count()));
    }
}

fn word(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Returns an SQL condition that is true for the keys with a status. The value of each parameter is the time at which
/// the status is determined. The condition implements the rule of `Lifecycle::status`, as a conformance test verifies.
fn status_is(status: Status) -> String {
    let activated = concat!("(", activated_at!(), ")");
    let revoked = "coalesce(revoked_at <= ?, 0)";
    let expired = "coalesce(expires_at <= ?, 0)";
    let disabled = "coalesce(disabled_at <= ?, 0)";
    match status {
        Status::Revoked => "revoked_at <= ?".to_owned(),
        Status::Expired => format!("expires_at <= ? AND NOT {revoked}"),
        Status::Pending => format!("{activated} IS NULL AND NOT {expired} AND NOT {revoked}"),
        Status::Disabled => {
            format!("{activated} IS NOT NULL AND disabled_at <= ? AND NOT {expired} AND NOT {revoked}")
        }
        Status::Active => format!("{activated} IS NOT NULL AND NOT {disabled} AND NOT {expired} AND NOT {revoked}"),
    }
}

const fn column(field: SortField) -> &'static str {
    match field {
        SortField::Created => "seq",
        SortField::Name => "name",
        SortField::Owner => "owner",
        SortField::Type => "type",
        SortField::Env => "env",
        SortField::Expires => "expires_at",
        SortField::LastUsed => "last_used_at",
        SortField::Revoked => "revoked_at",
    }
}

/// Implements [`Reads::count`](crate::keyring::Reads::count).
pub(super) fn count(connection: &Connection, selection: &Selection, cap: u64) -> rusqlite::Result<u64> {
    let mut conditions = Conditions::of(selection);
    conditions.values.push(Value::Integer(i64::try_from(cap).unwrap_or(i64::MAX)));
    let sql = format!("SELECT count(*) FROM (SELECT 1 FROM key WHERE {} LIMIT ?)", conditions.sql);
    let count = connection.query_row(&sql, params_from_iter(conditions.values), |row| row.get::<_, i64>(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Implements [`Reads::page`](crate::keyring::Reads::page).
pub(super) fn page(
    connection: &Connection,
    query: &Query,
    progress: &mut Progress,
    visit: &mut dyn FnMut(&KeyView<'_>) -> Result<()>,
    place: &Place,
) -> Result<bool> {
    let columns = row::listed_columns();
    let mut visit = |row: &Row<'_>| visit(&row::view(row).map_err(|_| unreadable(place))?);
    rows(connection, query, progress, (&columns, &mut visit), place)
}

/// Implements [`Reads::page_of_keys`](crate::keyring::Reads::page_of_keys).
pub(super) fn page_of_keys(
    connection: &Connection,
    query: &Query,
    progress: &mut Progress,
    visit: &mut dyn FnMut(Key) -> Result<()>,
    place: &Place,
) -> Result<bool> {
    let mut digester = Digester::default();
    let mut visit = |row: &Row<'_>| visit(row::checked(row, &mut digester, place)?);
    rows(connection, query, progress, (row::COMPLETE, &mut visit), place)
}

/// The columns to read, and the function that receives each row.
type Reading<'a> = (&'a str, &'a mut dyn FnMut(&Row<'_>) -> Result<()>);

/// Reads the next page of rows, and passes each row to the function in `reading`. Returns `true` if more rows may
/// follow.
fn rows(
    connection: &Connection,
    query: &Query,
    progress: &mut Progress,
    reading: Reading<'_>,
    place: &Place,
) -> Result<bool> {
    if matches!(progress, Progress::Start) {
        *progress = start(connection, query, place)?;
    }
    let more = match progress {
        Progress::Start | Progress::Done => false,
        Progress::Sequence { from, left } => sequence(connection, query, from, left, reading, place)?,
        Progress::Order(numbers) => ordered(connection, numbers, reading, place)?,
    };
    if !more {
        *progress = Progress::Done;
    }
    Ok(more)
}

fn start(connection: &Connection, query: &Query, place: &Place) -> Result<Progress> {
    let read = Attempt::Read(place);
    let after = query.after.map(|id| {
        let number: Option<i64> = connection
            .query_row("SELECT seq FROM key WHERE id = ?1", [id.as_bytes()], |row| row.get(0))
            .optional()
            .explain(read)?;
        number.ok_or_else(|| {
            let hint = "pass another key with --after, or start again without --after";
            Error::new(Code::NotFound, format!("the list cannot start after key {id}, which does not exist"), hint)
        })
    });
    let after = after.transpose()?;
    let limit = query.limit.unwrap_or(u64::MAX);
    let Query { sort, .. } = query;
    if sort.field == SortField::Created {
        let from = after.unwrap_or(if sort.descending { i64::MAX } else { i64::MIN });
        return Ok(Progress::Sequence { from, left: limit });
    }
    // Any other order is determined once and kept as row numbers, which take eight bytes per key, so that no lock has
    // to be held between pages.
    let conditions = Conditions::of(&query.selection);
    let column = column(sort.field);
    let direction = if sort.descending { "DESC" } else { "ASC" };
    let cap = if after.is_some() { i64::MAX } else { i64::try_from(limit).unwrap_or(i64::MAX) };
    let sql = format!(
        "SELECT seq FROM key WHERE {} ORDER BY {column} {direction} NULLS LAST, seq {direction} LIMIT {cap}",
        conditions.sql
    );
    let mut statement = connection.prepare(&sql).explain(read)?;
    let rows = statement.query_map(params_from_iter(conditions.values), |row| row.get(0)).explain(read)?;
    let mut numbers: Vec<i64> = rows.collect::<Result<_, _>>().explain(read)?;
    if let Some(after) = after {
        let passed = numbers.iter().position(|number| *number == after).map_or(numbers.len(), |i| i + 1);
        numbers.drain(..passed);
        numbers.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    numbers.reverse();
    Ok(Progress::Order(numbers))
}

fn sequence(
    connection: &Connection,
    query: &Query,
    from: &mut i64,
    left: &mut u64,
    (columns, visit): Reading<'_>,
    place: &Place,
) -> Result<bool> {
    let read = Attempt::Read(place);
    let conditions = Conditions::of(&query.selection);
    let (compare, direction) = if query.sort.descending { ("<", "DESC") } else { (">", "ASC") };
    let wanted = PAGE.min(*left);
    let sql = format!(
        "SELECT {columns}, seq FROM key WHERE {} AND seq {compare} ? ORDER BY seq {direction} LIMIT ?",
        conditions.sql
    );
    let mut values = conditions.values;
    values.push(Value::Integer(*from));
    values.push(Value::Integer(i64::try_from(wanted).unwrap_or(i64::MAX)));
    let mut statement = connection.prepare_cached(&sql).explain(read)?;
    let number = statement.column_count() - 1;
    let mut rows = statement.query(params_from_iter(values)).explain(read)?;
    let mut seen = 0;
    while let Some(row) = rows.next().explain(read)? {
        visit(row)?;
        *from = row.get(number).explain(read)?;
        seen += 1;
    }
    *left -= seen;
    Ok(seen == wanted && *left > 0)
}

fn ordered(
    connection: &Connection,
    numbers: &mut Vec<i64>,
    (columns, visit): Reading<'_>,
    place: &Place,
) -> Result<bool> {
    let read = Attempt::Read(place);
    let sql = format!("SELECT {columns} FROM key WHERE seq = ?1");
    let mut statement = connection.prepare_cached(&sql).explain(read)?;
    for _ in 0..PAGE {
        let Some(number) = numbers.pop() else { return Ok(false) };
        let mut rows = statement.query([&number as &dyn ToSql]).explain(read)?;
        // Skip keys that have been deleted since the order was determined.
        if let Some(row) = rows.next().explain(read)? {
            visit(row)?;
        }
    }
    Ok(!numbers.is_empty())
}

fn unreadable(place: &Place) -> Error {
    corrupt(place, "the row of a key contains values that keywright never writes")
}
