//! Tests of the contract `polynode`.

use super::{assert_valid, error_document, members, under};
use crate::home::{Ended, Home};
use serde_json::json;
use std::process::Stdio;

const NOON: &str = "2027-01-01T12:00:00Z";

fn generate(home: &Home, more: &str) -> Ended {
    home.run(&format!("generate --format contract {more}"))
}

#[test]
fn a_missing_name_gets_the_default() {
    let home = under("polynode");
    let made = generate(&home, "").ok().json();
    assert_valid("polynode", "generate", &made);
    assert_eq!(members(&made), ["api_key", "name", "rate_limit_per_minute", "message"]);
    assert_eq!((&made["name"], &made["rate_limit_per_minute"]), (&json!("unnamed"), &json!(120)));
    assert!(made["api_key"].as_str().unwrap().starts_with("pn_live_"), "the secret");
    let key = home.run_with("show - --format json", made["api_key"].as_str().unwrap());
    let key = key.ok().json();
    let account = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let owner = key["owner"].as_str().unwrap();
    assert!(
        owner.starts_with("uid ") || account.lines().any(|line| line.starts_with(&format!("{owner}:"))),
        "the calling user, by number and not by $USER: {owner}"
    );
    // This contract does not require unique names.
    generate(&home, "--owner alice --name null").ok();
    generate(&home, "--owner bob").ok();
    generate(&home, "--owner carol").ok();
}

#[test]
fn missing_rate_limits_get_the_defaults() {
    let home = under("polynode");
    let made = generate(&home, "--rate-limit 5/hour").ok().json();
    assert_eq!(made["rate_limit_per_minute"], 120);
    assert_eq!(home.keys()[0]["rate_limit"]["requests_per_hour"], 5);
    let more = generate(&home, "--owner o --rate-limit 600/min").ok().json();
    assert_eq!(more["rate_limit_per_minute"], 600);
}

#[test]
fn an_owner_gets_one_key_per_day() {
    let home = under("polynode");
    let at = |time: &str| generate(&home, &format!("--owner alice --now {time}"));
    at(NOON).ok();
    let refused = at("2027-01-02T11:59:59Z");
    let error = error_document(&refused, 5);
    assert_valid("polynode", "error", &error);
    let message = error["error"].as_str().unwrap();
    assert!(message.contains("1/day") && message.contains("2027-01-02T12:00:00Z"), "{message}");
    let plain = home.run(&format!("generate --owner alice --now {NOON}"));
    plain.refused(5, "issue_limit_exceeded");
    // Setting the clock back does not reset the limit.
    for before in ["2026-12-31T00:00:00Z", "2020-01-01T00:00:00Z"] {
        let error = error_document(&at(before), 5);
        assert!(error["error"].as_str().unwrap().contains("2027-01-02T12:00:00Z"), "{error}");
    }
    // Revoking the key does not reset the limit either.
    home.run(&format!("revoke --owner alice --yes --now {NOON}")).ok();
    error_document(&at(NOON), 5);
    generate(&home, &format!("--owner bob --now {NOON}")).ok();
    at("2027-01-02T12:00:00Z").ok();
    error_document(&generate(&home, "--dry-run --owner bob --now 2027-01-01T13:00:00Z"), 5);
}

#[test]
fn an_undelivered_key_does_not_count_toward_the_limit() {
    let home = under("polynode");
    let failed = home.run_args(["generate", "--owner", "alice", "--", "false"]);
    assert_eq!(failed.code(), 6, "{}", failed.err());
    generate(&home, "--owner alice").ok();
    error_document(&generate(&home, "--owner alice"), 5);
}

#[test]
fn one_of_many_concurrent_requests_gets_a_key() {
    let home = under("polynode");
    let children: Vec<_> = (0..32)
        .map(|_| {
            let mut command = home.keywright(["generate", "--owner", "alice", "--format", "contract"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let ended: Vec<Ended> = children.into_iter().map(|child| Ended(child.wait_with_output().unwrap())).collect();
    let (made, refused): (Vec<_>, Vec<_>) = ended.iter().partition(|ended| ended.code() == 0);
    assert_eq!((made.len(), refused.len(), home.keys().len()), (1, 31, 1));
    for ended in refused {
        assert_valid("polynode", "error", &error_document(ended, 5));
    }
}

#[test]
fn environment_variables_do_not_set_the_owner() {
    let home = under("polynode");
    generate(&home, "").ok();
    let mut command = home.keywright(["generate", "--format", "contract"]);
    error_document(&Ended(command.env("USER", "somebody").env("LOGNAME", "else").output().unwrap()), 5);
}

#[test]
fn other_types_and_environments_are_refused() {
    let home = under("polynode");
    for (line, code) in
        [("--env test", "env_refused"), ("--type pair", "type_refused"), ("--prefix kw", "prefix_refused")]
    {
        home.run(&format!("generate {line}")).refused(5, code);
        assert_valid("polynode", "error", &error_document(&generate(&home, line), 5));
    }
    assert!(home.keys().is_empty());
    let listed = home.run("list --format contract").ok();
    assert_eq!(listed.out(), "[]\n");
}
