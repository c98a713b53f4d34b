//! Tests of `purge`.

use super::{
    home::Home,
    promises::database,
    tools::{fixture, on_terminal},
};
use serde_json::{Value, json};

const NOW: &str = "--now 2030-01-01T00:00:00Z";

/// Builds a home with active keys, and with the ended keys `revoked`, `expired` and `both`, which ended 100, 50 and 200
/// days ago.
fn home() -> Home {
    let home = Home::new();
    let make = |name: &str, more: &str, at: &str| {
        home.generate(&format!("--name {name} --type token --owner acme {more} --now {at}T00:00:00Z"))
    };
    make("revoked", "", "2029-01-01");
    make("expired", "--expires 2029-11-12T00:00:00Z", "2029-01-01");
    make("both", "--expires 2029-06-15T00:00:00Z", "2029-01-01");
    make("active", "", "2029-01-01");
    make("disabled", "", "2029-01-01");
    make("planned", "--expires 2031-01-01", "2029-01-01");
    home.run("revoke revoked --yes --now 2029-09-23T00:00:00Z").ok();
    home.run("revoke both --yes --now 2029-12-30T00:00:00Z").ok();
    home.run("revoke planned --at 2030-06-01 --yes --now 2029-01-01T00:00:00Z").ok();
    home.run("disable disabled --now 2029-01-01T00:00:00Z").ok();
    home
}

fn names(home: &Home) -> Vec<String> {
    home.names("--all --sort name")
}

fn rows(home: &Home, sql: &str) -> i64 {
    database(&home.keyring()).query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn only_keys_that_ended_long_enough_ago_are_purged() {
    for (before, gone) in [
        ("90d", vec!["both", "revoked"]),
        ("49d", vec!["both", "expired", "revoked"]),
        ("199d", vec!["both"]),
        ("2029-06-15", vec![]),
        ("2029-06-16", vec!["both"]),
        ("2099-01-01", vec!["both", "expired", "revoked"]),
    ] {
        let home = home();
        let all = names(&home);
        let done = home.run(&format!("purge --ended-before {before} --yes --format json {NOW}")).ok();
        assert_eq!(done.json(), json!({"purged": gone.len(), "kept_back": 0}), "{before}");
        let left: Vec<&String> = all.iter().filter(|name| !gone.contains(&name.as_str())).collect();
        assert_eq!(names(&home).iter().collect::<Vec<_>>(), left, "{before}");
        home.run("audit verify").ok();
    }
}

#[test]
fn audit_rows_stay_and_each_purged_key_adds_one() {
    let home = home();
    let id = home.ids("--all --name revoked").remove(0);
    let before = rows(&home, "SELECT count(*) FROM audit");
    home.run(&format!("purge --ended-before 90d --yes {NOW}")).ok();
    assert_eq!(rows(&home, "SELECT count(*) FROM audit"), before + 2);
    home.run(&format!("show {id}")).refused(3, "not_found");
    let log = home.run(&format!("audit {id} --format json")).ok().json();
    let actions: Vec<&str> = log.as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["purge", "revoke", "activate", "reserve"]);
    let facts = &log[0]["facts"];
    for (field, value) in [
        ("name", "revoked"),
        ("owner", "acme"),
        ("revoked_at", "2029-09-23T00:00:00Z"),
        ("revocation_reason", "unspecified"),
    ] {
        assert_eq!(facts[field], value, "the whole facts: {facts}");
    }
}

#[test]
fn a_purged_modulus_cannot_be_registered_again() {
    for (end, word) in [("revoke", "revoked"), ("expire", "expired")] {
        let home = Home::new();
        let file = fixture("rsa2048.spki.pem");
        let expires = if end == "expire" { "--expires 1d" } else { "" };
        home.run(&format!("create --name a --public-key {file} {expires} --now 2029-01-01T00:00:00Z")).ok();
        if end == "revoke" {
            home.run("revoke a --yes --now 2029-01-02T00:00:00Z").ok();
        }
        home.run(&format!("purge --ended-before 90d --yes {NOW}")).ok();
        assert!(home.keys().is_empty());
        let before = home.state();
        for options in ["", "--dry-run"] {
            let refused =
                home.run(&format!("create --name b --public-key {file} {options} {NOW}")).refused(4, "key_registered");
            assert!(refused.err().contains(word) && refused.err().contains("purged"), "{}", refused.err());
        }
        assert_eq!(home.state(), before);
    }
}

#[test]
fn bearer_tokens_are_purged_with_their_key() {
    let home = home();
    let lend = "INSERT INTO bearer (hash, key_id, scopes, created_at, expires_at, digest)
                SELECT randomblob(32), id, '', 0, 1, zeroblob(32) FROM key";
    assert_eq!(database(&home.keyring()).execute(lend, []).unwrap(), 6);
    home.run(&format!("purge --ended-before 90d --yes {NOW}")).ok();
    assert_eq!(rows(&home, "SELECT count(*) FROM bearer"), 4);
    assert_eq!(rows(&home, "SELECT count(*) FROM bearer WHERE key_id NOT IN (SELECT id FROM key)"), 0);
    assert_eq!(rows(&home, "SELECT count(*) FROM tombstone WHERE secret_hash IS NOT NULL AND revoked"), 2);
}

#[test]
fn links_to_a_purged_key_stay() {
    let home = Home::new();
    home.run("generate --name active --type token --out k1 --now 2029-01-01T00:00:00Z").ok();
    home.run("rotate active --overlap 0 --out k2 --now 2029-01-02T00:00:00Z").ok();
    let id = home.ids(&format!("--status revoked {NOW}")).remove(0);
    home.run(&format!("purge --ended-before 90d --yes {NOW}")).ok();
    let active = home.keys().into_iter().find(|key| key["name"] == "active").unwrap();
    assert_eq!(active["rotated_from"], Value::String(id));
}

#[test]
fn keys_that_an_issue_limit_counts_are_kept() {
    let home = Home::new();
    home.run("init").ok();
    home.run("policy set issue_limit 2/week").ok();
    for (name, day) in [("old", "2029-12-01"), ("young", "2029-12-30")] {
        home.generate(&format!("--name {name} --type token --owner acme --expires 1h --now {day}T00:00:00Z"));
    }
    let before = home.state();
    let dry = home.run(&format!("purge --ended-before 1d --dry-run --format json {NOW}")).ok();
    assert!(dry.err().contains("would purge 1 key") && dry.err().contains("kept 1 key"), "{}", dry.err());
    assert_eq!((dry.json()[0]["name"].as_str(), home.state()), (Some("old"), before));
    let done = home.run(&format!("purge --ended-before 1d --yes --format json {NOW}")).ok();
    assert_eq!(done.json(), json!({"purged": 1, "kept_back": 1}));
    assert!(done.err().contains("issue_limit"), "{}", done.err());
    assert_eq!(names(&home), ["young"]);
    home.generate(&format!("--name second --type token --owner acme {NOW}"));
    home.run(&format!("generate --name third --type token --owner acme --out t {NOW}"))
        .refused(5, "issue_limit_exceeded");
}

#[test]
fn a_purge_asks_for_confirmation() {
    let home = home();
    let before = home.state();
    let refused = home.run(&format!("purge --ended-before 90d {NOW}")).refused(2, "confirmation_required");
    assert!(refused.err().contains("delete 2 keys"), "{}", refused.err());
    assert_eq!(home.state(), before);
    let Some(ended) = on_terminal(&home, 200, &format!("purge --ended-before 90d {NOW}"), "n\n") else { return };
    assert_eq!(ended.code(), 1, "{}", ended.out());
    assert_eq!(home.state(), before);
    let ended = on_terminal(&home, 200, &format!("purge --ended-before 90d {NOW}"), "y\n").unwrap();
    assert_eq!(ended.code(), 0, "{}", ended.out());
    assert_eq!(home.keys().len(), 4);
}

#[test]
fn a_dry_run_lists_keys_and_deletes_nothing() {
    let home = home();
    let before = home.state();
    let dry = home.run(&format!("purge --ended-before 90d --dry-run --format jsonl {NOW}")).ok();
    let listed: Vec<Value> = dry.out().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(listed.iter().map(|key| key["name"].as_str().unwrap()).collect::<Vec<_>>(), ["both", "revoked"]);
    assert!(dry.err().contains("dry run: would purge 2 keys"), "{}", dry.err());
    home.run(&format!("purge --ended-before 90d --dry-run --owner nobody {NOW}")).ok();
    assert_eq!(home.state(), before);
}

#[test]
fn conditions_select_keys_and_no_match_is_not_an_error() {
    let home = home();
    let before = home.state();
    let none = home.run(&format!("purge --ended-before 90d --owner nobody {NOW} --format json")).ok();
    assert!(none.err().contains("nothing was changed"), "{}", none.err());
    assert_eq!((none.json(), home.state()), (json!({"purged": 0, "kept_back": 0}), before));
    let id = home.ids("--all --name both").remove(0);
    let done = home.run(&format!("purge --ended-before 90d --name both --yes --format id {NOW}")).ok();
    assert_eq!(done.out(), format!("{id}\n"));
    let csv = home.run(&format!("purge --ended-before 90d --yes --format csv {NOW}")).ok();
    assert_eq!(csv.out(), "purged,kept_back\n1,0\n");
}

#[test]
fn bad_input_is_refused() {
    let home = home();
    let before = home.state();
    home.run("purge --yes").refused(2, "usage");
    for when in ["0d", "-1d", "never", "soon", "2029-13-01", "9999y"] {
        home.run(&format!("purge --ended-before {when} --yes")).refused(2, "invalid_time");
    }
    assert_eq!(home.state(), before);
    Home::new().run("purge --ended-before 90d").refused(3, "keyring_missing");
}

#[test]
fn a_damaged_key_stops_the_whole_purge() {
    let home = home();
    database(&home.keyring()).execute("UPDATE key SET note = 'x' WHERE name = 'both'", []).unwrap();
    let before = home.state();
    home.run(&format!("purge --ended-before 90d --yes {NOW}")).refused(6, "keyring_corrupt");
    assert_eq!(home.state(), before);
}
