//! Tests of `disable` and `enable`.

use super::{home::Home, promises::database};
use serde_json::{Value, json};

fn with(names: &[&str]) -> Home {
    let home = Home::new();
    for name in names {
        home.run(&format!("generate --name {name} --type token --owner acme --out {name}")).ok();
    }
    home
}

fn statuses(of: &Value) -> Vec<(&str, &str)> {
    of.as_array().unwrap().iter().map(|key| (key["name"].as_str().unwrap(), key["status"].as_str().unwrap())).collect()
}

#[test]
fn disabling_is_reversible_and_idempotent() {
    let home = with(&["ci", "other"]);
    let done = home.run("disable ci --now 2030-01-01T00:00:00Z --format json").ok();
    assert!(done.err().contains("disabled 1 key\n"), "{}", done.err());
    assert_eq!(statuses(&done.json()), [("ci", "disabled")]);
    assert_eq!(done.json()[0]["disabled_at"], "2030-01-01T00:00:00Z");
    let before = home.state();
    let again = home.run("disable ci --now 2031-01-01T00:00:00Z --format json").ok();
    assert!(again.err().contains("1 key was already disabled"), "{}", again.err());
    assert_eq!((again.json(), home.state()), (done.json(), before), "the first time stays, and nothing is written");
    let back = home.run("enable ci --format json").ok();
    assert!(back.err().contains("enabled 1 key\n"), "{}", back.err());
    assert_eq!((statuses(&back.json()), &back.json()[0]["disabled_at"]), (vec![("ci", "active")], &json!(null)));
    let before = home.state();
    let again = home.run("enable ci other").ok();
    assert!(again.err().contains("2 keys were already enabled"), "{}", again.err());
    assert_eq!(home.state(), before);
}

#[test]
fn several_keys_are_disabled_in_one_transaction_with_a_row_each() {
    let home = with(&["a", "b", "c"]);
    let before = home.state();
    home.run("disable a nobody b").refused(3, "not_found");
    assert_eq!(home.state(), before);
    home.run("disable b").ok();
    let done = home.run("disable a b c --format json").ok();
    assert!(done.err().contains("disabled 2 keys\n1 key was already disabled"), "{}", done.err());
    assert_eq!(statuses(&done.json()), [("a", "disabled"), ("b", "disabled"), ("c", "disabled")]);
    home.run("enable a b c").ok();
    let rows: Vec<(String, String)> = database(&home.keyring())
        .prepare("SELECT action, facts FROM audit WHERE action IN ('disable', 'enable') ORDER BY seq")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let actions: Vec<&str> = rows.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["disable", "disable", "disable", "enable", "enable", "enable"]);
    let first: Value = serde_json::from_str(&rows[0].1).unwrap();
    assert!(first["disabled_at"][0].is_null() && first["disabled_at"][1].is_string(), "{first}");
}

#[test]
fn an_ended_key_makes_the_whole_command_fail() {
    let home = with(&["a", "gone"]);
    home.run("revoke gone --yes").ok();
    home.generate("--name late --type token --expires 1d --now 2026-01-01T00:00:00Z");
    let before = home.state();
    for verb in ["disable", "enable"] {
        for (key, status) in [("gone", "revoked"), ("late", "expired")] {
            let refused = home.run(&format!("{verb} a {key}")).refused(4, "wrong_state");
            assert!(refused.err().contains(status), "{}", refused.err());
            home.run(&format!("{verb} a {key} --dry-run")).refused(4, "wrong_state");
        }
    }
    assert_eq!(home.state(), before);
}

#[test]
fn conditions_select_keys_that_have_not_ended() {
    let home = with(&["a", "b", "gone"]);
    home.run("revoke gone --yes").ok();
    home.generate("--name zeta --type token --owner zeta");
    let before = home.state();
    let dry = home.run("disable --owner acme --dry-run --format json").ok();
    assert!(dry.err().contains("dry run: would disable 2 keys"), "{}", dry.err());
    assert_eq!(statuses(&dry.json()), [("b", "disabled"), ("a", "disabled")]);
    assert_eq!(home.state(), before);
    home.run("disable --owner acme").refused(2, "confirmation_required");
    assert_eq!(home.state(), before);
    home.run("disable --owner acme --yes").ok();
    assert_eq!(home.names("--status disabled"), ["b", "a"]);
    home.run("enable a").ok();
    let before = home.state();
    let dry = home.run("enable --owner acme --dry-run").ok();
    assert!(dry.err().contains("would enable 1 key\n"), "{}", dry.err());
    assert_eq!(home.state(), before);
    home.run("enable --owner acme").ok();
    assert_eq!(home.names("--status active").len(), 3);
    let none = home.run("disable --owner nobody").ok();
    assert!(none.err().contains("no key matches the filter"), "{}", none.err());
    for line in ["disable", "enable", "disable a --owner acme"] {
        home.run(line).refused(2, "usage");
    }
}

#[test]
fn a_secret_on_standard_input_finds_its_key() {
    let home = with(&["ci"]);
    home.run_with("disable -", home.read("ci")).ok();
    assert_eq!(home.names("--status disabled"), ["ci"]);
    home.run_with("enable -", home.read("ci")).ok();
    assert_eq!(home.names("--status active"), ["ci"]);
}

#[test]
fn a_disabled_pending_key_is_still_disabled_after_activation() {
    let home = Home::new();
    home.crash("ci", "token");
    home.run("disable ci").ok();
    assert_eq!(home.names("--status pending"), ["ci"]);
    home.run("activate ci --private-key ci").ok();
    assert_eq!(home.names("--status disabled"), ["ci"]);
    let said = home.run("activate ci --private-key ci").ok();
    assert!(said.err().contains("is already disabled"), "{}", said.err());
    home.run("enable ci").ok();
    home.run("revoke ci --yes").ok();
    home.run("enable ci").refused(4, "wrong_state");
}

#[test]
fn a_missing_keyring_is_an_error() {
    let home = Home::new();
    home.run("disable ci").refused(3, "keyring_missing");
    home.run("enable ci").refused(3, "keyring_missing");
    assert_eq!(home.state(), None);
}
