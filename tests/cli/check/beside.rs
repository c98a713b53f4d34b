//! Tests of `check` for bearer tokens and tombstones.

use super::{NOW, check, edit, kinds, set};
use crate::home::Home;

/// Returns the statement that attaches another database, because a table in the keyring itself would be damage.
fn attach(home: &Home) -> String {
    let file = home.file("other.db");
    if !file.exists() {
        home.write("other.db", "");
    }
    format!("ATTACH '{}' AS other", file.display())
}

/// Builds a home with a keyring that contains a pair with a bearer token, and the tombstones of a token and an RSA key.
fn home() -> Home {
    let home = Home::new();
    home.run(&format!("generate --name pair --type pair --secret-format dotenv --out pair {NOW}")).ok();
    home.run(&format!("exchange --token-file pair --out bearer {NOW}")).ok();
    for (name, kind) in [("token", "token"), ("rsa", "rsa --bits 2048")] {
        home.run(&format!("generate --name {name} --type {kind} --out {name} --now 2029-01-01T00:00:00Z")).ok();
        home.run(&format!("revoke {name} --yes --now 2029-01-02T00:00:00Z")).ok();
    }
    // One of the tests inserts these rows again.
    edit(&home, &format!("{}; CREATE TABLE other.kept AS SELECT * FROM key", attach(&home)));
    home.run(&format!("purge --ended-before 90d --yes {NOW}")).ok();
    assert_eq!(kinds(&home, NOW), set(&[]));
    home
}

#[test]
fn an_edited_bearer_token_is_found() {
    for sql in [
        "UPDATE bearer SET expires_at = expires_at + 1",
        "UPDATE bearer SET scopes = 'admin'",
        "UPDATE bearer SET hash = randomblob(32)",
        "UPDATE bearer SET digest = randomblob(32)",
    ] {
        let home = home();
        edit(&home, sql);
        let found = check(&home, NOW);
        assert_eq!(found.len(), 1, "{sql}: {found:?}");
        assert_eq!((&found[0]["kind"], &found[0]["severity"]), (&"damaged-row".into(), &"critical".into()));
        assert_eq!(found[0]["api_key_id"].as_str(), Some(home.ids("--name pair")[0].as_str()), "{sql}");
        assert!(found[0]["msg"].as_str().unwrap().contains("does not match its digest"), "{}", found[0]);
        assert_eq!(kinds(&home, &format!("--skip damaged-row {NOW}")), set(&[]));
    }
}

#[test]
fn a_bearer_token_without_its_key_is_found() {
    let home = home();
    edit(&home, "DELETE FROM key");
    let found = check(&home, NOW);
    let damaged: Vec<_> = found.iter().filter(|finding| finding["kind"] == "damaged-row").collect();
    assert_eq!(damaged.len(), 1, "{found:?}");
    assert!(damaged[0]["msg"].as_str().unwrap().contains("key of a bearer token does not exist"), "{}", damaged[0]);
    let absent =
        found.iter().filter(|finding| finding["msg"].as_str().unwrap().contains("records no deletion")).count();
    assert!(absent > 0, "{found:?}");
}

#[test]
fn an_impossible_tombstone_is_found() {
    for sql in [
        "UPDATE tombstone SET ended_at = purged_at + 1",
        "UPDATE tombstone SET secret_hash = modulus_hash WHERE modulus_hash IS NOT NULL",
        "UPDATE tombstone SET secret_hash = NULL WHERE secret_hash IS NOT NULL",
        "PRAGMA ignore_check_constraints = ON; UPDATE tombstone SET revoked = 2 WHERE secret_hash IS NOT NULL",
        "PRAGMA ignore_check_constraints = ON; UPDATE tombstone SET secret_hash = x'00' WHERE secret_hash IS NOT NULL",
    ] {
        let home = home();
        edit(&home, sql);
        assert_eq!(kinds(&home, NOW), set(&["contradiction", "damaged-row"]), "{sql}");
    }
}

#[test]
fn a_purged_key_that_came_back_is_found() {
    for (sql, names) in [
        ("", 2),
        // The identity of the key alone is enough.
        (
            "UPDATE tombstone SET id = randomblob(16) WHERE modulus_hash IS NOT NULL; DELETE FROM kept WHERE type = 'token'",
            1,
        ),
    ] {
        let home = home();
        edit(&home, &format!("{}; {sql}; INSERT INTO key SELECT * FROM kept WHERE name <> 'pair'", attach(&home)));
        let found = check(&home, &format!("--skip expired {NOW}"));
        let purged = found.iter().filter(|finding| finding["msg"].as_str().unwrap().contains("was purged")).count();
        assert_eq!(purged, names, "{found:?}");
        assert!(found.iter().all(|finding| finding["kind"] == "contradiction"), "{found:?}");
        let verified = home.run(&format!("audit verify --format json {NOW}"));
        let findings = verified.json()["findings"].clone();
        let buried = findings.as_array().unwrap().iter().any(|finding| finding["kind"] == "buried");
        assert!(verified.code() == 1 && buried, "{findings}");
    }
}

#[test]
fn an_edited_thumbprint_is_found() {
    let home = Home::new();
    home.run("generate --name token --type token --out token").ok();
    home.run("generate --name ed --type ed25519 --out ed").ok();
    let right = kinds(&home, "");
    for (sql, name) in [
        ("UPDATE key SET thumbprint = randomblob(32) WHERE spki IS NOT NULL", "ed"),
        ("UPDATE key SET thumbprint = NULL", "ed"),
        ("UPDATE key SET thumbprint = x'00' WHERE spki IS NOT NULL", "ed"),
        ("UPDATE key SET thumbprint = NULL; UPDATE key SET thumbprint = zeroblob(32) WHERE spki IS NULL", "both"),
    ] {
        let whole = std::fs::read(home.keyring()).unwrap();
        edit(&home, sql);
        let found = check(&home, "");
        let damaged: Vec<_> = found.iter().filter(|finding| finding["kind"] == "damaged-key").collect();
        assert_eq!(damaged.len(), if name == "both" { 2 } else { 1 }, "{sql}: {found:?}");
        assert!(damaged.iter().all(|finding| finding["msg"].as_str().unwrap().contains("thumbprint")), "{found:?}");
        std::fs::write(home.keyring(), whole).unwrap();
        assert_eq!(kinds(&home, ""), right);
    }
}
