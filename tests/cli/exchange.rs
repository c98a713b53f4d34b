//! Tests of `exchange`.

pub(crate) mod assertion;
mod assertion_clock;

use super::home::{Ended, Home};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt as _, process::Stdio};

const NOON: &str = "--now 2026-06-01T12:00:00Z";

/// Builds a home with a pair whose secret is in the `.env` file `pair`.
fn with_pair(options: &str) -> Home {
    let home = Home::new();
    let line = format!(
        "generate --name web --type pair --scope read --scope write --secret-format dotenv --out pair {options}"
    );
    home.run(&line).ok();
    home
}

fn exchanged(home: &Home, options: &str) -> Value {
    home.run(&format!("exchange --token-file pair --quiet {options}")).ok().json()
}

fn verified(home: &Home, bearer: &Value, options: &str) -> Value {
    home.run_with(&format!("verify --format json {options}"), bearer.as_str().unwrap()).json()
}

fn lent(home: &Home) -> i64 {
    let connection = rusqlite::Connection::open(home.keyring()).unwrap();
    connection.query_row("SELECT count(*) FROM bearer", [], |row| row.get(0)).unwrap()
}

#[test]
fn the_response_follows_rfc_6749() {
    let home = with_pair(NOON);
    let answer = exchanged(&home, NOON);
    assert!(answer.as_object().unwrap().keys().eq(["access_token", "token_type", "expires_in", "scope"]), "{answer}");
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(3600)));
    assert_eq!(answer["scope"], "read write");
    assert!(answer["access_token"].as_str().unwrap().starts_with("kw_bearer_"));
    let valid = verified(&home, &answer["access_token"], "--scope write --now 2026-06-01T12:59:59Z");
    assert_eq!(
        (&valid["code"], &valid["credential"], &valid["type"]),
        (&json!("valid"), &json!("bearer"), &json!("pair"))
    );
    assert_eq!(valid["expires_at"], "2026-06-01T13:00:00Z", "the bearer token's own end");
    let over = verified(&home, &answer["access_token"], "--now 2026-06-01T13:00:00Z");
    assert_eq!((&over["code"], &over["status"], &over["name"]), (&json!("expired"), &json!("expired"), &json!("web")));
    assert_eq!(home.run("show web --format json").ok().json()["last_used_at"], "2026-06-01T12:59:59Z");
}

#[test]
fn a_bearer_token_has_the_requested_scopes_and_no_more_than_its_key() {
    let home = with_pair("");
    let answer = exchanged(&home, "--scope read --ttl 10m");
    assert_eq!((&answer["scope"], &answer["expires_in"]), (&json!("read"), &json!(600)));
    let bearer = &answer["access_token"];
    assert_eq!(verified(&home, bearer, "--scope read")["scopes"], json!(["read"]));
    assert_eq!(verified(&home, bearer, "--scope write")["code"], "insufficient_scope");
    let refused = home.run("exchange --token-file pair --scope admin").refused(5, "scope_exceeded");
    assert!(refused.err().contains("read, write"), "{}", refused.err());
    home.run("exchange --token-file pair --ttl 61m").refused(5, "lifetime_too_long");
    home.run("exchange --token-file pair --ttl 0m").refused(2, "invalid_time");
    home.run("policy set bearer_minutes 5").ok();
    assert_eq!(exchanged(&home, "")["expires_in"], 300);
    home.run("exchange --token-file pair --ttl 6m").refused(5, "lifetime_too_long");
    assert_eq!(lent(&home), 2);
}

#[test]
fn a_bearer_token_ends_with_its_key() {
    let home = with_pair(&format!("{NOON} --expires 2026-06-01T12:10:00Z"));
    assert_eq!(exchanged(&home, NOON)["expires_in"], 600, "no longer than the key");
    let home = with_pair("");
    let bearer = &exchanged(&home, "")["access_token"];
    home.run("disable web").ok();
    assert_eq!(verified(&home, bearer, "")["code"], "disabled");
    home.run("enable web").ok();
    assert_eq!(verified(&home, bearer, "")["code"], "valid");
    home.run("update web --expires 1m").ok();
    assert_eq!(verified(&home, bearer, "--now 2099-01-01T00:00:00Z")["code"], "expired");
    let soon = verified(&home, bearer, "");
    assert_eq!(soon["expires_at"], home.run("show web --format json").ok().json()["expires_at"]);
    home.run("revoke web --yes").ok();
    assert_eq!(verified(&home, bearer, "")["code"], "revoked");
}

#[test]
fn an_invalid_pair_is_not_exchanged() {
    let home = with_pair("");
    let other = home.generate("--name other --type pair");
    let api_key = home.run("show web --format json").ok().json()["api_key"].as_str().unwrap().to_owned();
    let before = home.state();
    let wrong = format!("{api_key} {}", other["api_secret"].as_str().unwrap());
    let refused = home.run_with("exchange --format json", &wrong).refused(1, "invalid_client");
    assert_eq!(refused.error()["details"][0]["type"], "wrong_secret");
    let token = home.generate("--name t --type token --keyring other.db");
    for (input, expected) in [
        (token["token"].as_str().unwrap().to_owned(), "only a pair or an assertion"),
        (api_key, "without its `api_secret`"),
        (String::new(), "is empty"),
    ] {
        let refused = home.run_with("exchange", &input).refused(2, "invalid_secret");
        assert!(refused.err().contains(expected), "{}", refused.err());
    }
    assert_eq!(home.state(), before);
    home.run("revoke web --yes").ok();
    let refused = home.run("exchange --token-file pair --format json").refused(1, "invalid_client");
    assert_eq!(refused.error()["details"][0]["type"], "revoked");
    let bearer = home.run_with(
        "exchange --quiet",
        format!("{} {}", other["api_key"].as_str().unwrap(), other["api_secret"].as_str().unwrap()),
    );
    let bearer = bearer.ok().json()["access_token"].as_str().unwrap().to_owned();
    home.run_with("exchange", &bearer).refused(2, "invalid_secret");
}

#[test]
fn an_exchange_deletes_expired_bearer_tokens() {
    let home = with_pair(NOON);
    let first = exchanged(&home, NOON);
    exchanged(&home, "--now 2026-06-01T12:59:59Z");
    assert_eq!(lent(&home), 2);
    exchanged(&home, "--now 2026-06-01T13:00:00Z");
    assert_eq!(lent(&home), 2);
    assert_eq!(verified(&home, &first["access_token"], "--now 2026-06-01T13:00:00Z")["code"], "not_found");
}

#[test]
fn a_bearer_token_is_delivered_once_and_not_stored() {
    let home = with_pair("");
    let ended = home.run("exchange --token-file pair --out access.json --format json").ok();
    let file = home.file("access.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let answer: Value = serde_json::from_str(&home.read("access.json")).unwrap();
    let bearer = answer["access_token"].as_str().unwrap();
    assert_eq!(ended.json()["secret_file"], file.to_str().unwrap());
    assert_eq!(ended.json()["expires_in"], 3600);
    let secret = &bearer[bearer.len() - 49..];
    let log = home.run("audit web --format json").ok().out();
    assert!(log.contains("\"exchange\"") && log.contains("expires_at"), "{log}");
    for hay in [ended.err(), ended.out(), log, String::from_utf8_lossy(&home.state().unwrap()).into_owned()] {
        assert!(!hay.contains(secret));
    }
    home.run("exchange --token-file pair --out access.json").refused(4, "file_exists");
    home.run("exchange --token-file pair --format id").refused(2, "usage");
    let id = home.run("exchange --token-file pair --out other.json --format id").ok();
    assert_eq!(
        id.out(),
        format!("{}\n", home.run("show web --format json").ok().json()["api_key_id"].as_str().unwrap())
    );
}

#[test]
fn a_bearer_token_that_cannot_be_delivered_is_deleted() {
    let home = with_pair("");
    let discard = fs::File::options().write(true).open("/dev/null").unwrap();
    let ended =
        home.keywright(["exchange", "--token-file", "pair"]).stdout(discard).stderr(Stdio::piped()).output().unwrap();
    Ended(ended).refused(6, "stdout_discarded");
    assert_eq!(lent(&home), 0);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ended =
        home.keywright(["exchange", "--token-file", "pair"]).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    Ended(ended).refused(6, "not_delivered");
    assert_eq!(lent(&home), 0);
    let log = home.run("audit web --format json").ok().out();
    assert!(log.contains("\"exchange\"") && log.contains("\"withdraw\""), "{log}");
}

#[test]
fn a_dry_run_issues_nothing() {
    let home = with_pair("");
    let before = home.state();
    let ended = home.run("exchange --token-file pair --dry-run").ok();
    assert!(ended.err().contains("would issue") && ended.out().is_empty(), "{}", ended.err());
    home.run("exchange --token-file pair --dry-run --scope admin").refused(5, "scope_exceeded");
    assert_eq!(home.state(), before);
}

#[test]
fn the_yativo_contract_shapes_the_response() {
    let home = Home::new();
    home.run("init --contract yativo").ok();
    let made = home.generate("--name web --env live");
    let pair = json!({ "api_key": made["api_key"], "api_secret": made["api_secret"] }).to_string();
    let answer = home.run_with("exchange --format contract --quiet", &pair).ok().json();
    assert!(answer.as_object().unwrap().keys().eq(["access_token", "token_type", "expires_in"]), "{answer}");
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(3600)));
    assert!(answer["access_token"].as_str().unwrap().starts_with("yativo_bearer_"));
    assert_eq!(verified(&home, &answer["access_token"], "--scope accounts:read")["code"], "valid");
    home.run("revoke web --yes").ok();
    let refused = home.run_with("exchange --format contract", &pair);
    assert_eq!(refused.code(), 1);
    let error: Value = serde_json::from_str(&refused.err()).unwrap();
    assert_eq!((&error["status"], &error["success"]), (&json!("error"), &json!(false)));
    home.write("c.json", r#"{"contract":"x","documents":{"exchange":{"token_type":"{token_type}"}}}"#);
    home.run("policy load c.json").refused(2, "contract_invalid");
}

#[test]
fn an_error_about_a_field_names_the_option() {
    let home = Home::new();
    let pair = home.generate("--name app --type pair --scope read");
    let secret = format!("{} {}", pair["api_key"].as_str().unwrap(), pair["api_secret"].as_str().unwrap());
    let refused = home.run_with("exchange --format json --scope admin", &secret).refused(5, "scope_exceeded");
    assert_eq!(refused.error()["details"][0]["loc"], serde_json::json!(["--scope"]), "{}", refused.err());
    home.run("policy set own_public_key nobody").ok();
    let create = format!("create --name mine --public-key {} --format json", super::tools::fixture("rsa2048.spki.pem"));
    let refused = home.run(&create).refused(5, "own_key_refused");
    assert_eq!(refused.error()["details"][0]["loc"], serde_json::json!(["--public-key"]), "{}", refused.err());
}
