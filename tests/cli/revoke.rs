//! Tests of `revoke`.

use super::{
    home::{Ended, Home, KEYWRIGHT},
    tools::{fixture, have, on_terminal},
};
use serde_json::{Value, json};
use std::{io::Write as _, process::Stdio, thread::sleep, time::Duration};

/// Builds a home with tokens of the given names.
fn with(names: &[&str]) -> Home {
    let home = Home::new();
    for name in names {
        home.run(&format!("generate --name {name} --type token --out {name}")).ok();
    }
    home
}

fn shown(home: &Home, key: &str) -> Value {
    home.run(&format!("show {key} --format json")).ok().json()
}

#[test]
fn a_revoked_key_stays_revoked() {
    let home = with(&["ci", "other"]);
    let done = home.run("revoke ci --reason superseded --note replaced --yes --format json").ok();
    assert!(done.err().contains("revoked 1 key"), "{}", done.err());
    let key = shown(&home, "ci");
    assert_eq!(done.json(), json!([key]), "the output matches the stored key");
    assert_eq!((&key["status"], &key["revocation_reason"]), (&json!("revoked"), &json!("superseded")));
    assert!(key["revoked_at"].is_string());
    assert_eq!(key["note"], json!(null), "the note belongs to the revocation, not to the key");
    assert!(home.run("show ci").ok().out().contains("replaced"));
    assert_eq!(shown(&home, "other")["status"], "active");
    assert_eq!(home.names(""), ["other"]);
}

#[test]
fn every_reason_is_stored_and_the_default_is_unspecified() {
    let reasons = ["unspecified", "key-compromise", "superseded", "cessation-of-operation", "privilege-withdrawn"];
    let home = with(&reasons);
    for reason in reasons {
        home.run(&format!("revoke {reason} --reason {reason} -y")).ok();
        assert_eq!(shown(&home, reason)["revocation_reason"], reason);
    }
    let home = with(&["ci"]);
    home.run("revoke ci --yes").ok();
    assert_eq!(shown(&home, "ci")["revocation_reason"], "unspecified");
    let refused = home.run("revoke ci --reason lost --yes").refused(2, "usage");
    assert!(refused.err().contains("key-compromise"), "{}", refused.err());
}

#[test]
fn several_keys_are_revoked_in_one_transaction() {
    let home = with(&["a", "b", "c"]);
    let before = home.state();
    home.run("revoke a nobody b --yes").refused(3, "not_found");
    home.run("revoke nobody a --yes").refused(3, "not_found");
    home.generate("--name b --type token --env live");
    let with_two = home.state();
    home.run("revoke a b --yes").refused(4, "ambiguous");
    assert_eq!(home.state(), with_two);
    assert_ne!(before, with_two);
    let id = home.ids("--name b --env test").remove(0);
    let done = home.run(&format!("revoke a {id} a --yes --format json")).ok();
    assert!(done.err().contains("revoked 2 keys"), "one that is named twice is one: {}", done.err());
    let keys = done.json();
    let names: Vec<_> = keys.as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "b"], "in the order in which they were named");
    assert_eq!(keys[0]["revoked_at"], keys[1]["revoked_at"]);
    assert_eq!(home.ids("").len(), 2);
}

#[test]
fn a_second_revocation_keeps_the_first_time_and_reason() {
    let home = with(&["ci", "other"]);
    let first = home
        .run("revoke ci --reason key-compromise --note first --yes --now 2030-01-01T00:00:00Z --format json")
        .ok()
        .json();
    let before = home.state();
    for options in ["--yes", "--reason superseded --note second --yes", "--in 1h --yes", ""] {
        let again = home.run(&format!("revoke ci {options} --now 2031-01-01T00:00:00Z --format json")).ok();
        assert!(again.err().contains("the original time and reason are kept"), "{}", again.err());
        assert_eq!((again.json(), home.state()), (first.clone(), before.clone()), "{options}");
    }
    let both = home.run("revoke ci other --yes --now 2031-01-01T00:00:00Z").ok();
    assert!(both.err().contains("revoked 1 key") && both.err().contains("1 key was already revoked"), "{}", both.err());
    assert_eq!(shown(&home, "ci")["revoked_at"], "2030-01-01T00:00:00Z");
}

#[test]
fn a_planned_revocation_moves_earlier_but_never_later() {
    let home = with(&["ci"]);
    let now = "--now 2030-01-01T00:00:00Z --yes";
    let planned = home.run(&format!("revoke ci --at 2030-06-01 --reason superseded {now} --format json")).ok();
    assert!(planned.err().contains("as of 2030-06-01T23:59:59Z"), "{}", planned.err());
    let key = &planned.json()[0];
    assert_eq!((&key["status"], &key["revoked_at"]), (&json!("active"), &json!("2030-06-01T23:59:59Z")));
    home.run(&format!("revoke ci --at 2030-09-01 --reason key-compromise {now}")).ok();
    let later = shown(&home, "ci");
    assert_eq!((&later["revoked_at"], &later["revocation_reason"]), (&key["revoked_at"], &json!("superseded")));
    home.run(&format!("revoke ci --in 12h --reason key-compromise {now}")).ok();
    let sooner = shown(&home, "ci");
    assert_eq!(
        (&sooner["revoked_at"], &sooner["revocation_reason"]),
        (&json!("2030-01-01T12:00:00Z"), &json!("key-compromise"))
    );
    for (time, status) in [("2030-01-01T11:59:59Z", "active"), ("2030-01-01T12:00:00Z", "revoked")] {
        assert_eq!(shown(&home, &format!("ci --now {time}"))["status"], status);
    }
    home.run(&format!("revoke ci {now}")).ok();
    assert_eq!(shown(&home, "ci")["revoked_at"], "2030-01-01T00:00:00Z", "at once");
}

#[test]
fn impossible_times_are_refused() {
    let home = with(&["ci"]);
    let before = home.state();
    for (option, code) in [
        ("--at 2020-01-01", "invalid_time"),
        ("--at 2020-01-01T00:00:00Z", "invalid_time"),
        ("--at never", "invalid_time"),
        ("--at 1h", "invalid_time"),
        ("--in 0", "invalid_time"),
        ("--in 0d", "invalid_time"),
        ("--in -1h", "invalid_time"),
        ("--in 2099-01-01", "invalid_time"),
        ("--in 9000y", "invalid_time"),
        ("--in 1h --at 2099-01-01", "usage"),
        ("--note \u{1b}", "invalid_note"),
        ("--note \u{202e}x", "invalid_note"),
    ] {
        home.run(&format!("revoke ci {option} --yes")).refused(2, code);
        assert_eq!(home.state(), before, "{option}");
    }
    home.run_args(["revoke", "ci", "--yes", "--note", ""]).refused(2, "invalid_note");
}

#[test]
fn conditions_select_keys() {
    let home = Home::new();
    home.generate("--name a --type token --owner acme --now 2026-01-01T00:00:00Z");
    home.generate("--name b --type token --owner acme --env live --label tier=gold");
    home.generate("--name c --type pair --scope read");
    home.generate("--name d --type token --owner acme --expires 1d --now 2026-01-01T00:00:00Z");
    for (conditions, names) in [
        ("--owner acme", vec!["b", "a"]),
        ("--owner acme --env test", vec!["a"]),
        ("--type pair", vec!["c"]),
        ("--scope read", vec!["c"]),
        ("--label tier", vec!["b"]),
        ("--name [ab]", vec!["b", "a"]),
        ("--owner acme --unused-for 90d --now 2026-06-01T00:00:00Z", vec!["a"]),
        ("--never-used", vec!["c", "b", "a"]),
        ("--expiring-within 30d", vec![]),
    ] {
        let before = home.state();
        let rehearsed = home.run(&format!("revoke {conditions} --dry-run --format json --reason superseded")).ok();
        assert_eq!(home.state(), before, "{conditions}");
        let count = if names.len() == 1 { "1 key".to_owned() } else { format!("{} keys", names.len()) };
        assert!(
            rehearsed.err().contains(&format!("dry run: would revoke {count}\n")),
            "{conditions}: {}",
            rehearsed.err()
        );
        let keys = rehearsed.json();
        let keys = keys.as_array().unwrap();
        assert_eq!(keys.iter().map(|key| key["name"].as_str().unwrap()).collect::<Vec<_>>(), names, "{conditions}");
        assert!(keys.iter().all(|key| key["revocation_reason"] == "superseded"), "as the keys would be");
    }
    home.run("revoke --owner acme").refused(2, "confirmation_required");
    let done = home.run("revoke --owner acme --yes --format id").ok();
    assert_eq!((done.out().lines().count(), home.names("")), (2, vec!["c".to_owned()]));
    assert_eq!(shown(&home, "d")["revoked_at"], json!(null), "an ended key is left unchanged");
    let none = home.run("revoke --owner nobody --yes").ok();
    assert!(none.out().is_empty() && none.err().starts_with("no key matches"));
}

#[test]
fn a_dry_run_reports_the_revocation_without_confirmation() {
    let home = with(&["a", "b"]);
    home.run("revoke b --reason superseded --yes").ok();
    let before = home.state();
    let said = home.run("revoke a b --dry-run --reason key-compromise --format json").ok();
    assert!(said.err().contains("would revoke 1 key"), "{}", said.err());
    let reasons: Vec<_> = said.json().as_array().unwrap().iter().map(|key| key["revocation_reason"].clone()).collect();
    assert_eq!(reasons, ["key-compromise", "superseded"]);
    home.run("revoke a nobody --dry-run").refused(3, "not_found");
    assert_eq!(home.state(), before);
}

#[test]
fn keys_and_filters_cannot_be_combined() {
    let home = with(&["ci"]);
    let before = home.state();
    for line in [
        "revoke",
        "revoke --yes",
        "revoke --reason superseded --yes",
        "revoke ci --owner acme --yes",
        "revoke ci --never-used --yes",
        "revoke --dry-run",
    ] {
        let refused = home.run(line).refused(2, "usage");
        assert!(refused.err().contains("--owner"), "{}", refused.err());
    }
    assert_eq!(home.state(), before);
}

#[test]
fn a_revocation_without_a_terminal_requires_yes() {
    let home = with(&["ci"]);
    let before = home.state();
    for input in ["", "y\n"] {
        let refused = home.run_with("revoke ci --format json", input).refused(2, "confirmation_required");
        assert!(refused.error()["hint"].as_str().unwrap().contains("--yes"), "{}", refused.err());
        assert_eq!(home.state(), before);
    }
}

#[test]
fn a_question_is_asked_only_where_somebody_can_answer() {
    let home = with(&["ci", "other"]);
    let before = home.state();
    let nobody = [
        format!("--version; CI=true {KEYWRIGHT} revoke ci"),
        format!("--version; CI=1 {KEYWRIGHT} revoke ci"),
        format!("--version; set -m; {KEYWRIGHT} revoke ci & wait $!"),
        format!("--version; {KEYWRIGHT} revoke ci 2> errors; status=$?; cat errors; exit $status"),
    ];
    for line in nobody {
        let Some(ended) = on_terminal(&home, 80, &line, "y\n") else { return };
        assert!(ended.code() == 2 && ended.out().contains("confirmation required"), "{line}: {}", ended.out());
        assert_eq!(home.state(), before, "{line}");
    }
    let line = format!("--version; CI=true {KEYWRIGHT} revoke -");
    let secret = on_terminal(&home, 80, &line, "y\n").unwrap();
    assert!(secret.code() == 2 && secret.out().contains("CI is set"), "{}", secret.out());
    for (ci, name) in [("", "ci"), ("false", "other")] {
        let line = format!("--version; CI={ci} {KEYWRIGHT} revoke {name} < /dev/null");
        let ended = on_terminal(&home, 80, &line, "y\n").unwrap();
        assert!(ended.code() == 0 && ended.out().contains("[y/N]"), "{line}: {}", ended.out());
    }
    assert!(home.names("").is_empty());
}

#[test]
fn a_revocation_on_a_terminal_asks_for_confirmation() {
    let home = with(&["ci", "other"]);
    let before = home.state();
    for answer in ["n\n", "\n", "no\n", "x\n", "\u{4}"] {
        let Some(ended) = on_terminal(&home, 200, "revoke ci --color never", answer) else {
            return;
        };
        assert_eq!(ended.code(), 1, "{}", ended.out());
        assert!(
            ended.out().contains("revoke `ci` (test, ") && ended.out().contains("This cannot be undone. [y/N]"),
            "{}",
            ended.out()
        );
        assert!(ended.out().contains("error[declined]"), "{}", ended.out());
        assert_eq!(home.state(), before, "{answer:?}");
    }
    let several = on_terminal(&home, 200, "revoke ci other --in 1h", "n\n").unwrap();
    assert!(several.out().contains("revoke 2 keys as of "), "{}", several.out());
    assert_eq!(home.state(), before);
    for (key, answer) in [("ci", "y\n"), ("other", "YES\n")] {
        assert_eq!(on_terminal(&home, 200, &format!("revoke {key} --quiet"), answer).unwrap().code(), 0);
        assert_eq!(shown(&home, key)["status"], "revoked");
    }
    assert_eq!(on_terminal(&home, 200, "revoke ci", "").unwrap().code(), 0);
}

#[test]
fn the_question_shows_the_first_ten_of_several_keys() {
    let names: Vec<String> = (10..22).map(|n| format!("k{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let home = with(&names);
    let before = home.state();
    let by_name = format!("revoke {}", names.join(" "));
    for (line, question) in [
        (by_name.as_str(), "revoke 12 keys? This cannot be undone."),
        ("revoke --never-used", "revoke 12 keys? This cannot be undone."),
        ("disable --never-used", "disable 12 keys?"),
    ] {
        let Some(ended) = on_terminal(&home, 200, line, "n\n") else { return };
        assert_eq!(ended.code(), 1, "{}", ended.out());
        let out = ended.out();
        assert!(out.contains("and 2 more") && out.contains(question), "{out}");
        assert_eq!(
            out.lines().filter(|line| line.starts_with("  k") && line.contains(" (test, ")).count(),
            10,
            "{out}"
        );
        assert_eq!(home.state(), before);
    }
    assert_eq!(on_terminal(&home, 200, "disable --never-used", "y\n").unwrap().code(), 0);
    for line in ["enable --never-used", "purge --ended-before 2000-01-01"] {
        on_terminal(&home, 200, line, "y\n").unwrap().ok();
    }
    assert_eq!(home.names("--status active").len(), 12);
}

#[test]
fn a_leaked_secret_revokes_its_key() {
    let home = with(&["ci", "other"]);
    home.run("generate --name rsa --bits 2048 --out rsa.pem").ok();
    home.run("generate --name pair --type pair --secret-format dotenv --out pair.env").ok();
    for (name, file) in [("ci", "ci"), ("rsa", "rsa.pem"), ("pair", "pair.env")] {
        let secret = home.read(file);
        home.run_with("revoke -", &secret).refused(2, "confirmation_required");
        let done = home.run_with("revoke - --reason key-compromise --yes --format json", &secret).ok();
        assert_eq!((&done.json()[0]["name"], &done.json()[0]["status"]), (&json!(name), &json!("revoked")));
        let tail = &secret.trim_end()[secret.len() / 2..];
        assert!(!done.err().contains(tail) && !done.out().contains(tail));
        let again = home.run_with("revoke - --yes", &secret).ok();
        assert!(again.err().contains("already revoked"), "{}", again.err());
    }
    assert_eq!(home.names(""), ["other"]);
    let both = home.run_with("revoke - other --yes", home.read("ci")).ok();
    assert!(both.err().contains("revoked 1 key"), "{}", both.err());
}

#[test]
fn an_unknown_leaked_secret_revokes_nothing() {
    let home = with(&["a", "b"]);
    let before = home.state();
    let (a, b) = (home.read("a"), home.read("b"));
    home.run_with("revoke - --yes", a.clone() + &b).refused(4, "ambiguous");
    home.run_with("revoke - --yes", a.replace("_test_", "_live_")).refused(2, "invalid_secret");
    home.run_with("revoke - --yes", "").refused(2, "invalid_secret");
    home.run_with("revoke - --yes", std::fs::read(fixture("rsa2048.private.pkcs8.pem")).unwrap())
        .refused(3, "not_found");
    assert_eq!(home.state(), before);
}

#[test]
fn pending_and_expiring_keys_can_be_revoked() {
    let home = Home::new();
    home.crash("crashed", "token");
    home.generate("--name soon --type token --expires 1h");
    home.run("revoke crashed soon --yes").ok();
    assert_eq!(home.ids("--status revoked").len(), 2);
    assert_eq!(shown(&home, "soon")["status"], "revoked");
    assert_eq!(shown(&home, "soon --now 2099-01-01T00:00:00Z")["status"], "revoked", "not expired");
}

#[test]
fn a_key_is_shown_and_logged_as_of_the_answer() {
    if !have("script") {
        return;
    }
    let home = Home::new();
    home.generate("--name ci --type token");
    let mut child = home
        .program("script")
        .args(["-qec", &format!("{KEYWRIGHT} revoke ci --color never"), "/dev/null"])
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    sleep(Duration::from_millis(2100));
    let mut typed = child.stdin.take().unwrap();
    typed.write_all(b"y\n").unwrap();
    let ended = Ended(child.wait_with_output().unwrap());
    drop(typed);
    let row = ended.out().lines().find(|line| line.starts_with("ci ")).unwrap().to_owned();
    assert!(row.contains("revoked") && row.contains("just now"), "{row}");
    let logged = home.run("audit --action revoke --format json").ok().json();
    assert_eq!(logged[0]["at"], home.keys()[0]["revoked_at"]);
}
