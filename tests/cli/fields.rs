//! Tests of `--fields`, which chooses and orders the fields of an answer.

use super::home::{Ended, Home};
use serde_json::Value;

/// Returns a home with two keys, a usage level and a backup.
fn home() -> Home {
    let home = Home::kalshi();
    home.run("generate --name web --type token --scope a --scope b:c --label x=y --owner Acme --out web.token").ok();
    home.run("generate --name ci --bits 2048 --expires 90d --out ci.pem").ok();
    home.run("owner set Acme --usage-level basic").ok();
    home
}

/// Returns the names of the members of an answer, or of its first element.
fn members(answer: &Value) -> Vec<String> {
    let first = answer.as_array().map_or(answer, |list| &list[0]);
    first.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn every_field_of_an_answer_can_be_chosen() {
    let home = home();
    home.write("request", "{}");
    let verdict = "verify-request --key-id a --timestamp 1 --method GET --path /a --signature AA== --explain";
    for (line, input) in [
        ("list", ""),
        ("show web", ""),
        ("update web --note n --dry-run", ""),
        ("disable web --dry-run", ""),
        ("revoke ci --dry-run", ""),
        ("audit", ""),
        ("check --expiring-within 365d", ""),
        ("status", ""),
        ("owner list", ""),
        ("owner show Acme", ""),
        ("verify", "x"),
        (verdict, ""),
    ] {
        let run = |options: &str| home.run_with(&format!("{line} --format json {options}"), input);
        let usual = members(&run("").json());
        let refused = run("--fields no-such-field").refused(2, "usage");
        let error: Value = serde_json::from_str(refused.err().trim()).unwrap();
        let hint = error["error"]["hint"].as_str().unwrap().to_owned();
        let listed: Vec<&str> = hint.strip_prefix("choose from ").unwrap().split(", ").collect();
        assert_eq!(listed, usual, "{line}");
        let reversed: Vec<String> = usual.iter().rev().cloned().collect();
        assert_eq!(members(&run(&format!("--fields {}", reversed.join(","))).json()), reversed, "{line}");
    }
}

#[test]
fn the_fields_are_the_columns_in_every_format() {
    let home = home();
    let list =
        |format: &str| home.run(&format!("list --fields name,scopes --fields labels --format {format}")).ok().out();
    assert_eq!(list("table"), "NAME  SCOPES  LABELS\nci    -       -\nweb   a b:c   x=y\n");
    assert_eq!(list("csv"), "name,scopes,labels\nci,,{}\nweb,a b:c,\"{\"\"x\"\":\"\"y\"\"}\"\n");
    assert_eq!(
        list("jsonl"),
        "{\"name\":\"ci\",\"scopes\":[],\"labels\":{}}\n{\"name\":\"web\",\"scopes\":[\"a\",\"b:c\"],\"labels\":{\"x\":\"y\"}}\n"
    );
    let none = home.run("list --name none --fields id --format csv").ok().out();
    assert_eq!(none, "api_key_id\n");
    let formula = home.run("update web --name=-x --fields name --format csv").ok().out();
    assert_eq!(formula, "name\n'-x\n");
    let audit = home.run("audit --fields action,seq --limit 1").ok().out();
    assert_eq!(audit, "ACTION  SEQ\nupdate  7\n");
}

#[test]
fn one_field_of_one_key() {
    let home = home();
    let pem = home.run("show ci --fields public_key").ok().out();
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n") && pem.ends_with("-----END PUBLIC KEY-----\n"), "{pem}");
    assert_eq!(home.run("show web --fields owner,note").ok().out(), "owner  Acme\nnote   -\n");
    let id = home.run("show web --fields id --format json").ok().json();
    assert_eq!(members(&id), ["api_key_id"]);
}

#[test]
fn an_answer_with_fixed_fields_is_refused_before_anything_happens() {
    let home = home();
    let before = home.state();
    for line in [
        "generate --name x --type token --format json --fields name",
        "generate --name x --type token --out x --fields name",
        "rotate web --out x --fields name",
        "list --format id --fields name",
        "revoke web --yes --format contract --fields name",
        "revoke web --yes --fields nmae",
        "audit verify --fields seq",
        "verify --batch --fields code",
        "export --format jsonl --fields name",
        "init --keyring other.db --fields org_id",
        "help list --fields name",
        "completions bash --fields name",
    ] {
        home.run(line).refused(2, "usage");
    }
    assert_eq!(home.state(), before);
    assert!(!home.file("x").exists() && !home.file("other.db").exists());
}

#[test]
fn fields_are_completed_after_a_comma() {
    let home = home();
    let complete = |words: &[&str]| {
        let mut command = home.keywright(["--", "keywright"].iter().chain(words));
        Ended(command.env("KEYWRIGHT_COMPLETE", "fish").output().unwrap()).ok().out()
    };
    assert_eq!(complete(&["list", "--fields", "name,stat"]), "name,status\n");
    assert_eq!(complete(&["check", "--fields", "se"]), "severity\n");
    assert_eq!(complete(&["generate", "--fields", "na"]), "");
}
