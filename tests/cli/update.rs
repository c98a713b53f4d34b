//! Tests of `update`.

use super::{
    home::{Ended, Home, changes},
    promises::database,
};
use serde_json::{Value, json};

fn with(names: &[&str]) -> Home {
    let home = Home::new();
    for name in names {
        home.generate(&format!("--name {name} --type token --scope read --scope write --owner acme --label team=core"));
    }
    home
}

fn update(home: &Home, line: &str) -> Ended {
    home.run(&format!("update {line} --format json"))
}

fn shown(home: &Home, key: &str) -> Value {
    home.run(&format!("show {key} --format json")).ok().json()
}

#[test]
fn only_the_given_fields_change() {
    let home = with(&["ci"]);
    let id = home.ids("").remove(0);
    for (line, field, value) in [
        ("--name deploy", "name", json!("deploy")),
        ("--owner zeta", "owner", json!("zeta")),
        ("--no-owner", "owner", json!(null)),
        ("--add-scope admin --remove-scope write", "scopes", json!(["admin", "read"])),
        ("--add-scope read --add-scope x", "scopes", json!(["admin", "read", "x"])),
        ("--expires 2099-01-31", "expires_at", json!("2099-01-31T23:59:59Z")),
        ("--expires never", "expires_at", json!(null)),
        (
            "--rate-limit 60/min",
            "rate_limit",
            json!({"requests_per_minute": 60, "requests_per_hour": null, "requests_per_day": null}),
        ),
        (
            "--rate-limit 9/day",
            "rate_limit",
            json!({"requests_per_minute": 60, "requests_per_hour": null, "requests_per_day": 9}),
        ),
        (
            "--no-rate-limit",
            "rate_limit",
            json!({"requests_per_minute": null, "requests_per_hour": null, "requests_per_day": null}),
        ),
        ("--label tier=1 --label team=edge", "labels", json!({"team": "edge", "tier": "1"})),
        ("--remove-label team --remove-label absent", "labels", json!({"tier": "1"})),
        ("--note hello", "note", json!("hello")),
        ("--no-note", "note", json!(null)),
    ] {
        let mut before = shown(&home, &id);
        let done = update(&home, &format!("{id} {line}")).ok();
        assert!(done.err().contains("updated `"), "{}", done.err());
        let after = shown(&home, &id);
        assert_eq!(done.json(), after, "the output matches the stored key");
        assert_eq!(after[field], value, "{line}");
        before[field] = value;
        assert_eq!(after, before, "{line}: and nothing else");
    }
    assert_eq!(home.names(""), ["deploy"]);
}

#[test]
fn the_audit_row_has_old_and_new_values() {
    let home = with(&["ci"]);
    update(&home, "ci --name web --remove-scope write --expires 2099-01-01T00:00:00Z --note x").ok();
    let row: String = database(&home.keyring())
        .query_row("SELECT facts FROM audit WHERE action = 'update' AND command = 'update'", [], |row| row.get(0))
        .unwrap();
    let facts: Value = serde_json::from_str(&row).unwrap();
    assert_eq!(
        changes(facts),
        json!({"name": ["ci", "web"], "scopes": [["read", "write"], ["read"]],
               "expires_at": [null, "2099-01-01T00:00:00Z"], "note": [null, "x"]})
    );
}

#[test]
fn an_update_without_effect_succeeds_and_writes_nothing() {
    let home = with(&["ci"]);
    let before = home.state();
    for line in [
        "--owner acme",
        "--add-scope read",
        "--remove-scope admin",
        "--label team=core --no-note --expires never --no-rate-limit --name ci",
        "--remove-label absent",
    ] {
        for option in ["", "--dry-run"] {
            let same = home.run(&format!("update ci {line} {option}")).ok();
            assert!(same.err().contains("already has these values; nothing was changed"), "{line}: {}", same.err());
        }
    }
    let typo = home.run("update ci --remove-scope wrte").ok();
    assert!(typo.err().contains("does not have the scope `wrte`"), "{}", typo.err());
    assert_eq!(home.state(), before);
}

#[test]
fn all_bad_input_is_reported_at_once() {
    let home = with(&["ci"]);
    let before = home.state();
    for (line, code) in [
        ("ci", "usage"),
        ("--name x", "usage"),
        ("ci --owner x --no-owner", "usage"),
        ("ci --note x --no-note", "usage"),
        ("ci --rate-limit 1/min --no-rate-limit", "usage"),
        ("ci --add-scope a --remove-scope a", "usage"),
        ("ci --label a=1 --remove-label a", "usage"),
        ("ci --label a=1 --label a=2", "invalid_label"),
        ("ci --remove-label a=1", "invalid_label"),
        ("ci --label a", "invalid_label"),
        ("ci --name \u{1b}", "invalid_name"),
        ("ci --owner \u{202e}", "invalid_owner"),
        ("ci --add-scope \"", "invalid_scope"),
        ("ci --note \u{7}", "invalid_note"),
        ("ci --rate-limit 0/min", "invalid_rate_limit"),
        ("ci --expires 2020-01-01", "invalid_time"),
        ("ci --expires 0", "invalid_time"),
        ("ci --expires -1d", "invalid_time"),
        ("ci --env live", "usage"),
    ] {
        home.run(&format!("update {line}")).refused(2, code);
    }
    let past = home.run("update ci --expires 2020-01-01").refused(2, "invalid_time");
    assert!(past.err().contains("keywright revoke"), "{}", past.err());
    let several = update(&home, "ci --expires 0 --add-scope \" --label a").error();
    assert_eq!(several["details"].as_array().unwrap().len(), 3, "{several}");
    home.run("update nobody --note x").refused(3, "not_found");
    assert_eq!(home.state(), before);
    Home::new().run("update ci --note x").refused(3, "keyring_missing");
}

#[test]
fn a_taken_name_is_refused() {
    let home = with(&["ci", "web"]);
    home.generate("--name live --type token --env live");
    let before = home.state();
    home.run("update ci --name web").refused(4, "name_taken");
    home.run("update ci --name web --dry-run").refused(4, "name_taken");
    assert_eq!(home.state(), before);
    home.run("update ci --name live").ok();
    home.run("revoke web --yes").ok();
    home.run("update live --name web --quiet").refused(4, "ambiguous");
    let id = home.ids("--env test").remove(0);
    home.run(&format!("update {id} --name web")).ok();
    assert_eq!(home.names("--env test"), ["web"], "the name of an ended key is free");
}

#[test]
fn only_note_and_labels_of_an_ended_key_change() {
    let home = with(&["revoked"]);
    home.run("revoke revoked --yes").ok();
    home.generate("--name expired --type token --expires 1d --now 2026-01-01T00:00:00Z");
    home.run("update expired --expires never").refused(4, "wrong_state");
    for key in ["revoked", "expired"] {
        let before = home.state();
        for line in ["--expires 90d", "--name x", "--owner x", "--add-scope x", "--rate-limit 1/min"] {
            let refused = home.run(&format!("update {key} {line} --note x")).refused(4, "wrong_state");
            assert!(refused.err().contains(&format!("is {key}")), "{}", refused.err());
        }
        assert_eq!(home.state(), before);
        let done = update(&home, &format!("{key} --note closed --label ticket=7")).ok().json();
        assert_eq!(
            (&done["note"], &done["labels"]["ticket"], &done["status"]),
            (&json!("closed"), &json!("7"), &json!(key))
        );
    }
}

#[test]
fn pending_and_disabled_keys_can_be_updated() {
    let home = Home::new();
    home.crash("ci", "token");
    assert_eq!(update(&home, "ci --add-scope x").ok().json()["status"], "pending");
    home.run("activate ci --private-key ci").ok();
    home.run("disable ci").ok();
    let key = update(&home, "ci --expires 90d").ok().json();
    assert_eq!((&key["status"], &key["scopes"]), (&json!("disabled"), &json!(["x"])));
}

#[test]
fn the_contract_applies_to_changed_fields_only() {
    let home = with(&["old", "free"]);
    for rule in [
        "scopes.known [\"read\",\"admin\",\"deploy\"]",
        "scopes.required true",
        "scopes.needs {\"admin\":[\"read\"]}",
        "name.pattern svc-*",
        "expiry.longest 90d",
        "rate_limit.most 600/min",
    ] {
        let (rule, value) = rule.split_once(' ').unwrap();
        home.run_args(["policy", "set", rule, value]).ok();
    }
    let before = home.state();
    for (line, exit, code) in [
        ("--add-scope other", 2, "scope_unknown"),
        ("--add-scope admin --remove-scope read", 2, "scope_needs"),
        ("--remove-scope read --remove-scope write", 5, "scope_required"),
        ("--name other", 5, "name_refused"),
        ("--expires 91d", 5, "lifetime_too_long"),
        ("--rate-limit 601/min", 5, "rate_limit_refused"),
    ] {
        let refused = home.run(&format!("update old {line}")).refused(exit, code);
        assert!(!refused.err().contains(" --scope"), "the options of this command: {}", refused.err());
        home.run(&format!("update old {line} --dry-run")).refused(exit, code);
    }
    let both = update(&home, "old --add-scope other --name other").refused(2, "scope_unknown");
    assert_eq!(both.error()["details"].as_array().unwrap().len(), 2);
    assert_eq!(home.state(), before);
    // The name, the scope `write` and the missing expiry break rules that were set after the key was generated.
    home.run("update old --note kept").ok();
    home.run("update old --add-scope deploy --owner zeta").ok();
    home.run("update old --remove-scope write").ok();
    home.run("update old --expires 89d").ok();
    home.run("update old --rate-limit 600/min").ok();
    home.run("update old --name svc-old").ok();
    assert_eq!(shown(&home, "svc-old")["scopes"], json!(["deploy", "read"]));
}

#[test]
fn a_required_expiry_cannot_be_removed() {
    let home = Home::new();
    home.generate("--name ci --type token --env live --expires 30d");
    home.run("policy set expiry.required_live true").ok();
    home.run("update ci --expires never").refused(5, "expiry_required");
    home.run("update ci --expires 60d").ok();
}

#[test]
fn issue_limits_follow_the_owner() {
    let home = Home::new();
    home.run("init").ok();
    home.run("policy set issue_limit 1/day").ok();
    home.generate("--name a --type token --owner acme");
    home.generate("--name z --type token --owner zeta");
    home.run("update a --owner zeta").refused(5, "issue_limit_exceeded");
    home.run("update a --no-owner").refused(5, "owner_required");
    home.run("update a --owner beta").ok();
    home.run("generate --name b --type token --owner beta --out b").refused(5, "issue_limit_exceeded");
    let later = "--now 2099-01-01T00:00:00Z";
    home.run(&format!("update a --owner zeta {later}")).ok();
}

#[test]
fn a_dry_run_changes_nothing() {
    let home = with(&["ci"]);
    let before = home.state();
    let said = update(&home, "ci --name web --add-scope x --dry-run").ok();
    assert!(said.err().contains("dry run: would update `ci`"), "{}", said.err());
    assert_eq!((&said.json()["name"], &said.json()["scopes"]), (&json!("web"), &json!(["read", "write", "x"])));
    assert_eq!(home.state(), before);
}

#[test]
fn a_secret_on_standard_input_finds_its_key() {
    let home = Home::new();
    home.run("generate --name ci --type token --out ci").ok();
    home.run_with("update - --note found", home.read("ci")).ok();
    assert_eq!(shown(&home, "ci")["note"], "found");
}
