//! Tests of upgrading keyrings from every earlier schema.

use super::*;
use crate::{
    key::{Bearer, KeyType, Lookup, SecretHash},
    keypair::JwkThumbprint,
    keyring::{
        Action, Inspection as _, Keys as _, Reads as _, SqliteKeyring, sqlite::inspect::FileInspection, transact,
        transact_within,
    },
    testing::{self, ScratchKeyring, entry, id, key, time},
};
use rusqlite::types::Value;
use std::os::unix::fs::symlink;

/// Returns the versions of all schemas before the current one.
fn earlier() -> std::ops::Range<i64> {
    1..newest()
}

fn rows(connection: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let mut statement = connection.prepare(sql).unwrap();
    let count = statement.column_count();
    let rows = statement.query_map([], |row| (0..count).map(|column| row.get(column)).collect()).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn texts(connection: &Connection, sql: &str) -> Vec<String> {
    connection.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Returns the complete definition of the schema.
fn definition(connection: &Connection) -> Vec<Vec<Value>> {
    rows(connection, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name")
}

fn sound(connection: &Connection) {
    assert_eq!(texts(connection, "PRAGMA integrity_check"), ["ok"]);
}

/// Converts a keyring to an earlier schema. Keeps all rows, but drops the tables and columns that the earlier schema
/// does not have. Panics if the earlier schema does not allow a row.
fn of_schema(version: i64, scratch: &ScratchKeyring) {
    let path = scratch.place.path();
    let staged = scratch.place.stage().unwrap();
    let connection = crate::keyring::sqlite::connection::connect(&staged).unwrap();
    schema::lay_out(&connection, version).unwrap();
    connection.execute("ATTACH ?1 AS current", [path.to_str()]).unwrap();
    for table in texts(&connection, "SELECT name FROM main.sqlite_schema WHERE type = 'table'") {
        let columns = texts(&connection, &format!("SELECT name FROM pragma_table_info('{table}', 'main')")).join(", ");
        let sql = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM current.{table}");
        connection.execute(&sql, []).unwrap();
    }
    connection.close().unwrap();
    fs::rename(staged, path).unwrap();
}

/// Builds a keyring with an earlier schema and a key of each type, including an RSA key that was registered by its
/// holder.
fn keyring_of_schema(version: i64) -> ScratchKeyring {
    let mut scratch = ScratchKeyring::new();
    testing::insert(&mut scratch.keyring, &[key(1), key(2).with_material(testing::pair(2))]);
    testing::insert(&mut scratch.keyring, &[key(3).with_material(testing::rsa(3))]);
    let registered = key(4).with_material(testing::rsa(4));
    transact(&mut scratch.keyring, &entry(0), |t| t.insert(&registered, Action::Register)).unwrap();
    of_schema(version, &scratch);
    scratch
}

fn open(scratch: &ScratchKeyring) -> SqliteKeyring {
    SqliteKeyring::open(&scratch.place).unwrap()
}

#[test]
fn a_failed_upgrade_leaves_the_keyring_readable() {
    for version in [3, 4] {
        let scratch = keyring_of_schema(version);
        let mut keyring = open(&scratch);
        let before = keyring.key(key(1).id, time(0)).unwrap();
        assert!(before.is_some());
        // Another process holds the lock for longer than the write waits.
        let other = rusqlite::Connection::open(scratch.place.path()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let wait = std::time::Duration::from_millis(10);
        let refused = transact_within(wait, &mut keyring, &entry(0), |t| t.insert(&key(9), Action::Reserve));
        assert_eq!(refused.unwrap_err().code(), Code::KeyringLocked);
        assert_eq!(keyring.key(key(1).id, time(0)).unwrap(), before, "the same connection still reads it");
        other.execute_batch("ROLLBACK").unwrap();
        write(&mut keyring).unwrap();
        assert_eq!(keyring.key(key(1).id, time(0)).unwrap(), before);
    }
}

fn write(keyring: &mut SqliteKeyring) -> Result<()> {
    let new = key(9);
    transact(keyring, &entry(0), |t| t.insert(&new, Action::Reserve))
}

/// Returns the sorted names of all files in the keyring's directory except the keyring.
fn copies(scratch: &ScratchKeyring) -> Vec<String> {
    let files = fs::read_dir(scratch.directory.path()).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "keyring.db");
    names.sort();
    names
}

#[test]
fn the_copy_contains_what_is_only_in_a_write_ahead_log() {
    let scratch = keyring_of_schema(3);
    let other = rusqlite::Connection::open(scratch.place.path()).unwrap();
    other.execute_batch("PRAGMA journal_mode = WAL; UPDATE owner SET usage_level = 'x'; DELETE FROM audit").unwrap();
    // Copying the files while they are open keeps the log, which the last connection would otherwise write back.
    let copy = ScratchKeyring::new();
    for side in ["", "-wal"] {
        let path = |scratch: &ScratchKeyring| format!("{}{side}", scratch.place.path().display());
        fs::copy(path(&scratch), path(&copy)).unwrap();
    }
    write(&mut open(&copy)).unwrap();
    let backup = Connection::open(copy.place.path().with_file_name("keyring.db.schema-3.backup")).unwrap();
    let rows: i64 = backup.query_row("SELECT count(*) FROM audit", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 0);
    // A connection that stays open keeps the keyring in this mode.
    let refused = write(&mut open(&scratch)).unwrap_err();
    assert_eq!(refused.code(), Code::KeyringLocked);
}

#[test]
fn an_earlier_schema_can_be_inspected_without_an_upgrade() {
    for version in earlier() {
        let mut scratch = ScratchKeyring::with(&[key(1).with_material(testing::pair(1))]);
        let (hash, scopes) = (SecretHash::of(b"bearer"), testing::scopes(&["read"]));
        let bearer = Bearer { hash, key: id(1), scopes, created: time(0), expires: time(60) };
        transact(&mut scratch.keyring, &entry(0), |t| t.insert_bearer(&bearer)).unwrap();
        of_schema(version, &scratch);
        let before = fs::read(scratch.place.path()).unwrap();
        let inspection = FileInspection::open(&scratch.place).unwrap();
        inspection.each_other_damage(&mut |damage| panic!("{version}: {damage:?}")).unwrap();
        // The first two schemas did not record states, which the log of this keyring does.
        let words: Vec<_> =
            inspection.contradictions(9).unwrap().iter().map(crate::keyring::Contradiction::word).collect();
        assert_eq!(words, if version < 3 { vec!["schema"] } else { vec![] }, "{version}");
        let mut seen = 0;
        inspection.each_key(&mut |found| seen += u32::from(found.is_ok())).unwrap();
        assert_eq!(seen, 1, "{version}");
        assert_eq!(fs::read(scratch.place.path()).unwrap(), before);
    }
}

#[test]
fn every_earlier_schema_becomes_that_of_a_new_keyring() {
    let new = Connection::open_in_memory().unwrap();
    schema::lay_out(&new, newest()).unwrap();
    for version in earlier() {
        let connection = Connection::open_in_memory().unwrap();
        schema::lay_out(&connection, version).unwrap();
        assert_ne!(definition(&connection), definition(&new), "{version}");
        migrations::migrate(&connection, version, newest()).unwrap();
        assert_eq!(definition(&connection), definition(&new), "{version}");
        sound(&connection);
        // The new definition applies to other connections too, and `writable_schema` is off again.
        let writable: i64 = connection.pragma_query_value(None, "writable_schema", |row| row.get(0)).unwrap();
        assert_eq!(writable, 0);
    }
}

#[test]
fn the_schema_names_no_type_and_still_refuses_rows_that_contradict_themselves() {
    let connection = Connection::open_in_memory().unwrap();
    schema::lay_out(&connection, newest()).unwrap();
    for sql in texts(&connection, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL") {
        for key_type in KeyType::ALL {
            assert!(!sql.contains(&format!("'{}'", key_type.word())), "{sql}");
        }
    }
    let insert = |columns: &str, values: &str| {
        let sql = format!(
            "INSERT INTO key (id, name, env, scopes, labels, created_at, digest, {columns})
             VALUES (randomblob(16), 'k', 'test', '', '{{}}', 0, zeroblob(32), {values})"
        );
        connection.execute(&sql, [])
    };
    for (columns, values) in [
        ("type, spki", "'rsa', x'00'"),
        ("type, spki, registered", "'later', x'00', 1"),
        ("type, secret_hash", "'token', randomblob(32)"),
        ("type, secret_hash, opaque", "'token', randomblob(32), 1"),
        ("type, secret_hash, api_key", "'pair', randomblob(32), 'a'"),
    ] {
        insert(columns, values).unwrap();
    }
    for (columns, values) in [
        ("type, spki", "'', x'00'"),
        ("type", "'rsa'"),
        ("type, spki, secret_hash", "'rsa', x'00', randomblob(32)"),
        ("type, spki, api_key", "'rsa', x'00', 'a'"),
        ("type, spki, opaque", "'rsa', x'00', 1"),
        ("type, secret_hash, opaque", "'token', randomblob(32), 2"),
        ("type, secret_hash, api_key, opaque", "'pair', randomblob(32), 'a', 1"),
        ("type, secret_hash, registered", "'token', randomblob(32), 1"),
        ("type, spki, registered", "'rsa', x'00', 2"),
        ("type, spki, revoked_at", "'rsa', x'00', 1"),
        ("type, spki, fingerprint", "'rsa', x'00', x'00'"),
    ] {
        let refused = insert(columns, values).unwrap_err();
        assert_eq!(refused.sqlite_error_code(), Some(rusqlite::ErrorCode::ConstraintViolation), "{columns}: {values}");
    }
}

#[test]
fn an_upgrade_keeps_every_row_and_copies_the_file_before() {
    for version in earlier() {
        let scratch = keyring_of_schema(version);
        let path = scratch.place.path();
        let before = fs::read(path).unwrap();
        let connection = Connection::open(path).unwrap();
        let tables = ["key", "audit", "keyring"].map(|table| format!("SELECT * FROM {table}"));
        let old = tables.each_ref().map(|sql| rows(&connection, sql));
        connection.close().unwrap();

        let mut keyring = open(&scratch);
        let registered = |n| keyring.key(id(n), time(0)).unwrap().unwrap().registered;
        let shown = [1, 2, 3, 4].map(registered);
        if version >= migrations::OLDEST_READABLE {
            assert!(fs::read(path).unwrap() == before, "reading changes nothing");
            assert_eq!(shown, [false; 4]);
        } else {
            assert_eq!(shown, [false, false, false, true], "the log says which key was registered");
        }
        keyring.prepare_to_write().unwrap();
        assert_eq!((keyring.contract().unwrap(), keyring.entitlements(None).unwrap()), (None, vec![]));
        let copy = format!("keyring.db.schema-{version}.backup");
        assert_eq!(copies(&scratch), [copy.as_str()]);
        let copy = scratch.directory.path().join(copy);
        assert!(fs::read(&copy).unwrap() == before);
        assert_eq!(fs::metadata(&copy).unwrap().mode() & 0o7777, 0o600);
        for (sql, old) in tables.iter().zip(old) {
            let new = rows(&keyring.connection, sql);
            assert_eq!(new.len(), old.len());
            for (new, old) in new.iter().zip(&old) {
                // The columns that an upgrade adds come last. The only row that an upgrade changes is that of the
                // registered key.
                let changed = version < 3 && new[1] == Value::Blob(id(4).as_bytes().to_vec());
                assert!(changed || new[..old.len()] == old[..], "{version} {sql}");
            }
        }
        assert_eq!(keyring.verify_chain(None).unwrap().broken, None);
        sound(&keyring.connection);
        write(&mut keyring).unwrap();
        assert_eq!(copies(&scratch).len(), 1, "once is enough");

        fs::copy(&copy, path).unwrap();
        assert_eq!(open(&scratch).verify_chain(None).unwrap().rows, 5);
    }
}

#[test]
fn keys_are_found_by_their_thumbprints_before_and_after_an_upgrade() {
    for version in migrations::OLDEST_READABLE..newest() {
        let mut scratch = ScratchKeyring::new();
        let keys = [key(1).with_material(testing::public_key("rsa2048.spki.pem")), key(2), key(3)];
        testing::insert(&mut scratch.keyring, &keys);
        of_schema(version, &scratch);
        let public = keys[0].material.public_key().unwrap().spki();
        let lookup = Lookup::Thumbprint(JwkThumbprint::of_spki(public).unwrap());
        let other = Lookup::Thumbprint(JwkThumbprint::from_bytes([1; 32]));
        let mut keyring = open(&scratch);
        let found = |keyring: &SqliteKeyring| {
            assert!(keyring.find(&other, time(0), 1).unwrap().is_empty(), "{version}");
            keyring.find(&lookup, time(0), 1).unwrap()
        };
        assert_eq!(found(&keyring), keys[..1], "{version}");
        write(&mut keyring).unwrap();
        assert_eq!(found(&keyring), keys[..1], "{version}");
        let sql = "UPDATE key SET thumbprint = x'00' RETURNING thumbprint";
        keyring.connection.prepare(sql).unwrap().query([]).unwrap().next().unwrap();
        assert!(found(&keyring).is_empty(), "{version}: the column and its index are used");
    }
}

#[test]
fn an_upgrade_derives_the_largest_accepted_skew() {
    for (kept, expected) in
        [(60, 30_000), (61, 30_000), (1200, 600_000), (500_000, 86_400_000), (i64::MAX / 2, 86_400_000)]
    {
        let scratch = ScratchKeyring::new();
        let start = time(0).seconds();
        let sql = "INSERT INTO replay (hash, timestamp, until) VALUES (zeroblob(32), ?1, ?2)";
        scratch.keyring.connection.execute(sql, [start * 1000, start + kept]).unwrap();
        of_schema(12, &scratch);
        let mut keyring = open(&scratch);
        assert_eq!(keyring.accepted_skew().unwrap(), 30_000, "before the upgrade");
        write(&mut keyring).unwrap();
        assert_eq!(keyring.accepted_skew().unwrap(), expected, "{kept}");
    }
}

#[test]
fn other_connections_see_the_new_definition() {
    let scratch = keyring_of_schema(3);
    let (mut first, mut second) = (open(&scratch), open(&scratch));
    // Until its first write, a connection reads an earlier schema through a temporary view named `key`.
    let later = "UPDATE main.key SET type = 'later' WHERE type = 'token'";
    second.connection.execute(later, []).unwrap_err();
    write(&mut first).unwrap();
    second.connection.execute(&format!("{later} AND FALSE"), []).unwrap();
    second.connection.execute_batch(&format!("BEGIN; {later}; ROLLBACK")).unwrap();
    // The second connection does not upgrade the keyring again.
    transact(&mut second, &entry(0), |t| t.delete(&key(9), Action::Discard)).unwrap();
    assert_eq!(copies(&scratch), ["keyring.db.schema-3.backup"]);
}

#[test]
fn an_unexpected_definition_is_left_alone() {
    let scratch = keyring_of_schema(3);
    let connection = Connection::open(scratch.place.path()).unwrap();
    connection.execute_batch("ALTER TABLE key ADD COLUMN other TEXT").unwrap();
    connection.close().unwrap();
    let before = fs::read(scratch.place.path()).unwrap();
    let mut keyring = open(&scratch);
    let refused = write(&mut keyring).unwrap_err();
    assert_eq!(refused.code(), Code::KeyringCorrupt);
    assert!(refused.message().contains("table key"), "{refused}");
    let sql = "SELECT sql FROM sqlite_schema WHERE name = 'key'";
    let unchanged = texts(&keyring.connection, sql);
    migrations::migrate(&keyring.connection, 3, 4).unwrap_err();
    assert_eq!(texts(&keyring.connection, sql), unchanged);
    keyring.connection.execute("UPDATE sqlite_schema SET sql = sql", []).unwrap_err();
    assert!(fs::read(scratch.place.path()).unwrap() == before);
    assert_eq!(copies(&scratch), [""; 0]);
}

#[test]
fn a_copy_of_the_same_state_is_kept_and_no_other_file_is_touched() {
    let scratch = keyring_of_schema(3);
    let path = scratch.place.path();
    let beside = |name: &str| scratch.directory.path().join(format!("keyring.db.schema-3{name}.backup"));
    let before = fs::read(path).unwrap();
    // Occupy the names with a file of the same size but another content, a shorter file, a symbolic link, and
    // a directory.
    let mut other = before.clone();
    *other.last_mut().unwrap() ^= 1;
    fs::write(beside(""), &other).unwrap();
    fs::write(beside("-2"), "shorter").unwrap();
    symlink(path, beside("-3")).unwrap();
    fs::create_dir(beside("-4")).unwrap();
    write(&mut open(&scratch)).unwrap();
    assert!(fs::read(beside("")).unwrap() == other);
    assert!(fs::read(beside("-5")).unwrap() == before);
    assert_eq!(copies(&scratch).len(), 5);

    let fifth = fs::metadata(beside("-5")).unwrap();
    fs::remove_file(beside("-2")).unwrap();
    fs::write(path, &before).unwrap();
    fs::copy(path, beside("-2")).unwrap();
    write(&mut open(&scratch)).unwrap();
    assert_eq!(copies(&scratch).len(), 5, "the second one has the same state");
    assert_eq!(fs::metadata(beside("-5")).unwrap().ino(), fifth.ino());
}

#[test]
fn the_copy_lies_beside_the_file_that_a_link_leads_to() {
    let scratch = keyring_of_schema(3);
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link.db");
    symlink(scratch.place.path(), &link).unwrap();
    write(&mut SqliteKeyring::open(&Place::new(&link).unwrap()).unwrap()).unwrap();
    assert_eq!(copies(&scratch), ["keyring.db.schema-3.backup"]);
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
}
