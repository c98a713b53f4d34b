//! Reading and writing the rows of the key table.

use super::{
    batch_state::{LISTED, Visible, activated_at, listed},
    bearer,
    error::{Attempt, Explain, corrupt},
    place::Place,
    thumbprint,
    values::{cell, value},
};
use crate::{
    error::{Error, Result},
    key::{Key, KeyId, KeyView, Lookup, Name, SecretHash, Time},
    keypair::JwkThumbprint,
    keyring::record::{self, COUNT, Cell, Column, Composed, Digester, Unreadable, column_names, digest},
};
use rusqlite::{
    Connection, Row, params,
    types::{ToSqlOutput, ValueRef},
};

/// The names of all columns in [`Column::ALL`], in order and separated by commas.
pub(super) const COLUMNS: &str = column_names!();
/// The SQL expressions for [`COLUMNS`], the digest, and the effective activation time, which depends on the batch of
/// the key.
pub(super) const COMPLETE: &str = concat!(column_names!(), ", digest, ", activated_at!());
/// The query that looks up a key by its id, whether or not the key is listed.
pub(super) const BY_ID: &str =
    concat!("SELECT ", column_names!(), ", digest, ", activated_at!(), " FROM key WHERE id = ?1");
/// The query that looks up a listed key by its id. It is a constant, so that the verification of a secret, which usually
/// runs the query, does not have to build it.
const LISTED_BY_ID: &str =
    concat!("SELECT ", column_names!(), ", digest, ", activated_at!(), " FROM key WHERE id = ?1 AND ", listed!());
/// The table of the keys, for queries that use its indexes.
pub(super) const INDEXED: &str = "key";
/// The table of the keys in the FROM clause of a query that must read all rows instead of using an index.
pub(super) const SCANNED: &str = "key NOT INDEXED";
/// The index of the first column after [`COMPLETE`] in the rows of a query.
pub(super) const AFTER: usize = COUNT + 2;

/// Returns the columns to select for a list of keys, with NULL in place of the columns that lists do not read.
pub(super) fn listed_columns() -> String {
    let listed = |column: &Column| match column {
        Column::ActivatedAt => activated_at!(),
        column if column.is_hidden_in_lists() => "NULL",
        column => column.name(),
    };
    Column::ALL.iter().map(listed).collect::<Vec<_>>().join(", ")
}

/// Returns the stored values of a row that starts with [`COLUMNS`] and the digest, or `None` if the values do not match
/// the digest.
pub(super) fn intact_cells<'a>(
    row: &'a Row<'_>,
    digester: &mut Digester,
) -> rusqlite::Result<Option<[Cell<'a>; COUNT]>> {
    let cells = cells(row)?;
    Ok((cell(row.get_ref(COUNT)?) == Cell::Blob(&digester.digest(cells.into_iter()))).then_some(cells))
}

/// Returns the stored values of a row that starts with [`COLUMNS`], without checking the digest.
pub(super) fn cells<'a>(row: &'a Row<'_>) -> rusqlite::Result<[Cell<'a>; COUNT]> {
    let mut cells = [Cell::Null; COUNT];
    for (index, found) in cells.iter_mut().enumerate() {
        *found = cell(row.get_ref(index)?);
    }
    Ok(cells)
}

/// Replaces the stored activation time in `cells` with the effective activation time from a row that starts with
/// [`COMPLETE`].
pub(super) fn complete<'a>(row: &'a Row<'_>, cells: &mut [Cell<'a>; COUNT]) -> rusqlite::Result<()> {
    cells[Column::ActivatedAt as usize] = cell(row.get_ref(COUNT + 1)?);
    Ok(())
}

/// Returns the fields that lists show from a row that starts with [`listed_columns`]. The digest is not checked.
///
/// # Errors
/// Returns `Unreadable` if the row has a value that keywright cannot have written.
#[inline]
pub(super) fn view<'a>(row: &'a Row<'_>) -> Result<KeyView<'a>, Unreadable> {
    record::view(|column| row.get_ref(column as usize).map(cell).map_err(|_| Unreadable))
}

/// Returns the fields that lists show from a row that starts with [`COMPLETE`]. The digest is not checked.
///
/// # Errors
/// Returns `Unreadable` if the row has a value that keywright cannot have written.
pub(super) fn complete_view<'a>(row: &'a Row<'_>) -> Result<KeyView<'a>, Unreadable> {
    let mut cells = cells(row).map_err(|_| Unreadable)?;
    complete(row, &mut cells).map_err(|_| Unreadable)?;
    record::view(|column| Ok(cells[column as usize]))
}

/// Reads the keys that meet an SQL condition, and checks the digest of each row.
pub(super) fn keys(
    connection: &Connection,
    condition: &str,
    parameters: &[&dyn rusqlite::ToSql],
    place: &Place,
) -> Result<Vec<Key>> {
    keys_in(connection, INDEXED, condition, parameters, place)
}

/// Reads the keys that meet an SQL condition, and checks the digest of each row. `from` is [`INDEXED`] or [`SCANNED`].
fn keys_in(
    connection: &Connection,
    from: &str,
    condition: &str,
    parameters: &[&dyn rusqlite::ToSql],
    place: &Place,
) -> Result<Vec<Key>> {
    let read = Attempt::Read(place);
    let sql = format!("SELECT {COMPLETE} FROM {from} WHERE {condition}");
    let mut statement = connection.prepare_cached(&sql).explain(read)?;
    let mut rows = statement.query(parameters).explain(read)?;
    let (mut keys, mut digester) = (Vec::new(), Digester::default());
    while let Some(row) = rows.next().explain(read)? {
        keys.push(checked(row, &mut digester, place)?);
    }
    Ok(keys)
}

/// Implements [`Reads::all_keys`](crate::keyring::Reads::all_keys). `after` is the number of the last row that was
/// read, or `None` at the start. The function sets `after` to the number of the last row that it reads.
pub(super) fn next(connection: &Connection, after: &mut Option<i64>, place: &Place) -> Result<Vec<Key>> {
    let read = Attempt::Read(place);
    let sql = format!("SELECT {COMPLETE}, seq FROM key WHERE seq > ?1 AND {LISTED} ORDER BY seq LIMIT 512");
    let mut statement = connection.prepare_cached(&sql).explain(read)?;
    let mut rows = statement.query([after.unwrap_or(i64::MIN)]).explain(read)?;
    let (mut keys, mut digester) = (Vec::new(), Digester::default());
    while let Some(row) = rows.next().explain(read)? {
        keys.push(checked(row, &mut digester, place)?);
        *after = Some(row.get(AFTER).explain(read)?);
    }
    Ok(keys)
}

/// Returns the key of a row that starts with [`COMPLETE`], after checking the digest.
pub(super) fn checked(row: &Row<'_>, digester: &mut Digester, place: &Place) -> Result<Key> {
    let cells = intact(row, digester, place)?;
    record::key(|column| Ok(cells[column as usize])).map_err(|_| strange(place))
}

/// Returns the values of a row that starts with [`COMPLETE`], with the effective activation time, after checking the
/// digest.
pub(super) fn intact<'a>(row: &'a Row<'_>, digester: &mut Digester, place: &Place) -> Result<[Cell<'a>; COUNT]> {
    let read = Attempt::Read(place);
    if let Some(mut cells) = intact_cells(row, digester).explain(read)? {
        complete(row, &mut cells).explain(read)?;
        return Ok(cells);
    }
    let cells = cells(row).explain(read)?;
    let id = cells[Column::Id as usize].array().map(KeyId::from_bytes);
    let key = id.map_or_else(|_| "a key without a valid id".to_owned(), |id| format!("key {id}"));
    Err(corrupt(place, &format!("the row of {key} does not match its digest")))
}

pub(super) fn strange(place: &Place) -> Error {
    corrupt(place, "the row of a key contains values that keywright never writes")
}

/// Implements [`Keys::peek`](crate::keyring::Keys::peek).
pub(super) fn peek(
    connection: &Connection,
    lookup: &Lookup,
    now: Time,
    see: &mut dyn FnMut(&KeyView<'_>, Option<&SecretHash>),
    place: &Place,
) -> Result<bool> {
    let read = Attempt::Read(place);
    let Some(id) = lookup.id() else {
        let found = find_in(connection, (INDEXED, Visible::Listed), lookup, now, 1, place)?.pop();
        let Some(key) = found else { return Ok(false) };
        see(&key.view(), key.material.secret_hash());
        return Ok(true);
    };
    let mut statement = connection.prepare_cached(LISTED_BY_ID).explain(read)?;
    let mut rows = statement.query([id.as_bytes()]).explain(read)?;
    let Some(row) = rows.next().explain(read)? else { return Ok(false) };
    let cells = intact(row, &mut Digester::default(), place)?;
    let hash = match cells[Column::SecretHash as usize] {
        Cell::Null => None,
        hash => Some(hash.array().map(SecretHash::from_bytes).map_err(|_| strange(place))?),
    };
    let view = record::view(|column| Ok(cells[column as usize])).map_err(|_| strange(place))?;
    see(&view, hash.as_ref());
    Ok(true)
}

/// Implements [`Keys::find`](crate::keyring::Keys::find) with [`INDEXED`],
/// [`Keys::is_unindexed`](crate::keyring::Keys::is_unindexed) with [`SCANNED`], and
/// [`Keys::find_in_import`](crate::keyring::Keys::find_in_import) with [`Visible::complement`].
pub(super) fn find_in(
    connection: &Connection,
    (from, visible): (&str, Visible),
    lookup: &Lookup,
    now: Time,
    limit: usize,
    place: &Place,
) -> Result<Vec<Key>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let order = "ORDER BY (coalesce(revoked_at <= ?3, 0) OR coalesce(expires_at <= ?3, 0)), seq DESC LIMIT ?4";
    let visible = visible.condition();
    let run = |condition: &str, low: &dyn rusqlite::ToSql, high: &dyn rusqlite::ToSql| {
        let condition = format!("{condition} AND {visible} {order}");
        keys_in(connection, from, &condition, &[low, high, &now.seconds(), &limit], place)
    };
    // An id matches at most one key, so this query needs no order.
    let by_id = |id: KeyId| keys_in(connection, from, &format!("id = ?1 AND {visible}"), &[id.as_bytes()], place);
    match lookup {
        Lookup::Ids(low, high) if low == high => by_id(*low),
        Lookup::Bearer(hash) => match bearer::find(connection, hash, place)? {
            Some(bearer) => by_id(bearer.key),
            None => Ok(Vec::new()),
        },
        Lookup::Ids(low, high) | Lookup::Prefix(low, high, _) => {
            run("id BETWEEN ?1 AND ?2", &low.as_bytes(), &high.as_bytes())
        }
        Lookup::Name(name) => {
            let [nfc, nfd] = name.forms();
            run("name IN (?1, ?2)", &nfc, &nfd)
        }
        Lookup::Fingerprints(low, high) => run("fingerprint BETWEEN ?1 AND ?2", &low.as_bytes(), &high.as_bytes()),
        Lookup::PublicKey(hash) => run("modulus_hash = ?1 AND ?2", hash, &true),
        Lookup::Thumbprint(thumbprint) => {
            if !thumbprint::are_stored(connection).explain(Attempt::Read(place))? {
                return search_thumbprint(connection, *thumbprint, &visible, place);
            }
            let mut found = run("thumbprint = ?1 AND ?2", thumbprint.as_bytes(), &true)?;
            found.retain(|key| thumbprint::of(key) == Some(*thumbprint));
            Ok(found)
        }
        Lookup::Secret(hash) => {
            let pair = run("secret_hash = ?1 AND api_key IS NOT NULL AND ?2", hash.as_bytes(), &true)?;
            if pair.is_empty() {
                return run("secret_hash = ?1 AND opaque IS NOT NULL AND ?2", hash.as_bytes(), &true);
            }
            Ok(pair)
        }
        Lookup::Successors(id) => run("rotated_from = ?1 AND ?2", id.as_bytes(), &true),
    }
}

/// Returns the key with a thumbprint from a keyring that stores no thumbprints. Reads all key pairs. `visible` is the SQL
/// condition that the key must meet.
fn search_thumbprint(connection: &Connection, wanted: JwkThumbprint, visible: &str, place: &Place) -> Result<Vec<Key>> {
    let read = Attempt::Read(place);
    let sql = format!("SELECT {COMPLETE} FROM key WHERE spki IS NOT NULL AND {visible}");
    let mut statement = connection.prepare(&sql).explain(read)?;
    let mut rows = statement.query([]).explain(read)?;
    let mut digester = Digester::default();
    while let Some(row) = rows.next().explain(read)? {
        let spki = row.get_ref(Column::Spki as usize).explain(read)?.as_blob().ok();
        if thumbprint::is_right(Cell::Blob(wanted.as_bytes()), spki) {
            return Ok(vec![checked(row, &mut digester, place)?]);
        }
    }
    Ok(Vec::new())
}

/// Implements [`Keys::each_token`](crate::keyring::Keys::each_token).
pub(super) fn each_token(
    connection: &Connection,
    see: &mut dyn FnMut(KeyId, &SecretHash) -> Result<()>,
    place: &Place,
) -> Result<()> {
    let read = Attempt::Read(place);
    let tokens = "secret_hash IS NOT NULL AND api_key IS NULL AND opaque IS NULL";
    let sql = format!("SELECT id, secret_hash FROM key NOT INDEXED WHERE {tokens}");
    let mut statement = connection.prepare(&sql).explain(read)?;
    let mut rows = statement.query([]).explain(read)?;
    while let Some(row) = rows.next().explain(read)? {
        let id = KeyId::from_bytes(row.get(0).explain(read)?);
        see(id, &SecretHash::from_bytes(row.get(1).explain(read)?))?;
    }
    Ok(())
}

/// Implements [`Keys::has_names_between`](crate::keyring::Keys::has_names_between).
pub(super) fn has_names_between(connection: &Connection, low: &Name, high: &Name) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM key WHERE name BETWEEN ?1 AND ?2)";
    connection.prepare_cached(sql)?.query_row([low.as_str(), high.as_str()], |row| row.get(0))
}

/// Inserts the row of a key. `batch` is the number of the batch that the key is part of, or `None` if there is no
/// batch.
pub(super) fn insert(connection: &Connection, key: &Key, batch: Option<i64>) -> rusqlite::Result<()> {
    let sql = format!("INSERT INTO key ({COLUMNS}, digest, thumbprint, batch) VALUES (?{})", ", ?".repeat(COUNT + 2));
    let thumbprint = thumbprint::of(key);
    let further = [thumbprint::value(thumbprint.as_ref()), batch.map_or(ValueRef::Null, ValueRef::Integer)];
    execute(connection, &sql, key, &further).map(drop)
}

/// Replaces the row of a key. Returns `false` if the row does not exist.
pub(super) fn update(connection: &Connection, key: &Key) -> rusqlite::Result<bool> {
    let sql = format!("UPDATE key SET ({COLUMNS}, digest) = (?1{}) WHERE id = ?1", numbered());
    Ok(execute(connection, &sql, key, &[])? == 1)
}

/// Executes a statement with the values of a key, the digest of these values and `further` values as parameters.
/// Returns the number of changed rows.
fn execute(connection: &Connection, sql: &str, key: &Key, further: &[ValueRef<'_>]) -> rusqlite::Result<usize> {
    let composed = Composed::of(key);
    let cells = record::cells(key, &composed);
    let digest = digest(cells.into_iter());
    let values = cells.into_iter().chain([Cell::Blob(&digest)]).map(value).chain(further.iter().copied());
    let bound = values.map(ToSqlOutput::Borrowed);
    connection.prepare_cached(sql)?.execute(rusqlite::params_from_iter(bound))
}

/// Deletes the row of a key. Returns `false` if the row does not exist.
pub(super) fn delete(connection: &Connection, id: KeyId) -> rusqlite::Result<bool> {
    Ok(connection.prepare_cached("DELETE FROM key WHERE id = ?1")?.execute(params![id.as_bytes()])? == 1)
}

/// Returns the numbered parameters `, ?2, ?3 …` for all columns except the first, and for the digest.
fn numbered() -> String {
    (2..=COUNT + 1).fold(String::new(), |sql, place| sql + ", ?" + &place.to_string())
}
