//! The schema migrations, with one step for each version.
//!
//! Rules for a new schema:
//!
//! - Append a step to [`MIGRATIONS`], and never edit a step that has been released.
//! - Add a new column of `key` with a [`NewColumn`] step. If the column contains a field of the key, also add the
//!   column at the end of `record::Column`, so that the digest covers every value in the column except NULL.
//! - If the keyring cannot be read without the step, set [`OLDEST_READABLE`] to the new version.
//! - Make every table STRICT, and do not list the key types in a CHECK constraint.

use rusqlite::{Connection, Error, ffi, params};
use std::collections::BTreeSet;

/// The oldest schema that can be read without an upgrade. A keyring with an older schema is upgraded when it is opened.
/// A keyring with this or a later schema is upgraded before the first write.
pub(super) const OLDEST_READABLE: i64 = 3;

/// A step from one schema version to the next.
enum Migration {
    /// A script of SQL statements.
    Script(&'static str),
    /// A new definition of a table, with other constraints. The columns and the existing rows do not change.
    Redefinition { table: &'static str, from: &'static str, to: &'static str },
    /// A script that adds a table, and the query that stands in for the table while a keyring without it is read.
    NewTable { name: &'static str, script: &'static str, stand_in: &'static str },
    /// A column to append to a table, which is NULL in the existing rows.
    NewColumn { table: &'static str, name: &'static str, data_type: &'static str },
}

use Migration::{NewColumn, NewTable, Redefinition, Script};

/// All steps from an empty file to the current schema, in order.
const MIGRATIONS: &[Migration] = &[
    Script(include_str!("migrations/1.sql")),
    Script(include_str!("migrations/2.sql")),
    Script(include_str!("migrations/3.sql")),
    Redefinition {
        table: "key",
        from: include_str!("migrations/key-3.sql").trim_ascii_end(),
        to: include_str!("migrations/key-4.sql").trim_ascii_end(),
    },
    // The networks from which the key may be used, separated by spaces. NULL means any network.
    NewColumn { table: "key", name: "allowed_ips", data_type: "TEXT" },
    NewTable {
        name: "replay_floor",
        script: include_str!("migrations/6.sql"),
        stand_in: "SELECT NULL AS only, NULL AS timestamp WHERE 0",
    },
    NewTable {
        name: "batch",
        script: include_str!("migrations/7.sql"),
        stand_in: "SELECT NULL AS number, NULL AS completed_at WHERE 0",
    },
    // The number of the batch that the key is part of. NULL: none.
    NewColumn { table: "key", name: "batch", data_type: "INTEGER" },
    // 1 if each `*` that is a whole segment of a scope is a wildcard. NULL: the scopes are literal.
    NewColumn { table: "key", name: "scope_wildcards", data_type: "INTEGER" },
    NewColumn { table: "bearer", name: "scope_wildcards", data_type: "INTEGER" },
    // The JWK thumbprint of the public key. The digest of the row does not cover this column. NULL: the key is not a key
    // pair, or the public key is damaged.
    NewColumn { table: "key", name: "thumbprint", data_type: "BLOB" },
    Script(include_str!("migrations/12.sql")),
    NewTable {
        name: "accepted_skew",
        script: include_str!("migrations/13.sql"),
        stand_in: "SELECT NULL AS only, NULL AS milliseconds WHERE 0",
    },
];

/// Returns the names of the tables to which [`NewColumn`] steps add columns.
fn extended() -> BTreeSet<&'static str> {
    let table = |step: &Migration| match step {
        NewColumn { table, .. } => Some(*table),
        Script(_) | NewTable { .. } | Redefinition { .. } => None,
    };
    MIGRATIONS.iter().filter_map(table).collect()
}

/// Sets up a connection to read a keyring with the schema `version` as if the keyring had the current schema. The
/// version must be at least [`OLDEST_READABLE`].
///
/// Creates a temporary view in place of each missing table and of each table to which columns were added. SQLite looks
/// up names in the temporary schema first, so queries read the views. Creating a view does not require write access to
/// the file.
///
/// # Errors
/// Returns an SQLite error if a view cannot be created.
pub(super) fn read_as_current(connection: &Connection, version: i64) -> rusqlite::Result<()> {
    for step in steps(version, newest()) {
        if let NewTable { name, stand_in, .. } = step {
            connection.execute_batch(&format!("CREATE TEMP VIEW {name} AS {stand_in}"))?;
        }
    }
    for extended in extended() {
        let columns: String = steps(version, newest())
            .filter_map(|step| match step {
                NewColumn { table, name, .. } if *table == extended => Some(format!(", NULL AS {name}")),
                Script(_) | NewTable { .. } | NewColumn { .. } | Redefinition { .. } => None,
            })
            .collect();
        connection.execute_batch(&format!("CREATE TEMP VIEW {extended} AS SELECT *{columns} FROM main.{extended}"))?;
    }
    Ok(())
}

/// Reverts [`read_as_current`] before an upgrade. Does nothing if `read_as_current` was not called.
///
/// # Errors
/// Returns an SQLite error if a view cannot be dropped.
pub(super) fn read_as_is(connection: &Connection) -> rusqlite::Result<()> {
    let tables = MIGRATIONS.iter().filter_map(|step| match step {
        NewTable { name, .. } => Some(*name),
        Script(_) | NewColumn { .. } | Redefinition { .. } => None,
    });
    for name in tables.chain(extended()) {
        connection.execute_batch(&format!("DROP VIEW IF EXISTS temp.{name}"))?;
    }
    Ok(())
}

/// Returns the version of the current schema.
pub(super) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Returns the steps from one schema version to another.
fn steps(from: i64, to: i64) -> impl Iterator<Item = &'static Migration> {
    let count = |version| usize::try_from(version).unwrap_or(0);
    MIGRATIONS.iter().take(count(to)).skip(count(from))
}

/// Migrates a keyring from one schema version to another within the open transaction of the connection.
///
/// # Errors
/// - `SQLITE_CORRUPT` if the definition of a table does not match its schema version
/// - any other SQLite error if a step fails
pub(super) fn migrate(connection: &Connection, from: i64, to: i64) -> rusqlite::Result<()> {
    for step in steps(from, to) {
        match step {
            Script(script) | NewTable { script, .. } => connection.execute_batch(script)?,
            NewColumn { table, name, data_type } => {
                connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {name} {data_type}"))?;
            }
            Redefinition { table, from, to } => redefine(connection, table, from, to)?,
        }
    }
    connection.pragma_update(None, "user_version", to)
}

/// Checks that the first step from the schema version `from` is possible. Only a [`Redefinition`] is checked, which
/// requires a table with the expected definition.
///
/// # Errors
/// - `SQLITE_CORRUPT` if the definition of a table does not match its schema version
/// - any other SQLite error if the definition cannot be read
pub(super) fn check(connection: &Connection, from: i64) -> rusqlite::Result<()> {
    let Some(Redefinition { table, from, .. }) = steps(from, newest()).next() else { return Ok(()) };
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1 AND sql = ?2";
    if connection.prepare(sql)?.exists([table, from])? { Ok(()) } else { Err(unexpected(table)) }
}

/// Replaces the definition of a table without rewriting its rows.
///
/// This is the procedure in <https://sqlite.org/lang_altertable.html> for changes that do not affect the stored rows.
/// The procedure updates a single row of `sqlite_schema` instead of copying every row to a new table. The UPDATE would
/// fail if `SQLITE_DBCONFIG_DEFENSIVE` were on, but this option is off by default, and keywright does not turn the
/// option on. `trusted_schema` only restricts functions and virtual tables, which the definitions do not use.
fn redefine(connection: &Connection, table: &str, from: &str, to: &str) -> rusqlite::Result<()> {
    let columns = columns(connection, table)?;
    let version: i64 = connection.pragma_query_value(None, "schema_version", |row| row.get(0))?;
    connection.pragma_update(None, "writable_schema", true)?;
    let sql = "UPDATE sqlite_schema SET sql = ?3 WHERE type = 'table' AND name = ?1 AND sql = ?2";
    let updated = connection.execute(sql, params![table, from, to]).and_then(|rows| match rows {
        // Incrementing the version makes every connection read the schema again.
        1 => connection.pragma_update(None, "schema_version", version + 1),
        _ => Err(unexpected(table)),
    });
    // RESET turns `writable_schema` off and makes this connection read the schema again.
    connection.pragma_update(None, "writable_schema", "RESET")?;
    updated?;
    if self::columns(connection, table)? == columns { Ok(()) } else { Err(unexpected(table)) }
}

/// Returns a description of each column of a table, with all properties that determine how the rows are stored and
/// read.
fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT format('%d %Q %Q %d %Q %d %d %d', c.cid, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk, t.strict, t.wr)
               FROM pragma_table_list(?1) AS t, pragma_table_xinfo(?1) AS c WHERE t.schema = 'main'";
    connection.prepare(sql)?.query_map([table], |row| row.get(0))?.collect()
}

fn unexpected(table: &str) -> Error {
    let message = format!("the table {table} does not have the definition that keywright wrote");
    Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), Some(message))
}
