//! Death and errors at every system call.
//!
//! One run is recorded with `strace`; then, for every call that its main thread made since it hardened itself,
//! a run is killed just before that call, and others get an error from it. What must hold afterwards is [`Aftermath::check`].

use super::{beside_keyring, database, has, skip, sound};
use crate::home::{Ended, Home, KEYWRIGHT};
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeMap,
    fs::File,
    path::Path,
    process::Stdio,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Calls that fail for reasons of memory or cannot fail; an error there tells nothing about a keyring.
pub(super) const NEVER_FAIL: [&str; 15] = [
    "brk",
    "mmap",
    "munmap",
    "mprotect",
    "madvise",
    "futex",
    "getpid",
    "geteuid",
    "sigaltstack",
    "exit_group",
    "exit",
    "rt_sigprocmask",
    "rt_sigaction",
    "sched_yield",
    "sched_getaffinity",
];

/// How the secret leaves.
#[derive(Clone, Copy)]
enum Way {
    File,
    Stdout,
    Command,
}

/// Whether the first run makes the keyring, or there is one.
#[derive(Clone, Copy)]
enum Keyring {
    Missing,
    There,
}

/// A run to be repeated.
struct Scene {
    way: Way,
    template: Option<Vec<u8>>,
}

impl Scene {
    fn new(way: Way, keyring: Keyring) -> Self {
        let template = matches!(keyring, Keyring::There).then(|| {
            let home = Home::new();
            home.run("generate --name before --type token --out before").ok();
            std::fs::read(home.keyring()).unwrap()
        });
        Self { way, template }
    }

    /// Runs it in a new home, under `strace` with some options.
    fn run(&self, options: &[&str]) -> (Home, Ended) {
        let home = Home::new();
        if let Some(keyring) = &self.template {
            use std::os::unix::fs::DirBuilderExt as _;
            let mut builder = std::fs::DirBuilder::new();
            builder.recursive(true).mode(0o700).create(home.keyring().parent().unwrap()).unwrap();
            std::fs::write(home.keyring(), keyring).unwrap();
            super::chmod(&home.keyring(), 0o600);
        }
        let mut command = home.program("strace");
        command.args(options).arg(KEYWRIGHT);
        command.args("generate --name a --type token --format json".split(' '));
        match self.way {
            Way::File => command.args(["--out", "t"]),
            Way::Stdout => command.stdout(File::create(home.file("t")).unwrap()),
            Way::Command => command.args(["--", "sh", "-c", "cat > t"]),
        };
        if !matches!(self.way, Way::Stdout) {
            command.stdout(Stdio::null());
        }
        let output = command.stderr(Stdio::piped()).output().unwrap();
        (home, Ended(output))
    }

    /// The calls of the main thread since it hardened itself, each with its number among its kind.
    fn record(&self) -> Option<Vec<(String, usize)>> {
        let place = tempfile::Builder::new().prefix("keywright-test-").tempdir().unwrap();
        let log = place.path().join("log");
        let (_home, ended) = self.run(&["-o", log.to_str().unwrap()]);
        if ended.0.status.code() != Some(0) {
            skip(&format!("strace does not work here: {}", ended.err().lines().next().unwrap_or_default()));
            return None;
        }
        Some(calls(&log))
    }
}

pub(super) fn calls(log: &Path) -> Vec<(String, usize)> {
    let log = std::fs::read_to_string(log).unwrap();
    let mut counts = BTreeMap::<&str, usize>::new();
    let (mut calls, mut touched) = (Vec::new(), false);
    for rest in log.lines() {
        if !rest.starts_with(|c: char| c.is_ascii_lowercase()) {
            continue;
        }
        let name = rest.split('(').next().unwrap();
        let count = counts.entry(name).or_default();
        *count += 1;
        // The arguments of later calls are hidden from a tracer that is not root: the process is not dumpable.
        touched |= rest.contains("PR_SET_DUMPABLE");
        if touched {
            calls.push((name.to_owned(), *count));
        }
    }
    assert!(calls.len() > 100, "{} calls", calls.len());
    calls
}

/// What a run has left.
struct Aftermath<'a> {
    home: &'a Home,
    what: &'a str,
}

impl Aftermath<'_> {
    /// Every secret that is out has a key, and every key that works has its secret out; the keyring opens; no secret
    /// lies where it was not delivered. Returns the status of the key, if there is one.
    fn check(&self) -> Option<String> {
        let Self { home, what } = self;
        let secret = std::fs::read_to_string(home.file("t")).unwrap_or_default();
        for name in home.files() {
            let content = std::fs::read_to_string(home.file(&name)).unwrap();
            assert!(name == "t" || !content.contains("kw_test_"), "{what}: {name} holds a secret");
        }
        for name in beside_keyring(home) {
            let content = std::fs::read(home.keyring().with_file_name(&name)).unwrap();
            let token = secret.split('"').find(|part| part.len() > 60).unwrap_or("no secret");
            assert!(!content.windows(token.len()).any(|part| part == token.as_bytes()), "{what}: {name}");
        }
        let status = home.keyring().exists().then(|| {
            let keys = home.keys();
            let status = |key: &serde_json::Value| key["status"].as_str().unwrap().to_owned();
            keys.iter().find(|key| key["name"] == "a").map(status)
        });
        let status = status.flatten();
        if home.keyring().exists() {
            sound(&home.keyring());
        }
        if secret.is_empty() {
            assert_ne!(status.as_deref(), Some("active"), "{what}: a key that works and is with nobody");
            return status;
        }
        // With `--format json`, standard output carries a document; the token is its longest string but the message.
        let token = secret.split(['"', '\n']).find(|part| part.starts_with("kw_test_") && part.len() > 60);
        let hash = Sha256::digest(token.unwrap_or_else(|| panic!("{what}: half a secret: {secret}")).as_bytes());
        let owners: i64 = database(&home.keyring())
            .query_row("SELECT count(*) FROM key WHERE name = 'a' AND secret_hash = ?1", [&hash[..]], |row| row.get(0))
            .unwrap();
        assert_eq!(owners, 1, "{what}: a secret without a key");
        if status.as_deref() == Some("pending") {
            // What the crash left can be completed.
            home.run_with("activate a --private-key -", token.unwrap()).ok();
        }
        status
    }
}

/// Does something for every one of many, two at a time.
pub(super) fn for_each<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(item);
                }
            });
        }
    });
}

pub(super) fn traceable() -> bool {
    let there = has("strace");
    if !there {
        skip("there is no strace to kill and to fail single system calls with");
    }
    there
}

#[track_caller]
fn killed_everywhere(way: Way, keyring: Keyring) {
    let scene = Scene::new(way, keyring);
    let Some(calls) = traceable().then(|| scene.record()).flatten() else {
        return;
    };
    let tally = Mutex::new(BTreeMap::<String, usize>::new());
    for_each(&calls, |(call, number)| {
        let inject = format!("inject={call}:signal=KILL:when={number}");
        let (home, ended) = scene.run(&["-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject]);
        let what = format!("killed before {call} #{number}");
        let status = Aftermath { home: &home, what: &what }.check();
        let finished = ended.0.status.code() == Some(0);
        assert!(!finished || status.as_deref() == Some("active"), "{what}");
        let outcome = status.unwrap_or_else(|| "none".to_owned());
        *tally.lock().unwrap().entry(outcome).or_default() += 1;
    });
    let tally = tally.into_inner().unwrap();
    report("killed", calls.len(), &tally);
    // The whole way was walked: from nothing over reserved to active.
    for outcome in ["none", "pending", "active"] {
        assert!(tally.contains_key(outcome), "{tally:?}");
    }
}

fn failing_everywhere(way: Way, keyring: Keyring, errors: &[&str]) {
    let scene = Scene::new(way, keyring);
    let Some(calls) = traceable().then(|| scene.record()).flatten() else {
        return;
    };
    let points: Vec<_> = calls
        .iter()
        .filter(|(call, _)| !NEVER_FAIL.contains(&call.as_str()))
        .flat_map(|(call, number)| errors.iter().map(move |error| (call, number, error)))
        .collect();
    let tally = Mutex::new(BTreeMap::<String, usize>::new());
    for_each(&points, |(call, number, error)| {
        let inject = format!("inject={call}:error={error}:when={number}");
        let (home, ended) = scene.run(&["-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject]);
        let err = ended.err();
        let what = format!("{error} from {call} #{number}: {:?} {err}", ended.0.status);
        let status = Aftermath { home: &home, what: &what }.check();
        let code = ended.0.status.code();
        let word = err.split("\"code\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("done");
        match code {
            Some(0) => assert_eq!(status.as_deref(), Some("active"), "{what}"),
            Some(6) => match word {
                "activation_unknown" => assert!(home.file("t").metadata().unwrap().len() > 0, "{what}"),
                // The delivery was over; only the report was lost.
                "output_failed" => assert_eq!(status.as_deref(), Some("active"), "{what}"),
                _ => {
                    assert_ne!(status.as_deref(), Some("active"), "{what}");
                    let out = std::fs::read_to_string(home.file("t")).unwrap_or_default();
                    assert_eq!(out, "", "{what}");
                }
            },
            _ => panic!("{what}"),
        }
        *tally.lock().unwrap().entry(word.to_owned()).or_default() += 1;
    });
    report("failed", points.len(), &tally.into_inner().unwrap());
}

/// The numbers, for who runs the tests with `--nocapture`.
#[expect(clippy::print_stdout, reason = "a measurement")]
pub(super) fn report(what: &str, points: usize, tally: &BTreeMap<String, usize>) {
    println!("{what} at {points} points: {tally:?}");
}

#[test]
fn killed_at_every_call_on_the_way_to_a_file() {
    killed_everywhere(Way::File, Keyring::There);
}

#[test]
fn killed_at_every_call_of_a_first_run() {
    killed_everywhere(Way::File, Keyring::Missing);
}

#[test]
fn killed_at_every_call_on_the_way_to_standard_output() {
    killed_everywhere(Way::Stdout, Keyring::There);
}

#[test]
fn killed_at_every_call_on_the_way_to_a_command() {
    killed_everywhere(Way::Command, Keyring::There);
}

#[test]
fn an_error_from_every_call_on_the_way_to_a_file() {
    failing_everywhere(Way::File, Keyring::There, &["ENOSPC", "EIO"]);
}

#[test]
fn an_error_from_every_call_of_a_first_run() {
    failing_everywhere(Way::File, Keyring::Missing, &["EIO"]);
}

#[test]
fn an_error_from_every_call_on_the_way_to_standard_output() {
    failing_everywhere(Way::Stdout, Keyring::There, &["EIO"]);
}
