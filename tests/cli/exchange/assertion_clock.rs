//! Tests of assertions while the system clock steps.

use super::assertion::{AUDIENCE, signed_at};
use crate::{
    home::{Ended, Home},
    tools::{fake_clock, have},
};
use keywright::{key::Time, keypair::JwkAlgorithm};

/// The time at which the key of a test is generated, 2026-06-01T12:00:00Z, in seconds since 1970.
const START: i64 = 1_780_315_200;

/// Runs keywright with the system clock `offset` seconds after [`START`].
fn at(home: &Home, offset: i64, line: &str) -> Ended {
    let time = Time::from_seconds(START + offset).to_string();
    let mut command = home.keywright(line.split_whitespace());
    fake_clock(&mut command, "FAKETIME", format!("@{}", time.replace('T', " ").trim_end_matches('Z')));
    Ended(command.output().unwrap())
}

/// Builds a home with an Ed25519 key and an audience.
fn home() -> Home {
    let home = Home::new();
    at(&home, 0, "generate --name ed25519 --type ed25519 --out ed25519.pem").ok();
    at(&home, 1, &format!("policy set bearer_audience {AUDIENCE}")).ok();
    home
}

/// Writes an assertion that is issued `offset` seconds after [`START`] to a file.
fn write(home: &Home, file: &str, offset: i64) {
    home.write(file, signed_at(home, "ed25519", JwkAlgorithm::EdDsa, START + offset));
}

/// Exchanges the assertion in a file, and returns the verdict code of the refusal.
#[track_caller]
fn refused(home: &Home, offset: i64, file: &str) -> String {
    let line = format!("exchange --token-file {file} --format json --quiet");
    let error = at(home, offset, &line).refused(1, "invalid_client").error();
    error["details"][0]["type"].as_str().unwrap().to_owned()
}

#[test]
fn an_assertion_is_accepted_once_whatever_the_clock_says() {
    if !have("faketime") {
        return;
    }
    let home = home();
    write(&home, "first", 10);
    at(&home, 10, "exchange --token-file first --quiet").ok();
    assert_eq!(refused(&home, 11, "first"), "replayed");
    assert_eq!(refused(&home, -10, "first"), "replayed", "20 s ahead of a clock that was set back");
    write(&home, "second", 300);
    at(&home, 300, "exchange --token-file second --quiet").ok();
    assert_eq!(refused(&home, 300, "first"), "assertion_expired");
    assert_eq!(refused(&home, 20, "first"), "forgotten", "the second exchange deleted the record");
    at(&home, 310, "revoke ed25519 --yes").ok();
    write(&home, "third", 20);
    assert_eq!(refused(&home, 20, "third"), "revoked", "a recorded end is final");
}

#[test]
fn a_clock_that_ran_ahead_neither_stops_nor_repeats_exchanges() {
    if !have("faketime") {
        return;
    }
    let home = home();
    write(&home, "first", 10);
    at(&home, 10, "exchange --token-file first --quiet").ok();
    write(&home, "ahead", 86_400);
    at(&home, 86_400, "exchange --token-file ahead --quiet").ok();
    // Assertions are compared with the system clock, although the key is judged at the keyring time.
    write(&home, "second", 80);
    at(&home, 80, "exchange --token-file second --quiet").ok();
    assert_eq!(refused(&home, 60, "first"), "forgotten");
    at(&home, 90, "audit accept-clock --yes").ok();
    assert_eq!(refused(&home, 91, "first"), "assertion_expired");
    assert_eq!(refused(&home, 91, "second"), "replayed");
    assert_eq!(refused(&home, 60, "first"), "forgotten");
    write(&home, "third", 121);
    at(&home, 121, "exchange --token-file third --quiet").ok();
    at(&home, 122, "audit verify --quiet").ok();
}
