//! Reading the keys of a page again within the transaction that changes them.

use super::{
    error::{Attempt, Explain},
    list::Conditions,
    place::Place,
    row::{self, COMPLETE},
};
use crate::{
    error::Result,
    key::{Key, KeyId},
    keyring::{Selection, record::Digester},
};
use rusqlite::{Connection, params_from_iter, types::Value};

/// Implements [`Transaction::selected`](crate::keyring::Transaction::selected).
pub(super) fn selected(
    connection: &Connection,
    ids: &[KeyId],
    selection: &Selection,
    place: &Place,
) -> Result<Vec<Key>> {
    let read = Attempt::Read(place);
    let Conditions { sql, mut values } = Conditions::of(selection);
    let sql = format!("SELECT {COMPLETE} FROM key WHERE {sql} AND id = ?");
    let mut statement = connection.prepare_cached(&sql).explain(read)?;
    let (mut keys, mut digester) = (Vec::with_capacity(ids.len()), Digester::default());
    for id in ids {
        values.push(Value::Blob(id.as_bytes().to_vec()));
        let mut rows = statement.query(params_from_iter(&values)).explain(read)?;
        if let Some(row) = rows.next().explain(read)? {
            keys.push(row::checked(row, &mut digester, place)?);
        }
        values.pop();
    }
    Ok(keys)
}
