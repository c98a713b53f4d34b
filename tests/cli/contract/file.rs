//! Tests of contract files. An invalid file is refused, with the position and the reason, before anything is stored.

use super::{assert_valid, error_document};
use crate::home::Home;
use serde_json::json;

/// Invalid contracts, each with a part of the error message.
const BAD: &[(&str, &str)] = &[
    ("", "line 1"),
    ("nonsense", "line 1, column 2"),
    ("[1]", "line 1"),
    ("{\"contract\":\"x\"} trailing", "line 1, column 18"),
    ("{}", "missing field `contract`"),
    (r#"{"contract":"x","rule":{}}"#, "unknown field `rule`"),
    (r#"{"contract":"x","rules":{"typos":1}}"#, "unknown field `typos`"),
    (r#"{"contract":"x","rules":{"expiry":{"longest":"0d"}}}"#, "rules.expiry.longest"),
    (r#"{"contract":"x","rules":{"types":["rsa","dsa"]}}"#, "rules.types[1]"),
    (r#"{"contract":"x","rules":{"types":["rsa","rsa"]}}"#, "twice"),
    (r#"{"contract":"x","rules":{"expiry":{"default":"2y","longest":"1y"}}}"#, "rules.expiry.default"),
    (r#"{"contract":"x","rules":{"rate_limit":{"default":"9/min","most":"8/min"}}}"#, "rules.rate_limit.default"),
    (r#"{"contract":"x","rules":{"own_public_key":"friends"}}"#, "rules.own_public_key"),
    (r#"{"contract":"x","rules":{"scopes":{"known":["a"],"omitted":["b"]}}}"#, "rules.scopes.omitted"),
    (r#"{"contract":"x","rules":{"name":{"default":"a","pattern":"b*"}}}"#, "rules.name.default"),
    (r#"{"contract":"x","documents":{"delete":{}}}"#, "unknown field `delete`"),
    (r#"{"contract":"x","documents":{"show":{"size":"{shoe_size}"}}}"#, "documents.show"),
    (
        r#"{"contract":"x","documents":{"list":[{"k":"{token}"}]}}"#,
        "the secret `{token}` is available only in documents.generate",
    ),
    (r#"{"contract":"x","documents":{"show":"{api_secret}"}}"#, "documents.show"),
    (r#"{"contract":"x","documents":{"error":{"e":"{private_key}"}}}"#, "documents.error"),
    (r#"{"contract":"x","documents":{"revoke":{"n":"{name}"}}}"#, "documents.revoke"),
    (r#"{"contract":"x","documents":{"list":{"keys":"all"}}}"#, "documents.list"),
    (
        r#"{"contract":"x","documents":{"list":{"a":[{"n":"{name}"}],"b":[{"n":"{name}"}]}}}"#,
        "more than one array contains an object that is repeated for each key",
    ),
    (r#"{"contract":"x","documents":{"generate":{"id":"{api_key_id}"}}}"#, "documents.generate"),
    (r#"{"contract":"x","documents":{"generate":null}}"#, "documents.generate"),
    (r#"{"contract":"x","rules":{"types":["token"]},"documents":{"generate":"{private_key}"}}"#, "`{token}`"),
    (r#"{"contract":"a/b"}"#, "at contract"),
];

#[test]
fn an_invalid_contract_is_refused_before_anything_is_stored() {
    let home = Home::new();
    let other = super::under("kalshi");
    let before = other.state();
    for (text, reason) in BAD {
        home.write("bad.json", text);
        other.write("bad.json", text);
        for line in ["init --contract bad.json", "init --contract bad.json --dry-run"] {
            let refused = home.run(line).refused(2, "contract_invalid");
            assert!(refused.err().contains(reason), "{text}: {}", refused.err());
            assert!(refused.err().contains("bad.json: "), "{}", refused.err());
        }
        other.run("policy load bad.json").refused(2, "contract_invalid");
    }
    assert_eq!(home.state(), None);
    assert!(!home.file(".local").exists());
    assert_eq!(other.state(), before);
}

#[test]
fn a_large_or_special_file_is_not_read() {
    let home = Home::new();
    home.write("big.json", format!("{{\"contract\":\"{}\"}}", "x".repeat(10_000_000)));
    home.run("init --contract big.json").refused(2, "input_too_large");
    std::fs::create_dir(home.file("dir")).unwrap();
    home.run("init --contract dir").refused(2, "input_not_regular");
    home.run("init --contract acme").refused(3, "contract_unknown");
    home.run("init --contract /dev/zero").refused(2, "input_not_regular");
    home.write("deep.json", format!("{{\"contract\":\"x\",\"documents\":{{\"show\":{}1", "[".repeat(100_000)));
    home.run("init --contract deep.json").refused(2, "contract_invalid");
    assert_eq!(home.state(), None);
}

/// Returns the example contract in the reference.
fn acme() -> String {
    let reference =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/contracts.md")).unwrap();
    let block = reference.split("## Write your own contract").nth(1).unwrap();
    block.split("```json\n").nth(1).unwrap().split("```").next().unwrap().to_owned()
}

#[test]
fn the_contract_of_the_reference_works_as_described() {
    let home = Home::new();
    home.write("acme.json", acme());
    home.run("init --contract acme.json").ok();
    let made =
        home.run("generate --name svc-shop --label team=core --format contract --now 2027-01-01T00:00:00Z").ok().json();
    assert_eq!(made["limits"], json!({ "minute": 60 }));
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("acme_test_"));
    let key = home.run_with("show - --format json", secret).ok().json();
    assert_eq!((&key["scopes"], &key["expires_at"]), (&json!(["orders:read"]), &json!("2027-04-01T00:00:00Z")));
    let listed = home.run("list --format contract --now 2027-01-01T00:00:00Z").ok().json();
    assert_eq!(listed, json!({ "keys": [{ "id": made["id"], "name": "svc-shop", "team": "core" }] }));
    let error = error_document(&home.run("generate --name shop --scope admin --expires 2y --format contract"), 2);
    let fields: Vec<_> = error["errors"].as_array().unwrap().iter().map(|e| e["field"].clone()).collect();
    assert_eq!(fields, ["scopes", "name", "expires_at"]);
    assert_eq!(home.run("revoke svc-shop --yes --format contract --quiet").ok().out(), "");
}

#[test]
fn a_contract_is_read_from_standard_input() {
    let home = Home::new();
    home.run_with("init --contract -", acme()).ok();
    assert_eq!(home.run("policy show --format json").ok().json()["contract"], "acme");
}

#[test]
fn a_long_list_is_one_document() {
    let home = super::under("imtegrate");
    home.run("generate --name first --format contract").ok();
    let database = rusqlite::Connection::open(home.keyring()).unwrap();
    let columns = "name, type, env, prefix, scopes, labels, created_at, activated_at, secret_hash, digest";
    let copy = format!(
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
         INSERT INTO key (id, {columns}) SELECT randomblob(16), {columns} FROM key, n"
    );
    database.execute_batch(&copy).unwrap();
    let listed = home.run("list --format contract").ok().json();
    assert_eq!(listed.as_array().unwrap().len(), 10_001);
    assert_valid("imtegrate", "list", &listed);
}
