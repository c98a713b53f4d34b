//! The schema and its history.
//!
//! Rules for the next editor: [`MIGRATIONS`] only grows; a migration that was ever released is never edited;
//! `user_version` counts those that were applied; all that are missing are applied in one immediate transaction.
//! Tables are STRICT. A new column of `key` goes into `row::COLUMNS` too, so that it is part of the row's digest, and
//! is part of the digest of the rows where it is not NULL.

use super::{
    audit::append_init,
    connection::{durable, pragma},
    error::{Attempt, Explain, corrupt},
    place::Place,
    row,
};
use crate::{
    error::{Code, Error, Result},
    key::Key,
    keyring::Entry,
};
use rusqlite::{Connection, TransactionBehavior, params};
use uuid::Uuid;

/// "kwrt" in ASCII, in the file's header: what makes an SQLite file a keyring.
const APPLICATION_ID: i32 = 0x6b77_7274;

const MIGRATIONS: &[&str] =
    &[include_str!("migrations/1.sql"), include_str!("migrations/2.sql"), include_str!("migrations/3.sql")];

fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Fills an empty file.
pub(super) fn create(
    connection: &mut Connection,
    org_id: Uuid,
    contract: Option<&str>,
    entry: &Entry,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for migration in MIGRATIONS {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", newest())?;
    transaction.execute(
        "INSERT INTO keyring (only, org_id, created_at, contract) VALUES (1, ?1, ?2, ?3)",
        params![org_id.as_bytes(), entry.at.seconds(), contract],
    )?;
    append_init(&transaction, org_id, contract, entry)?;
    transaction.commit()
}

/// Checks that the file is a keyring that this program understands, applies the migrations it lacks, and says whose
/// it is.
pub(super) fn bring_up_to_date(connection: &mut Connection, place: &Place) -> Result<Uuid> {
    let (version, org_id) = recognise(connection, place)?;
    if version < newest() {
        durable(connection).explain(Attempt::Open(place))?;
        migrate(connection, place)?;
    }
    Ok(org_id)
}

/// Checks that the file is a keyring of this program's schema, changes nothing, and says whose it is.
pub(super) fn of_today(connection: &mut Connection, place: &Place) -> Result<Uuid> {
    let (version, org_id) = recognise(connection, place)?;
    if version < newest() {
        return Err(corrupt(place, &format!("it has schema {version} in place of {}", newest())));
    }
    Ok(org_id)
}

/// The version of the schema, and whose it is, of a file that is a keyring which this program understands, and whole.
fn recognise(connection: &mut Connection, place: &Place) -> Result<(i64, Uuid)> {
    // One read lock for all of these: no writer can be between two of them.
    let reading = connection.transaction().explain(Attempt::Open(place))?;
    let version = version(&reading, place)?;
    if torn(&reading, place)? {
        return Err(corrupt(place, TORN));
    }
    let org_id = org_id(&reading).explain(Attempt::Open(place))?;
    Ok((version, org_id))
}

/// Whose keyring it is.
pub(super) fn org_id(connection: &Connection) -> rusqlite::Result<Uuid> {
    connection.query_row("SELECT org_id FROM keyring", [], |row| row.get(0).map(Uuid::from_bytes))
}

/// The version of the schema, of a file that is a keyring which this program understands.
pub(super) fn version(connection: &Connection, place: &Place) -> Result<i64> {
    let read = Attempt::Open(place);
    if pragma(connection, "application_id").explain(read)? != i64::from(APPLICATION_ID) {
        return Err(Error::new(
            Code::KeyringForeign,
            format!("{} is an SQLite database, but not a keyring", place.path().display()),
            "give the path of a keyring with --keyring",
        ));
    }
    let version = pragma(connection, "user_version").explain(read)?;
    if version > newest() {
        return Err(Error::new(
            Code::KeyringNewer,
            format!("{} has schema {version}; this keywright knows {}", place.path().display(), newest()),
            "use a keywright at least as new as the one that wrote it; the file was left as it is",
        ));
    }
    Ok(version)
}

/// What is said of a file that [`torn`] is true of.
pub(super) const TORN: &str = "its last page is cut short";

/// SQLite finds a page that is missing, but of a last page that is cut short it makes a whole one, with zeros.
pub(super) fn torn(connection: &Connection, place: &Place) -> Result<bool> {
    let page = pragma(connection, "page_size").explain(Attempt::Open(place))?;
    let length = std::fs::metadata(place.path()).map_or(0, |file| file.len());
    Ok(!u64::try_from(page).is_ok_and(|page| length.is_multiple_of(page)))
}

fn migrate(connection: &mut Connection, place: &Place) -> Result<()> {
    let write = Attempt::Write(place);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).explain(write)?;
    // Read again: another process may have been first.
    let version = usize::try_from(pragma(&transaction, "user_version").explain(write)?).unwrap_or(usize::MAX);
    for migration in MIGRATIONS.iter().skip(version) {
        transaction.execute_batch(migration).explain(write)?;
    }
    if version < 3 {
        // Before there was a column for it, only the log told which keys were brought.
        let brought = "type = 'rsa' AND id IN (SELECT key_id FROM audit WHERE action = 'register')";
        for key in row::keys(&transaction, brought, &[], place)? {
            row::update(&transaction, &Key { registered: true, ..key }).explain(write)?;
        }
    }
    transaction.pragma_update(None, "user_version", newest()).explain(write)?;
    transaction.commit().explain(write)
}
