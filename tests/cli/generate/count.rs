//! Tests of `generate --count` and `generate --from`.

use crate::home::{Ended, Home};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::{collections::BTreeSet, os::unix::fs::PermissionsExt as _, process::Stdio};

const NOW: &str = "2030-01-01T00:00:00Z";

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Asserts that the keyring contains exactly the delivered keys, and that each secret belongs to its key.
#[track_caller]
fn agrees(home: &Home, delivered: &[Value]) {
    let mut without: Vec<Value> = delivered.to_vec();
    for line in &mut without {
        let line = line.as_object_mut().unwrap();
        assert!(line.remove("message").unwrap().as_str().unwrap().contains("only time"));
        assert!(["token", "api_secret", "private_key"].iter().any(|field| line.remove(*field).is_some()));
    }
    let mut stored = home.run(&format!("list --all --format json --now {NOW}")).ok().json().as_array().unwrap().clone();
    stored.reverse();
    assert_eq!(stored, without);
    for (line, stored) in delivered.iter().zip(&stored) {
        let secret = ["token", "api_secret", "private_key"].iter().find_map(|field| line[*field].as_str()).unwrap();
        let whose = home.run_with(&format!("show - --now {NOW} --format id"), secret).ok();
        assert_eq!(whose.out().trim(), stored["api_key_id"].as_str().unwrap());
    }
}

#[test]
fn all_keys_are_issued_with_one_secret_per_line() {
    for (kind, secret) in [("token --prefix acme", "token"), ("pair", "api_secret"), ("rsa --bits 2048", "private_key")]
    {
        let home = Home::new();
        let line = format!(
            "generate --name web --type {kind} --count 12 --owner acme --scope read --expires 90d --out keys.jsonl --now {NOW}"
        );
        let said = home.run(&line).ok();
        assert_eq!(said.out(), "");
        assert!(
            said.err().contains("generated 12 ") && said.err().contains("s, `web-01` to `web-12`"),
            "{}",
            said.err()
        );
        assert_eq!(home.file("keys.jsonl").metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let delivered = lines(&home.read("keys.jsonl"));
        let names: Vec<_> = delivered.iter().map(|line| line["name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(names, (1..=12).map(|n| format!("web-{n:02}")).collect::<Vec<_>>());
        assert!(
            delivered
                .iter()
                .all(|line| line["status"] == "active" && line["owner"] == "acme" && line[secret].is_string())
        );
        assert_eq!(
            delivered.iter().map(|line| line["api_key_id"].as_str().unwrap()).collect::<BTreeSet<_>>().len(),
            12
        );
        agrees(&home, &delivered);
    }
}

#[test]
fn a_line_is_the_output_of_generate() {
    let home = Home::new();
    let one = home.run(&format!("generate --name a --type token --format jsonl --now {NOW}")).ok().json();
    let many = home.run(&format!("generate --name b --type token --count 1 --now {NOW}")).ok().json();
    let fields = |line: &Value| line.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!((fields(&one), many["name"].as_str()), (fields(&many), Some("b-1")));
    let json = home.run(&format!("generate --name c --type token --count 2 --out f --format json --now {NOW}")).ok();
    assert_eq!(json.json().as_array().unwrap().len(), 2, "the keys, without their secrets");
    assert!(!json.out().contains("token\":\"kw_"));
    let ids = home.run("generate --name d --type token --count 2 --out g --format id").ok();
    assert_eq!(ids.out().lines().count(), 2);
}

#[test]
fn every_key_is_logged_and_the_log_is_intact() {
    let home = Home::new();
    home.run("generate --name web --type token --count 3 --out f").ok();
    home.run("audit verify").ok();
    let trail = home.run("audit web-2 --format json").ok().json();
    assert_eq!((trail.as_array().unwrap().len(), &trail[0]["action"]), (1, &json!("reserve")), "{trail}");
    assert_eq!(trail[0]["facts"]["name"], "web-2", "{trail}");
    let all = home.run("audit --action activate --format json").ok().json();
    assert_eq!((all.as_array().unwrap().len(), &all[0]["facts"]["keys"]), (1, &json!(3)), "{all}");
    home.run("revoke web-2 --yes").ok();
    home.run("rotate web-3 --out again").ok();
    home.run("audit verify").ok();
}

#[test]
fn a_file_describes_each_key() {
    let home = Home::new();
    home.write(
        "keys.jsonl",
        concat!(
            r#"{"name":"web","type":"token","env":"live","owner":"acme","scopes":["read","write"],"expires":"90d","note":"n"}"#,
            "\r\n\n",
            r#"{"name":"app","type":"pair","labels":{"team":"core"},"rate_limit":"60/min"}"#,
            "\n",
            r#"  {"name":"ci","type":"rsa","rate_limit":{"requests_per_minute":null,"requests_per_hour":5,"requests_per_day":null}}"#,
            "\n",
            r#"{"name":"web","type":"token"}"#,
        ),
    );
    let line = format!("--bits 2048 --owner default --now {NOW}");
    let refused = home.run(&format!("generate --from keys.jsonl {line}")).refused(2, "usage");
    assert!(
        refused.err().contains("--bits applies only to RSA keys") && refused.err().contains("line 1: "),
        "{}",
        refused.err()
    );
    let done = home.run(&format!("generate --from keys.jsonl --out out.jsonl --owner default --now {NOW}")).ok();
    assert!(done.err().contains("generated 4 keys, `app` to `web`"), "{}", done.err());
    let made = lines(&home.read("out.jsonl"));
    let fact = |index: usize, field: &str| made[index][field].clone();
    assert_eq!((0..4).map(|n| fact(n, "type")).collect::<Vec<_>>(), ["token", "pair", "rsa", "token"]);
    assert_eq!(
        (fact(0, "env"), fact(0, "owner"), fact(0, "scopes")),
        (json!("live"), json!("acme"), json!(["read", "write"]))
    );
    assert_eq!((fact(0, "expires_at"), fact(0, "note")), (json!("2030-04-01T00:00:00Z"), json!("n")));
    assert_eq!((fact(1, "labels"), fact(1, "owner")), (json!({"team": "core"}), json!("default")));
    assert_eq!(fact(1, "rate_limit")["requests_per_minute"], 60);
    assert_eq!(fact(2, "rate_limit")["requests_per_hour"], 5);
    agrees(&home, &made);
    let piped = home.run_with("generate --from - --type token", "{\"name\":\"x\"}\n{\"name\":\"y\"}\n").ok();
    assert_eq!(lines(&piped.out()).len(), 2);
}

#[test]
fn every_bad_line_is_reported_with_its_number_and_nothing_is_issued() {
    let home = Home::new();
    home.write(
        "keys.jsonl",
        concat!(
            "{\"name\":\"good\",\"type\":\"token\"}\n",
            "not json\n",
            "{\"name\":\"x\",\"secret\":\"y\"}\n",
            "\n",
            "{\"name\":\"\\u001b\",\"scopes\":[\"a b\"]}\n",
            "{\"type\":\"token\"}\n",
            "{\"name\":\"x\",\"type\":\"jwt\"}\n",
            "{\"name\":\"x\",\"expires\":\"0d\",\"type\":\"token\"}\n",
            "{\"name\":\"good\",\"type\":\"token\"}\n",
            "[1]\n",
            "{\"name\":\"r\",\"rate_limit\":{\"requests_per_week\":1}}\n",
        ),
    );
    let error = home.run("generate --from keys.jsonl --out out --format json").refused(2, "invalid_line").error();
    assert!(error["message"].as_str().unwrap().starts_with("9 lines were rejected"), "{error}");
    let reported: Vec<(String, String)> = error["details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| (detail["loc"][0].as_str().unwrap().to_owned(), detail["type"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [
        ("line 2", "invalid_line"),
        ("line 3", "invalid_line"),
        ("line 5", "invalid_name"),
        ("line 5", "invalid_scope"),
        ("line 6", "name_required"),
        ("line 7", "usage"),
        ("line 8", "invalid_time"),
        ("line 9", "name_taken"),
        ("line 10", "invalid_line"),
        ("line 11", "invalid_line"),
    ];
    assert_eq!(reported, expected.map(|(line, kind)| (line.to_owned(), kind.to_owned())));
    assert_eq!((home.state(), home.files()), (None, vec!["keys.jsonl".to_owned()]));
    let people = home.run("generate --from keys.jsonl --out out").refused(2, "invalid_line").err();
    assert!(
        people.contains("line 3: unknown field `secret`")
            && people.contains("line 5: scopes: ")
            && !people.contains('\u{1b}'),
        "{people}"
    );
    home.write("one.jsonl", "{\"name\":\"a\",\"type\":\"token\"}\n{\"nam\":1}\n");
    assert!(
        home.run("generate --from one.jsonl").refused(2, "invalid_line").err().contains("line 2: unknown field `nam`")
    );
    home.write("other.jsonl", "{\"token\":1}\n".repeat(5000));
    let many = home.run("generate --from other.jsonl --format json").refused(2, "invalid_line").error();
    assert!(many["message"].as_str().unwrap().starts_with("5000 lines were rejected"), "{many}");
    assert_eq!(
        (&many["details"][199]["loc"][0], &many["details"][200]["msg"]),
        (&json!("line 100"), &json!("and 4900 more"))
    );
    // Each line has two problems: an unknown field, and no name.
    assert_eq!(many["details"].as_array().unwrap().len(), 201);
    home.write("empty.jsonl", "\n \n");
    home.run("generate --from empty.jsonl").refused(2, "invalid_line");
    home.run("generate --from missing").refused(2, "input_unreadable");
}

#[test]
fn contradictory_options_are_refused() {
    let home = Home::new();
    home.write("f", "{\"name\":\"a\"}");
    for line in [
        "--count 0 --name a",
        "--count -1 --name a",
        "--count 1000001 --name a",
        "--count x --name a",
        "--count 2 --from f",
        "--count 2 --name a --if-not-exists",
        "--from f --if-not-exists",
        "--count 2 --name a --type token --bits 2048",
        "--count 2 --name a --type token --secret-format json",
        "--count 2 --name a --public-out p",
        "--count 2 --name a --type token --format csv",
        "--count 2 --name a --type token -- cat",
    ] {
        home.run(&format!("generate {line}")).refused(2, "usage");
    }
    home.run("generate --count 2").refused(2, "name_required");
    assert_eq!((home.state(), home.files()), (None, vec!["f".to_owned()]));
}

#[test]
fn one_conflict_makes_the_whole_command_fail() {
    let home = Home::new();
    home.generate("--name web-07 --type token");
    let before = home.state();
    let refused = home.run("generate --name web --type token --count 10 --out f").refused(4, "name_taken");
    assert!(refused.err().contains("web-07"), "{}", refused.err());
    home.run("generate --name web --type token --count 10 --dry-run").refused(4, "name_taken");
    home.write("keys", "{\"name\":\"a\"}\n{\"name\":\"web-07\"}\n");
    home.run("generate --type token --from keys --out f").refused(4, "name_taken");
    home.run("generate --name web --type token --count 10 --out keys").refused(4, "file_exists");
    assert_eq!((home.state(), home.files()), (before, vec!["keys".to_owned()]));
    home.run("generate --name web --type token --env live --count 10 --out f").ok();
    home.run("generate --name web --type token --count 9 --out g").ok();
    home.run("generate --name web --type token --count 9 --out h").refused(4, "name_taken");
}

#[test]
fn the_issue_limit_counts_every_key() {
    let home = Home::new();
    home.run("init").ok();
    home.run("policy set issue_limit 5/day").ok();
    home.run("generate --name a --type token --owner acme --count 6").refused(5, "issue_limit_exceeded");
    home.run("generate --name a --type token --owner acme --count 3 --out a").ok();
    home.run("generate --name b --type token --owner acme --count 3").refused(5, "issue_limit_exceeded");
    home.run("generate --name b --type token --owner acme --count 2 --out b").ok();
    home.run("generate --name c --type token --owner other --count 5 --out c").ok();
    home.run("policy set name.pattern svc-?").ok();
    home.run("generate --name svc --type token --owner d --count 10").refused(5, "name_refused");
    home.run("policy set issue_limit null").ok();
    home.run("generate --name svc --type token --owner d --count 9 --out d").ok();
}

#[test]
fn the_summary_is_readable() {
    let home = Home::new();
    home.write("own.json", r#"{"contract":"x","rules":{"name":{"default":"unnamed","unique":false}}}"#);
    home.run("init --contract own.json").ok();
    for (line, expected) in [
        ("--name a --type token --count 2", "2 tokens, `a-1` to `a-2`"),
        ("--name b --type pair --count 1", "1 pair, `b-1`"),
        ("--name c --bits 2048 --count 2", "2 RSA keys of 2048 bits, `c-1` to `c-2`"),
        ("--type token --count 3", "3 tokens, each named `unnamed`"),
    ] {
        let said = home.run(&format!("generate {line} --dry-run")).ok();
        assert!(said.err().contains(&format!("dry run: would generate {expected}\n")), "{}", said.err());
        let said = home.run(&format!("generate {line}")).ok();
        assert!(said.err().contains(&format!("generated {expected}\n")), "{}", said.err());
    }
}

#[test]
fn a_dry_run_generates_nothing() {
    let home = Home::new();
    let said = home.run("generate --name web --type token --count 100 --dry-run").ok();
    assert!(said.err().contains("would generate 100 tokens, `web-001` to `web-100`"), "{}", said.err());
    assert_eq!((said.out().as_str(), home.state()), ("", None));
}

#[test]
fn a_failed_delivery_leaves_no_key() {
    let home = Home::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = home.keywright("generate --name web --type token --count 500".split(' '));
    Ended(command.stdout(full).stderr(Stdio::piped()).output().unwrap()).refused(6, "not_delivered");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = home.keywright("generate --name web --type token --count 500".split(' '));
    Ended(command.stdout(writer).stderr(Stdio::piped()).output().unwrap()).refused(6, "not_delivered");
    assert_eq!((home.keys().len(), home.files().len()), (0, 0));
    home.run("audit verify").ok();
    home.run("generate --name web --type token --count 500 --out f").ok();
    assert_eq!(home.ids("").len(), 500);
}

#[test]
fn keys_are_stored_as_if_issued_one_by_one() {
    let home = Home::new();
    home.run("generate --name web --type token --count 600 --expires 1y --out f").ok();
    let database = Connection::open(home.keyring()).unwrap();
    let verdict: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    for name in ["web-001", "web-256", "web-257", "web-600"] {
        // `show` reads the whole row, and so checks the digest.
        home.run(&format!("show {name}")).ok();
    }
}
