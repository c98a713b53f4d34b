//! Rows that somebody edited with write access to the keyring file, who computed the digest of each row again.

mod forged;

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
