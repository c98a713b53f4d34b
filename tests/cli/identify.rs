//! Tests of `show -`, which shows the key that a secret belongs to, and of `revoke -`.

use super::{home::Home, tools::fixture};
use serde_json::json;

#[test]
fn every_kind_of_secret_finds_its_key() {
    let home = Home::new();
    home.run("generate --name rsa --bits 2048 --out rsa.pem").ok();
    home.run("generate --name token --type token --out token").ok();
    home.run("generate --name pair --type pair --secret-format dotenv --out pair").ok();
    let whole = home.generate("--name half --type pair");
    home.write("half", whole["api_secret"].as_str().unwrap());
    for (name, file) in [("rsa", "rsa.pem"), ("token", "token"), ("pair", "pair"), ("half", "half")] {
        let shown = home.run(&format!("show {name} --format json")).ok();
        assert_eq!(home.run_with("show - --format json", home.read(file)).ok().out(), shown.out());
    }
    assert!(home.run_with("show -", home.read("token")).ok().out().contains("token"), "for people too");
    assert_eq!(
        home.run("show token --format json").ok().json()["last_used_at"],
        json!(null),
        "a question is not a use"
    );
}

#[test]
fn a_bearer_token_finds_its_key() {
    let home = Home::new();
    home.run("generate --name pair --type pair --secret-format dotenv --out pair").ok();
    let answer = home.run("exchange --token-file pair --quiet").ok().json();
    let bearer = answer["access_token"].as_str().unwrap();
    assert_eq!(home.run_with("show - --format json", bearer).ok().json()["name"], "pair");
    let refused = home.run_args(["show", bearer]).refused(2, "invalid_reference");
    assert!(!refused.err().contains(&bearer[40..]), "{}", refused.err());
    home.run_with("revoke - --yes", bearer).ok();
    assert_eq!(home.run_with("show - --format json", bearer).ok().json()["status"], "revoked", "any status");
}

#[test]
fn an_unknown_secret_differs_from_malformed_input() {
    let home = Home::new();
    home.run("show -").refused(3, "keyring_missing");
    home.run("generate --name a --type token --out a").ok();
    home.run("generate --name b --type token --out b --keyring other.db").ok();
    home.run_with("show -", home.read("b")).refused(3, "not_found");
    home.run_with("show -", std::fs::read(fixture("rsa2048.private.pkcs8.pem")).unwrap()).refused(3, "not_found");
    home.run_with("show -", "hunter2").refused(2, "invalid_secret");
    home.run_with("show -", "").refused(2, "invalid_secret");
    home.run_with("show -", home.read("a") + &home.read("b")).ok();
    home.run_with("show -", vec![b'x'; 10_000_000]).refused(2, "input_too_large");
}
