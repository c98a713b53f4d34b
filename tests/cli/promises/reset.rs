//! Tests of a keyring that was reset to an older state, or whose records of accepted signatures were edited.

use super::replays::{accept, judged_alone, now, request, reset_to, signer};
use super::*;
use crate::batch::Running;
use crate::tools::{fake_clock, have};
use serde_json::{Value, json};

fn question(request: &str) -> Value {
    json!({ "request": serde_json::from_str::<Value>(request).unwrap() })
}

#[test]
fn a_reset_that_only_the_log_shows_refuses_what_was_accepted_since() {
    let home = signer();
    accept(&home, &request(&home, now() - 1), "");
    let earlier = std::fs::read(home.keyring()).unwrap();
    // The log has two more rows, and the keys are as before.
    home.run("disable mine --yes").ok();
    home.run("enable mine").ok();
    home.run("backup saved").ok();
    let later = request(&home, now() + 10);
    accept(&home, &later, "");
    reset_to(&home, &earlier);
    assert_eq!(judged_alone(&home, &later, ""), "valid");
    let planned = home.run("restore saved --dry-run").ok();
    assert!(planned.err().contains("would restore no keys, but a refusal of requests"), "{}", planned.err());
    assert!(home.run("restore saved --yes").ok().err().contains("are refused"));
    assert_eq!(judged_alone(&home, &later, ""), "forgotten");
    assert!(home.run("restore saved --yes").ok().err().contains("already contains everything"));
}

#[test]
fn an_older_copy_that_lacks_the_record_of_another_process_is_noticed() {
    let home = signer();
    let (first, second) = (request(&home, now() - 1), request(&home, now()));
    let mut running = Running::start(&home, "");
    assert_eq!(running.ask(&question(&first))["code"], "valid");
    let earlier = std::fs::read(home.keyring()).unwrap();
    accept(&home, &second, "");
    assert_eq!(running.ask(&question(&second))["code"], "replayed");
    reset_to(&home, &earlier);
    for _ in 0..2 {
        assert_eq!(running.ask(&question(&second))["code"], "unavailable");
    }
    assert_eq!(running.end(), 0);
}

#[test]
fn a_running_process_goes_on_after_a_restore_and_after_a_correction_of_the_clock() {
    if !have("faketime") {
        return;
    }
    let home = signer();
    let clock = home.write("clock", "+3600s");
    let mut command = home.keywright(["verify", "--batch"]);
    fake_clock(&mut command, "FAKETIME_TIMESTAMP_FILE", &clock);
    let mut running = Running::spawn(command);
    assert_eq!(running.ask(&question(&request(&home, now() + 3600)))["code"], "valid");
    // Another process deletes the record, and then the clock is corrected.
    let ahead = request(&home, now() + 3700);
    let mut sweep = home.keywright(["verify-request", "--quiet"]);
    fake_clock(&mut sweep, "FAKETIME", "+3700s");
    Home::feed(sweep, &ahead).ok();
    home.run("audit accept-clock --yes").ok();
    std::fs::write(&clock, "+0s").unwrap();
    for at in [now() + 5, now() + 6] {
        let answer = running.ask(&question(&request(&home, at)));
        assert_ne!(answer["code"], "unavailable", "{answer}");
    }
    home.run("backup saved").ok();
    std::fs::remove_file(home.keyring()).unwrap();
    home.run("restore saved --yes").ok();
    let answer = running.ask(&question(&request(&home, now() + 7)));
    assert_eq!(answer["code"], "forgotten", "{answer}");
    assert_eq!(running.end(), 0);
}

#[test]
fn absurd_times_of_records_do_no_lasting_harm() {
    let home = signer();
    accept(&home, &request(&home, now() - 1), "");
    let insert = "INSERT INTO replay (hash, timestamp, until) VALUES (randomblob(32), ?1, ?2)";
    for (timestamp, until) in [
        (Some(i64::MAX), 0),
        (None, i64::MAX),
        (None, i64::MIN),
        (Some(i64::MIN), i64::MAX),
        (Some(i64::MAX), i64::MIN),
    ] {
        database(&home.keyring()).execute(insert, (timestamp, until)).unwrap();
    }
    home.run("backup saved").ok();
    // The records are merged, and a keyring is created with them.
    home.run("restore saved --yes").ok();
    std::fs::remove_file(home.keyring()).unwrap();
    home.run("restore saved --yes").ok();
    accept(&home, &request(&home, now() + 100_000), "--max-skew 2d");
    let floor: i64 =
        database(&home.keyring()).query_row("SELECT timestamp FROM replay_floor", [], |row| row.get(0)).unwrap();
    assert!(floor < (now() + 90_000) * 1000, "{floor}");
}
