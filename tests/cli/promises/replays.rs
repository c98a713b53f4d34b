//! Tests that a signed request is accepted at most once, also after its signature is no longer on record.

use super::*;
use crate::batch::Running;
use crate::tools::{fake_clock, fixture, have};
use keywright::key::Time;
use std::time::SystemTime;

/// Builds a home with a registered key, whose private key is in `key.pem`.
pub(super) fn signer() -> Home {
    let home = Home::kalshi();
    let path = home.write("key.pem", std::fs::read(fixture("rsa2048.private.pkcs8.pem")).unwrap());
    chmod(&path, 0o600);
    home.run(&format!("create --name mine --public-key {}", fixture("rsa2048.spki.pem"))).ok();
    home
}

pub(super) fn now() -> i64 {
    i64::try_from(SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap()
}

/// Returns a request that is signed at a time, in seconds since 1970.
pub(super) fn request(home: &Home, at: i64) -> String {
    let id = home.ids("--name mine").remove(0);
    let line =
        format!("sign --private-key key.pem --key-id {id} --method GET --path /a --timestamp {at}000 --format json");
    let mut signed = home.run(&line).ok().json();
    (signed["method"], signed["path"]) = ("GET".into(), "/a".into());
    signed.to_string()
}

/// Returns the verdict codes of `verify-request` and of `verify --batch`, without recording the request.
fn judged(home: &Home, request: &str, options: &str) -> [String; 2] {
    let code = |answer: serde_json::Value| answer["code"].as_str().unwrap().to_owned();
    let one = home.run_with(&format!("verify-request --format json --no-record {options}"), request).json();
    let line = format!("{{\"request\":{request}}}");
    let many = home.run_with(&format!("verify --batch --no-record {options}"), &line).out();
    [code(one), code(serde_json::from_str(&many).unwrap())]
}

pub(super) fn accept(home: &Home, request: &str, options: &str) {
    home.run_with(&format!("verify-request --quiet {options}"), request).ok();
}

#[test]
fn a_request_is_refused_once_its_signature_is_no_longer_on_record() {
    let home = signer();
    let now = now();
    let (first, older) = (request(&home, now - 2), request(&home, now - 5));
    accept(&home, &first, "");
    // The records expire, as they do after a clock that ran ahead for a single request.
    database(&home.keyring()).execute("UPDATE replay SET until = 1", []).unwrap();
    accept(&home, &request(&home, now - 1), "");
    assert_eq!(judged(&home, &first, ""), ["forgotten"; 2]);
    assert_eq!(judged(&home, &older, ""), ["forgotten"; 2], "it may have been accepted before, too");
    assert_eq!(judged(&home, &request(&home, now + 5), ""), ["valid"; 2]);
}

#[test]
fn a_longer_window_does_not_accept_what_a_shorter_one_has_forgotten() {
    let home = signer();
    let now = now();
    let first = request(&home, now - 20);
    accept(&home, &first, "");
    database(&home.keyring()).execute("UPDATE replay SET until = ?1", [now - 1]).unwrap();
    accept(&home, &request(&home, now), "");
    assert_eq!(judged(&home, &first, "")[0], "forgotten");
    assert_eq!(judged_alone(&home, &first, "--max-skew 1h"), "forgotten");
}

pub(super) fn judged_alone(home: &Home, request: &str, options: &str) -> String {
    let one = home.run_with(&format!("verify-request --format json --no-record {options}"), request).json();
    one["code"].as_str().unwrap().to_owned()
}

#[test]
fn a_restored_keyring_refuses_what_may_have_been_accepted_since_the_backup() {
    let home = signer();
    home.run("backup saved").ok();
    let request = request(&home, now());
    accept(&home, &request, "--max-skew 10m");
    home.run("backup later").ok();
    for (backup, skew, code) in [("saved", 30, "forgotten"), ("later", 600, "replayed")] {
        std::fs::remove_file(home.keyring()).unwrap();
        let before = now();
        let restored = home.run(&format!("restore {backup} --yes")).ok();
        let until = restored.err().split("up to ").nth(1).unwrap()[..20].to_owned();
        let until = until.parse::<keywright::key::Past>().unwrap();
        let expected = before + skew..=now() + skew;
        assert!(expected.contains(&until.first(Time::from_seconds(0)).unwrap().seconds()), "{}", restored.err());
        assert_eq!(judged(&home, &request, ""), [code; 2]);
        let later = self::request(&home, now() + 700);
        let clock = format!("--now {}", Time::from_seconds(now() + 700));
        assert_eq!(judged(&home, &later, &clock), ["valid"; 2]);
        // Nothing is wrong with the clock, and correcting it does not accept the request again.
        home.run("check --only clock-behind").ok();
        assert!(home.run("audit accept-clock").ok().err().contains("nothing to do"));
    }
}

#[test]
fn a_correction_of_the_clock_does_not_undo_what_a_restore_refuses() {
    let home = signer();
    let early = request(&home, now() + 300);
    accept(&home, &request(&home, now()), "--max-skew 10m");
    home.run("backup saved").ok();
    accept(&home, &early, "--max-skew 10m");
    std::fs::remove_file(home.keyring()).unwrap();
    home.run("restore saved --yes").ok();
    assert_eq!(judged_alone(&home, &early, "--max-skew 10m"), "forgotten");
    // A change from a clock that is ahead makes a correction necessary.
    let (tomorrow, earlier) = ((now() + 86_400) * 1000, "UPDATE replay_floor SET timestamp = max(timestamp, ?1)");
    database(&home.keyring()).execute(earlier, [tomorrow]).unwrap();
    home.run("audit accept-clock --yes").ok();
    assert_eq!(judged_alone(&home, &early, "--max-skew 10m"), "forgotten");
    let clock = format!("--now {}", Time::from_seconds(now() + 900));
    assert_eq!(judged(&home, &request(&home, now() + 900), &clock), ["valid"; 2]);
}

#[test]
fn a_key_pair_that_a_restore_brings_back_accepts_nothing_twice() {
    let home = signer();
    let ours = home.run("status --format json").json()["org_id"].as_str().unwrap().to_owned();
    let before = request(&home, now());
    accept(&home, &before, "--max-skew 10m");
    home.run("backup saved").ok();
    let after = request(&home, now() + 300);
    accept(&home, &after, "--max-skew 10m");
    std::fs::remove_file(home.keyring()).unwrap();
    home.run(&format!("init --contract kalshi --org-id {ours}")).ok();
    home.run("generate --name other --type ed25519 --out other").ok();
    let restored = home.run("restore saved --yes").ok();
    assert!(restored.err().contains("are refused"), "{}", restored.err());
    assert_eq!(judged_alone(&home, &before, "--max-skew 10m"), "replayed");
    assert_eq!(judged_alone(&home, &after, "--max-skew 10m"), "forgotten");
    // A restore that brings back no key pair forgets nothing.
    let next = request(&home, now() + 700);
    let clock = format!("--now {}", Time::from_seconds(now() + 700));
    assert_eq!(judged(&home, &next, &clock), ["valid"; 2]);
    let forgotten = |home: &Home| -> i64 {
        database(&home.keyring()).query_row("SELECT timestamp FROM replay_floor", [], |row| row.get(0)).unwrap()
    };
    let known = forgotten(&home);
    home.run("update mine --note changed").ok();
    assert!(!home.run("restore saved --yes").ok().err().contains("are refused"));
    assert_eq!(forgotten(&home), known);
}

#[test]
fn a_clock_that_ran_ahead_is_reported_and_can_be_corrected() {
    let home = signer();
    let far = (now() + 86_400) * 1000;
    database(&home.keyring()).execute("INSERT INTO replay_floor VALUES (1, ?1)", [far]).unwrap();
    let request = request(&home, now());
    assert_eq!(judged(&home, &request, ""), ["forgotten"; 2]);
    let found = home.run("check --only clock-behind --format json").json();
    assert!(found[0]["msg"].as_str().unwrap().contains("signed requests"), "{found}");
    let verified = home.run_with("verify-request --format json --no-record", &request).json();
    assert!(verified["message"].as_str().unwrap().contains("not on record"), "{verified}");
    home.run("audit accept-clock --yes").ok();
    home.run("check --only clock-behind").ok();
    let later = self::request(&home, now() + 60);
    assert_eq!(judged_alone(&home, &later, "--max-skew 5m"), "valid");
    assert!(home.run("audit accept-clock").ok().err().contains("nothing to do"));
}

#[test]
fn a_restored_keyring_knows_the_window_of_its_contract() {
    let home = signer();
    let scheme = r#"{"scheme":"concatenation","message":["{timestamp}","{method}","{path}"],"headers":{"key":"KALSHI-ACCESS-KEY","timestamp":"KALSHI-ACCESS-TIMESTAMP","signature":"KALSHI-ACCESS-SIGNATURE"},"algorithms":["rsa-pss-sha256"],"max_skew":"10min"}"#;
    home.run_args(["policy", "set", "signing", scheme]).ok();
    home.run("backup saved").ok();
    // No record in the backup shows that so large a difference is allowed.
    let early = request(&home, now() + 300);
    accept(&home, &early, "");
    std::fs::remove_file(home.keyring()).unwrap();
    home.run("restore saved --yes").ok();
    assert_eq!(judged(&home, &early, ""), ["forgotten"; 2]);
}

#[test]
fn a_restore_refuses_what_may_have_been_accepted_whatever_the_clock_says() {
    let home = signer();
    let request = request(&home, now());
    let copy = std::fs::read(home.keyring()).unwrap();
    home.run("backup before").ok();
    accept(&home, &request, "--max-skew 10m");
    home.run("backup after").ok();
    // A time that is set by hand does not lower what is refused.
    std::fs::remove_file(home.keyring()).unwrap();
    home.run("restore before --yes --now 2026-01-01").ok();
    assert_eq!(judged(&home, &request, ""), ["forgotten"; 2]);
    // The keyring was reset to an older state, and the backup knows of a use after it.
    std::fs::write(home.keyring(), &copy).unwrap();
    assert_eq!(judged(&home, &request, ""), ["valid"; 2]);
    assert!(home.run("restore after --yes").ok().err().contains("are refused"));
    assert_eq!(judged(&home, &request, ""), ["replayed"; 2]);
    // However large the accepted difference was, requests are refused for a day at most.
    std::fs::remove_file(home.keyring()).unwrap();
    home.run("restore before --yes").ok();
    let next = self::request(&home, now() + 700);
    accept(&home, &next, "--max-skew 365d");
    home.run("backup long").ok();
    std::fs::remove_file(home.keyring()).unwrap();
    home.run("restore long --yes").ok();
    let clock = format!("--now {}", Time::from_seconds(now() + 90_000));
    assert_eq!(judged(&home, &self::request(&home, now() + 90_000), &clock), ["valid"; 2]);
}

/// Puts the file of an earlier keyring in place of the keyring.
pub(super) fn reset_to(home: &Home, earlier: &[u8]) {
    std::fs::remove_file(home.keyring()).unwrap();
    std::fs::write(home.keyring(), earlier).unwrap();
    chmod(&home.keyring(), 0o600);
}

#[test]
fn a_restore_keeps_the_records_of_the_backup() {
    let home = signer();
    let earlier = std::fs::read(home.keyring()).unwrap();
    // The timestamp is later than the day for which a restore refuses requests that it does not know.
    let request = request(&home, now() + 2 * 86_400);
    accept(&home, &request, "--max-skew 3d");
    home.run("backup saved").ok();
    std::fs::remove_file(home.keyring()).unwrap();
    home.run("restore saved --yes").ok();
    assert_eq!(judged_alone(&home, &request, "--max-skew 3d"), "replayed");
    reset_to(&home, &earlier);
    assert_eq!(judged_alone(&home, &request, "--max-skew 3d"), "valid");
    home.run("restore saved --yes").ok();
    assert_eq!(judged_alone(&home, &request, "--max-skew 3d"), "replayed");
}

#[test]
fn a_use_that_is_recorded_only_by_its_signature_shows_that_the_keyring_was_reset() {
    let home = signer();
    let (first, second, third) = (request(&home, now() - 1), request(&home, now()), request(&home, now() + 1));
    accept(&home, &first, "");
    let earlier = std::fs::read(home.keyring()).unwrap();
    // The time of the last use is not updated within a minute.
    accept(&home, &second, "");
    home.run("backup saved").ok();
    accept(&home, &third, "");
    reset_to(&home, &earlier);
    let planned = home.run("restore saved --dry-run").ok();
    assert!(planned.err().contains("would restore the record of 1 accepted signature"), "{}", planned.err());
    let restored = home.run("restore saved --yes").ok();
    assert!(restored.err().contains("are refused"), "{}", restored.err());
    assert_eq!(judged_alone(&home, &second, ""), "replayed");
    assert_eq!(judged_alone(&home, &third, ""), "forgotten");
    assert!(home.run("restore saved --yes").ok().err().contains("already contains everything"));
}

#[test]
fn a_request_of_a_clock_that_was_ahead_is_not_accepted_again_after_a_restore() {
    if !have("faketime") {
        return;
    }
    let home = signer();
    let ahead = |line: &str, input: &str| {
        let mut command = home.keywright(line.split_whitespace());
        fake_clock(&mut command, "FAKETIME", "+3600s");
        Home::feed(command, input)
    };
    let earlier = std::fs::read(home.keyring()).unwrap();
    let request = request(&home, now() + 3600);
    ahead("verify-request --quiet", &request).ok();
    home.run("backup saved").ok();
    std::fs::remove_file(home.keyring()).unwrap();
    home.run("restore saved --yes").ok();
    let code = |ended: Ended| ended.json()["code"].as_str().unwrap().to_owned();
    assert_eq!(code(ahead("verify-request --format json", &request)), "replayed");
    reset_to(&home, &earlier);
    home.run("restore saved --yes").ok();
    assert_eq!(code(ahead("verify-request --format json", &request)), "replayed");
}

#[test]
fn a_restore_refuses_the_whole_second_in_which_it_runs() {
    let home = signer();
    home.run("backup saved").ok();
    std::fs::remove_file(home.keyring()).unwrap();
    home.run("restore saved --yes").ok();
    let sql = "SELECT timestamp FROM replay_floor";
    let floor: i64 = database(&home.keyring()).query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(floor % 1000, 999, "the time of the restore is known to a second");
}

#[test]
fn an_upgrade_does_not_make_a_restore_refuse_requests_for_longer_than_a_day() {
    let home = signer();
    let sql = "INSERT INTO accepted_skew (only, milliseconds) VALUES (1, 31536000000)";
    database(&home.keyring()).execute(sql, []).unwrap();
    home.run("backup saved").ok();
    std::fs::remove_file(home.keyring()).unwrap();
    home.run("restore saved --yes").ok();
    let clock = format!("--now {}", Time::from_seconds(now() + 90_000));
    assert_eq!(judged(&home, &request(&home, now() + 90_000), &clock), ["valid"; 2]);
}

#[test]
fn an_older_copy_that_lacks_only_a_record_accepts_nothing_in_a_running_process() {
    for in_place in [false, true] {
        let home = signer();
        let [first, second] = [now() - 1, now()].map(|at| {
            let request: serde_json::Value = serde_json::from_str(&request(&home, at)).unwrap();
            serde_json::json!({ "request": request })
        });
        let mut running = Running::start(&home, "");
        assert_eq!(running.ask(&first)["code"], "valid");
        let earlier = std::fs::read(home.keyring()).unwrap();
        assert_eq!(running.ask(&second)["code"], "valid");
        assert_eq!(running.ask(&second)["code"], "replayed");
        if in_place {
            std::fs::write(home.keyring(), &earlier).unwrap();
        } else {
            reset_to(&home, &earlier);
        }
        for request in [&first, &second] {
            assert_eq!(running.ask(request)["code"], "unavailable");
        }
        assert_eq!(running.end(), 0);
    }
}
