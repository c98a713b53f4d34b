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

const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE keyring (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    created_at INTEGER NOT NULL
) STRICT;

-- Times are whole seconds since 1970. A status is never stored.
CREATE TABLE key (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('rsa', 'token', 'pair')),
    env TEXT NOT NULL CHECK (env IN ('test', 'live')),
    prefix TEXT,
    owner TEXT,
    scopes TEXT NOT NULL,
    labels TEXT NOT NULL,
    note TEXT,
    created_at INTEGER NOT NULL,
    activated_at INTEGER,
    expires_at INTEGER,
    last_used_at INTEGER,
    disabled_at INTEGER,
    revoked_at INTEGER,
    revocation_reason TEXT CHECK ((revocation_reason IS NULL) = (revoked_at IS NULL)),
    revocation_note TEXT,
    per_minute INTEGER,
    per_hour INTEGER,
    per_day INTEGER,
    spki BLOB CHECK ((spki IS NOT NULL) = (type = 'rsa')),
    fingerprint BLOB CHECK (fingerprint IS NULL OR length(fingerprint) = 32),
    modulus_hash BLOB CHECK (modulus_hash IS NULL OR length(modulus_hash) = 32),
    key_bits INTEGER,
    api_key TEXT CHECK ((api_key IS NOT NULL) = (type = 'pair')),
    secret_hash BLOB CHECK ((secret_hash IS NOT NULL) = (type <> 'rsa')),
    rotated_from BLOB,
    rotated_to BLOB,
    digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;

CREATE UNIQUE INDEX key_by_id ON key (id);
CREATE INDEX key_by_name ON key (name);
CREATE INDEX key_by_expiry ON key (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX key_by_revocation ON key (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX key_by_owner ON key (owner) WHERE owner IS NOT NULL;
CREATE INDEX key_pending ON key (created_at) WHERE activated_at IS NULL;
CREATE INDEX key_by_fingerprint ON key (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE UNIQUE INDEX key_by_modulus ON key (modulus_hash) WHERE modulus_hash IS NOT NULL;
-- A token carries its key's id; the secret half of a pair does not.
CREATE UNIQUE INDEX key_by_pair_secret ON key (secret_hash) WHERE api_key IS NOT NULL;

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    clock_set INTEGER NOT NULL CHECK (clock_set IN (0, 1)),
    user TEXT NOT NULL,
    host TEXT NOT NULL,
    command TEXT NOT NULL,
    action TEXT NOT NULL,
    key_id BLOB,
    facts TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX audit_by_key ON audit (key_id) WHERE key_id IS NOT NULL;
",
    "
-- What keys there may be, as JSON; NULL is the default contract.
ALTER TABLE keyring ADD COLUMN contract TEXT;

CREATE TABLE owner (
    name TEXT PRIMARY KEY,
    usage_level TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
",
    "
-- 1: the token does not carry its key's id, and is found by its hash. NULL for all others.
ALTER TABLE key ADD COLUMN opaque INTEGER CHECK (opaque IS NULL OR (opaque = 1 AND type = 'token'));
-- 1: the key expires when its successor is first used.
ALTER TABLE key ADD COLUMN retire_on_use INTEGER CHECK (retire_on_use = 1);
-- What becomes of the predecessor, for as long as the key is pending.
ALTER TABLE key ADD COLUMN handover TEXT;
-- 1: somebody else made the key pair, and has its private half.
ALTER TABLE key ADD COLUMN registered INTEGER CHECK (registered IS NULL OR (registered = 1 AND type = 'rsa'));
CREATE UNIQUE INDEX key_by_opaque_secret ON key (secret_hash) WHERE opaque IS NOT NULL;
CREATE INDEX key_by_predecessor ON key (rotated_from) WHERE rotated_from IS NOT NULL;

-- Bearer tokens by the SHA-256 of the whole token; gone once expired.
CREATE TABLE bearer (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    key_id BLOB NOT NULL CHECK (length(key_id) = 16),
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT, WITHOUT ROWID;
CREATE INDEX bearer_by_expiry ON bearer (expires_at);
CREATE INDEX bearer_by_key ON bearer (key_id);

-- Signatures that were accepted, by a SHA-256 over key and signature, for as long as their timestamp would be.
CREATE TABLE replay (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX replay_by_end ON replay (until);

-- What was purged, as far as it must never come back.
CREATE TABLE tombstone (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    modulus_hash BLOB CHECK (modulus_hash IS NULL OR length(modulus_hash) = 32),
    secret_hash BLOB CHECK (secret_hash IS NULL OR length(secret_hash) = 32),
    ended_at INTEGER NOT NULL,
    revoked INTEGER NOT NULL CHECK (revoked IN (0, 1)),
    purged_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstone_by_modulus ON tombstone (modulus_hash) WHERE modulus_hash IS NOT NULL;
CREATE INDEX tombstone_by_secret ON tombstone (secret_hash) WHERE secret_hash IS NOT NULL;
",
];

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
