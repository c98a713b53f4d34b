//! Creating the schema of a keyring file, and recognizing the files that keywright can read.
//!
//! The `application_id` of an SQLite file identifies it as a keyring, and its `user_version` is the version of the
//! schema.

use super::{
    audit::append_init,
    connection::pragma,
    error::{Attempt, Explain, corrupt},
    migrations::{self, OLDEST_READABLE, newest},
    place::Place,
    replay,
};
use crate::{
    error::{Code, Error, Result},
    key::Time,
    keyring::Entry,
};
use rusqlite::{Connection, TransactionBehavior, params};
use uuid::Uuid;

/// The application id in the header of a keyring file, which is "kwrt" in ASCII.
const APPLICATION_ID: i32 = 0x6b77_7274;

/// The schema version of a keyring file, and the id of its organization.
pub(super) struct Recognized {
    pub(super) version: i64,
    pub(super) org_id: Uuid,
}

impl Recognized {
    /// Returns `true` if the keyring can be read without an upgrade.
    pub(super) fn is_readable(&self) -> bool {
        self.version >= OLDEST_READABLE
    }

    /// Returns `true` if the keyring has the current schema.
    pub(super) fn is_current(&self) -> bool {
        self.version == newest()
    }
}

/// Creates a keyring in an empty file.
pub(super) fn create(
    connection: &mut Connection,
    org_id: Uuid,
    contract: Option<&str>,
    entry: &Entry,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    lay_out(&transaction, newest())?;
    insert_keyring(&transaction, org_id, contract, entry.at)?;
    let state = replay::keyring(&transaction)?;
    append_init(&transaction, org_id, contract, state, entry)?;
    transaction.commit()
}

/// Inserts the only row of the `keyring` table, which contains the organization, the creation time and the contract.
pub(super) fn insert_keyring(
    connection: &Connection,
    org_id: Uuid,
    contract: Option<&str>,
    created: Time,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO keyring (only, org_id, created_at, contract) VALUES (1, ?1, ?2, ?3)";
    connection.execute(sql, params![org_id.as_bytes(), created.seconds(), contract]).map(drop)
}

/// Creates the tables of a schema version in an empty file, and marks the file as a keyring.
pub(super) fn lay_out(connection: &Connection, version: i64) -> rusqlite::Result<()> {
    migrations::migrate(connection, 0, version)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)
}

/// Checks that a file is a complete keyring with a known schema, and returns its schema version and the id of its
/// organization.
///
/// # Errors
/// - `keyring_foreign` if the file is not a keyring
/// - `keyring_newer` if a newer version of keywright wrote the file
/// - any other [storage error](crate::keyring#storage-errors) if the file is damaged or cannot be read
pub(super) fn recognize(connection: &mut Connection, place: &Place) -> Result<Recognized> {
    // Hold a single read lock for all of these checks, so that no process writes between them.
    let reading = connection.transaction().explain(Attempt::Open(place))?;
    let version = version(&reading, place)?;
    if torn(&reading, place)? {
        return Err(corrupt(place, TORN));
    }
    // A single statement, because every command runs it.
    let sql =
        "SELECT org_id, EXISTS (SELECT 1 FROM main.sqlite_schema WHERE type NOT IN ('table', 'index')) FROM keyring";
    let (org_id, has_programs) = reading
        .query_row(sql, [], |row| Ok((Uuid::from_bytes(row.get(0)?), row.get(1)?)))
        .explain(Attempt::Open(place))?;
    if has_programs {
        return Err(has_program(&reading, place));
    }
    Ok(Recognized { version, org_id })
}

/// Returns the error for a database with a trigger or a view. Keywright creates none, and they could undo a revocation.
fn has_program(connection: &Connection, place: &Place) -> Error {
    let sql = "SELECT type || ' `' || name || '`' FROM main.sqlite_schema WHERE type NOT IN ('table', 'index') LIMIT 1";
    let found = connection.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|_| "trigger or view".to_owned());
    corrupt(place, &format!("it contains the {found}, which keywright did not create"))
}

/// Returns the id of a keyring's organization.
pub(super) fn org_id(connection: &Connection) -> rusqlite::Result<Uuid> {
    connection.query_row("SELECT org_id FROM keyring", [], |row| row.get(0).map(Uuid::from_bytes))
}

/// Checks that a file is a keyring with a known schema, and returns the schema version.
///
/// # Errors
/// - `keyring_foreign` if the file is not a keyring
/// - `keyring_newer` if a newer version of keywright wrote the file
/// - any other [storage error](crate::keyring#storage-errors) if the file cannot be read
pub(super) fn version(connection: &Connection, place: &Place) -> Result<i64> {
    let read = Attempt::Open(place);
    if pragma(connection, "application_id").explain(read)? != i64::from(APPLICATION_ID) {
        return Err(Error::new(
            Code::KeyringForeign,
            format!("{} is an SQLite database, but not a keyring", place.path().display()),
            "pass the path of a keyring with --keyring",
        ));
    }
    let version = pragma(connection, "user_version").explain(read)?;
    if version > newest() {
        return Err(Error::new(
            Code::KeyringNewer,
            format!(
                "{} has schema {version}, but this version of keywright supports only schemas up to {}",
                place.path().display(),
                newest()
            ),
            "use the version of keywright that wrote the keyring, or a newer one; the file was not changed",
        ));
    }
    Ok(version)
}

/// The description of the damage to a file for which [`torn`] returns `true`.
pub(super) const TORN: &str = "the last page of the file is incomplete";

/// Returns `true` if the last page of the file is incomplete, and `false` if the page is complete or the length of the
/// file cannot be read. SQLite reports missing pages, but silently fills an incomplete last page with zeros.
pub(super) fn torn(connection: &Connection, place: &Place) -> Result<bool> {
    let page = pragma(connection, "page_size").explain(Attempt::Open(place))?;
    let length = std::fs::metadata(place.path()).map_or(0, |file| file.len());
    Ok(!u64::try_from(page).is_ok_and(|page| length.is_multiple_of(page)))
}
