//! Keys and processes from a time in which the clock ran ahead.

use super::clock_change::{AHEAD, NOON, at, verdict};
use crate::{
    home::Home,
    tools::{fake_clock, have},
};
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::Stdio,
};

#[test]
fn a_batch_that_began_while_the_keyring_time_was_ahead_sees_the_correction() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, NOON, "generate --name e --type token --expires 5d --out e").ok();
    at(&home, NOON, "generate --name r --type token --out r1").ok();
    at(&home, NOON, "rotate r --retire-on-use --overlap 3d --out r2").ok();
    at(&home, AHEAD, "owner set x --usage-level basic").ok();
    let mut command = home.keywright(["verify", "--batch"]);
    fake_clock(&mut command, "FAKETIME", format!("@{NOON}"));
    let mut batch = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut questions, mut answers) = (batch.stdin.take().unwrap(), BufReader::new(batch.stdout.take().unwrap()));
    let mut code = |file: &str| {
        writeln!(questions, "{{\"token\":\"{}\"}}", home.read(file).trim()).unwrap();
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        serde_json::from_str::<Value>(&line).unwrap()["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code("e"), "expired", "as of the keyring time");
    at(&home, "2026-06-01 12:00:10", "audit accept-clock --yes").ok();
    assert_eq!(code("e"), "valid");
    assert_eq!(code("r2"), "valid");
    drop(questions);
    batch.wait().unwrap();
    assert_eq!(verdict(&home, "2026-06-01 12:01:00", "r1"), "expired", "its successor was used");
    assert_eq!(verdict(&home, "2026-06-01 12:01:00", "e"), "valid");
}

#[test]
fn a_key_of_a_clock_ahead_can_be_rotated_and_does_not_count_for_the_limit() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, NOON, "init").ok();
    at(&home, NOON, "policy set issue_limit 1/day").ok();
    at(&home, AHEAD, "generate --name g --type token --owner ada --expires 30d --out g").ok();
    at(&home, "2026-06-01 12:10:00", "audit accept-clock --yes").ok();
    let shown = at(&home, "2026-06-01 12:10:01", "show g --format json").json();
    assert_eq!(shown["created_at"], "2026-06-01T12:10:00Z");
    assert_eq!(shown["activated_at"], "2026-06-01T12:10:00Z");
    assert_eq!(shown["expires_at"], "2026-07-01T12:10:00Z");
    at(&home, "2026-06-02 12:20:00", "generate --name h --type token --owner ada --out h").ok();
    at(&home, "2026-06-04 12:20:00", "rotate g --out g2").ok();
    let shown = at(&home, "2026-06-04 12:20:01", "show g --format json").json();
    assert_eq!(shown["expires_at"], "2026-07-04T12:20:00Z", "as long as its predecessor");
    at(&home, "2026-06-04 12:20:01", "audit verify").ok();
}

#[test]
fn the_end_of_a_key_that_was_imported_with_a_clock_ahead_moves() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    home.write("tokens", format!("{{\"name\":\"i\",\"secret_sha256\":\"{:064x}\"}}\n", 7));
    at(&home, NOON, "init").ok();
    at(&home, AHEAD, "import tokens --expires 1h").ok();
    at(&home, "2026-06-01 12:10:00", "audit accept-clock --yes").ok();
    let shown = at(&home, "2026-06-01 12:10:01", "show i --format json").json();
    assert_eq!(shown["expires_at"], "2026-06-01T13:10:00Z");
}

#[test]
fn an_end_that_was_set_before_the_clock_ran_further_ahead_comes_no_earlier_than_meant() {
    if !have("faketime") {
        return;
    }
    let home = Home::new();
    at(&home, NOON, "init").ok();
    at(&home, "2026-06-02 12:00:00", "generate --name m --type token --expires 30d --out m").ok();
    at(&home, "2027-07-01 12:00:00", "update m --note x").ok();
    at(&home, "2026-06-01 13:00:00", "audit accept-clock --yes").ok();
    assert_eq!(verdict(&home, "2026-06-01 13:00:01", "m"), "valid");
    let shown = at(&home, "2026-06-01 13:00:01", "show m --format json").json();
    assert_eq!(shown["expires_at"], "2026-07-01T13:00:00Z");
}
