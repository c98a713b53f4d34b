//! Tests of the contract `kalshi`.

use super::{assert_valid, error_document, members, under};
use crate::tools::fixture;
use serde_json::json;

#[test]
fn generate_answers_with_an_id_and_a_pkcs1_key() {
    let home = under("kalshi");
    let made = home.run("generate --name trading --format contract").ok();
    assert_eq!(made.out().lines().count(), 1);
    let document = made.json();
    assert_valid("kalshi", "generate", &document);
    assert_eq!(members(&document), ["api_key_id", "private_key"]);
    let pem = document["private_key"].as_str().unwrap();
    assert!(pem.starts_with("-----BEGIN RSA PRIVATE KEY-----\n") && pem.ends_with("-----END RSA PRIVATE KEY-----\n"));
    let key = home.run_with("show - --format json", pem).ok().json();
    assert_eq!(key["api_key_id"], document["api_key_id"]);
    assert_eq!((&key["scopes"], &key["type"]), (&json!(["read", "write"]), &json!("rsa")));
    assert_eq!(key["key_bits"], 2048, "as Kalshi issues them");
    home.run("policy set rsa.smallest 3072").ok();
    let made = home.run("generate --name larger --format json --quiet").ok().json();
    assert_eq!(made["key_bits"], 3072);
}

#[test]
fn ed25519_keys_are_generated_and_registered() {
    let home = under("kalshi");
    let made = home.run("generate --name trading --type ed25519 --format contract").ok().json();
    assert_valid("kalshi", "generate", &made);
    assert!(made["private_key"].as_str().unwrap().starts_with("-----BEGIN PRIVATE KEY-----\n"), "always PKCS#8");
    home.run("owner set acme --usage-level premier").ok();
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let made = home.run_with("create --name desk --owner acme --public-key - --format contract", jwk).ok().json();
    assert_valid("kalshi", "create", &made);
}

#[test]
fn a_name_is_required() {
    let home = under("kalshi");
    let error = error_document(&home.run("generate --bits 2048 --format contract"), 2);
    assert_valid("kalshi", "error", &error);
    assert_eq!(error["error"]["code"], "name_required");
    let line = ["generate", "--name", "x", "--bits", "2048", "--quiet", "--format", "contract", "--", "false"];
    assert_eq!(error_document(&home.run_args(line), 6)["error"]["code"], "command_failed");
    assert!(home.keys().is_empty());
}

#[test]
fn registration_requires_a_usage_level() {
    let home = under("kalshi");
    let key = fixture("rsa2048.spki.pem");
    let line = format!("create --name desk --owner acme --public-key {key} --format contract");
    let error = error_document(&home.run(&line), 5);
    assert_valid("kalshi", "error", &error);
    assert_eq!(error["error"]["code"], "usage_level_insufficient");
    assert_eq!(error_document(&home.run(&format!("{line} --dry-run")), 5), error);
    home.run("owner set acme --usage-level basic").ok();
    assert_eq!(error_document(&home.run(&line), 5)["error"]["code"], "usage_level_insufficient");
    for (level, name, file) in [("premier", "desk", "rsa2048.spki.pem"), ("market-maker", "other", "rsa3072.spki.pem")]
    {
        home.run(&format!("owner set acme --usage-level {level}")).ok();
        let file = fixture(file);
        let made =
            home.run(&format!("create --name {name} --owner acme --public-key {file} --format contract")).ok().json();
        assert_valid("kalshi", "create", &made);
        assert_eq!(members(&made), ["api_key_id"]);
    }
    let own = error_document(&home.run(&format!("create --name x --public-key {key} --format contract")), 5);
    assert!(own["error"]["message"].as_str().unwrap().contains("no usage level"), "{own}");
    error_document(&home.run(&line), 4);
    let bad = fixture("ec.spki.pem");
    error_document(&home.run(&format!("create --name x --owner acme --public-key {bad} --format contract")), 2);
}

#[test]
fn write_requires_read_and_child_scopes_stand_alone() {
    let home = under("kalshi");
    let generate = |scopes: &str| home.run(&format!("generate --name k --bits 2048 --format contract {scopes}"));
    for (scopes, code) in [
        ("--scope write", "scope_needs"),
        ("--scope trade", "scope_unknown"),
        ("--scope read --scope write:trade", "scope_unknown"),
    ] {
        let error = error_document(&generate(scopes), 2);
        assert_eq!(error["error"]["code"], code, "{scopes}");
    }
    generate("--scope write::trade").ok();
    assert_eq!(home.keys()[0]["scopes"], json!(["write::trade"]));
}

#[test]
fn keys_are_listed_and_deleted() {
    let home = under("kalshi");
    assert_eq!(home.run("list --format contract").ok().out(), "{\"api_keys\":[]}\n");
    for name in ["a", "b"] {
        home.run(&format!("generate --name {name} --bits 2048 --format contract")).ok();
    }
    let listed = home.run("list --format contract").ok().json();
    assert_valid("kalshi", "list", &listed);
    assert_eq!(listed["api_keys"].as_array().unwrap().len(), 2);
    assert_eq!(members(&listed["api_keys"][0]), ["api_key_id", "name", "scopes"]);
    let shown = home.run("show a --format contract").ok().json();
    assert_eq!(shown, listed["api_keys"][1]);
    let deleted = home.run("revoke a --yes --quiet --format contract").ok();
    assert_eq!((deleted.out(), deleted.err()), (String::new(), String::new()));
    assert_eq!(error_document(&home.run("revoke nobody --yes --format contract"), 3)["error"]["code"], "not_found");
    let malformed = error_document(&home.run("revoke kw_test_ --yes --format contract --reason none"), 2);
    assert_eq!(malformed["error"]["code"], "usage");
}
