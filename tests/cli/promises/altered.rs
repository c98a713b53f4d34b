//! Rows that somebody edited with write access to the keyring file, who computed the digest of each row again.

use super::database;
use crate::home::Home;
use rusqlite::{Connection, types::Value};
use sha2::{Digest as _, Sha256};
use std::os::unix::fs::PermissionsExt as _;

/// The columns of a key, in the order in which its digest covers them.
const KEY: &str = "id, name, type, env, prefix, owner, scopes, labels, note, created_at, activated_at, expires_at, last_used_at, \
                   disabled_at, revoked_at, revocation_reason, per_minute, per_hour, per_day, spki, fingerprint, key_bits, \
                   api_key, rotated_from, rotated_to, revocation_note, modulus_hash, secret_hash, opaque, retire_on_use, \
                   handover, registered, allowed_ips, scope_wildcards";
const BEARER: &str = "hash, key_id, scopes, created_at, expires_at, scope_wildcards";
/// The number of columns of a bearer token that its digest covers even if they are NULL.
const FIRST_OF_BEARER: usize = 5;

/// Opens the keyring without the constraints that keywright's tables have.
fn open(home: &Home) -> Connection {
    let database = database(&home.keyring());
    database.execute_batch("PRAGMA ignore_check_constraints = ON").unwrap();
    database
}

/// Computes the digest of a row, independently of the program.
fn digest(values: &[Value]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (place, value) in values.iter().enumerate() {
        if place >= 28 {
            if *value == Value::Null {
                continue;
            }
            bytes.push(u8::try_from(place).unwrap());
        }
        let mut put = |kind: u8, content: &[u8]| {
            bytes.push(kind);
            bytes.extend(u64::try_from(content.len()).unwrap().to_be_bytes());
            bytes.extend(content);
        };
        match value {
            Value::Null => bytes.push(0),
            Value::Integer(number) => {
                bytes.push(1);
                bytes.extend(number.to_be_bytes());
            }
            Value::Real(_) => unreachable!("the tables have no such column"),
            Value::Text(text) => put(3, text.as_bytes()),
            Value::Blob(blob) => put(4, blob),
        }
    }
    Sha256::digest(&bytes).to_vec()
}

/// Computes the digests of all rows of a table again, if it has digests.
fn compute_digests(database: &Connection, table: &str) {
    let (columns, id) = match table {
        "key" => (KEY, "id"),
        "bearer" => (BEARER, "hash"),
        _ => return,
    };
    let count = columns.split(',').count();
    let mut statement = database.prepare(&format!("SELECT {columns}, {id} FROM {table}")).unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let mut values: Vec<Value> = (0..count).map(|place| row.get(place).unwrap()).collect();
        if table == "bearer" && values.last() == Some(&Value::Null) {
            values.truncate(FIRST_OF_BEARER);
        }
        let id: Value = row.get(count).unwrap();
        let sql = format!("UPDATE {table} SET digest = ?1 WHERE {id_column} IS ?2", id_column = id_name(table));
        database.execute(&sql, rusqlite::params![digest(&values), id]).unwrap();
    }
}

fn id_name(table: &str) -> &'static str {
    if table == "key" { "id" } else { "hash" }
}

/// Returns a different value that the column could have.
fn other(value: &Value, data_type: &str) -> Value {
    match (value, data_type) {
        (Value::Integer(number), _) => Value::Integer(number + 1_000_000),
        (Value::Text(text), _) => Value::Text(format!("{text}x")),
        (Value::Blob(bytes), _) => Value::Blob(bytes.iter().map(|byte| byte ^ 1).collect()),
        (_, "TEXT") => Value::Text("x".into()),
        (_, "BLOB") => Value::Blob(vec![7; 32]),
        _ => Value::Integer(1),
    }
}

/// Creates a keyring that contains objects of every kind.
fn furnished() -> Home {
    let home = Home::new();
    home.run("generate --name first --type token --scope read --out first").ok();
    home.run("generate --name rsa --bits 2048 --out rsa --public-out public").ok();
    home.run("policy set scopes.wildcards true").ok();
    home.run("generate --name pair --type pair --scope orders:* --secret-format dotenv --out pair").ok();
    home.run("generate --name gone --type token --out gone").ok();
    home.run("revoke gone --yes").ok();
    home.run("purge --ended-before 1s --yes --now 2099-01-01T00:00:00Z").ok();
    home.run("rotate first --overlap 1d --out second").ok();
    home.run("generate --count 3 --name many --type token --out many").ok();
    home.write("imported.jsonl", format!("{{\"name\":\"imported\",\"secret_sha256\":\"{}\"}}\n", "ab".repeat(32)));
    home.run("import imported.jsonl").ok();
    home.run("owner set acme --usage-level basic").ok();
    home.run("policy set name.max 60").ok();
    home.run("exchange --token-file pair --ttl 10m --out bearer").ok();
    home.run("verify --token-file second").ok();
    home
}

fn head(home: &Home) -> String {
    home.run("audit verify --format id --quiet").ok().out().trim().to_owned()
}

/// Returns the kinds of the findings of `audit verify`.
#[track_caller]
fn kinds(home: &Home, head: &str) -> Vec<String> {
    let ended = home.run(&format!("audit verify --head {head} --format json"));
    assert!([0, 1].contains(&ended.code()), "{}", ended.err());
    let findings = ended.json()["findings"].clone();
    assert_eq!(ended.code() == 1, findings != serde_json::json!([]));
    findings.as_array().unwrap().iter().map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_edit_of_any_column_is_found() {
    let home = furnished();
    let head = head(&home);
    assert_eq!(kinds(&home, &head), [""; 0]);
    let whole = std::fs::read(home.keyring()).unwrap();
    let mut edited = 0;
    for table in ["key", "bearer", "tombstone", "owner", "keyring"] {
        let columns: Vec<(String, String)> = database(&home.keyring())
            .prepare(&format!("SELECT name, type FROM pragma_table_info('{table}')"))
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let has_rows: bool = database(&home.keyring())
            .query_row(&format!("SELECT EXISTS (SELECT 1 FROM {table})"), [], |row| row.get(0))
            .unwrap();
        assert!(has_rows, "{table}");
        for (column, data_type) in columns {
            // The only value of `only` is 1, and the last use is not in the log.
            if column == "only" {
                continue;
            }
            let database = open(&home);
            let row = if table == "key" { "name = 'first' AND rotated_from IS NULL" } else { "1" };
            let old: Value =
                database.query_row(&format!("SELECT {column} FROM {table} WHERE {row}"), [], |row| row.get(0)).unwrap();
            let sql = format!("UPDATE {table} SET {column} = ?1 WHERE {row}");
            assert_eq!(database.execute(&sql, [other(&old, &data_type)]).unwrap(), 1, "{table}.{column}");
            if column != "digest" {
                compute_digests(&database, table);
            }
            drop(database);
            let found = !kinds(&home, &head).is_empty();
            assert_eq!(found, column != "last_used_at", "{table}.{column}");
            std::fs::write(home.keyring(), &whole).unwrap();
            edited += 1;
        }
    }
    assert!(edited > 45, "{edited}");
    assert_eq!(kinds(&home, &head), [""; 0]);
}

#[test]
fn added_and_deleted_rows_are_found() {
    let home = furnished();
    let head = head(&home);
    let whole = std::fs::read(home.keyring()).unwrap();
    for (sql, kind) in [
        ("DELETE FROM key WHERE name = 'rsa'", "absent"),
        ("DELETE FROM key WHERE name = 'many-2'", "absent"),
        ("DELETE FROM tombstone", "absent"),
        ("DELETE FROM owner", "absent"),
        ("INSERT INTO owner VALUES ('evil', 'premier', 1)", "unlogged"),
        ("INSERT INTO tombstone SELECT id, NULL, secret_hash, 1, 1, 2 FROM key WHERE name = 'many-1'", "altered"),
        ("INSERT INTO tombstone VALUES (randomblob(16), NULL, randomblob(32), 1, 1, 2)", "unlogged"),
        ("UPDATE bearer SET hash = randomblob(32)", "unlogged"),
        ("UPDATE key SET secret_hash = randomblob(32) WHERE name = 'many-3'", "altered"),
        ("UPDATE key SET activated_at = activated_at + 1 WHERE name = 'many-3'", "altered"),
        ("UPDATE key SET seq = seq + 100 WHERE name = 'first'", "moved"),
    ] {
        let database = open(&home);
        database.execute_batch(sql).unwrap();
        compute_digests(&database, "key");
        compute_digests(&database, "bearer");
        drop(database);
        let found = kinds(&home, &head);
        assert!(found.iter().any(|found| found == kind), "{sql}: {found:?}");
        std::fs::write(home.keyring(), &whole).unwrap();
    }
}

#[test]
fn an_edit_is_found_after_a_later_change_of_the_same_object() {
    let home = furnished();
    let head = head(&home);
    let database = open(&home);
    database
        .execute_batch(
            "UPDATE key SET scopes = 'admin read' WHERE name IN ('first', 'many-1', 'rsa');
             UPDATE owner SET usage_level = 'premier'",
        )
        .unwrap();
    compute_digests(&database, "key");
    drop(database);
    home.run("update many-1 --note changed").ok();
    home.run("owner set acme --usage-level advanced").ok();
    home.run("revoke rsa --yes").ok();
    let found = kinds(&home, &head);
    assert_eq!(found.iter().filter(|kind| *kind == "overwritten").count(), 3, "{found:?}");
    assert!(found.iter().any(|kind| kind == "altered"), "{found:?}");
}

#[test]
fn a_planned_revocation_that_was_postponed_is_found() {
    let home = Home::new();
    home.run("generate --name a --type token --out a").ok();
    home.run("revoke a --yes").ok();
    let head = head(&home);
    let database = open(&home);
    database.execute_batch("UPDATE key SET revoked_at = 32503680000").unwrap();
    compute_digests(&database, "key");
    drop(database);
    home.run("verify --token-file a --no-record").ok();
    assert_eq!(kinds(&home, &head), ["unrevoked", "altered"]);
    let checked = home.run("check --only contradiction --format json");
    assert_eq!((checked.code(), &checked.json()[0]["kind"]), (1, &"contradiction".into()));
    home.run("backup copy").refused(6, "keyring_corrupt");
    std::fs::copy(home.keyring(), home.file("copy")).unwrap();
    std::fs::set_permissions(home.file("copy"), std::fs::Permissions::from_mode(0o600)).unwrap();
    home.run("restore copy --keyring other.db --yes").refused(6, "keyring_corrupt");
}

#[test]
fn keys_that_were_issued_together_and_changed_are_consistent_with_the_log() {
    let home = Home::new();
    home.run("generate --count 300 --name k --type token --out k").ok();
    home.run("update k-007 --note n").ok();
    home.run("revoke k-008 --yes").ok();
    // The secrets cannot be delivered, so all keys are deleted together.
    assert_ne!(home.run("generate --count 30 --name lost --type token --out no/such/directory/x").code(), 0);
    let script = "generate --count 30 --name lost --type token --format jsonl > /dev/full";
    assert_ne!(super::sh(&home, &format!("$K {script}")).code(), 0);
    home.run("rotate k-009 --overlap 0 --out k9").ok();
    home.run("disable k-010").ok();
    home.run("enable k-010").ok();
    let head = head(&home);
    assert_eq!(kinds(&home, &head), [""; 0]);
}

#[test]
fn the_log_does_not_contain_the_hash_of_a_secret() {
    let home = furnished();
    let database = open(&home);
    for (sql, many) in [
        ("SELECT secret_hash FROM key WHERE secret_hash IS NOT NULL", 5),
        ("SELECT hash FROM bearer", 1),
        ("SELECT secret_hash FROM tombstone", 1),
    ] {
        let mut statement = database.prepare(sql).unwrap();
        let hashes: Vec<Vec<u8>> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert!(hashes.len() >= many, "{sql}: {}", hashes.len());
        for hash in hashes {
            let hex = hash.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
            let half = &hex[..32];
            let sql = "SELECT count(*) FROM audit WHERE instr(lower(facts), ?1)";
            assert_eq!(database.query_row(sql, [half], |row| row.get::<_, i64>(0)).unwrap(), 0);
        }
    }
}

#[test]
fn a_key_that_is_hidden_or_activated_by_an_invented_batch_is_found() {
    let home = furnished();
    let head = head(&home);
    let whole = std::fs::read(home.keyring()).unwrap();
    let batch = |completed: &str| {
        format!(
            "INSERT INTO batch (number, written_at, rows, changed, completed_at) VALUES (99, 0, '[]', 0, {completed});"
        )
    };
    let pending = "UPDATE key SET activated_at = NULL, batch = 99 WHERE name = 'pair';";
    for (sql, statement) in [
        (batch("NULL"), "UPDATE key SET batch = 99 WHERE name = 'first'"),
        (batch("NULL"), "UPDATE key SET batch = 99 WHERE name = 'imported'"),
        (batch("NULL"), pending),
        (batch("5"), pending),
        (String::new(), "UPDATE key SET batch = 99 WHERE name = 'pair'"),
    ] {
        let database = open(&home);
        database.execute_batch(&format!("{sql} {statement}")).unwrap();
        compute_digests(&database, "key");
        drop(database);
        assert_ne!(kinds(&home, &head), [""; 0], "{sql} {statement}");
        std::fs::write(home.keyring(), &whole).unwrap();
    }
    assert_eq!(kinds(&home, &head), [""; 0]);
}

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
fn a_changed_schema_is_found() {
    for (sql, kind) in [
        ("DROP TABLE tombstone", "the table `tombstone` is missing"),
        ("DROP TABLE tombstone; CREATE VIEW tombstone AS SELECT NULL AS id WHERE 0", "contains the view `tombstone`"),
        ("DROP INDEX key_by_name", "the index `key_by_name` is missing"),
        (
            "PRAGMA writable_schema = 1; INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('TRIGGER',
             'sqlite_x', 'key', 0, 'CREATE TRIGGER sqlite_x AFTER UPDATE ON key BEGIN SELECT 1; END')",
            "sqlite_x",
        ),
        ("CREATE TABLE more (x)", "the table `more` was added"),
        ("CREATE INDEX more ON key (note)", "the index `more` was added"),
        ("ALTER TABLE owner ADD COLUMN more TEXT", "the definition of the table `owner` was changed"),
        (
            "CREATE TRIGGER undo AFTER UPDATE ON key WHEN NEW.revoked_at IS NOT NULL
             BEGIN UPDATE key SET revoked_at = OLD.revoked_at, digest = OLD.digest WHERE id = OLD.id; END",
            "contains the trigger `undo`",
        ),
    ] {
        let home = Home::new();
        home.run("generate --name web --type token --out web").ok();
        let head = head(&home);
        open(&home).execute_batch(sql).unwrap();
        let verified = home.run(&format!("audit verify --head {head}"));
        assert_ne!(verified.code(), 0, "{sql}");
        assert!(format!("{}{}", verified.out(), verified.err()).contains(kind), "{}{}", verified.out(), verified.err());
        assert_ne!(home.run("check").code(), 0, "{sql}");
        home.run("backup copy").refused(6, "keyring_corrupt");
        if sql.contains("TRIGGER") {
            home.run("revoke web --yes").refused(6, "keyring_corrupt");
            home.run("verify --token-file web").refused(6, "keyring_corrupt");
        }
    }
}
