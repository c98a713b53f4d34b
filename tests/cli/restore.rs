//! Tests of `restore`.

mod pending;
mod tombstone;

use super::{
    earlier_schemas::to_first_schema,
    home::{Ended, Home},
    tools::{fixture, on_terminal},
};
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::Digest as _;
use std::{os::unix::fs::PermissionsExt as _, path::Path};

/// Builds a home with tokens of the given names, and with a backup of the keyring.
fn saved(names: &[&str]) -> Home {
    let home = Home::new();
    for name in names {
        home.run(&format!("generate --name {name} --type token --owner acme --out {name}.token")).ok();
    }
    home.run("backup saved").ok();
    home
}

fn shown(home: &Home, key: &str) -> Value {
    home.run(&format!("show {key} --format json")).ok().json()
}

fn database(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

fn actions(home: &Home) -> Vec<String> {
    let rows = home.run("audit --format json").ok().json();
    rows.as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect()
}

/// Restores the backup, and returns the changes. Asserts that a dry run reports the same changes, that a second restore
/// changes nothing, and that the log is intact.
fn restore(home: &Home) -> Vec<Value> {
    let before = home.state();
    let rehearsed = home.run("restore saved --dry-run --format json").ok();
    assert_eq!(home.state(), before, "a dry run changes nothing");
    let steps = home.run("restore saved --yes --format json").ok();
    assert_eq!(steps.json(), rehearsed.json(), "the dry run matches the result");
    assert!(steps.err().contains("✓ restored "), "{}", steps.err());
    let after = home.state();
    let again = home.run("restore saved --format json").ok();
    assert!(again.err().contains("nothing was changed"), "{}", again.err());
    assert_eq!(home.state(), after);
    home.run("audit verify").ok();
    steps.json().as_array().unwrap().clone()
}

#[test]
fn an_unchanged_backup_changes_nothing() {
    let home = saved(&["a", "b"]);
    let before = home.state();
    let done = home.run("restore saved").ok();
    assert!(done.out().is_empty() && done.err().contains("nothing was changed"), "{}", done.err());
    assert_eq!(home.state(), before);
}

#[test]
fn lost_keys_are_restored() {
    let home = Home::new();
    home.run("generate --name a --type token --out a").ok();
    let older = home.state().unwrap();
    home.run("generate --name b --type pair --out b --scope s --label k=v --note n --expires 9y").ok();
    home.run("revoke a --reason key-compromise --note leaked --yes").ok();
    home.run("backup saved").ok();
    let whole = [shown(&home, "a"), shown(&home, "b")];
    std::fs::write(home.keyring(), older).unwrap();
    let rehearsed = home.run("restore saved --dry-run").ok();
    assert!(
        rehearsed.err().contains("dry run: would restore 1 missing key, the fields of 1 key"),
        "{}",
        rehearsed.err()
    );
    assert!(rehearsed.err().contains("to an older state"), "the log is behind: {}", rehearsed.err());
    let steps = restore(&home);
    let effects: Vec<_> = steps.iter().map(|step| (&step["name"], &step["effect"])).collect();
    assert_eq!(effects, [(&json!("a"), &json!("changed")), (&json!("b"), &json!("back"))]);
    assert_eq!(steps[0]["facts"]["revocation_reason"], json!([null, "key-compromise"]));
    assert_eq!([shown(&home, "a"), shown(&home, "b")], whole);
    assert!(home.run("show a").ok().out().contains("leaked"));
    assert_eq!(actions(&home)[..3], ["restore", "restore", "restore"], "a row for each key, and one for the backup");
    home.run_with("show -", home.read("b")).ok();
}

#[test]
fn a_key_that_ended_since_the_backup_stays_ended() {
    let home = saved(&["revoked", "planned", "disabled", "shorter", "kept"]);
    home.run("revoke revoked --reason key-compromise --yes").ok();
    home.run("revoke planned --in 1h --yes").ok();
    home.run("disable disabled").ok();
    home.run("update shorter --expires 1h").ok();
    home.run("update kept --owner other").ok();
    let before: Vec<Value> = ["revoked", "planned", "disabled", "shorter"].map(|name| shown(&home, name)).to_vec();
    let steps = restore(&home);
    assert_eq!(steps.len(), 1);
    assert_eq!((&steps[0]["name"], &steps[0]["facts"]["owner"]), (&json!("kept"), &json!(["other", "acme"])));
    for key in before {
        assert_eq!(shown(&home, key["api_key_id"].as_str().unwrap()), key);
    }
    assert_eq!(shown(&home, "kept")["owner"], "acme", "the description comes from the backup");
}

#[test]
fn a_key_deleted_since_the_backup_is_not_restored() {
    let home = Home::new();
    home.run("generate --name a --type token --out a").ok();
    home.crash("pending", "token");
    home.run("backup saved").ok();
    home.run("generate --name sweeper --type token --out s --now 2090-01-01T00:00:00Z").ok();
    assert_eq!(home.names(""), ["sweeper", "a"]);
    let before = home.state();
    let steps = home.run("restore saved --format json").ok();
    assert!(steps.err().contains("nothing was changed"), "{}", steps.err());
    assert_eq!(steps.json()[0]["effect"], "left-out");
    assert_eq!(home.state(), before);
}

#[test]
fn a_name_taken_since_the_backup_is_a_conflict() {
    let home = Home::new();
    home.run("init").ok();
    let empty = home.state().unwrap();
    home.run("generate --name a --type token --out a").ok();
    home.run("generate --name b --type token --out b").ok();
    home.run("backup saved").ok();
    std::fs::write(home.keyring(), empty).unwrap();
    home.run("generate --name a --type token --out a2").ok();
    let taken = home.ids("").remove(0);
    let before = home.state();
    for option in ["--dry-run", "--yes"] {
        let refused = home.run(&format!("restore saved {option} --format json")).refused(4, "restore_conflict");
        assert_eq!(refused.error()["details"][0]["type"], json!(taken));
        assert!(refused.error()["hint"].as_str().unwrap().contains("keywright update"), "{}", refused.err());
    }
    home.run("generate --name b --type token --out b2").ok();
    let both = home.run("restore saved --yes --format json").refused(4, "restore_conflict");
    assert_eq!(both.error()["details"].as_array().unwrap().len(), 2);
    assert_ne!(home.state(), before);
    home.run("revoke b --yes").ok();
    home.run(&format!("update {taken} --name other")).ok();
    let steps = restore(&home);
    assert!(steps.iter().all(|step| step["effect"] == "back"));
    assert_eq!(home.names("--name [ab]"), ["b", "a"]);
}

#[test]
fn a_public_key_registered_again_keeps_its_new_id() {
    let home = Home::new();
    home.run("init").ok();
    let empty = home.state().unwrap();
    let public = fixture("rsa2048.spki.pem");
    let create =
        |name: &str| home.run_args(["create", "--name", name, "--public-key", &public, "--format", "id"]).ok().out();
    let first = create("first");
    home.run("backup saved").ok();
    home.run("revoke first --reason key-compromise --yes").ok();
    home.run("backup revoked").ok();
    std::fs::write(home.keyring(), empty).unwrap();
    let second = create("second");
    let steps = home.run("restore saved --yes --format json").ok().json();
    assert_eq!((&steps[0]["api_key_id"], &steps[0]["effect"]), (&json!(first.trim()), &json!("left-out")));
    assert_eq!(steps[0]["facts"]["registered_as"], second.trim());
    home.run("restore revoked --yes").ok();
    assert_eq!(shown(&home, "second")["revocation_reason"], "key-compromise", "a modulus that was revoked is");
    assert_eq!(home.keys().len(), 1);
    home.run("audit verify").ok();
}

#[test]
fn a_contract_that_is_not_valid_is_not_restored() {
    let home = Home::new();
    home.run("generate --name a --type token --out a").ok();
    home.run("backup saved").ok();
    Connection::open(home.file("saved")).unwrap().execute("UPDATE keyring SET contract = '{}'", []).unwrap();
    let before = home.state();
    let refused = home.run("restore saved --yes").refused(6, "keyring_corrupt");
    assert!(refused.err().contains("its contract is not valid"), "{}", refused.err());
    home.run("restore saved --yes --keyring new/keyring.db").refused(6, "keyring_corrupt");
    assert!(home.state() == before && !home.file("new/keyring.db").exists());
    home.run("generate --name b --type token --out b").ok();
}

#[test]
fn contracts_and_owners_are_restored_only_if_missing() {
    let home = Home::new();
    home.run("init").ok();
    let empty = home.state().unwrap();
    home.run("policy set expiry.longest 90d").ok();
    home.run("owner set acme --usage-level premier").ok();
    home.run("owner set beta --usage-level premier").ok();
    home.run("backup saved").ok();
    std::fs::write(home.keyring(), &empty).unwrap();
    home.run("owner set acme --usage-level basic").ok();
    let done = home.run("restore saved --yes").ok();
    assert!(done.err().contains("restored the contract, the usage level of 1 owner"), "{}", done.err());
    let owners = home.run("owner list --format json").ok().json();
    let levels: Vec<_> = owners.as_array().unwrap().iter().map(|owner| owner["usage_level"].clone()).collect();
    assert_eq!(levels, ["basic", "premier"]);
    home.run("generate --name x --type token --expires 1y").refused(5, "lifetime_too_long");
    home.run("policy set expiry.longest 2y").ok();
    let again = home.run("restore saved").ok();
    assert!(again.err().contains("nothing was changed"), "{}", again.err());
}

#[test]
fn without_a_keyring_the_backup_becomes_the_keyring() {
    let home = saved(&["a", "b"]);
    home.run("revoke a --yes").ok();
    std::fs::remove_file(home.file("saved")).unwrap();
    home.run("backup saved").ok();
    let keys = home.keys();
    let head = home.run("audit verify --format id").ok().out();
    let backup = std::fs::read(home.file("saved")).unwrap();
    std::fs::remove_dir_all(home.file(".local")).unwrap();
    let rehearsed = home.run("restore saved --dry-run").ok();
    assert!(rehearsed.err().contains("dry run: would create a keyring at "), "{}", rehearsed.err());
    assert!(!home.file(".local").exists());
    let done = home.run("restore saved").ok();
    assert!(done.err().contains("with 2 keys"), "{}", done.err());
    assert_eq!(home.keys(), keys);
    assert_eq!(std::fs::read(home.file("saved")).unwrap(), backup, "a backup is only read");
    let row = home.run("audit --limit 1 --format json").ok().json()[0].clone();
    assert_eq!((&row["action"], &row["facts"]["head"]), (&json!("restore"), &json!(head.trim_end())));
    home.run(&format!("audit verify --head {head}")).ok();
    let directory: Vec<_> = std::fs::read_dir(home.keyring().parent().unwrap()).unwrap().collect();
    assert_eq!(directory.len(), 1, "nothing is left beside it");
    assert_eq!(home.keyring().metadata().unwrap().permissions().mode() & 0o7777, 0o600);
    home.run("generate --name c --type token --out c").ok();
}

#[test]
fn a_foreign_backup_is_refused() {
    let home = saved(&["a"]);
    let before = home.state();
    let whole = std::fs::read(home.file("saved")).unwrap();
    let other = Home::new();
    other.run("generate --name x --type token --out x").ok();
    std::fs::copy(other.keyring(), home.file("other")).unwrap();
    home.write("text", "no keyring\n".repeat(500));
    home.write("empty", "");
    home.write("torn", &whole[..whole.len() - 100]);
    home.write("short", &whole[..whole.len() / 2 / 4096 * 4096]);
    std::fs::create_dir(home.file("directory")).unwrap();
    for (name, edit) in [
        ("newer", "PRAGMA user_version = 999"),
        ("foreign", "PRAGMA application_id = 1"),
        ("log", "UPDATE audit SET user = 'nobody' WHERE seq = 2"),
        ("cut", "DELETE FROM audit WHERE seq = 2"),
        ("row", "UPDATE key SET owner = 'me'"),
        ("forged", "DELETE FROM audit WHERE seq > 1"),
    ] {
        home.write(name, &whole);
        database(&home.file(name)).execute_batch(edit).unwrap();
    }
    home.write("exposed", &whole);
    home.write("hot", &whole);
    home.write("hot-journal", "x");
    for (name, exit, code) in [
        ("other", 4, "organization_mismatch"),
        ("text", 6, "keyring_foreign"),
        ("empty", 6, "keyring_foreign"),
        ("foreign", 6, "keyring_foreign"),
        ("newer", 6, "keyring_newer"),
        ("torn", 6, "keyring_corrupt"),
        ("short", 6, "keyring_corrupt"),
        ("log", 6, "keyring_corrupt"),
        ("cut", 6, "keyring_corrupt"),
        ("row", 6, "keyring_corrupt"),
        ("forged", 6, "keyring_corrupt"),
        ("exposed", 6, "keyring_exposed"),
        ("hot", 6, "keyring_corrupt"),
        ("missing", 2, "input_unreadable"),
        ("directory", 2, "input_not_regular"),
    ] {
        let mode = if name == "exposed" { 0o666 } else { 0o600 };
        if name != "missing" && name != "directory" {
            std::fs::set_permissions(home.file(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let bytes = std::fs::read(home.file(name)).ok();
        for option in ["--yes", "--dry-run"] {
            let refused = home.run(&format!("restore {name} {option}")).refused(exit, code);
            // The next steps for a damaged or foreign keyring do not apply to a backup.
            let err = refused.err();
            assert!(!err.contains("a backup in its place") && !err.contains("path of a keyring"), "{name}: {err}");
        }
        assert_eq!(std::fs::read(home.file(name)).ok(), bytes, "{name} is only read");
        assert_eq!(home.state(), before, "{name}");
        if name != "other" {
            let fresh = format!("restore {name} --keyring fresh/keyring.db");
            home.run(&fresh).refused(exit, code);
            assert!(!home.file("fresh/keyring.db").exists());
        }
    }
    home.run("restore -").refused(2, "input_unreadable");
    let mut rehearsed = home.keywright(["restore", "saved", "--dry-run"]);
    Ended(rehearsed.env("TMPDIR", home.file("no/where")).output().unwrap()).refused(6, "keyring_failed");
    assert!(!home.file("no").exists(), "a dry run creates no temporary directory");
    let beside: Vec<_> = std::fs::read_dir(home.keyring().parent().unwrap()).unwrap().collect();
    assert_eq!(beside.len(), 1, "nothing is left beside the keyring");
}

#[test]
fn a_backup_of_an_older_schema_is_read_and_left_unchanged() {
    let home = Home::without_contract();
    home.run("generate --name a --type token --out a").ok();
    home.run("backup saved").ok();
    to_first_schema(&home.file("saved"));
    let bytes = std::fs::read(home.file("saved")).unwrap();
    let keys = home.keys();
    home.run("update a --owner other").ok();
    let done = home.run("restore saved --yes").ok();
    assert!(done.err().contains("restored the fields of 1 key"), "{}", done.err());
    assert_eq!(home.keys(), keys);
    std::fs::remove_dir_all(home.file(".local")).unwrap();
    home.run("restore saved").ok();
    assert_eq!(home.keys(), keys);
    assert_eq!(std::fs::read(home.file("saved")).unwrap(), bytes);
}

#[test]
fn a_restore_asks_for_confirmation() {
    let home = saved(&["a"]);
    home.run("update a --owner other").ok();
    let before = home.state();
    home.run("restore saved").refused(2, "confirmation_required");
    assert_eq!(home.state(), before);
    let Some(declined) = on_terminal(&home, 200, "restore saved", "n\n") else { return };
    assert_eq!(declined.code(), 1);
    assert!(declined.out().contains("restore the fields of 1 key from saved?"), "{}", declined.out());
    assert_eq!(home.state(), before);
    assert_eq!(on_terminal(&home, 200, "restore saved", "y\n").unwrap().code(), 0);
    assert_eq!(shown(&home, "a")["owner"], "acme");
}

#[test]
fn a_journal_of_a_lost_keyring_is_not_applied_to_a_restored_one() {
    let home = saved(&["a"]);
    let (keys, keyring) = (home.keys(), home.keyring());
    let later = "generate --name b --type token --out b.token";
    home.run(later).ok();
    // The open transaction spills its pages, so its journal is the one that a crash would leave behind.
    let writer = database(&keyring);
    writer.execute_batch("PRAGMA cache_size = 1; BEGIN IMMEDIATE; CREATE TABLE spill (x)").unwrap();
    for _ in 0..300 {
        writer.execute("INSERT INTO spill VALUES (zeroblob(3000))", []).unwrap();
    }
    let journal = keyring.with_file_name("keyring.db-journal");
    let left = std::fs::read(&journal).unwrap();
    assert!(!left.is_empty());
    drop(writer);
    std::fs::remove_file(&keyring).unwrap();
    std::fs::write(&journal, &left).unwrap();
    for command in ["restore saved --yes", "init"] {
        let refused = home.run(command).refused(6, "keyring_corrupt");
        assert!(refused.err().contains("keyring.db-journal"), "{command}: {}", refused.err());
        assert!(!keyring.exists(), "{command}");
        assert_eq!(std::fs::read(&journal).unwrap(), left, "{command} leaves the journal as it is");
    }
    std::fs::rename(&journal, home.file("journal.old")).unwrap();
    home.run("restore saved --yes").ok();
    assert_eq!(home.keys(), keys);
}

#[test]
fn a_token_that_was_revoked_by_its_hash_is_not_restored() {
    let home = Home::new();
    home.run("init").ok();
    home.run("backup base").ok();
    home.run("generate --name web --type token --out web").ok();
    home.run("backup with-token").ok();
    let digest = sha2::Sha256::digest(home.read("web").trim());
    let hash = digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    home.write("hash", format!("{{\"name\":\"hashed\",\"secret_sha256\":\"{hash}\"}}\n"));
    // The target knows only the hash, which is revoked.
    home.run("import hash --keyring base").ok();
    home.run("revoke hashed --yes --keyring base").ok();
    home.run("backup with-hash --keyring base").ok();
    home.run("restore with-token --yes --keyring base").ok();
    assert_ne!(home.run("verify --no-record --token-file web --keyring base").code(), 0);
    // The other way around, the target has the token, and the backup has the revoked hash.
    home.run("restore with-hash --yes").refused(4, "restore_conflict");
    home.run("restore with-hash --dry-run").refused(4, "restore_conflict");
}
