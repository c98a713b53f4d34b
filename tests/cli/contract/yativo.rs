//! Tests of the contract `yativo`.

use super::{assert_valid, error_document, members, under};
use serde_json::json;

const SCOPES: [&str; 6] =
    ["accounts:read", "accounts:write", "analytics:read", "transactions:read", "transactions:write", "webhooks:manage"];

#[test]
fn the_response_of_generate_has_both_shapes() {
    let home = under("yativo");
    let made = home.run("generate --name backend --format contract").ok().json();
    assert_valid("yativo", "declared", &made);
    assert_valid("yativo", "example", &made);
    let data = &made["data"];
    assert_eq!(
        members(data),
        [
            "key_id",
            "api_key",
            "api_secret",
            "name",
            "key_name",
            "permissions",
            "scopes",
            "expires_at",
            "created_at",
            "rate_limit",
            "token_expiry_minutes"
        ]
    );
    assert_eq!((&data["scopes"], &data["permissions"]), (&json!(SCOPES), &json!(SCOPES)));
    assert_eq!(
        data["rate_limit"],
        json!({ "requests_per_minute": 60, "requests_per_hour": 3000, "requests_per_day": 50000 })
    );
    assert_eq!((&data["expires_at"], &data["name"]), (&json!(null), &data["key_name"]));
}

#[test]
fn the_public_half_finds_its_key() {
    let home = under("yativo");
    let mut ids = Vec::new();
    for name in ["a", "b"] {
        let data = home.run(&format!("generate --name {name} --format contract")).ok().json()["data"].clone();
        let (id, api_key) = (data["key_id"].as_str().unwrap(), data["api_key"].as_str().unwrap());
        let prefix = home.run(&format!("show {name} --format json")).ok().json()["prefix"].clone();
        let prefix = prefix.as_str().unwrap();
        assert!(api_key.starts_with(prefix) && prefix.len() == "yativo_".len() + 8, "{prefix}");
        for reference in [api_key, prefix, &api_key[..20], &api_key[..40]] {
            let found = home.run(&format!("show {reference} --format id")).ok().out();
            assert_eq!(found.trim(), id, "{reference}");
        }
        let last = if api_key.ends_with('0') { "1" } else { "0" };
        let wrong = format!("{}{last}", &api_key[..api_key.len() - 1]);
        home.run(&format!("show {wrong}")).refused(3, "not_found");
        home.run(&format!("generate --name {api_key}")).refused(2, "invalid_name");
        let whose = home.run_with("show - --format id", data["api_secret"].as_str().unwrap()).ok();
        assert_eq!(whose.out().trim(), id);
        ids.push(id.to_owned());
    }
    assert_ne!(ids[0], ids[1]);
    home.run("generate --name web_production").ok();
    assert_eq!(home.run("show web_production --format json").ok().json()["name"], "web_production");
}

#[test]
fn only_six_scopes_are_known() {
    let home = under("yativo");
    let error = error_document(&home.run("generate --name x --scope payments:read --format contract"), 2);
    assert_eq!((&error["status"], &error["success"]), (&json!("error"), &json!(false)));
    assert!(error["message"].as_str().unwrap().contains("payments:read"), "{error}");
    home.run("generate --name x --scope payments:read").refused(2, "scope_unknown");
    let made =
        home.run("generate --name x --scope transactions:read --scope accounts:read --format contract").ok().json();
    assert_eq!(made["data"]["permissions"], json!(["accounts:read", "transactions:read"]));
}

#[test]
fn a_key_expires() {
    let home = under("yativo");
    let made = home
        .run("generate --name x --expires 2027-01-31T00:00:00Z --now 2027-01-01T00:00:00Z --format contract")
        .ok()
        .json();
    assert_valid("yativo", "declared", &made);
    assert_eq!(made["data"]["expires_at"], "2027-01-31T00:00:00Z");
    let shown = home.run("show x --format json --now 2027-01-31T00:00:00Z").ok().json();
    assert_eq!(shown["status"], "expired");
    error_document(&home.run("generate --name y --expires 2020-01-01 --format contract"), 2);
    error_document(&home.run("generate --format contract"), 2);
}

#[test]
fn other_documents_contain_no_secret() {
    let home = under("yativo");
    home.run("generate --name x --out x.secret --format contract").ok();
    let secret = home.read("x.secret");
    for line in ["show x", "list", "revoke x --yes"] {
        let document = home.run(&format!("{line} --format contract")).ok();
        assert_eq!((&document.json()["status"], &document.json()["success"]), (&json!("success"), &json!(true)));
        assert!(!document.out().contains(secret.trim()) && !document.out().contains("api_secret"), "{line}");
    }
}
