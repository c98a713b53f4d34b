//! A keyring time that changes while a command waits for its input.

use crate::{
    home::{Ended, Home},
    tools::{fake_clock, have},
};
use std::{
    io::Write as _,
    process::{Child, Stdio},
    thread::sleep,
    time::Duration,
};

const NOON: &str = "2026-06-01 12:00:00";
const AHEAD: &str = "2026-06-11 12:00:00";

/// Starts keywright with the system clock at `time`, and waits until it probably waits for standard input. If it does not
/// wait yet, the tests prove less, but do not fail.
fn started(home: &Home, time: &str, line: &str) -> Child {
    let mut command = home.keywright(line.split_whitespace());
    fake_clock(&mut command, "FAKETIME", format!("@{time}"));
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    sleep(Duration::from_millis(500));
    child
}

/// Passes the input to a command that waits for it.
fn finished(mut child: Child, input: impl AsRef<[u8]>) -> Ended {
    // The command may end without reading its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_ref());
    Ended(child.wait_with_output().unwrap())
}

fn at(home: &Home, time: &str, line: &str) -> Ended {
    finished(started_at_once(home, time, line), "")
}

fn started_at_once(home: &Home, time: &str, line: &str) -> Child {
    let mut command = home.keywright(line.split_whitespace());
    fake_clock(&mut command, "FAKETIME", format!("@{time}"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn an_acknowledged_revocation_counts_for_a_secret_that_is_presented_later() {
    if !have("faketime") {
        return;
    }
    for (line, expected) in [("revoke t --yes", "revoked"), ("disable t --yes", "disabled")] {
        let home = Home::new();
        at(&home, NOON, "generate --name t --type token --out t").ok();
        let token = home.read("t");
        let verify = started(&home, NOON, "verify --no-record --format json");
        let show = started(&home, NOON, "show - --format json");
        at(&home, AHEAD, line).ok();
        assert_eq!(finished(verify, &token).json()["code"], expected);
        assert_eq!(finished(show, &token).ok().json()["status"], expected);
    }
}

#[test]
fn an_acknowledged_revocation_counts_for_a_request_that_is_presented_later() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, NOON, "generate --name k --bits 2048 --out k.pem").ok();
    let id = home.keys()[0]["api_key_id"].as_str().unwrap().to_owned();
    let sign = format!("sign --private-key k.pem --key-id {id} --method GET --path /a --format json");
    let headers = at(&home, NOON, &sign).ok().json();
    let mut request = headers.clone();
    request["method"] = "GET".into();
    request["path"] = "/a".into();
    let verify = started(&home, NOON, "verify-request --format json");
    at(&home, AHEAD, "revoke k --yes").ok();
    assert_eq!(finished(verify, request.to_string()).json()["code"], "revoked");
}

/// Lets the system clock run ahead, and corrects it while a command waits for its input.
fn corrected_meanwhile(home: &Home, line: &str, input: &str) -> Ended {
    let waiting = started(home, NOON, line);
    at(home, NOON, "audit accept-clock --yes").ok();
    finished(waiting, input)
}

#[test]
fn an_import_revives_no_key_when_the_clock_is_corrected_meanwhile() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    for name in ["rv", "ds"] {
        at(&home, AHEAD, &format!("generate --name {name} --type token --out {name}")).ok();
    }
    at(&home, AHEAD, "revoke rv --yes").ok();
    at(&home, AHEAD, "disable ds --yes").ok();
    at(&home, AHEAD, "export --format jsonl --all --out keys").ok();
    std::fs::remove_file(home.keyring()).unwrap();
    at(&home, "2026-06-21 12:00:00", "init").ok();
    let imported = corrected_meanwhile(&home, "import -", &home.read("keys"));
    imported.refused(4, "wrong_state");
    assert!(home.keys().is_empty());
    at(&home, NOON, "import keys").ok();
    for (name, code) in [("rv", "revoked"), ("ds", "disabled")] {
        let line = format!("verify --no-record --token-file {name} --format json");
        assert_eq!(at(&home, NOON, &line).json()["code"], code);
    }
}

#[test]
fn nothing_is_issued_for_longer_when_the_clock_is_corrected_meanwhile() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, AHEAD, "generate --name p --type pair --secret-format json --out p").ok();
    let pair = home.read("p");
    // The bearer token is issued with the corrected time.
    let exchanged = corrected_meanwhile(&home, "exchange --out bearer --ttl 60m", &pair);
    assert!([0, 1].contains(&exchanged.code()), "{}", exchanged.err());
    if exchanged.code() == 0 {
        let later = at(&home, "2026-06-01 14:00:00", "verify --no-record --token-file bearer --format json").json();
        assert_eq!(later["code"], "expired");
    }
    let home = Home::new();
    at(&home, AHEAD, "init").ok();
    let line = r#"{"name":"z","type":"token","expires":"1h"}"#;
    corrected_meanwhile(&home, "generate --from - --out z", line).refused(4, "wrong_state");
    assert!(home.keys().is_empty());
    assert!(!home.file("z").exists());
}

#[test]
fn a_purge_with_a_clock_ahead_keeps_the_rotation_chain_of_a_key_that_stays() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, NOON, "generate --name k --type token --out a").ok();
    at(&home, NOON, "rotate k --overlap 30d --out b").ok();
    let middle = at(&home, NOON, "show k --format id").ok().out();
    at(&home, "2026-06-01 12:00:05", &format!("rotate {} --overlap 24h --out c", middle.trim())).ok();
    at(&home, "2026-06-01 12:00:06", &format!("revoke {} --yes", middle.trim())).ok();
    // The first key seems to have expired ten days ago, and the second one 40 days ago.
    at(&home, "2026-07-11 12:00:00", "purge --ended-before 20d --yes").ok();
    at(&home, "2026-06-01 12:01:00", "audit accept-clock --yes").ok();
    at(&home, "2026-06-01 12:01:01", "update k --name kk").ok();
    at(&home, "2026-06-01 12:01:02", "revoke kk --yes").ok();
    for file in ["a", "b", "c"] {
        let line = format!("verify --no-record --token-file {file} --format json");
        assert_eq!(at(&home, "2026-06-01 12:01:03", &line).json()["code"], "revoked", "{file}");
    }
}
