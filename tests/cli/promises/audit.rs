//! Tests of the hash chain of the audit log, which a second implementation computes from the rows alone.

use super::database;
use crate::home::Home;
use sha2::{Digest as _, Sha256};

/// Checks the chain over all rows. Returns the number of rows, or the number of the first row that breaks the chain.
fn follow(home: &Home) -> Result<usize, i64> {
    let database = database(&home.keyring());
    let mut statement = database
        .prepare("SELECT seq, at, clock_set, user, host, command, action, key_id, facts, hash FROM audit ORDER BY seq")
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    let (mut head, mut count) = (Vec::new(), 0);
    while let Some(row) = rows.next().unwrap() {
        let mut hash = Sha256::new();
        let mut put = |bytes: &[u8]| {
            hash.update(u64::try_from(bytes.len()).unwrap().to_be_bytes());
            hash.update(bytes);
        };
        put(&head);
        put(&row.get::<_, i64>("at").unwrap().to_be_bytes());
        put(&[row.get::<_, u8>("clock_set").unwrap()]);
        for column in ["user", "host", "command", "action"] {
            put(row.get::<_, String>(column).unwrap().as_bytes());
        }
        put(&row.get::<_, Option<Vec<u8>>>("key_id").unwrap().unwrap_or_default());
        put(row.get::<_, String>("facts").unwrap().as_bytes());
        let stored: Vec<u8> = row.get("hash").unwrap();
        if stored[..] != hash.finalize()[..] {
            return Err(row.get("seq").unwrap());
        }
        head = stored;
        count += 1;
    }
    Ok(count)
}

/// Builds a home whose audit log has a row for every action.
fn eventful() -> Home {
    let home = Home::new();
    home.run("generate --name a --type token --out a --scope s --owner o --label k=v --note n").ok();
    home.run("generate --name r --bits 2048 --out r --public-out p").ok();
    home.run("generate --name f --type pair -- false").refused(6, "command_failed");
    home.run("revoke a --reason key-compromise --note leaked --yes").ok();
    home.run("generate --name b --type pair --out b --now 2031-02-03T04:05:06Z").ok();
    home.run("revoke b r --yes --in 1h").ok();
    home
}

fn actions(home: &Home) -> Vec<String> {
    let database = database(&home.keyring());
    let mut statement = database.prepare("SELECT action FROM audit ORDER BY seq").unwrap();
    let actions = statement.query_map([], |row| row.get(0)).unwrap();
    actions.map(Result::unwrap).collect()
}

#[test]
fn every_change_has_a_row_and_the_chain_is_intact() {
    let home = eventful();
    let expected = [
        "init", "reserve", "activate", "reserve", "activate", "reserve", "discard", "revoke", "reserve", "activate",
        "revoke", "revoke",
    ];
    assert_eq!(actions(&home), expected);
    assert_eq!(follow(&home), Ok(expected.len()));
    let database = database(&home.keyring());
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM audit WHERE clock_set"), 2);
    assert_eq!(count("SELECT count(*) FROM audit WHERE user LIKE 'tester (uid %)' AND host <> ''"), 12);
    assert_eq!(count("SELECT count(*) FROM audit WHERE action = 'revoke' AND facts LIKE '%leaked%'"), 1);
    // The first row includes the id of the organization.
    let org_id = home.keys()[0]["org_id"].as_str().unwrap().to_owned();
    assert_eq!(count(&format!("SELECT count(*) FROM audit WHERE action = 'init' AND facts LIKE '%{org_id}%'")), 1);
}

#[test]
fn a_command_that_changes_nothing_adds_no_row() {
    let home = eventful();
    let before = actions(&home).len();
    home.run("revoke a --yes").ok();
    home.run("generate --name b --type pair --if-not-exists").ok();
    home.run("generate --name new --type pair --dry-run").ok();
    home.run("revoke b --dry-run").ok();
    home.run("generate --name b --type token").refused(4, "name_taken");
    home.run("create --name p --public-key p").refused(4, "key_registered");
    home.run("list --all").ok();
    home.run("show b").ok();
    assert_eq!(actions(&home).len(), before);
}

#[test]
fn an_edit_breaks_the_chain() {
    let home = eventful();
    let whole = std::fs::read(home.keyring()).unwrap();
    for (edit, broken_at) in [
        ("UPDATE audit SET facts = '{}' WHERE seq = 2", 2),
        ("UPDATE audit SET at = at + 1 WHERE seq = 3", 3),
        ("UPDATE audit SET user = 'nobody' WHERE seq = 4", 4),
        ("UPDATE audit SET clock_set = 1 WHERE seq = 5", 5),
        ("UPDATE audit SET key_id = NULL WHERE seq = 6", 6),
        ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 7", 7),
        ("UPDATE audit SET action = 'activate' WHERE seq = 8", 8),
        ("DELETE FROM audit WHERE seq = 1", 2),
        ("DELETE FROM audit WHERE seq = 6", 7),
    ] {
        database(&home.keyring()).execute_batch(edit).unwrap();
        assert_eq!(follow(&home), Err(broken_at), "{edit}");
        std::fs::write(home.keyring(), &whole).unwrap();
    }
    assert_eq!(follow(&home), Ok(12));
}
