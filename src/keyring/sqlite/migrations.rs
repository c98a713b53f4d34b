//! The migrations of the schema: one step for each version.
//!
//! Rules for a new schema: [`MIGRATIONS`] only grows, and a step that was released is never edited. A new column of `key` goes
//! into `record::Column` too, at its end, so that it is part of the digest of the rows in which it is not NULL. If reading needs
//! the step, [`OLDEST_READABLE`] becomes the new version. Tables are STRICT, and no CHECK names a type of key.

use rusqlite::{Connection, Error, ffi, params};

/// The oldest schema that can be read as it is. A keyring of an older schema is upgraded when it is opened, a keyring of a
/// later one before the first write.
pub(super) const OLDEST_READABLE: i64 = 3;

/// The step from one schema to the next.
enum Migration {
    /// SQL statements.
    Script(&'static str),
    /// A new definition of a table. Only what may be written changes: the columns and the rows stay as they are.
    Redefinition { table: &'static str, from: &'static str, to: &'static str },
}

use Migration::{Redefinition, Script};

/// The steps from an empty file to the current schema.
const MIGRATIONS: &[Migration] = &[
    Script(include_str!("migrations/1.sql")),
    Script(include_str!("migrations/2.sql")),
    Script(include_str!("migrations/3.sql")),
    Redefinition {
        table: "key",
        from: include_str!("migrations/key-3.sql").trim_ascii_end(),
        to: include_str!("migrations/key-4.sql").trim_ascii_end(),
    },
    Script(include_str!("migrations/5.sql")),
];

/// The statements that let a connection read a keyring of an earlier schema from [`OLDEST_READABLE`] on as one of the current
/// schema. SQLite looks up names in the temporary schema first, and a temporary view needs no right to write the file.
const READ_AS_CURRENT: &str = "CREATE TEMP VIEW key AS SELECT *, NULL AS allowed_ips FROM main.key";

/// Lets a connection read a keyring of an earlier schema as one of the current schema.
///
/// # Errors
/// Returns what SQLite reports.
pub(super) fn read_as_current(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(READ_AS_CURRENT)
}

/// Ends the effect of [`read_as_current`], before an upgrade. Does nothing if there is none.
///
/// # Errors
/// Returns what SQLite reports.
pub(super) fn read_as_is(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("DROP VIEW IF EXISTS temp.key")
}

/// Returns the current schema.
pub(super) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Returns the steps between two schemas.
fn steps(from: i64, to: i64) -> impl Iterator<Item = &'static Migration> {
    let count = |version| usize::try_from(version).unwrap_or(0);
    MIGRATIONS.iter().take(count(to)).skip(count(from))
}

/// Migrates the open transaction of a connection from one schema to another.
///
/// # Errors
/// Returns what SQLite reports, and `SQLITE_CORRUPT` if a table is not defined as its schema says.
pub(super) fn migrate(connection: &Connection, from: i64, to: i64) -> rusqlite::Result<()> {
    for step in steps(from, to) {
        match step {
            Script(statements) => connection.execute_batch(statements)?,
            Redefinition { table, from, to } => redefine(connection, table, from, to)?,
        }
    }
    connection.pragma_update(None, "user_version", to)
}

/// Checks that the first step from a schema to the current one can be taken, as far as that shows without taking it.
///
/// # Errors
/// As [`migrate`].
pub(super) fn check(connection: &Connection, from: i64) -> rusqlite::Result<()> {
    let Some(Redefinition { table, from, .. }) = steps(from, newest()).next() else { return Ok(()) };
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1 AND sql = ?2";
    if connection.prepare(sql)?.exists([table, from])? { Ok(()) } else { Err(unexpected(table)) }
}

/// Replaces the definition of a table.
///
/// This is the procedure of <https://sqlite.org/lang_altertable.html> for changes that do not touch the rows: it writes one row
/// of `sqlite_schema`, where a new table would have to be filled with every row of the old one. `writable_schema` has no effect
/// under `SQLITE_DBCONFIG_DEFENSIVE`, which is off by default and which keywright never turns on; if it were on, the UPDATE
/// would fail. `trusted_schema` restricts functions and virtual tables, which the definitions do not use.
fn redefine(connection: &Connection, table: &str, from: &str, to: &str) -> rusqlite::Result<()> {
    let columns = columns(connection, table)?;
    let version: i64 = connection.pragma_query_value(None, "schema_version", |row| row.get(0))?;
    connection.pragma_update(None, "writable_schema", true)?;
    let sql = "UPDATE sqlite_schema SET sql = ?3 WHERE type = 'table' AND name = ?1 AND sql = ?2";
    let updated = connection.execute(sql, params![table, from, to]).and_then(|rows| match rows {
        // So that every connection reads the schema again.
        1 => connection.pragma_update(None, "schema_version", version + 1),
        _ => Err(unexpected(table)),
    });
    // Turns it off, and makes this connection read the schema again.
    connection.pragma_update(None, "writable_schema", "RESET")?;
    updated?;
    if self::columns(connection, table)? == columns { Ok(()) } else { Err(unexpected(table)) }
}

/// Returns the columns of a table with all that decides how its rows are stored and read.
fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT format('%d %Q %Q %d %Q %d %d %d', c.cid, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk, t.strict, t.wr)
               FROM pragma_table_list(?1) AS t, pragma_table_xinfo(?1) AS c WHERE t.schema = 'main'";
    connection.prepare(sql)?.query_map([table], |row| row.get(0))?.collect()
}

fn unexpected(table: &str) -> Error {
    let message = format!("the definition of its table {table} is not the one that keywright wrote");
    Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), Some(message))
}
