//! Tests of a kill or an error while many keys are issued together. Afterwards, all of the keys exist, or none of them
//! works.

use super::{
    assert_intact, database,
    trace::{NEVER_FAIL, again, for_each, record, report},
};
use crate::home::{Ended, Home, KEYWRIGHT};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, process::Stdio, sync::Mutex};

/// The command of each run. It issues more keys than fit into one chunk of rows that the threads exchange.
const LINE: &str = "generate --name a --type token --count 300 --out t --format id";

fn run(options: &[&str]) -> (Home, Ended) {
    let home = Home::new();
    home.run("init").ok();
    let mut command = home.program("strace");
    command.args(options).arg(KEYWRIGHT).args(LINE.split(' '));
    let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
    (home, Ended(output))
}

/// Asserts that all keys are pending or all are active, and that every delivered secret has its key. Returns how far
/// the run got: `none`, `pending` or `active`.
fn check(home: &Home, what: &str) -> &'static str {
    assert_intact(&home.keyring());
    home.run("audit verify").ok();
    let keys = home.keys();
    let active = keys.iter().filter(|key| key["status"] == "active").count();
    assert!(
        keys.is_empty() || keys.len() == 300 && (active == 0 || active == 300),
        "{what}: {active} of {}",
        keys.len()
    );
    let secrets = std::fs::read_to_string(home.file("t")).unwrap_or_default();
    assert!(active == 0 || !secrets.is_empty(), "{what}: keys that work and are with nobody");
    let database = database(&home.keyring());
    let mut find = database.prepare("SELECT count(*) FROM key WHERE secret_hash = ?1").unwrap();
    for line in secrets.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{what}: half a line: {e}"));
        let hash = Sha256::digest(line["token"].as_str().unwrap().as_bytes());
        let owners: i64 = find.query_row([&hash[..]], |row| row.get(0)).unwrap();
        assert_eq!(owners, 1, "{what}: a secret without a key");
    }
    assert!(secrets.is_empty() || secrets.lines().count() == 300, "{what}");
    match (keys.len(), active) {
        (0, _) => "none",
        (_, 0) if !secrets.is_empty() => {
            // The interrupted delivery can be completed.
            home.run("activate --from t").ok();
            assert_eq!(home.ids("--status active").len(), 300, "{what}");
            "pending"
        }
        (_, 0) => "pending",
        _ => "active",
    }
}

#[test]
fn a_kill_at_every_other_call_leaves_all_keys_or_none() {
    let Some(calls) = record(run) else { return };
    let calls: Vec<_> = calls.into_iter().step_by(2).collect();
    let tally = Mutex::new(BTreeMap::<String, usize>::new());
    for_each(&calls, |(call, number)| {
        let (home, ended) = again(run, call, "signal=KILL", *number);
        let what = format!("killed before {call} #{number}");
        let outcome = check(&home, &what);
        assert!(ended.0.status.code() != Some(0) || outcome == "active", "{what}");
        *tally.lock().unwrap().entry(outcome.to_owned()).or_default() += 1;
    });
    let tally = tally.into_inner().unwrap();
    report("killed", calls.len(), &tally);
    for outcome in ["none", "pending", "active"] {
        assert!(tally.contains_key(outcome), "{tally:?}");
    }
}

#[test]
fn an_error_from_every_other_call_leaves_no_key() {
    let Some(calls) = record(run) else { return };
    let calls: Vec<_> = calls.into_iter().filter(|(call, _)| !NEVER_FAIL.contains(&call.as_str())).step_by(2).collect();
    let tally = Mutex::new(BTreeMap::<String, usize>::new());
    for_each(&calls, |(call, number)| {
        let (home, ended) = again(run, call, "error=EIO", *number);
        let what = format!("EIO from {call} #{number}: {:?} {}", ended.0.status, ended.err());
        let outcome = check(&home, &what);
        let left = ended.err().contains("activation_unknown");
        assert!(!left || ended.err().contains("`keywright activate --from FILE`"), "{what}");
        let unknown = left || ended.err().contains("output_failed");
        match ended.0.status.code() {
            Some(0) => assert_eq!(outcome, "active", "{what}"),
            Some(6) if !unknown => {
                assert_ne!(outcome, "active", "{what}");
                assert!(!home.file("t").exists(), "{what}: secrets were left behind");
            }
            Some(6) => assert!(home.file("t").exists(), "{what}"),
            _ => panic!("{what}"),
        }
        *tally.lock().unwrap().entry(outcome.to_owned()).or_default() += 1;
    });
    report("failed", calls.len(), &tally.into_inner().unwrap());
}
