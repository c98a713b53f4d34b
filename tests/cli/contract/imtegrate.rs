//! Tests of the contract `imtegrate`.

use super::{assert_valid, error_document, members, under};
use serde_json::json;

#[test]
fn the_response_of_generate_matches_the_service() {
    let home = under("imtegrate");
    for (env, more, prefix) in [("test", "", "ik_test_"), ("live", "--env live", "ik_live_")] {
        let made = home
            .run(&format!("generate --name {env}-key --scope deploy --scope read {more} --format contract"))
            .ok()
            .json();
        assert_valid("imtegrate", "created", &made);
        assert_eq!(
            members(&made),
            ["id", "org_id", "prefix", "name", "scopes", "last_used_at", "revoked_at", "created_at", "token"]
        );
        let token = made["token"].as_str().unwrap();
        assert!(token.starts_with(prefix) && token.starts_with(made["prefix"].as_str().unwrap()));
        assert_eq!((&made["scopes"], &made["revoked_at"]), (&json!(["deploy", "read"]), &json!(null)));
    }
}

#[test]
fn a_list_is_a_bare_array_without_tokens() {
    let home = under("imtegrate");
    assert_valid("imtegrate", "list", &home.run("list --format contract").ok().json());
    for n in 0..3 {
        home.run(&format!("generate --name key-{n} --format contract")).ok();
    }
    let listed = home.run("list --format contract").ok().json();
    assert_valid("imtegrate", "list", &listed);
    assert_eq!(listed.as_array().unwrap().len(), 3);
    let revoked = home.run("revoke key-1 --yes --format contract").ok().json();
    assert_valid("imtegrate", "list", &revoked);
    assert!(revoked[0]["revoked_at"].is_string());
    let all = home.run("list --all --format contract").ok().json();
    assert_valid("imtegrate", "list", &all);
    assert_eq!(home.run("show key-1 --format contract").ok().json(), all[1]);
}

#[test]
fn every_broken_rule_is_reported_at_once() {
    let home = under("imtegrate");
    let arguments = ["generate", "--name", "x", "--env", "prod", "--scope", "a b", "--format", "contract"];
    let error = error_document(&home.run_args(arguments), 2);
    assert_valid("imtegrate", "error", &error);
    let mut places: Vec<&str> = error["detail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| {
            assert_eq!(detail["loc"][0], "body");
            detail["loc"][1].as_str().unwrap()
        })
        .collect();
    places.sort_unstable();
    assert_eq!(places, ["env", "name", "scopes"]);
    assert!(home.keys().is_empty());
    // In keywright's own JSON, the error has the code of the first problem, and one detail for each problem.
    let error = home
        .run_args(["generate", "--name", "", "--env", "prod", "--expires", "0", "--format", "json"])
        .refused(2, "invalid_name")
        .error();
    let kinds: Vec<_> = error["details"].as_array().unwrap().iter().map(|d| d["type"].clone()).collect();
    assert_eq!(kinds, ["invalid_name", "usage", "invalid_time"]);
    assert_eq!(error["message"], "there are 3 problems");
}

#[test]
fn names_have_2_to_120_characters() {
    let home = under("imtegrate");
    for (name, good) in [
        ("x".to_owned(), false),
        ("\u{9375}".to_owned(), false),
        ("xy".to_owned(), true),
        ("x".repeat(120), true),
        ("x".repeat(121), false),
    ] {
        let ended = home.run(&format!("generate --name {name} --format contract"));
        if good {
            ended.ok();
        } else {
            let error = error_document(&ended, 2);
            assert_valid("imtegrate", "error", &error);
            assert_eq!(error["detail"][0]["loc"], json!(["body", "name"]));
        }
    }
    let missing = error_document(&home.run("generate --format contract"), 2);
    assert_valid("imtegrate", "error", &missing);
    assert_eq!(missing["detail"][0]["loc"], json!(["body", "name"]));
}

#[test]
fn every_error_matches_the_service() {
    let home = under("imtegrate");
    home.run("generate --name ci --format contract").ok();
    for (line, exit) in [
        ("generate --name ci", 4),
        ("show nobody", 3),
        ("generate --name pair --type pair", 5),
        ("generate --nam ci", 2),
        ("revoke ci", 2),
    ] {
        let error = error_document(&home.run(&format!("{line} --format contract")), exit);
        assert_valid("imtegrate", "error", &error);
        assert!(!error["detail"].as_array().unwrap().is_empty(), "{error}");
    }
    // Without a keyring there is no contract, so the error document is keywright's own.
    let elsewhere = home.run("show ci --keyring ./none.db --format contract");
    assert_eq!(error_document(&elsewhere, 3)["error"]["code"], "keyring_missing");
}
