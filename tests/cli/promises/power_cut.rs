//! Tests of a power failure at any moment.
//!
//! The commands of a [`Scene`] run under `strace`, which records everything that they change. A model of a file system
//! repeats the changes up to a random moment. Then each write and each name that was not synced by that moment is kept
//! or lost, or a write is torn, and the real program reads what is left.
//!
//! These promises must hold:
//!
//! * Everything that a command reported as done is there: keys, statuses, the audit log, files, accepted requests.
//! * The command that was running is done or not done, never half done.
//! * An active key has its secret at the destination, and a complete secret has its key.
//! * The keyring is intact and can be written.
//!
//! A secret on standard output goes to a file that exists before: the name of that file is the business of the shell.
//! A command that receives a secret is responsible for making it durable, so these tests do not cover it.
//!
//! `KEYWRIGHT_TEST_FULL=1` tries thousands of moments.

mod disk;
mod judge;
mod record;

use super::{super::tools::skipped, chmod, has, trace::for_each};
use crate::{
    home::{Ended, Home},
    random::Random,
    tools::fixture,
};
use disk::{Disk, Event, Syncs};
use judge::{Facts, Survivors};
use record::Recorder;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, HashSet},
    fs::File,
    sync::Mutex,
};

/// A command that is recorded.
#[derive(Clone, Copy)]
struct Step {
    line: &'static str,
    /// The file for standard output. It exists before the scene.
    stdout: Option<&'static str>,
    input: Input,
    /// `true` if the command changes each key by itself.
    piecemeal: bool,
}

/// The standard input of a command.
#[derive(Clone, Copy)]
enum Input {
    Nothing,
    File(&'static str),
    /// A request that is signed with the private key of the key `no-secret`.
    Request,
}

const fn step(line: &'static str) -> Step {
    Step { line, stdout: None, input: Input::Nothing, piecemeal: false }
}

struct Scene {
    prepare: fn(&Home),
    steps: &'static [Step],
}

/// The first commands of a user.
const FIRST_RUN: Scene = Scene {
    prepare: |_| {},
    steps: &[
        step("generate --name a --type token --secret-format json --out a"),
        Step { stdout: Some("b"), ..step("generate --name b --type pair --format json") },
        step("revoke a --yes --reason superseded"),
    ],
};

const INIT: Scene = Scene {
    prepare: |home| drop(home.write("rsa.pem", std::fs::read(fixture("rsa3072.spki.pem")).unwrap())),
    steps: &[
        step("init"),
        step("create --name no-secret --public-key rsa.pem"),
        step("generate --name r --bits 2048 --out r.pem --public-out r.pub"),
    ],
};

/// A keyring of an earlier schema.
const UPGRADE: Scene = Scene {
    prepare: |home| {
        std::fs::create_dir_all(home.keyring().parent().unwrap()).unwrap();
        chmod(home.keyring().parent().unwrap(), 0o700);
        let earlier = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/schema-3/keyring.db");
        std::fs::write(home.keyring(), std::fs::read(earlier).unwrap()).unwrap();
        chmod(&home.keyring(), 0o600);
    },
    steps: &[step("generate --name a --type token --secret-format json --out a"), step("revoke to-be-revoked --yes")],
};

/// A backup that is restored to a machine without a keyring.
const RESTORE: Scene = Scene {
    prepare: |home| {
        home.run("generate --count 3 --type token --name many --out many").ok();
        home.run("generate --name a --type token --secret-format json --out a").ok();
        home.run("revoke a --yes").ok();
        home.run("backup saved").ok();
        std::fs::remove_dir_all(home.file(".local")).unwrap();
    },
    steps: &[step("restore saved --yes"), step("revoke many-1 --yes")],
};

const ISSUE: Scene = Scene {
    prepare: prepare_keys,
    steps: &[
        step("generate --count 40 --type token --name many --out many"),
        step("rotate first --overlap 0 --reason key-compromise --secret-format json --out first-2"),
        step("rotate second --overlap 2h --secret-format json --out second-2"),
        Step { stdout: Some("fifth"), ..step("generate --name fifth --type pair --format json") },
        Step {
            piecemeal: true,
            ..step("rotate --expiring-within 4d --expires 25d --overlap 0 --out-dir renewed --secret-format json")
        },
        step("import foreign.jsonl --yes --expires 9d"),
        Step { input: Input::File("pair"), ..step("exchange --ttl 1h --out bearer") },
    ],
};

const KEEP: Scene = Scene {
    prepare: prepare_keys,
    steps: &[
        step("revoke first --yes --reason key-compromise"),
        step("disable second third"),
        step("update fourth --note changed --owner acme --label a=b"),
        step("backup saved"),
        step("enable second"),
        Step { input: Input::Request, ..step("verify-request --quiet") },
        step("revoke --name third --yes"),
        step("export --format jsonl --all --out exported"),
        step("restore saved --yes"),
        step("policy set rsa.smallest 3072"),
        step("owner set acme --usage-level basic"),
        step("purge --ended-before 90d --yes"),
    ],
};

/// An import in several transactions.
const BATCH: Scene = Scene {
    prepare: |home| {
        home.run("generate --name a --type token --secret-format json --out a").ok();
        home.write("many.jsonl", foreign(4200));
    },
    steps: &[step("import many.jsonl --yes --quiet"), step("revoke a --yes")],
};

/// Returns tokens of another system, for `import`.
fn foreign(count: usize) -> String {
    let line = |index| {
        let hash = Sha256::digest(format!("foreign-{index}-Zm9vYmFyYmF6cXV4Zm9vYmFy"));
        let hash = hash.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        format!("{}\n", json!({ "name": format!("no-secret-{index}"), "secret_sha256": hash }))
    };
    (0..count).map(line).collect()
}

fn prepare_keys(home: &Home) {
    // A key that ended long ago, for `purge`.
    home.run("generate --name old --type token --out old --now 2026-01-01T00:00:00Z").ok();
    home.run("revoke old --yes --now 2026-01-01T00:01:00Z").ok();
    for (name, expires) in [("first", "20d"), ("second", "20d"), ("third", "3d"), ("fourth", "3d")] {
        let line = format!("generate --name {name} --type token --expires {expires} --secret-format json --out {name}");
        home.run(&line).ok();
    }
    home.run("generate --name pair --type pair --secret-format json --out pair").ok();
    home.run(&format!("create --name no-secret --public-key {}", fixture("rsa2048.spki.pem"))).ok();
    home.write("exported", "an earlier export");
    home.write("foreign.jsonl", foreign(40));
}

/// Everything that the commands of a scene changed.
struct Recording {
    steps: &'static [Step],
    start: Disk,
    events: Vec<Event>,
    /// The state before the first command, and after each.
    facts: Vec<Facts>,
}

impl Recording {
    /// Returns `None`, and reports a skipped test, if `strace` does not work.
    fn of(scene: &Scene) -> Option<Self> {
        if !has("strace") {
            skipped("there is no strace to record what would be lost");
            return None;
        }
        let home = Home::new();
        (scene.prepare)(&home);
        for name in scene.steps.iter().filter_map(|step| step.stdout) {
            chmod(&home.write(name, ""), 0o600);
        }
        let start = Disk::read(home.path());
        let mut recorder = Recorder::new(home.path());
        let mut facts = vec![Facts::of(&home)];
        for step in scene.steps {
            let (ended, log, request) = run(&home, step);
            if log.is_empty() {
                skipped(&format!("strace does not work here: {}", ended.err().lines().next().unwrap_or_default()));
                return None;
            }
            let ended = ended.ok();
            recorder.read(&log);
            recorder.push(Event::Acknowledged);
            let mut now = Facts::of(&home);
            now.accepted.clone_from(&facts.last().unwrap().accepted);
            now.accepted.extend(request);
            facts.push(now);
            // The model has seen everything that the command did.
            let (expected, found) = (Disk::read(home.path()).running(), recorder.disk.running());
            let content = |tree: &disk::Tree| -> BTreeMap<_, _> {
                tree.iter().map(|(path, file)| (path.clone(), file.clone().map(|(_, bytes)| bytes))).collect()
            };
            assert!(content(&expected) == content(&found), "{}: {}", step.line, ended.err());
        }
        Some(Self { steps: scene.steps, start, events: recorder.events, facts })
    }

    /// Returns the state that a power failure after the first `count` events leaves, or `None` if it is as it should be.
    fn failure(&self, count: usize, disk: &Disk, random: &mut Random, seen: &Mutex<HashSet<u64>>) -> Option<String> {
        let tree = disk.after_power_failure(random);
        let done = self.events[..count].iter().filter(|event| matches!(event, Event::Acknowledged)).count();
        if !seen.lock().unwrap().insert(disk::digest(&tree) ^ u64::try_from(done).unwrap()) {
            return None;
        }
        let home = Home::new();
        disk::write(&tree, home.path());
        let (before, after) = (&self.facts[done], self.facts.get(done + 1).unwrap_or(&self.facts[done]));
        let step = self.steps.get(done);
        let piecemeal = step.is_some_and(|step| step.piecemeal);
        let broken = Survivors { home: &home, before, after, piecemeal }.check().err()?;
        let line = step.map_or("the last command", |step| step.line);
        Some(format!("power failure after event {count}, during or before `{line}`: {broken}"))
    }

    /// Returns the state of the disk after the first `count` events.
    fn disk(&self, count: usize, syncs: Syncs) -> Disk {
        let mut disk = self.start.clone();
        self.events[..count].iter().for_each(|event| disk.apply(event, syncs));
        disk
    }

    /// Returns the number of different states that were checked, and the first that breaks a promise.
    fn failures(&self, moments: &[usize], repetitions: usize, syncs: Syncs) -> (usize, Option<String>) {
        let (seen, found) = (Mutex::new(HashSet::new()), Mutex::new(None));
        for_each(moments, |count| {
            if found.lock().unwrap().is_some() {
                return;
            }
            let disk = self.disk(*count, syncs);
            let mut random = Random(u64::try_from(*count).unwrap());
            for _ in 0..repetitions {
                if let Some(failure) = self.failure(*count, &disk, &mut random, &seen) {
                    *found.lock().unwrap() = Some(failure);
                    return;
                }
            }
        });
        (seen.into_inner().unwrap().len(), found.into_inner().unwrap())
    }

    /// Returns the moments just after each command.
    fn acknowledgments(&self) -> Vec<usize> {
        let ends = self.events.iter().enumerate().filter(|(_, event)| matches!(event, Event::Acknowledged));
        ends.map(|(index, _)| index + 1).collect()
    }
}

/// Runs a command under `strace`. Returns its result, the log, and the accepted request, if any.
fn run(home: &Home, step: &Step) -> (Ended, String, Option<String>) {
    let place = tempfile::Builder::new().prefix("keywright-test-").tempdir().unwrap();
    let log = place.path().join("log");
    let mut command = home.program("strace");
    command.args(record::options(&log)).arg(crate::home::KEYWRIGHT).args(step.line.split(' '));
    if let Some(name) = step.stdout {
        command.stdout(File::options().write(true).open(home.file(name)).unwrap());
    }
    let request = matches!(step.input, Input::Request).then(|| request(home));
    let input = place.path().join("input");
    match (step.input, &request) {
        (Input::File(name), _) => drop(std::fs::copy(home.file(name), &input).unwrap()),
        (_, Some(request)) => std::fs::write(&input, request).unwrap(),
        _ => std::fs::write(&input, "").unwrap(),
    }
    let ended = Ended(command.stdin(File::open(&input).unwrap()).output().unwrap());
    (ended, std::fs::read_to_string(log).unwrap_or_default(), request)
}

fn request(home: &Home) -> String {
    let id = home.run("show no-secret --format id").ok().out();
    let private = fixture("rsa2048.private.pkcs8.pem");
    let line = format!("sign --private-key {private} --insecure-permissions --key-id {}", id.trim());
    let signed = home.run(&format!("{line} --method GET --path https://x/a --format json --quiet")).ok().json();
    json!({ "method": "GET", "url": "https://x/a", "headers": signed }).to_string()
}

/// Returns `true` if the tests should try every moment.
fn full() -> bool {
    std::env::var_os("KEYWRIGHT_TEST_FULL").is_some()
}

/// Checks `wanted` random moments and those after each command.
#[expect(clippy::print_stdout, reason = "a measurement")]
fn survives(scene: &Scene, wanted: usize) {
    let Some(recording) = Recording::of(scene) else { return };
    let all = recording.events.len();
    let (mut moments, mut random) = (recording.acknowledgments(), Random(1));
    let (wanted, repetitions) = if full() { (20 * wanted, 24) } else { (wanted, 2) };
    if wanted > all {
        moments = (0..=all).collect();
    } else {
        moments.extend((0..wanted).map(|_| random.index(all + 1)));
    }
    let (states, failure) = recording.failures(&moments, repetitions, Syncs::All);
    println!("{states} states at {} of {} moments", moments.len(), all + 1);
    assert_eq!(failure, None);
}

#[test]
fn a_power_failure_during_a_first_run_keeps_the_promises() {
    survives(&FIRST_RUN, 60);
}

#[test]
fn a_power_failure_after_init_keeps_the_promises() {
    survives(&INIT, 60);
}

#[test]
fn a_power_failure_during_an_upgrade_keeps_the_promises() {
    survives(&UPGRADE, 60);
}

#[test]
fn a_power_failure_during_a_restore_keeps_the_promises() {
    survives(&RESTORE, 60);
}

#[test]
fn a_power_failure_while_issuing_keys_keeps_the_promises() {
    survives(&ISSUE, 60);
}

#[test]
fn a_power_failure_during_a_long_import_keeps_the_promises() {
    survives(&BATCH, 8);
}

#[test]
fn a_power_failure_while_changing_keys_keeps_the_promises() {
    survives(&KEEP, 60);
}

/// Shows that the tests above would find missing syncs.
#[test]
fn a_program_that_syncs_too_little_loses_what_it_acknowledged() {
    let Some(recording) = Recording::of(&FIRST_RUN) else { return };
    for syncs in [Syncs::None, Syncs::Directories, Syncs::Files] {
        let (_, failure) = recording.failures(&recording.acknowledgments(), 30, syncs);
        assert!(failure.is_some(), "{syncs:?}");
    }
}
