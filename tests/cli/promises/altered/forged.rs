//! Rows that somebody appended to the log, with the hashes that keywright would compute, to explain edits of the keyring.

use super::{KEY, compute_digests, digest, furnished, head, kinds, open};
use crate::home::Home;
use rusqlite::{Connection, types::Value};
use sha2::{Digest as _, Sha256};
use std::os::unix::fs::PermissionsExt as _;

/// Appends a row to the log with the hash that keywright would compute.
fn append(home: &Home, action: &str, key: Option<&[u8]>, facts: &str) {
    let database = open(home);
    let (seq, at, before): (i64, i64, Vec<u8>) = database
        .query_row("SELECT seq, at, hash FROM audit ORDER BY seq DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    let mut bytes = Vec::new();
    let mut put = |value: &[u8]| {
        bytes.extend(u64::try_from(value.len()).unwrap().to_be_bytes());
        bytes.extend(value);
    };
    for value in [&before, &at.to_be_bytes()[..], &[0], b"u", b"h", b"c", action.as_bytes(), key.unwrap_or(&[])] {
        put(value);
    }
    put(facts.as_bytes());
    let hash = Sha256::digest(&bytes).to_vec();
    let sql = "INSERT INTO audit VALUES (?1, ?2, 0, 'u', 'h', 'c', ?3, ?4, ?5, ?6)";
    database.execute(sql, rusqlite::params![seq + 1, at, action, key, facts, hash]).unwrap();
}

#[test]
fn an_invented_end_of_a_batch_explains_no_missing_row() {
    let home = furnished();
    let head = head(&home);
    let whole = std::fs::read(home.keyring()).unwrap();
    for (table, query, condition) in [
        ("tombstone", "action = 'purge'", "1"),
        ("owner", "action = 'owner'", "1"),
        ("key", "action = 'activate' AND key_id = (SELECT id FROM key WHERE name = 'pair')", "name = 'pair'"),
        ("key", "action = 'reserve' AND key_id = (SELECT id FROM key WHERE name = 'pair')", "name = 'pair'"),
        ("key", "action = 'import' AND key_id IS NOT NULL", "name = 'imported'"),
    ] {
        for action in ["sweep", "discard"] {
            let row: i64 = open(&home)
                .query_row(&format!("SELECT seq FROM audit WHERE {query} ORDER BY seq LIMIT 1"), [], |row| row.get(0))
                .unwrap();
            assert_eq!(open(&home).execute(&format!("DELETE FROM {table} WHERE {condition}"), []).unwrap(), 1);
            append(&home, action, None, &format!(r#"{{"keys":1,"rows":[[{row},{row}]]}}"#));
            assert_ne!(kinds(&home, &head), [""; 0], "{action} of {table} {query}");
            home.run("backup altered").refused(6, "keyring_corrupt");
            std::fs::write(home.keyring(), &whole).unwrap();
        }
    }
}

/// Returns the state of an object that the newest row about it records, as JSON.
fn state(home: &Home, condition: &str) -> String {
    let sql = format!(
        "SELECT CASE json_type(facts, '$.state') WHEN 'array' THEN json_extract(facts, '$.state[1]')
         ELSE json_extract(facts, '$.state') END FROM audit WHERE {condition} ORDER BY seq DESC LIMIT 1"
    );
    let state: String = open(home).query_row(&sql, [], |row| row.get(0)).unwrap();
    format!("\"{state}\"")
}

#[test]
fn a_row_that_keywright_does_not_write_explains_no_missing_row() {
    let home = furnished();
    let head = head(&home);
    let whole = std::fs::read(home.keyring()).unwrap();
    let of_key = |name: &str| format!("(SELECT id FROM key WHERE name = '{name}')");
    let tombstone = "(SELECT id FROM tombstone)".to_owned();
    for (table, id) in [("key", of_key("pair")), ("key", of_key("imported")), ("tombstone", tombstone)] {
        for action in ["discard", "sweep", "purge", "update", "enable", "retire"] {
            for has_state in [false, true] {
                let bytes: Vec<u8> = open(&home).query_row(&format!("SELECT {id}"), [], |row| row.get(0)).unwrap();
                let facts = if has_state {
                    format!(r#"{{"state":[{},null]}}"#, state(&home, &format!("key_id = {id}")))
                } else {
                    "{}".to_owned()
                };
                open(&home).execute(&format!("DELETE FROM {table} WHERE id = {id}"), []).unwrap();
                append(&home, action, Some(&bytes), &facts);
                assert_ne!(kinds(&home, &head), [""; 0], "{action} {facts} of {table}");
                std::fs::write(home.keyring(), &whole).unwrap();
            }
        }
    }
    let facts = format!(r#"{{"owner":"acme","state":[{},null]}}"#, state(&home, "action = 'owner'"));
    open(&home).execute("DELETE FROM owner", []).unwrap();
    append(&home, "owner", None, &facts);
    assert_ne!(kinds(&home, &head), [""; 0], "an owner");
    std::fs::write(home.keyring(), &whole).unwrap();
    append(&home, "baseline", None, &format!(r#"{{"digest":"{:x?}"}}"#, Sha256::digest(b"")));
    assert_eq!(kinds(&home, &head), ["baseline"]);
}

#[test]
fn a_range_of_rows_hides_no_earlier_range() {
    let home = furnished();
    let head = head(&home);
    let whole = std::fs::read(home.keyring()).unwrap();
    let first = |condition: &str| -> i64 {
        let sql = format!("SELECT min(seq) FROM audit WHERE key_id = (SELECT id FROM key WHERE {condition})");
        open(&home).query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    let (many, imported) = (first("name = 'many-1'"), first("name = 'imported'"));
    let shadow = |action: &str, row: i64| append(&home, action, None, &format!(r#"{{"rows":[[{row},{}]]}}"#, row - 1));
    let found = |sql: &str| {
        let database = open(&home);
        database.execute_batch(sql).unwrap();
        compute_digests(&database, "key");
        drop(database);
        let found = kinds(&home, &head);
        std::fs::write(home.keyring(), &whole).unwrap();
        found
    };
    shadow("activate", many + 1);
    append(&home, "sweep", None, &format!(r#"{{"rows":[[{},{}]]}}"#, many + 1, many + 2));
    assert_ne!(found("DELETE FROM key WHERE name IN ('many-2', 'many-3')"), [""; 0]);
    shadow("activate", many + 1);
    assert_ne!(found("UPDATE key SET activated_at = NULL WHERE name = 'many-2'"), [""; 0]);
    shadow("import", imported);
    let hidden = "INSERT INTO batch (number, written_at, rows, changed, process) VALUES (99, 0, '[]', 0, 'x 1');
                  UPDATE key SET batch = 99 WHERE name = 'imported'";
    assert_ne!(found(hidden), [""; 0]);
}

#[test]
fn a_row_with_a_number_below_one_and_a_second_row_of_the_keyring_are_found() {
    let home = furnished();
    let head = head(&home);
    let whole = std::fs::read(home.keyring()).unwrap();
    let columns = KEY.strip_prefix("id, name, ").unwrap();
    let key = format!(
        "INSERT INTO key (seq, id, name, {columns}, digest)
         SELECT -9223372036854775808, randomblob(16), 'evil', {}, digest FROM key WHERE name = 'first' LIMIT 1",
        columns.replace("rotated_from", "NULL").replace("rotated_to", "NULL")
    );
    for sql in [
        "INSERT INTO audit VALUES (-9223372036854775808, 0, 0, '', '', '', '', NULL, '{}', zeroblob(32));
         UPDATE key SET scopes = 'admin' WHERE name = 'pair'; DELETE FROM tombstone",
        "INSERT INTO audit VALUES (-9223372036854775808, 0, 0, '', '', '', '', NULL, '{}', zeroblob(32))",
        "INSERT INTO owner (rowid, name, usage_level, changed_at) VALUES (-9223372036854775808, 'evil', 'premier', 1)",
        "INSERT INTO keyring SELECT 2, org_id, created_at, contract FROM keyring;
         UPDATE keyring SET contract = '{}' WHERE only = 1",
        &key,
    ] {
        let database = open(&home);
        database.execute_batch(sql).unwrap();
        compute_digests(&database, "key");
        drop(database);
        assert_ne!(kinds(&home, &head), [""; 0], "{sql}");
        home.run("backup altered").refused(6, "keyring_corrupt");
        std::fs::write(home.keyring(), &whole).unwrap();
    }
}

#[test]
fn a_revocation_that_was_postponed_or_deleted_is_found_despite_an_invented_row() {
    let home = furnished();
    home.run("generate --name victim --type token --out victim").ok();
    let older = home.keyring().with_file_name("older.db");
    std::fs::copy(home.keyring(), &older).unwrap();
    std::fs::set_permissions(&older, std::fs::Permissions::from_mode(0o600)).unwrap();
    home.run("revoke victim --yes").ok();
    home.run("backup copy").ok();
    // In the other keyring, only the row of the restore records the revocation.
    home.run(&format!("restore copy --yes --keyring {}", older.display())).ok();
    let restored = std::fs::read(&older).unwrap();
    let own = std::fs::read(home.keyring()).unwrap();
    for whole in [own, restored] {
        std::fs::write(home.keyring(), &whole).unwrap();
        let head = head(&home);
        for edit in ["revoked_at = 4070908800", "revoked_at = NULL, revocation_reason = NULL"] {
            for action in ["update", "restore", "accept-clock", "revoke"] {
                let condition = "key_id = (SELECT id FROM key WHERE name = 'victim')";
                let old = state(&home, condition);
                let database = open(&home);
                database.execute_batch(&format!("UPDATE key SET {edit} WHERE name = 'victim'")).unwrap();
                compute_digests(&database, "key");
                let id: Vec<u8> =
                    database.query_row("SELECT id FROM key WHERE name = 'victim'", [], |row| row.get(0)).unwrap();
                let new = stored_state(&database, "victim");
                drop(database);
                append(&home, action, Some(&id), &format!(r#"{{"state":[{old},"{new}"]}}"#));
                assert_eq!(kinds(&home, &head), ["unrevoked"], "{edit} {action}");
                std::fs::write(home.keyring(), &whole).unwrap();
            }
        }
    }
}

#[test]
fn a_key_that_was_activated_does_not_become_pending() {
    let home = furnished();
    let head = head(&home);
    let id: Vec<u8> = open(&home).query_row("SELECT id FROM key WHERE name = 'pair'", [], |row| row.get(0)).unwrap();
    let (old, invented) = (state(&home, "key_id = (SELECT id FROM key WHERE name = 'pair')"), "1".repeat(64));
    append(&home, "update", Some(&id), &format!(r#"{{"state":[{old},"{invented}"]}}"#));
    append(&home, "discard", Some(&id), &format!(r#"{{"state":["{invented}",null]}}"#));
    open(&home).execute("DELETE FROM key WHERE name = 'pair'", []).unwrap();
    assert_ne!(kinds(&home, &head), [""; 0]);
}

fn base16(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Computes the state of a stored key independently of the program: the digest without the times of the activation and
/// of the last use and with a hash of the hash of the secret, and the time of the activation.
fn stored_state(database: &Connection, name: &str) -> String {
    let count = KEY.split(',').count();
    let sql = format!("SELECT {KEY} FROM key WHERE name = ?1");
    let mut values: Vec<Value> =
        database.query_row(&sql, [name], |row| (0..count).map(|place| row.get(place)).collect()).unwrap();
    let place = |column: &str| KEY.split(',').position(|name| name.trim() == column).unwrap();
    let Value::Integer(activated) = values[place("activated_at")] else { panic!("pending") };
    let Value::Blob(hash) = &values[place("secret_hash")] else { panic!("no secret") };
    values[place("secret_hash")] = Value::Blob(Sha256::digest(hash).to_vec());
    values[place("activated_at")] = Value::Null;
    values[place("last_used_at")] = Value::Null;
    let hex = base16(&digest(&values));
    format!("{hex} {activated}")
}

#[test]
fn objects_from_before_a_baseline_are_not_explained_away() {
    let home = Home::new();
    std::fs::create_dir_all(home.keyring().parent().unwrap()).unwrap();
    let early = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/schema-3/keyring.db");
    std::fs::write(home.keyring(), std::fs::read(early).unwrap()).unwrap();
    std::fs::set_permissions(home.keyring(), std::fs::Permissions::from_mode(0o600)).unwrap();
    home.run("update token --note x").ok();
    let head = head(&home);
    assert_eq!(kinds(&home, &head), [""; 0]);
    let whole = std::fs::read(home.keyring()).unwrap();
    let hide =
        "INSERT INTO batch (number, written_at, rows, changed, process) VALUES (99, 0, '[]', 0, '1 on otherhost');
                UPDATE key SET batch = 99 WHERE name = 'opaque'";
    open(&home).execute_batch(hide).unwrap();
    assert_ne!(kinds(&home, &head), [""; 0], "a hidden key");
    std::fs::write(home.keyring(), &whole).unwrap();

    let (id, old, new) = {
        let database = open(&home);
        let columns = "id, modulus_hash, secret_hash, ended_at, revoked, purged_at";
        let sql = format!("SELECT {columns} FROM tombstone");
        let mut values: Vec<Value> =
            database.query_row(&sql, [], |row| (0..6).map(|place| row.get(place)).collect()).unwrap();
        let Value::Blob(id) = values[0].clone() else { panic!("no id") };
        if let Value::Blob(hash) = &values[2] {
            values[2] = Value::Blob(Sha256::digest(hash).to_vec());
        }
        values.insert(0, Value::Text("tombstone".into()));
        let old = base16(&digest(&values));
        values[5] = Value::Integer(0);
        (id, old, base16(&digest(&values)))
    };
    for (action, facts, sql) in [
        ("discard", format!(r#"{{"state":["{old}",null]}}"#), "DELETE FROM tombstone"),
        ("update", format!(r#"{{"state":["{old}","{new}"]}}"#), "UPDATE tombstone SET revoked = 0"),
    ] {
        open(&home).execute(sql, []).unwrap();
        append(&home, action, Some(&id), &facts);
        assert_ne!(kinds(&home, &head), [""; 0], "{sql}");
        std::fs::write(home.keyring(), &whole).unwrap();
    }
}

#[test]
fn another_type_of_a_value_in_the_log_is_found() {
    let home = furnished();
    let sql = "SELECT sql FROM sqlite_schema WHERE name = 'audit'";
    let original: String = open(&home).query_row(sql, [], |row| row.get(0)).unwrap();
    let set = |sql: &str| {
        let database = open(&home);
        database.execute_batch("PRAGMA writable_schema = ON").unwrap();
        database.execute("UPDATE sqlite_schema SET sql = ?1 WHERE name = 'audit'", [sql]).unwrap();
    };
    set(original.trim_end().strip_suffix("STRICT").unwrap());
    let cast = "UPDATE audit SET action = CAST(action AS BLOB) WHERE action = 'revoke'";
    assert!(open(&home).execute(cast, []).unwrap() > 0);
    set(&original);
    assert_eq!(home.run("audit verify").code(), 1);
    let findings = home.run("audit verify --format json").json()["findings"].to_string();
    assert!(findings.contains("content") && !findings.contains("schema"), "{findings}");
}

#[test]
fn a_row_about_a_bearer_token_that_was_never_stored_is_no_difference() {
    let home = furnished();
    let id: Vec<u8> = open(&home).query_row("SELECT id FROM key WHERE name = 'pair'", [], |row| row.get(0)).unwrap();
    append(&home, "withdraw", Some(&id), r#"{"scopes":[],"expires_at":"2030-01-01T00:00:00Z","state":null}"#);
    home.run("audit verify").ok();
    home.run("backup kept").ok();
    home.run("verify --token-file pair").ok();
    home.run("revoke pair --yes").ok();
    home.run("audit verify").ok();
}

#[test]
fn an_empty_key_id_in_the_log_is_found() {
    let home = furnished();
    let changed = open(&home).execute("UPDATE audit SET key_id = x'' WHERE action = 'policy'", []).unwrap();
    assert!(changed > 0);
    assert_eq!(home.run("audit verify").code(), 1);
}

#[test]
fn a_revoked_key_that_was_never_delivered_is_not_swept() {
    for facts in ["one", "range"] {
        let home = Home::new();
        home.crash_many("--name p --type token --count 40", 40);
        assert_eq!(home.ids("--status pending").len(), 40);
        home.run("revoke --name p* --yes").ok();
        let head = head(&home);
        let id: Vec<u8> = open(&home).query_row("SELECT id FROM key LIMIT 1", [], |row| row.get(0)).unwrap();
        let added: i64 =
            open(&home).query_row("SELECT min(seq) FROM audit WHERE key_id = ?1", [&id], |row| row.get(0)).unwrap();
        if facts == "one" {
            let old = state(&home, &format!("key_id = x'{}'", base16(&id)));
            append(&home, "sweep", Some(&id), &format!(r#"{{"state":[{old},null]}}"#));
        } else {
            append(&home, "discard", None, &format!(r#"{{"keys":1,"rows":[[{added},{added}]]}}"#));
        }
        assert_eq!(open(&home).execute("DELETE FROM key WHERE id = ?1", [&id]).unwrap(), 1);
        assert_ne!(kinds(&home, &head), [""; 0], "{facts}");
    }
}

#[test]
fn an_index_that_hides_a_key_does_not_hide_that_it_is_no_longer_revoked() {
    let home = furnished();
    home.run("revoke pair --yes").ok();
    let head = head(&home);
    let database = open(&home);
    let query = "SELECT k.id, s.sql FROM key AS k, sqlite_schema AS s WHERE k.name = 'pair' AND s.name = 'key_by_id'";
    let (id, index): (Vec<u8>, String) = database.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let restored = "UPDATE key SET revoked_at = NULL, revocation_reason = NULL WHERE name = 'pair'";
    assert_eq!(database.execute(restored, []).unwrap(), 1);
    compute_digests(&database, "key");
    let partial = format!("{index} WHERE id <> x'{}'", base16(&id));
    database.execute_batch(&format!("DROP INDEX key_by_id; {partial}; PRAGMA writable_schema = ON;")).unwrap();
    database.execute("UPDATE sqlite_schema SET sql = ?1 WHERE name = 'key_by_id'", [&index]).unwrap();
    drop(database);
    assert!(kinds(&home, &head).contains(&"unrevoked".to_owned()));
}
