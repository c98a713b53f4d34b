//! Tests of `activate --from`, which activates many keys.

use crate::home::Home;
use std::process::Stdio;

/// Builds a home with pending keys of every type, whose delivered secrets are in the file `f`.
fn crashed() -> Home {
    let home = Home::new();
    let types = ["token", "pair", "rsa", "token", "pair", "token", "token", "token", "token"];
    let described = types.iter().enumerate().map(|(n, kind)| format!("{{\"name\":\"k{n}\",\"type\":\"{kind}\"}}\n"));
    home.write("described.jsonl", described.collect::<String>());
    let delivered = home.crash_many("--from described.jsonl", types.len());
    home.write("f", delivered);
    assert_eq!(home.ids("--status pending").len(), types.len());
    home
}

#[test]
fn delivered_keys_are_activated_together() {
    let home = crashed();
    let reported = home.run("list").ok().err();
    assert!(
        reported
            .contains("9 keys are pending: if their secrets arrived in one file, run `keywright activate --from FILE`"),
        "{reported}"
    );
    let rows = home.run("audit --format id").ok().out().lines().count();
    let done = home.run("activate --from f").ok();
    assert!(done.err().contains("activated 9 keys") && done.out().is_empty(), "{}{}", done.err(), done.out());
    assert_eq!(home.names("--status active").len(), 9);
    assert_eq!(home.run("audit --format id").ok().out().lines().count(), rows + 9, "each key has its audit rows");
    home.run("audit verify").ok();
    let token = home.read("f").lines().next().unwrap().to_owned();
    home.run_with("show -", token).ok();
}

#[test]
fn a_second_run_changes_nothing_and_says_so() {
    let home = crashed();
    let text = home.read("f");
    let (first, rest) = text.split_once('\n').unwrap();
    home.write("one", first);
    let one = home.run("activate --from one --format id").ok();
    assert_eq!(one.out().lines().count(), 1);
    // The input has a byte-order mark, Windows line endings, an empty line and a repeated line.
    let untidy = format!("\u{feff}{first}\r\n\n{}\r\n{first}", rest.replace('\n', "\r\n"));
    let done = home.run_with("activate --from - --format json", untidy).ok();
    assert!(done.err().contains("activated 8 keys") && done.err().contains("1 key was already activated"));
    let printed = done.json();
    let printed: Vec<_> = printed.as_array().unwrap().iter().map(|key| key["status"].as_str().unwrap()).collect();
    assert_eq!(printed, ["active"; 9]);
    home.run("disable k0").ok();
    let before = home.state();
    let again = home.run("activate --from f").ok();
    assert!(again.err().contains("9 keys were already activated"), "{}", again.err());
    assert_eq!(home.state(), before);
    assert_eq!(home.ids("--status disabled").len(), 1);
}

#[test]
fn a_dry_run_reports_the_activation() {
    let home = crashed();
    let before = home.state();
    let said = home.run("activate --from f --dry-run --format id").ok();
    assert!(said.err().contains("dry run: would activate 9 keys"), "{}", said.err());
    assert_eq!((said.out().lines().count(), home.state()), (9, before));
}

#[test]
fn one_bad_line_is_reported_and_nothing_is_activated() {
    let home = crashed();
    home.run("generate --name over --type token --secret-format json --out over").ok();
    home.run("revoke over --yes").ok();
    home.run("generate --name here --type pair --secret-format json --out here").ok();
    let bearer = home.run_with("exchange --format json", home.read("here")).ok().out();
    let before = home.state();
    let elsewhere = Home::new();
    elsewhere.run("generate --name other --bits 2048 --secret-format json --out other").ok();
    let text = home.read("f");
    let half = &text[..text.find("\"token\"").unwrap() + 40];
    let lines = format!(
        "{text}{half}\n{}{}[]\n{}\n{bearer}{}\n",
        home.read("over"),
        elsewhere.read("other"),
        text.lines().take(2).collect::<String>(),
        "x".repeat(70_000)
    );
    for options in ["", " --dry-run"] {
        let line = format!("activate --from - --format json{options}");
        let error = home.run_with(&line, &lines).refused(2, "invalid_secret").error();
        let reported: Vec<(String, String)> = error["details"]
            .as_array()
            .unwrap()
            .iter()
            .map(|detail| (detail["loc"][0].as_str().unwrap().into(), detail["type"].as_str().unwrap().into()))
            .collect();
        let expected = [
            ("line 10", "invalid_secret"),
            ("line 11", "wrong_state"),
            ("line 12", "not_found"),
            ("line 13", "invalid_secret"),
            ("line 14", "ambiguous"),
            ("line 15", "proof_failed"),
            ("line 16", "input_too_large"),
        ];
        assert_eq!(reported, expected.map(|(line, code)| (line.to_owned(), code.to_owned())), "{error}");
        assert!(error["message"].as_str().unwrap().contains("7 lines were rejected; nothing was changed"), "{error}");
        assert!(!error.to_string().contains(&half[half.len() - 10..]), "{error}");
    }
    let one = home.run_with("activate --from -", format!("{text}[]\n")).refused(2, "invalid_secret");
    assert!(one.err().contains("line 10: "), "{}", one.err());
    assert_eq!(home.state(), before);
}

#[test]
fn only_the_first_bad_lines_are_listed() {
    let home = crashed();
    let error =
        home.run_with("activate --from - --format json", "[]\n".repeat(250)).refused(2, "invalid_secret").error();
    let details = error["details"].as_array().unwrap();
    assert_eq!((details.len(), details[100]["msg"].as_str()), (101, Some("and 150 more")));
}

#[test]
fn the_document_of_a_contract_activates_the_key() {
    for (contract, options) in [
        ("kalshi", "--name a --bits 2048"),
        ("polynode", "--name a"),
        ("yativo", "--name a"),
        ("imtegrate", "--name a --scope read"),
    ] {
        let home = Home::new();
        home.run(&format!("init --contract {contract}")).ok();
        home.run(&format!("generate --count 1 --owner acme {options} --format contract --out f")).ok();
        let again = home.run("activate --from f").ok();
        assert!(again.err().contains("1 key was already activated"), "{contract}: {}", again.err());
    }
}

#[test]
fn a_successor_takes_over_as_requested() {
    let home = Home::new();
    home.run("generate --name ci --type token --out ci").ok();
    let mut command = home.keywright(["rotate", "ci", "--overlap", "0", "--secret-format", "json", "--", "sh", "-c"]);
    command.arg("cat > new; kill -9 $PPID").stderr(Stdio::null()).status().unwrap();
    home.run("activate --from new").ok();
    let statuses = home.keys().iter().map(|key| key["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(statuses, ["active", "revoked"]);
}

#[test]
fn a_file_and_a_key_cannot_be_combined() {
    let home = crashed();
    for line in ["activate k0 --from f", "activate --from f --private-key f", "activate"] {
        home.run(line).refused(2, "usage");
    }
    home.write("empty", "\n \n");
    let refused = home.run("activate --from empty").refused(2, "invalid_secret");
    assert!(refused.err().contains("generate --count"), "{}", refused.err());
    home.run("activate --from missing").refused(2, "input_unreadable");
    home.run("activate --from .").refused(2, "input_not_regular");
    home.run("activate --from -").refused(2, "invalid_secret");
    let elsewhere = Home::new();
    elsewhere.write("f", home.read("f"));
    elsewhere.run("activate --from f").refused(3, "keyring_missing");
}

#[test]
fn a_secret_beside_the_id_of_another_key_is_refused() {
    let home = Home::new();
    let delivered = home.crash_many("--name k --type ed25519 --count 20", 20);
    let mut lines: Vec<serde_json::Value> = delivered.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (first, second) = (lines[0]["api_key_id"].clone(), lines[1]["api_key_id"].clone());
    (lines[0]["api_key_id"], lines[1]["api_key_id"]) = (second, first);
    home.write("swapped", lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    let refused = home.run("activate --from swapped").refused(2, "invalid_secret");
    assert!(refused.err().contains("names another key"), "{}", refused.err());
    assert_eq!(home.ids("--status pending").len(), 20);
    home.write("delivered", delivered);
    home.run("activate --from delivered").ok();
}

#[test]
fn other_text_in_the_field_of_the_id_is_no_contradiction() {
    let home = Home::new();
    let contract = r#"{"contract":"x","rules":{"types":["token"]},
        "documents":{"generate":{"api_key_id":"{name}","id":"{api_key_id}","token":"{token}"}}}"#;
    home.write("x.json", contract);
    home.run("init --contract x.json").ok();
    let delivered = home.crash_many("--name k --count 40 --format contract", 40);
    home.write("delivered", delivered);
    home.run("activate --from delivered").ok();
    let home = Home::new();
    let delivered = home.crash_many("--name k --type ed25519 --count 20", 20);
    let upper = |line: &str| {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["api_key_id"] = line["api_key_id"].as_str().unwrap().to_uppercase().into();
        line.to_string()
    };
    home.write("upper", delivered.lines().map(upper).collect::<Vec<_>>().join("\n"));
    home.run("activate --from upper").ok();
}
