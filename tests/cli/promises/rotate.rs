//! Tests of a kill or an error at every system call of a rotation. The old key is never retired without a new secret
//! that works, and there are never two successors.

use super::{
    assert_intact, database,
    trace::{NEVER_FAIL, again, for_each, inject, record, report},
};
use crate::home::{Ended, Home, KEYWRIGHT};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::fs::DirBuilderExt as _,
    process::Stdio,
    sync::Mutex,
};

const ONE: &str = "rotate a --out new/t --overlap 2h --retire-on-use --format json";
const LEAK: &str = "rotate a --out new/t --overlap 0 --format json";
const MANY: &str = "rotate --expiring-within 14d --expires 90d --out-dir new --format json";

/// A run that is repeated on copies of one keyring.
struct Scene {
    line: &'static str,
    keyring: Vec<u8>,
}

impl Scene {
    fn new(line: &'static str, names: &[&str]) -> Self {
        let home = Home::new();
        for name in names {
            home.run(&format!("generate --name {name} --type token --expires 5d --out {name}")).ok();
        }
        Self { line, keyring: std::fs::read(home.keyring()).unwrap() }
    }

    fn home(&self) -> Home {
        let home = Home::new();
        let mut private = std::fs::DirBuilder::new();
        private.recursive(true).mode(0o700).create(home.keyring().parent().unwrap()).unwrap();
        std::fs::write(home.keyring(), &self.keyring).unwrap();
        super::chmod(&home.keyring(), 0o600);
        private.create(home.file("new")).unwrap();
        home
    }

    /// Runs the command in a new home, under `strace` with the given options.
    fn run(&self, options: &[&str]) -> (Home, Ended) {
        let home = self.home();
        let mut command = home.program("strace");
        command.args(options).arg(KEYWRIGHT).args(self.line.split(' '));
        let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
        (home, Ended(output))
    }
}

/// Returns the ids of the keys whose secrets are in the directory `new`.
fn delivered(home: &Home) -> Vec<String> {
    let files = home.files().into_iter().filter(|name| name.starts_with("new/"));
    files
        .map(|name| {
            let secret = home.read(&name);
            let hash = Sha256::digest(secret.trim().as_bytes());
            let id: Vec<u8> = database(&home.keyring())
                .query_row("SELECT id FROM key WHERE secret_hash = ?1", [&hash[..]], |row| row.get(0))
                .unwrap_or_else(|e| panic!("{name} holds a secret of no key: {e}"));
            uuid::Uuid::from_slice(&id).unwrap().to_string()
        })
        .collect()
}

/// Asserts that the promises are kept, and returns how far the rotation got.
fn check(home: &Home, what: &str) -> &'static str {
    assert_intact(&home.keyring());
    let delivered = delivered(home);
    let keys = home.keys();
    let is = |key: &Value, status: &str| key["status"] == status;
    let (mut begun, mut over) = (0, 0);
    for old in keys.iter().filter(|key| key["rotated_from"].is_null()) {
        let successors: Vec<_> = keys.iter().filter(|key| key["rotated_from"] == old["api_key_id"]).collect();
        assert!(successors.len() <= 1, "{what}: two successors");
        let new = successors.first();
        begun += usize::from(new.is_some());
        let active = new.filter(|new| is(new, "active"));
        let secret = |key: &Value| delivered.iter().any(|id| key["api_key_id"] == id.as_str());
        if let Some(new) = active {
            over += 1;
            assert!(secret(new), "{what}: a successor that works and is with nobody");
            assert_eq!(old["rotated_to"], new["api_key_id"], "{what}");
        } else {
            assert!(
                is(old, "active") && old["rotated_to"].is_null(),
                "{what}: retired before its successor works: {old}"
            );
        }
    }
    match (begun, over) {
        (0, _) => "untouched",
        (_, 0) => "pending",
        (begun, over) if begun == over => "rotated",
        _ => "half of them",
    }
}

/// Repeats a run with a kill at every `step`th system call, and calls `afterwards` with the home that each run leaves.
fn killed(line: &'static str, names: &[&str], step: usize, afterwards: impl Fn(&Home, &str) + Sync) {
    let scene = Scene::new(line, names);
    let Some(calls) = record(|options| scene.run(options)) else { return };
    let calls: Vec<_> = calls.into_iter().step_by(step).collect();
    let tally = Mutex::new(BTreeMap::<String, usize>::new());
    for_each(&calls, |(call, number)| {
        let (home, ended) = again(|options| scene.run(options), call, "signal=KILL", *number);
        let what = format!("killed before {call} #{number}");
        let outcome = check(&home, &what);
        assert!(ended.0.status.code() != Some(0) || outcome == "rotated", "{what}");
        *tally.lock().unwrap().entry(outcome.to_owned()).or_default() += 1;
        afterwards(&home, &what);
    });
    let tally = tally.into_inner().unwrap();
    report("killed", calls.len(), &tally);
    for outcome in ["untouched", "pending", "rotated"] {
        assert!(tally.contains_key(outcome), "{tally:?}");
    }
}

/// Activates a pending successor whose secret was delivered, and asserts that this completes the rotation.
fn finish(home: &Home, what: &str) {
    let Some(pending) = home.keys().into_iter().find(|key| key["status"] == "pending") else { return };
    let id = pending["api_key_id"].as_str().unwrap();
    if delivered(home).iter().any(|other| other == id) {
        home.run(&format!("activate {id} --private-key new/t")).ok();
        assert_eq!(check(home, what), "rotated", "{what}");
    }
}

#[test]
fn a_kill_at_any_call_of_a_rotation_keeps_the_promises() {
    killed(ONE, &["a"], 1, finish);
}

#[test]
fn a_kill_at_any_call_of_a_rotation_without_overlap_keeps_the_promises() {
    killed(LEAK, &["a"], 1, |home, what| {
        finish(home, what);
        let old = home.keys().into_iter().find(|key| key["rotated_from"].is_null()).unwrap();
        assert_eq!(old["status"] == "revoked", !old["rotated_to"].is_null(), "{what}");
    });
}

#[test]
fn many_keys_are_rotated_exactly_once_despite_kills() {
    killed(MANY, &["a", "b", "c"], 3, |home, what| {
        // The second run is killed too, but the third is not.
        let mut second = home.program("strace");
        second.args(inject("fsync", "signal=KILL", 3).each_ref().map(String::as_str)).arg(KEYWRIGHT);
        second.args(MANY.split(' ')).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        check(home, what);
        home.run(MANY).ok();
        assert_eq!(check(home, what), "rotated", "{what}");
        assert_eq!(home.run(MANY).ok().json(), serde_json::json!([]), "{what}");
        let keys = home.keys();
        let successors = keys.iter().filter(|key| !key["rotated_from"].is_null());
        let successors: BTreeSet<_> = successors.map(|key| key["api_key_id"].as_str().unwrap().to_owned()).collect();
        assert_eq!((keys.len(), successors.len()), (6, 3), "{what}");
        assert_eq!(delivered(home).into_iter().collect::<BTreeSet<_>>(), successors, "{what}: a file for each");
    });
}

#[test]
fn an_error_from_any_call_of_a_rotation_keeps_the_promises() {
    let scene = Scene::new(ONE, &["a"]);
    let Some(calls) = record(|options| scene.run(options)) else { return };
    let calls: Vec<_> = calls.into_iter().filter(|(call, _)| !NEVER_FAIL.contains(&call.as_str())).collect();
    let tally = Mutex::new(BTreeMap::<String, usize>::new());
    for_each(&calls, |(call, number)| {
        let (home, ended) = again(|options| scene.run(options), call, "error=EIO", *number);
        let what = format!("EIO from {call} #{number}: {:?} {}", ended.0.status, ended.err());
        let outcome = check(&home, &what);
        let unknown = ended.err().contains("activation_unknown") || ended.err().contains("output_failed");
        match ended.0.status.code() {
            Some(0) => assert_eq!(outcome, "rotated", "{what}"),
            Some(6) if !unknown => {
                assert_ne!(outcome, "rotated", "{what}");
                assert!(delivered(&home).is_empty(), "{what}: a secret was left behind");
            }
            Some(6) => assert!(!delivered(&home).is_empty(), "{what}"),
            _ => panic!("{what}"),
        }
        *tally.lock().unwrap().entry(outcome.to_owned()).or_default() += 1;
    });
    report("failed", calls.len(), &tally.into_inner().unwrap());
}
