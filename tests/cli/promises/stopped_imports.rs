//! Other commands beside an import that was stopped or is in progress.

use super::database;
use crate::home::Home;
use sha2::{Digest as _, Sha256};
use std::{process::Stdio, thread::sleep, time::Duration};

/// More keys than one transaction of an import contains.
const COUNT: usize = 30_000;

/// Kills an import of a file after its first transaction.
fn kill(home: &Home, file: &str) {
    let batches = || -> i64 {
        database(&home.keyring()).query_row("SELECT count(*) FROM batch", [], |row| row.get(0)).unwrap_or(0)
    };
    let mut import = home.keywright(["import", "--yes", "--quiet", file]).stdout(Stdio::null()).spawn().unwrap();
    while batches() == 0 && import.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(1));
    }
    import.kill().unwrap();
    import.wait().unwrap();
    assert_eq!(batches(), 1, "the import was stopped between two transactions");
}

fn count(home: &Home) -> usize {
    home.ids("--all").len()
}

/// Builds a home with many imported keys, one of which is revoked, in the exports `before` and `after` the revocation and
/// in the backup `full`. The keyring itself was reset to its beginning.
fn reset() -> Home {
    let home = Home::new();
    home.run("init").ok();
    home.run("backup empty").ok();
    let line = |n: usize| format!("{{\"name\":\"k{n}\",\"secret_sha256\":\"{n:064x}\"}}\n");
    home.write("tokens", (1..=COUNT).map(line).collect::<String>());
    home.run("import tokens --quiet").ok();
    home.run("export --all --format jsonl --out before").ok();
    home.run("revoke k5 --yes").ok();
    home.run("export --all --format jsonl --out after").ok();
    home.run("backup full").ok();
    std::fs::remove_file(home.keyring()).unwrap();
    home.run("restore empty --yes").ok();
    home
}

/// Restores the backup `purged`, at first while the keys of the keyring are part of an import that is in progress.
fn restore_beside_an_import(home: &Home) {
    let hide = "INSERT INTO batch (number, written_at, process, rows, changed) VALUES (7, 4000000000, '1 on another-host', '[]', 0);
                UPDATE key SET batch = 7";
    database(&home.keyring()).execute_batch(hide).unwrap();
    home.run("restore purged --yes").refused(4, "key_registered");
    database(&home.keyring()).execute_batch("UPDATE key SET batch = NULL; DELETE FROM batch").unwrap();
    home.run("restore purged --yes").ok();
}

#[test]
fn a_revocation_in_an_import_that_was_never_completed_does_not_count() {
    let home = reset();
    kill(&home, "after");
    home.run("import before --yes --quiet").ok();
    assert_eq!(count(&home), COUNT);
    home.run("audit verify").ok();
    home.run("check --skip unused").ok();
    home.run("backup copy").ok();
}

#[test]
fn a_restore_brings_back_the_keys_of_a_stopped_import() {
    let home = reset();
    kill(&home, "after");
    home.run("restore full --yes --quiet").ok();
    assert_eq!(count(&home), COUNT);
    home.run("audit verify").ok();
    home.run("backup copy").ok();
}

#[test]
fn a_tombstone_is_not_restored_beside_an_import_of_its_secret() {
    let home = Home::new();
    home.run("init").ok();
    home.run("backup empty").ok();
    home.write("secret", "my-own-opaque-secret-0000000000000");
    std::fs::set_permissions(home.file("secret"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let hash = base16ct::lower::encode_string(&Sha256::digest("my-own-opaque-secret-0000000000000"));
    home.write("token", format!("{{\"name\":\"op\",\"secret_sha256\":\"{hash}\"}}\n"));
    home.run("import token").ok();
    home.run("revoke op --yes --reason key-compromise").ok();
    home.run("purge --ended-before 1s --yes --now 2099-01-01T00:00:00Z").ok();
    home.run("backup purged").ok();
    std::fs::remove_file(home.keyring()).unwrap();
    home.run("restore empty --yes").ok();
    home.run("import token").ok();
    restore_beside_an_import(&home);
    let verdict = home.run("verify --token-file secret --format json");
    assert_eq!((verdict.code(), verdict.json()["code"].as_str()), (1, Some("revoked")));
}

#[test]
fn a_tombstone_of_a_hash_ends_the_token_that_has_it() {
    let home = Home::new();
    home.run("init").ok();
    home.run("backup empty").ok();
    home.run("generate --name t --type token --out t").ok();
    home.run("export --format jsonl --out exported").ok();
    let reset = || {
        std::fs::remove_file(home.keyring()).unwrap();
        home.run("restore empty --yes").ok();
    };
    reset();
    let hash = base16ct::lower::encode_string(&Sha256::digest(home.read("t").trim()));
    home.write("hash", format!("{{\"name\":\"h\",\"secret_sha256\":\"{hash}\"}}\n"));
    home.run("import hash").ok();
    home.run("revoke h --yes --reason key-compromise").ok();
    home.run("purge --ended-before 1s --yes --now 2099-01-01T00:00:00Z").ok();
    home.run("backup purged").ok();
    reset();
    home.run("import exported").ok();
    home.run("verify --token-file t").ok();
    restore_beside_an_import(&home);
    let verdict = home.run("verify --token-file t --format json");
    assert_eq!((verdict.code(), verdict.json()["code"].as_str()), (1, Some("revoked")));
    let again = home.run("restore purged --yes").ok();
    assert!(again.err().contains("already contains everything"), "{}", again.err());
    home.run("audit verify").ok();
}

#[test]
fn a_pending_key_with_a_planned_revocation_is_kept() {
    let home = Home::new();
    home.crash_many("--name p --type token --count 40", 40);
    let name = home.names("--status pending").remove(0);
    assert_eq!(home.ids("--status pending").len(), 40);
    home.run(&format!("revoke {name} --in 5d --yes")).ok();
    let batch = "INSERT INTO batch (number, written_at, first_key, last_key, changed) VALUES (7, 1, 1, 100, 1); UPDATE key SET batch = 7";
    database(&home.keyring()).execute_batch(batch).unwrap();
    home.run("generate --name later --type token --out later").ok();
    assert_eq!(home.names("--all"), ["later", &name]);
    home.run("audit verify").ok();
}
