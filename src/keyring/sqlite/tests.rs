//! Tests that are specific to the SQLite engine.

use super::{audit, row, *};
use crate::error::Code;
use crate::key::{Key, KeyId};
use crate::keyring::record::{self, Cell};
use crate::keyring::{
    Action, Contradiction, Engine as _, Flaw, Keyring as _, Keys as _, LoggedObject, Reads as _, transact_within,
};
use crate::testing::{self, ScratchKeyring, entry, time};
use rusqlite::types::Value;
use std::time::Duration;
use uuid::Uuid;

fn key(n: u8) -> Key {
    testing::key(n).pending()
}

fn insert(keyring: &mut SqliteKeyring, key: &Key) {
    testing::insert(keyring, std::slice::from_ref(key));
}

#[test]
fn connections_have_the_required_settings() {
    let mut scratch = ScratchKeyring::new();
    let keyring = &mut scratch.keyring;
    // A read-only connection lacks the settings for writing, but a connection that has written has all of them.
    insert(keyring, &key(1));
    let pragma = |name: &str| keyring.connection.pragma_query_value(None, name, |row| row.get::<_, Value>(0)).unwrap();
    for (name, value) in [
        ("synchronous", Value::Integer(3)),
        ("secure_delete", Value::Integer(1)),
        ("temp_store", Value::Integer(2)),
        ("trusted_schema", Value::Integer(0)),
        ("journal_mode", Value::Text("delete".into())),
        ("application_id", Value::Integer(0x6b77_7274)),
    ] {
        assert_eq!(pragma(name), value, "{name}");
    }
    let strict: i64 = keyring
        .connection
        .query_row(
            "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND NOT strict",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(strict, 0, "tables that are not STRICT");
}

#[test]
fn a_change_in_any_column_is_found() {
    let mut scratch = ScratchKeyring::new();
    let keyring = &mut scratch.keyring;
    insert(keyring, &key(1));
    let find = |keyring: &SqliteKeyring| keyring.find(&crate::key::Lookup::Name("key-1".parse().unwrap()), time(0), 1);
    for column in row::COLUMNS.split(',').map(str::trim).filter(|column| *column != "name") {
        keyring.connection.execute_batch("BEGIN; PRAGMA ignore_check_constraints = ON").unwrap();
        let sql = format!(
            "UPDATE key SET {column} = CASE typeof({column}) WHEN 'text' THEN {column} || 'x' WHEN 'integer' THEN {column} + 1
             WHEN 'blob' THEN zeroblob(length({column})) ELSE CASE WHEN '{column}' IN ('spki', 'fingerprint', 'modulus_hash',
             'rotated_from', 'rotated_to') THEN zeroblob(32) WHEN '{column}' GLOB '*_at' OR '{column}' GLOB 'per_*'
             OR '{column}' IN ('key_bits', 'opaque', 'retire_on_use', 'registered', 'scope_wildcards') THEN 1 ELSE 'x' END END"
        );
        assert_eq!(keyring.connection.execute(&sql, []).unwrap(), 1);
        assert_eq!(find(keyring).unwrap_err().code(), Code::KeyringCorrupt, "{column}");
        keyring.connection.execute_batch("ROLLBACK; PRAGMA ignore_check_constraints = OFF").unwrap();
    }
    assert_eq!(find(keyring).unwrap().len(), 1);
}

#[test]
fn adjacent_values_do_not_run_together() {
    let text = |text: &'static str| Cell::Text(text.as_bytes());
    let digest = |values: Vec<Cell<'static>>| record::digest(values.into_iter());
    assert_ne!(digest(vec![text("ab"), text("c")]), digest(vec![text("a"), text("bc")]));
    assert_ne!(digest(vec![Cell::Null, text("a")]), digest(vec![text("a"), Cell::Null]));
    assert_ne!(digest(vec![text("1")]), digest(vec![Cell::Blob(b"1")]));
}

type AuditRow = (String, Option<[u8; 16]>, String, [u8; 32]);

#[test]
fn every_change_adds_one_audit_row_and_the_chain_is_intact() {
    let mut scratch = ScratchKeyring::new();
    let keyring = &mut scratch.keyring;
    let old = key(1);
    insert(keyring, &old);
    let mut new = old.clone();
    new.lifecycle.activated = Some(time(0));
    crate::keyring::transact(keyring, &entry(0), |t| t.update(&old, &new, Action::Activate)).unwrap();
    crate::keyring::transact(keyring, &entry(0), |t| t.delete(&new, Action::Discard)).unwrap();
    let mut statement =
        keyring.connection.prepare("SELECT action, key_id, facts, hash FROM audit ORDER BY seq").unwrap();
    let rows: Vec<AuditRow> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let actions = [Action::Init, Action::Reserve, Action::Activate, Action::Discard];
    assert_eq!(rows.len(), actions.len());
    let mut before: Vec<u8> = Vec::new();
    for (action, (word, id, facts, hash)) in actions.into_iter().zip(&rows) {
        assert_eq!(word, action.word());
        let link = crate::keyring::audit::Link { entry: &entry(0), action, key: id.map(KeyId::from_bytes), facts };
        assert_eq!(link.hash(&before), *hash);
        let edited = facts.replace("key-1", "key-2");
        if edited != *facts {
            assert_ne!(crate::keyring::audit::Link { facts: &edited, ..link }.hash(&before), *hash);
        }
        before = hash.to_vec();
    }
    let facts = r#"{"activated_at":[null,"2023-11-14T22:13:20Z"],"state":[""#;
    assert!(rows[2].2.starts_with(facts), "{}", rows[2].2);
    assert!(!rows[1].2.contains("hash"), "{}", rows[1].2);
}

#[test]
fn lists_use_an_index() {
    let scratch = ScratchKeyring::new();
    let keyring = &scratch.keyring;
    let plan = |sql: &str| -> String {
        let mut statement = keyring.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
        rows.collect::<Result<Vec<_>, _>>().unwrap().join("; ")
    };
    for (sql, expected) in [
        ("SELECT * FROM key WHERE id BETWEEN x'00' AND x'01'", "key_by_id"),
        ("SELECT * FROM key WHERE name = 'a' ORDER BY seq DESC", "key_by_name"),
        ("SELECT * FROM key WHERE fingerprint BETWEEN x'00' AND x'01'", "key_by_fingerprint"),
        ("SELECT * FROM key WHERE modulus_hash = x'00'", "key_by_modulus"),
        ("SELECT * FROM key WHERE thumbprint = x'00'", "key_by_thumbprint"),
        ("SELECT * FROM key WHERE secret_hash = x'00' AND api_key IS NOT NULL", "key_by_pair_secret"),
        ("SELECT * FROM key WHERE activated_at IS NULL AND created_at < 1", "key_pending"),
        ("SELECT * FROM key WHERE seq < 5 ORDER BY seq DESC LIMIT 5", "INTEGER PRIMARY KEY"),
        ("SELECT seq FROM key ORDER BY name, seq LIMIT 5", "key_by_name"),
    ] {
        let plan = plan(sql);
        assert!(plan.contains(expected) && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
}

#[test]
fn a_newer_keyring_is_left_unchanged() {
    let ScratchKeyring { keyring, place, directory: _directory } = ScratchKeyring::new();
    keyring.connection.pragma_update(None, "user_version", 999).unwrap();
    drop(keyring);
    let before = std::fs::read(place.path()).unwrap();
    assert_eq!(SqliteKeyring::open(&place).err().unwrap().code(), Code::KeyringNewer);
    assert_eq!(std::fs::read(place.path()).unwrap(), before);
}

#[test]
fn every_edit_of_the_log_is_found() {
    let mut scratch = ScratchKeyring::new();
    let keyring = &mut scratch.keyring;
    (1..=5).for_each(|n| insert(keyring, &key(n)));
    let whole = keyring.verify_chain(None).unwrap();
    assert_eq!((whole.rows, &whole.broken), (6, &None));
    let columns = "at, clock_set, user, host, command, action, key_id, facts, hash";
    let insert_after = |seq: i64, hash: &str| {
        format!(
            "UPDATE audit SET seq = -seq - 1 WHERE seq > {seq}; UPDATE audit SET seq = -seq WHERE seq < 0;
             INSERT INTO audit (seq, {columns}) SELECT {seq} + 1, at, clock_set, user, host, command, action, key_id, facts, {hash}
             FROM audit WHERE seq = {seq}"
        )
    };
    let edits: Vec<(String, i64, Flaw)> = [
        ("UPDATE audit SET facts = '{}' WHERE seq = 3", 3, Flaw::Content),
        ("UPDATE audit SET at = at + 1 WHERE seq = 6", 6, Flaw::Content),
        ("UPDATE audit SET at = 9223372036854775807 WHERE seq = 3", 3, Flaw::Content),
        ("UPDATE audit SET user = 'nobody' WHERE seq = 4", 4, Flaw::Content),
        ("UPDATE audit SET host = '' WHERE seq = 4", 4, Flaw::Content),
        ("UPDATE audit SET command = 'x' WHERE seq = 4", 4, Flaw::Content),
        ("UPDATE audit SET clock_set = 0 WHERE seq = 5", 5, Flaw::Content),
        ("UPDATE audit SET action = 'activate' WHERE seq = 2", 2, Flaw::Content),
        ("UPDATE audit SET key_id = NULL WHERE seq = 2", 2, Flaw::Content),
        ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 4", 4, Flaw::Content),
        ("UPDATE audit SET seq = -1 WHERE seq = 1", -1, Flaw::Missing(1)),
        ("UPDATE audit SET seq = -seq; UPDATE audit SET seq = -seq - 2", -1, Flaw::Missing(1)),
        ("DELETE FROM audit WHERE seq = 1", 2, Flaw::Missing(1)),
        ("DELETE FROM audit WHERE seq IN (3, 4)", 5, Flaw::Missing(3)),
        ("DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3", 3, Flaw::Content),
        ("DELETE FROM audit WHERE seq = 1; UPDATE audit SET seq = seq - 1", 1, Flaw::Content),
        ("DELETE FROM audit", 1, Flaw::Empty),
        (
            "UPDATE audit SET seq = 99 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 99",
            3,
            Flaw::Content,
        ),
        ("UPDATE keyring SET org_id = zeroblob(16)", 1, Flaw::Origin),
    ]
    .map(|(sql, seq, flaw)| (sql.to_owned(), seq, flaw))
    .into_iter()
    .chain([(insert_after(3, "hash"), 4, Flaw::Content), (insert_after(6, "zeroblob(32)"), 7, Flaw::Content)])
    .collect();
    for (sql, seq, flaw) in edits {
        keyring.connection.execute_batch(&format!("BEGIN; {sql}")).unwrap();
        let org_id = keyring.connection.query_row("SELECT org_id FROM keyring", [], |row| row.get(0)).unwrap();
        let walked = audit::verify_chain(&keyring.connection, Uuid::from_bytes(org_id), None, &keyring.place).unwrap();
        let broken = walked.broken.unwrap_or_else(|| panic!("not found: {sql}"));
        assert_eq!((broken.seq, broken.flaw), (seq, flaw), "{sql}");
        assert!(walked.breaks > 0 && broken.describe().contains("row") || flaw == Flaw::Empty, "{}", broken.describe());
        keyring.connection.execute_batch("ROLLBACK").unwrap();
    }
    // A log without its last rows is still intact. Detecting the truncation requires a recorded hash of the head.
    keyring.connection.execute_batch("DELETE FROM audit WHERE seq > 4").unwrap();
    let cut = keyring.verify_chain(Some(whole.head)).unwrap();
    assert_eq!((cut.rows, cut.broken, cut.after), (4, None, None));
}

#[test]
fn contradictions_with_the_log_are_found() {
    let mut scratch = ScratchKeyring::new();
    let keyring = &mut scratch.keyring;
    (1..=4).for_each(|n| insert(keyring, &key(n)));
    let ended = key(2).revoked(time(0), crate::key::RevocationReason::KeyCompromise, None).unwrap();
    crate::keyring::transact(keyring, &entry(0), |t| t.update(&key(2), &ended, Action::Revoke)).unwrap();
    assert_eq!(keyring.contradictions(9).unwrap(), []);
    // Both rows have matching digests, which anybody with write access to the file can produce.
    row::insert(&keyring.connection, &key(9), None).unwrap();
    row::update(&keyring.connection, &key(2)).unwrap();
    let object = |n| LoggedObject::Key(key(n).id);
    let found =
        [Contradiction::Unlogged(object(9)), Contradiction::Unrevoked(key(2).id), Contradiction::Altered(object(2))];
    assert_eq!(keyring.contradictions(9).unwrap(), found);
}

#[test]
fn the_search_for_contradictions_uses_no_temporary_table() {
    let scratch = ScratchKeyring::new();
    let keyring = &scratch.keyring;
    let sql = "SELECT id FROM key EXCEPT SELECT key_id FROM audit WHERE key_id IS NOT NULL ORDER BY 1 LIMIT 9";
    let mut statement = keyring.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let plan: Vec<String> = statement.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
    assert!(plan.concat().contains("MERGE") && !plan.concat().contains("TEMP B-TREE"), "{plan:?}");
}

#[test]
fn a_commit_waits_for_a_consistent_read_and_for_a_backup() {
    let ScratchKeyring { mut keyring, place, directory: _directory } = ScratchKeyring::new();
    insert(&mut keyring, &key(1));
    let mut other = SqliteKeyring::open(&place).unwrap();
    let mut n = 1;
    let mut write = |code: Option<Code>| {
        n += 1;
        let written = transact_within(Duration::ZERO, &mut other, &entry(1), |t| t.insert(&key(n), Action::Reserve));
        assert_eq!(written.map_err(|error| error.code()).err(), code);
    };
    keyring
        .consistent_read(&mut |keys| {
            assert!(keys.key(key(1).id, time(0))?.is_some());
            write(Some(Code::KeyringLocked));
            Ok(())
        })
        .unwrap();
    write(None);
    let mut chunks = 0;
    place
        .back_up(&mut |_| {
            chunks += 1;
            write(Some(Code::KeyringLocked));
            Ok(())
        })
        .unwrap();
    assert!(chunks > 0);
    write(None);
}
