//! Comparing the schema of a keyring file with the schema that keywright creates.

use super::{connection::pragma, migrations};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// An object of a database, such as a table or an index.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct SchemaObject {
    name: String,
    kind: String,
    table: String,
    sql: Option<String>,
}

/// Returns the objects of a database by name, without the indexes that SQLite creates itself and the statistics that
/// `ANALYZE` creates.
fn objects(connection: &Connection) -> rusqlite::Result<BTreeMap<String, SchemaObject>> {
    let sql = "SELECT name, type, tbl_name, sql FROM main.sqlite_schema
               WHERE NOT (type = 'index' AND sql IS NULL)
                 AND NOT (type = 'table' AND name IN ('sqlite_stat1', 'sqlite_stat4'))";
    let read = |row: &rusqlite::Row<'_>| {
        let object = SchemaObject { name: row.get(0)?, kind: row.get(1)?, table: row.get(2)?, sql: row.get(3)? };
        Ok((object.name.clone(), object))
    };
    connection.prepare(sql)?.query_map([], read)?.collect()
}

/// Describes a difference between the schema of a keyring file and the schema that keywright creates for the same
/// version, or returns `None` if they are the same. A trigger, a view or a missing table could hide or undo changes.
pub(super) fn difference(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let version = pragma(connection, "user_version")?;
    let model = Connection::open_in_memory()?;
    migrations::migrate(&model, 0, version)?;
    let (expected, mut found) = (objects(&model)?, objects(connection)?);
    for (name, object) in expected {
        match found.remove(&name) {
            None => return Ok(Some(format!("the {} `{name}` is missing", object.kind))),
            Some(stored) if stored != object => {
                return Ok(Some(format!("the definition of the {} `{name}` was changed", object.kind)));
            }
            Some(_) => {}
        }
    }
    Ok(found.into_values().next().map(|object| format!("the {} `{}` was added", object.kind, object.name)))
}
