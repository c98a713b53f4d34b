//! Tests of the default contract with stricter rules. Each rule has its own error, which names the rule.

use super::under;
use crate::{home::Home, tools::fixture};

/// The rules, each with its value, a request that the rule refuses, the error code, the exit status, and a request that
/// the rule allows.
const RULES: &[(&str, &str, &str, &str, i32, &str)] = &[
    ("scopes.required", "true", "", "scope_required", 5, "--scope a"),
    ("scopes.known", "[\"orders:*\"]", "--scope admin", "scope_unknown", 2, "--scope orders:read"),
    ("scopes.needs", "{\"a\":[\"b\"]}", "--scope a", "scope_needs", 2, "--scope a --scope b"),
    ("expiry.longest", "90d", "--expires 91d", "lifetime_too_long", 5, "--expires 90d"),
    ("expiry.longest", "90d", "", "lifetime_too_long", 5, "--expires 1d"),
    ("expiry.required_live", "true", "--env live", "expiry_required", 5, "--env live --expires 9y"),
    ("name.pattern", "svc-*", "--name web", "name_refused", 5, "--name svc-web"),
    ("name.max", "5", "--name toolong", "invalid_name", 2, "--name short"),
    ("types", "[\"token\"]", "--type pair", "type_refused", 5, ""),
    ("environments", "[\"live\"]", "--env test", "env_refused", 5, "--env live"),
    ("prefix.test", "acme", "--prefix kw", "prefix_refused", 5, "--prefix acme"),
    ("rate_limit.most", "60/min", "--rate-limit 61/min", "rate_limit_refused", 5, "--rate-limit 60/min"),
    ("rate_limit.most", "60/min", "", "rate_limit_refused", 5, "--rate-limit 1/min"),
];

#[test]
fn every_rule_has_its_own_error_code() {
    for (rule, value, bad, code, exit, good) in RULES {
        let home = under("default");
        home.run_args(["policy", "set", rule, value]).ok();
        let line = |more: &str| {
            let name = if more.contains("--name") { "" } else { "--name x" };
            let key_type = if more.contains("--type") { "" } else { "--type token" };
            home.run(&format!("generate {name} {key_type} {more} --format json"))
        };
        let error = line(bad).refused(*exit, code).error();
        let named = error["message"].as_str().unwrap().contains(&format!("rule {rule}"));
        assert!(named, "{rule}: {error}");
        assert_eq!(error["details"].as_array().unwrap().len(), 1, "{rule}: {error}");
        line(&format!("{bad} --dry-run")).refused(*exit, code);
        assert!(home.keys().is_empty(), "{rule}");
        line(good).ok();
    }
}

#[test]
fn small_rsa_keys_are_refused() {
    let home = under("default");
    home.run("policy set rsa.smallest 3072").ok();
    let refused = home.run("generate --name x --bits 2048").refused(5, "key_size_refused");
    assert!(refused.err().contains("rule rsa.smallest"), "{}", refused.err());
    let small = fixture("rsa2048.spki.pem");
    home.run(&format!("create --name x --public-key {small}")).refused(5, "key_size_refused");
    let large = fixture("rsa4096.spki.pem");
    home.run(&format!("create --name x --public-key {large}")).ok();
    home.run("policy set rsa.smallest 4096").ok();
    let rehearsed = home.run("generate --name y --dry-run --format json").ok().json();
    assert_eq!(rehearsed["key_bits"], 4096, "the default is never what would be refused");
}

#[test]
fn registration_can_be_restricted() {
    let home = under("default");
    home.run("policy set own_public_key nobody").ok();
    let line = format!("create --name x --public-key {}", fixture("rsa2048.spki.pem"));
    home.run(&line).refused(5, "own_key_refused");
    home.run_args(["policy", "set", "own_public_key", r#"["gold"]"#]).ok();
    home.run(&format!("{line} --owner o")).refused(5, "usage_level_insufficient");
    home.run("owner set o --usage-level gold").ok();
    home.run(&format!("{line} --owner o")).ok();
}

#[test]
fn the_default_lifetime_applies() {
    let home = under("default");
    home.run("policy set expiry.default 30d").ok();
    let key = home.generate("--name a --type token --now 2027-01-01T00:00:00Z");
    assert_eq!(key["expires_at"], "2027-01-31T00:00:00Z");
    assert!(home.generate("--name b --type token --expires never")["expires_at"].is_null());
}

#[test]
fn the_issue_limit_counts_per_owner() {
    let home = under("default");
    home.run("policy set issue_limit 2/hour").ok();
    let make = |name: &str, more: &str| home.run(&format!("generate --name {name} --type token {more}"));
    make("a", "--owner o --now 2027-01-01T00:00:00Z").ok();
    make("b", "--owner o --now 2027-01-01T00:30:00Z").ok();
    let refused = make("c", "--owner o --now 2027-01-01T00:31:00Z").refused(5, "issue_limit_exceeded");
    assert!(refused.err().contains("2027-01-01T01:00:00Z"), "when the first is an hour old: {}", refused.err());
    let line = format!("create --name c --owner o --public-key {}", fixture("rsa2048.spki.pem"));
    home.run(&format!("{line} --now 2027-01-01T00:31:00Z")).refused(5, "issue_limit_exceeded");
    home.run(&format!("{line} --now 2027-01-01T01:00:00Z")).ok();
    make("d", "--owner p --now 2027-01-01T00:31:00Z").ok();
}

#[test]
fn broken_rules_are_reported_together_after_bad_input() {
    let home = under("default");
    for set in ["scopes.required true", "expiry.required_live true", "name.pattern svc-*"] {
        home.run(&format!("policy set {set}")).ok();
    }
    let line = "generate --name web --type token --env live --rate-limit 1 --format json";
    let error = home.run(line).refused(2, "invalid_rate_limit").error();
    let mut kinds: Vec<String> =
        error["details"].as_array().unwrap().iter().map(|detail| detail["type"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    assert_eq!(kinds, ["expiry_required", "invalid_rate_limit", "name_refused", "scope_required"]);
}

#[test]
fn without_a_keyring_the_default_contract_applies() {
    let home = Home::new();
    home.run("generate --type token").refused(2, "name_required");
    assert_eq!(home.state(), None);
    home.run("generate --name a --type token --format contract").ok().json();
    home.run("show a --format contract").ok().json();
}
