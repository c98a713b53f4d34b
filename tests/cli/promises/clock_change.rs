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

pub(super) const NOON: &str = "2026-06-01 12:00:00";
pub(super) const AHEAD: &str = "2026-06-11 12:00:00";

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

pub(super) fn at(home: &Home, time: &str, line: &str) -> Ended {
    finished(started_at_once(home, time, line), "")
}

/// Returns the code of the verdict about the secret in a file.
pub(super) fn verdict(home: &Home, time: &str, file: &str) -> String {
    let answer = at(home, time, &format!("verify --no-record --token-file {file} --format json")).json();
    answer["code"].as_str().unwrap().to_owned()
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
    let home = Home::kalshi();
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
        assert_eq!(verdict(&home, NOON, name), code);
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
        assert_eq!(verdict(&home, "2026-06-01 12:01:03", file), "revoked", "{file}");
    }
}

/// Starts a command whose clock is ahead, until [`correct_clock`] corrects it. Waits until the command probably waits
/// for its input.
fn started_ahead(home: &Home, line: &str) -> Child {
    home.write("clock", "@2026-06-11 12:00:30\n");
    let mut command = home.keywright(line.split_whitespace());
    fake_clock(&mut command, "FAKETIME_TIMESTAMP_FILE", home.file("clock"));
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    sleep(Duration::from_millis(500));
    child
}

/// Corrects the clock of a command that [`started_ahead`] started, and that of the keyring.
fn correct_clock(home: &Home) {
    home.write("clock", format!("@{NOON}\n"));
    at(home, NOON, "audit accept-clock --yes").ok();
}

/// Checks that no time of a clock that was ahead is the keyring time.
fn refuse_clock_ahead(home: &Home) {
    let later = "2026-06-01 12:00:10";
    let nothing = at(home, later, "audit accept-clock --yes").ok();
    assert!(nothing.err().contains("nothing to do"), "{}", nothing.err());
    at(home, later, "audit verify").ok();
    let check = at(home, later, "check --format json").out();
    assert!(!check.contains("clock-behind"), "{check}");
}

#[test]
fn a_change_that_was_prepared_with_a_clock_ahead_is_refused_after_its_correction() {
    if !have("faketime") {
        return;
    }
    let imported = format!(r#"{{"name":"i","secret_sha256":"{}"}}"#, "ab".repeat(32));
    for (line, input) in [
        ("revoke --in 1h --yes -", None),
        ("update - --expires 1h", None),
        ("generate --from - --out z", Some(r#"{"name":"z","type":"token","expires":"1h"}"#)),
        ("import -", Some(imported.as_str())),
    ] {
        let home = Home::new();
        at(&home, NOON, "generate --name t --type token --out t").ok();
        at(&home, AHEAD, "generate --name u --type token --out u").ok();
        let waiting = started_ahead(&home, line);
        correct_clock(&home);
        finished(waiting, input.map_or_else(|| home.read("t"), ToOwned::to_owned)).refused(4, "wrong_state");
        refuse_clock_ahead(&home);
    }
}

#[test]
fn a_key_that_was_delivered_while_the_clock_was_corrected_is_active_and_ends_in_time() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    home.write("deliver", "cat > n; echo > ready; while [ ! -e go ]; do sleep 0.1; done");
    let waiting = started_ahead(&home, "generate --name n --type token --expires 1h -- sh deliver");
    while !home.file("ready").exists() {
        sleep(Duration::from_millis(20));
    }
    correct_clock(&home);
    home.write("go", "");
    finished(waiting, "").ok();
    refuse_clock_ahead(&home);
    for (time, expected) in [("2026-06-01 12:59:59", "valid"), ("2026-06-01 13:00:00", "expired")] {
        assert_eq!(verdict(&home, time, "n"), expected, "{time}");
    }
}

#[test]
fn ends_that_were_set_with_a_clock_ahead_move_back_with_it() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    for name in ["revoked", "updated", "disabled", "planned", "kept"] {
        at(&home, NOON, &format!("generate --name {name} --type token --expires 1y --out {name}")).ok();
    }
    at(&home, NOON, "revoke planned --in 20d --yes").ok();
    let far = "2026-12-01 12:00:00";
    at(&home, far, "revoke revoked --in 1h --yes").ok();
    at(&home, far, "update updated --expires 1h").ok();
    at(&home, far, "disable disabled").ok();
    at(&home, far, "generate --name new --type token --expires 1h --out new").ok();
    let preview = at(&home, "2026-06-01 13:00:00", "audit accept-clock --dry-run").ok();
    assert!(preview.err().contains("expires_at: 2026-12-01T13:00:00Z → 2026-06-01T14:00:00Z"), "{}", preview.err());
    at(&home, "2026-06-01 13:00:00", "audit accept-clock --yes").ok();
    let code = |time: &str, file: &str| verdict(&home, time, file);
    for (file, ending) in [("revoked", "revoked"), ("updated", "expired"), ("new", "expired")] {
        assert_eq!(code("2026-06-01 13:59:59", file), "valid", "{file}");
        assert_eq!(code("2026-06-01 14:00:00", file), ending, "{file}");
    }
    assert_eq!(code("2026-06-01 13:00:01", "disabled"), "disabled");
    assert_eq!(code("2026-06-01 13:00:01", "planned"), "revoked", "it took effect at the keyring time");
    assert_eq!(code("2027-05-31 12:00:00", "kept"), "valid");
    assert_eq!(code("2027-06-02 12:00:00", "kept"), "expired");
    at(&home, "2026-06-01 13:00:02", "audit verify").ok();
}

#[test]
fn a_purged_successor_gives_the_key_before_it_no_more_time() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, NOON, "generate --name a --type token --out a").ok();
    at(&home, NOON, "verify --token-file a").ok();
    at(&home, "2036-06-01 12:00:00", "rotate a --overlap 1h --out b").ok();
    let later = "2036-06-02 12:00:00";
    let id = at(&home, later, "verify --no-record --token-file b --format json").json()["api_key_id"].clone();
    at(&home, later, &format!("revoke {} --yes", id.as_str().unwrap())).ok();
    at(&home, "2036-06-09 12:00:00", "purge --ended-before 1d --never-used --yes").ok();
    let kept = at(&home, "2036-06-09 12:00:00", "list --all --format id").ok().out();
    assert_eq!(kept.lines().count(), 1, "the successor was purged");
    at(&home, "2026-06-01 13:00:00", "audit accept-clock --yes").ok();
    let code = |time: &str| verdict(&home, time, "a");
    assert_eq!(code("2026-06-01 13:59:59"), "valid", "the overlap begins when the clock is accepted");
    assert_eq!(code("2026-06-01 14:00:00"), "expired");
}

#[test]
fn a_restore_moves_ends_that_were_set_with_a_clock_ahead() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, NOON, "generate --name d --type token --out d").ok();
    at(&home, NOON, "backup before.bk").ok();
    let far = "2027-06-01 12:00:00";
    at(&home, far, "update d --expires 1h").ok();
    at(&home, far, "generate --name n --type token --expires 1d --out n").ok();
    at(&home, far, "backup ahead.bk").ok();
    for backup in ["before.bk", "ahead.bk"] {
        at(&home, "2026-06-01 13:00:00", &format!("restore {backup} --keyring m.db --yes")).ok();
    }
    for (file, time, code) in [
        ("d", "2026-06-01 13:59:58", "valid"),
        ("d", "2026-06-01 14:00:01", "expired"),
        ("n", "2026-06-02 12:59:58", "valid"),
        ("n", "2026-06-02 13:00:01", "expired"),
    ] {
        assert_eq!(verdict(&home, time, &format!("{file} --keyring m.db")), code, "{file} at {time}");
    }
}

#[test]
fn an_end_that_was_set_with_a_correct_clock_does_not_move() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, NOON, "generate --name k --type token --out k").ok();
    at(&home, "2027-07-06 12:00:00", "update k --expires 2028-02-01").ok();
    at(&home, NOON, "audit accept-clock --yes").ok();
    assert_eq!(at(&home, NOON, "show k --format json").json()["expires_at"], "2026-12-28T23:59:59Z");
    at(&home, "2026-06-01 12:00:10", "update k --expires 2028-02-01").ok();
    at(&home, "2026-06-01 13:00:00", "generate --name z --type token --out z").ok();
    at(&home, "2026-06-01 12:00:20", "audit accept-clock --yes").ok();
    let shown = at(&home, "2026-06-01 12:00:20", "show k --format json").json();
    assert_eq!(shown["expires_at"], "2028-02-01T23:59:59Z");
}

#[test]
fn a_later_use_retires_a_key_that_a_clock_ahead_had_only_expired() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, NOON, "generate --name q --type token --out q1").ok();
    at(&home, NOON, "rotate q --retire-on-use --overlap 7d --out q2").ok();
    at(&home, "2027-06-01 12:00:00", "verify --token-file q2").ok();
    let code =
        || at(&home, "2026-06-01 12:05:00", "verify --no-record --token-file q1 --format json").json()["code"].clone();
    assert_eq!(code(), "valid", "nothing recorded the end");
    at(&home, "2026-06-01 12:05:00", "verify --token-file q2").ok();
    assert_eq!(code(), "expired");
}

#[test]
fn a_key_that_stayed_pending_with_a_clock_ahead_is_deleted_in_time() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, NOON, "init").ok();
    home.write("deliver", "cat > p; kill -9 $PPID");
    let mut command = home.keywright(["generate", "--name", "p", "--type", "token", "--", "sh", "deliver"]);
    fake_clock(&mut command, "FAKETIME", format!("@{AHEAD}"));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let process = child.id();
    child.wait().unwrap();
    crate::tools::clean_up_fake_clock(process);
    at(&home, NOON, "audit accept-clock --yes").ok();
    let pending = || at(&home, NOON, "list --status pending --format id").ok().out().lines().count();
    assert_eq!(pending(), 1);
    at(&home, "2026-06-01 13:00:01", "generate --name other --type token --out other").ok();
    assert_eq!(pending(), 0);
}

#[test]
fn restored_and_imported_ends_do_not_move_with_the_clock() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, NOON, "init").ok();
    at(&home, NOON, "backup empty").ok();
    at(&home, NOON, "generate --name a --type token --out a --expires 100d").ok();
    at(&home, NOON, "backup full").ok();
    at(&home, NOON, "export --format jsonl --out keys").ok();
    let far = "2027-07-06 12:00:00";
    at(&home, NOON, "restore empty --yes --keyring restored.db").ok();
    at(&home, far, "restore full --yes --keyring restored.db").ok();
    at(&home, NOON, "init --keyring imported.db").ok();
    at(&home, far, "import keys --keyring imported.db").ok();
    for keyring in ["restored.db", "imported.db"] {
        at(&home, "2026-06-01 13:00:00", &format!("audit accept-clock --yes --keyring {keyring}")).ok();
        let shown = at(&home, "2026-06-01 13:00:01", &format!("show a --format json --keyring {keyring}")).json();
        assert_eq!(
            (&shown["status"], &shown["expires_at"]),
            (&"active".into(), &"2026-09-09T12:00:00Z".into()),
            "{keyring}"
        );
    }
}

#[test]
fn accept_clock_retires_no_key_whose_successor_does_not_retire_it() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, NOON, "generate --name p --type token --out p1").ok();
    at(&home, NOON, "rotate p --retire-on-use --overlap 30d --out p2").ok();
    at(&home, NOON, "rotate p --overlap 30d --out p3").ok();
    at(&home, NOON, "verify --token-file p3").ok();
    at(&home, "2026-07-31 12:00:00", "owner set x --usage-level basic").ok();
    at(&home, "2026-06-01 13:00:00", "audit accept-clock --yes").ok();
    for file in ["p1", "p2", "p3"] {
        assert_eq!(verdict(&home, "2026-06-01 13:00:01", file), "valid", "{file}");
    }
}
