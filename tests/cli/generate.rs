//! Tests of `generate`.

mod count;
mod deliver;
pub(crate) mod describe;
mod token;

use super::home::Home;
use serde_json::json;

/// The fields of a key, in the documented order.
const FIELDS: [&str; 27] = [
    "api_key_id",
    "org_id",
    "name",
    "type",
    "env",
    "prefix",
    "owner",
    "scopes",
    "scope_wildcards",
    "status",
    "created_at",
    "activated_at",
    "expires_at",
    "last_used_at",
    "disabled_at",
    "revoked_at",
    "revocation_reason",
    "rate_limit",
    "allowed_ips",
    "fingerprint",
    "public_key",
    "key_bits",
    "api_key",
    "rotated_from",
    "rotated_to",
    "labels",
    "note",
];

/// Asserts that a JSON object has exactly the fields of a key, followed by the fields `more`, in this order.
#[track_caller]
pub(crate) fn assert_fields(text: &str, more: &[&str]) {
    let fields: Vec<&str> = FIELDS.iter().chain(more).copied().collect();
    let places: Vec<_> = fields
        .iter()
        .map(|field| text.find(&format!("\"{field}\":")).unwrap_or_else(|| panic!("no {field}: {text}")))
        .collect();
    assert!(places.is_sorted(), "{text}");
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(value.as_object().unwrap().len(), fields.len(), "{text}");
}

#[test]
fn generate_delivers_a_working_key() {
    let home = Home::new();
    let made = home.run("generate --name ci --bits 2048").ok();
    assert!(
        made.out().starts_with("-----BEGIN PRIVATE KEY-----\n") && made.out().ends_with("-----END PRIVATE KEY-----\n")
    );
    assert!(made.err().contains("It will not be shown again"), "{}", made.err());
    assert_eq!(home.keys()[0]["status"], "active");
}

#[test]
fn a_taken_name_is_a_conflict() {
    let home = Home::new();
    home.run("generate --name ci --type token").ok();
    let refused = home.run("generate --name ci --type token").refused(4, "name_taken");
    assert!(refused.err().contains("rotate") && refused.err().contains("--if-not-exists"));
    assert_eq!(home.keys().len(), 1);
}

#[test]
fn a_file_is_private_and_never_overwritten() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let answer = home.run("generate --name web --type token --out web.token --format json").ok().json();
    assert_eq!(answer["secret_file"], home.file("web.token").canonicalize().unwrap().to_str().unwrap());
    assert!(answer.get("token").is_none());
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&home.file("web.token")), mode(&home.keyring())), (0o600, 0o600));
    let token = home.read("web.token");
    home.run("generate --name other --type token --out web.token").refused(4, "file_exists");
    assert_eq!((home.read("web.token"), home.files()), (token.clone(), vec!["web.token".to_owned()]));
    assert_eq!(home.keys().len(), 1);
    let shown = home.run_with("show - --format json", &token).ok().json();
    assert_eq!(shown["api_key_id"], answer["api_key_id"]);
    home.write("empty", "");
    home.run("show - --format json").refused(2, "invalid_secret");
}

#[test]
fn each_type_prints_one_document() {
    let home = Home::new();
    for (key_type, field, shape) in [
        ("rsa --bits 2048", "private_key", "-----BEGIN PRIVATE KEY-----\n"),
        ("token", "token", "kw_test_"),
        ("pair", "api_secret", ""),
    ] {
        for format in ["json", "jsonl"] {
            let name = format!("{field}-{format}");
            let made = home.run(&format!("generate --name {name} --type {key_type} --format {format}")).ok();
            assert_fields(made.out().trim_end(), &[field, "message"]);
            assert_eq!(made.out().lines().count(), 1);
            let key = made.json();
            let secret = key[field].as_str().unwrap();
            assert!(secret.starts_with(shape) && !secret.is_empty());
            assert_eq!(made.out().matches(secret.lines().nth(1).unwrap_or(secret)).count(), 1, "once");
            assert!(!made.err().contains(secret.lines().nth(1).unwrap_or(secret)));
            assert!(key["message"].as_str().unwrap().contains("only time"));
            assert_eq!(key["status"], "active");
            let shown = home.run(&format!("show {name} --format json")).ok();
            assert_fields(shown.out().trim_end(), &[]);
            assert!(shown.json().as_object().unwrap().iter().all(|(name, value)| key[name] == *value));
        }
    }
    let file = home.run("generate --name f --type token --out f --format json").ok();
    assert_fields(file.out().trim_end(), &["secret_file"]);
}

#[test]
fn a_key_has_the_fields_of_its_type() {
    let home = Home::new();
    let rsa = home.generate("--name a --bits 2048");
    assert_eq!((&rsa["key_bits"], &rsa["type"]), (&json!(2048), &json!("rsa")));
    assert_eq!(rsa["fingerprint"].as_str().unwrap().len(), 64);
    assert!(rsa["public_key"].as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY-----\n"));
    assert_eq!((&rsa["prefix"], &rsa["api_key"]), (&json!(null), &json!(null)));
    let token = home.generate("--name b --type token");
    let pair = home.generate("--name c --type pair");
    for key in [&token, &pair] {
        assert!(key["prefix"].as_str().unwrap().starts_with("kw_test_"));
        assert_eq!(
            (&key["key_bits"], &key["fingerprint"], &key["public_key"]),
            (&json!(null), &json!(null), &json!(null))
        );
    }
    assert_eq!(token["api_key"], json!(null));
    assert_eq!(rsa["org_id"], token["org_id"]);
    assert_ne!(token["api_key_id"], pair["api_key_id"]);
}

#[test]
fn bits_and_pem_follow_the_options() {
    let home = Home::new();
    assert_eq!(home.generate("--name default")["key_bits"], 3072);
    assert_eq!(home.generate("--name small --bits 2048 --pem pkcs8")["key_bits"], 2048);
    let old = home.run("generate --name old --bits 2048 --pem pkcs1").ok().out();
    assert!(old.starts_with("-----BEGIN RSA PRIVATE KEY-----\n") && old.ends_with("-----END RSA PRIVATE KEY-----\n"));
    let shown = home.run_with("show - --format json", &old).ok().json();
    assert_eq!(shown["name"], "old");
}

#[test]
fn contradictory_options_are_refused() {
    let home = Home::new();
    for (line, option) in [
        ("--type token --bits 2048", "--bits"),
        ("--type pair --bits 2048", "--bits"),
        ("--type token --pem pkcs1", "--pem"),
        ("--type pair --public-out p", "--public-out"),
        ("--type rsa --prefix acme", "--prefix"),
        ("--type token --format csv", "standard output"),
        ("--type token --format id", "standard output"),
        ("--type token --format json --secret-format dotenv", "--secret-format"),
        ("--type token --out f -- cat", "--out"),
        ("--type token --type pair", "--type"),
    ] {
        let refused = home.run(&format!("generate --name x {line}")).refused(2, "usage");
        assert!(refused.err().contains(option), "{line}: {}", refused.err());
        assert_eq!((home.state(), home.files()), (None, vec![]), "{line}");
    }
    home.run("generate").refused(2, "name_required");
    home.run("generate ci").refused(2, "usage");
}

#[test]
fn a_name_is_unique_per_environment() {
    let home = Home::new();
    home.generate("--name ci --type token");
    home.generate("--name ci --type token --env live");
    let before = home.state();
    for env in ["test", "live"] {
        let refused =
            home.run(&format!("generate --name ci --type pair --env {env} --format json")).refused(4, "name_taken");
        let taken = home.ids(&format!("--env {env}")).remove(0);
        assert_eq!(refused.error()["details"][0]["type"], taken, "the key that has it");
    }
    home.generate("--name CI --type token");
    assert_ne!(home.state(), before);
    assert_eq!(home.keys().len(), 3);
}

#[test]
fn a_name_is_free_again_when_its_key_has_ended() {
    let home = Home::new();
    home.generate("--name a --type token --now 2026-01-01T00:00:00Z --expires 1d");
    home.run("generate --name a --type token --now 2026-01-01T23:59:59Z").refused(4, "name_taken");
    home.generate("--name a --type token --now 2026-01-02T00:00:00Z");
    home.run("revoke a --yes").ok();
    let third = home.generate("--name a --type token");
    assert_eq!(home.keys().len(), 3);
    let meant = home.run("show a --format id").ok().out();
    assert_eq!(meant.trim(), third["api_key_id"], "the name means the key that has it now");
}

#[test]
fn a_planned_revocation_keeps_the_name_until_it_takes_effect() {
    let home = Home::new();
    home.generate("--name a --type token");
    home.run("revoke a --in 1h --yes").ok();
    home.run("generate --name a --type token").refused(4, "name_taken");
}

#[test]
fn if_not_exists_shows_the_existing_key() {
    let home = Home::new();
    let first = home.run("generate --name ci --type token --if-not-exists --format json").ok().json();
    assert!(first["token"].is_string(), "none was there");
    let before = home.state();
    let again = home.run("generate --name ci --type token --if-not-exists --format json").ok();
    assert_fields(again.out().trim_end(), &[]);
    assert_eq!(again.json()["api_key_id"], first["api_key_id"]);
    let file = home.run("generate --name ci --type token --if-not-exists --out f --format id").ok();
    assert_eq!(file.out().trim(), first["api_key_id"]);
    let plain = home.run("generate --name ci --if-not-exists").ok();
    assert!(plain.err().contains("already exists") && !plain.err().contains("only time"), "{}", plain.err());
    assert_eq!((home.state(), home.files()), (before, vec![]));
    assert!(!plain.out().contains(first["token"].as_str().unwrap().rsplit_once('_').unwrap().1));
}

#[test]
fn if_not_exists_does_not_accept_a_pending_key() {
    let home = Home::new();
    home.crash("ci", "token");
    let refused = home.run("generate --name ci --type token --if-not-exists").refused(4, "name_taken");
    let id = home.ids("--status pending").remove(0);
    assert!(refused.err().contains(&format!("keywright activate {id} ")), "{}", refused.err());
}

#[test]
fn a_dry_run_generates_nothing() {
    let home = Home::new();
    let line = "generate --name ci --bits 2048 --owner acme --dry-run --out ci.pem --public-out ci.pub";
    let said = home.run(line).ok();
    assert!(
        said.out().is_empty() && said.err().contains("would generate a 2048-bit RSA key named `ci`"),
        "{}",
        said.err()
    );
    let json = home.run(&format!("{line} --format json")).ok().json();
    assert_eq!((&json["dry_run"], &json["api_key_id"]), (&json!(true), &json!(null)));
    assert_eq!((&json["owner"], &json["key_bits"], &json["status"]), (&json!("acme"), &json!(2048), &json!("pending")));
    assert!(json.get("private_key").is_none());
    assert_eq!((home.state(), home.files()), (None, vec![]), "no keyring either");
    assert!(!home.file(".local").exists());
    home.generate("--name ci --type token");
    let before = home.state();
    home.run("generate --name ci --type token --dry-run").refused(4, "name_taken");
    home.run("generate --name other --type pair --dry-run --format json").ok();
    home.run("generate --name ci --dry-run --if-not-exists").ok();
    home.run_args(["generate", "--name", "", "--dry-run"]).refused(2, "invalid_name");
    assert_eq!(home.state(), before);
}

#[test]
fn quiet_drops_messages_and_keeps_data() {
    let home = Home::new();
    let made = home.run("generate --name a --type token --quiet").ok();
    assert_eq!(made.err(), "");
    assert!(made.out().starts_with("kw_test_"));
    let refused = home.run("generate --name a --type token --quiet").refused(4, "name_taken");
    assert!(!refused.err().is_empty(), "errors are not messages that --quiet drops");
}

#[test]
fn a_dash_is_standard_output() {
    let home = Home::new();
    let token = home.run("generate --name a --type token --out -").ok().out();
    assert!(token.starts_with("kw_test_") && home.files().is_empty(), "{token}");
    let rotated = home.run("rotate a --out -").ok().out();
    assert!(rotated.starts_with("kw_test_") && rotated != token, "{rotated}");
    assert!(home.run("export --format jsonl --out -").ok().out().contains("\"name\":\"a\""));
    assert_eq!(home.files(), [""; 0]);
    home.run("generate --name b --type token --out - -- cat").refused(2, "usage");
}
