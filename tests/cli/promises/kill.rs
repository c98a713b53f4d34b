//! Tests of a kill or an error at every system call.
//!
//! One run is recorded with `strace`. Then, for each call that its main thread made after the process was hardened, one
//! run is killed just before the call, and other runs get an error from the call. [`Aftermath::check`] checks the
//! promises afterwards.

use super::{
    assert_intact, beside_keyring, database,
    trace::{NEVER_FAIL, again, for_each, record, report},
};
use crate::home::{Ended, Home, KEYWRIGHT};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, fs::File, path::Path, process::Stdio, sync::Mutex};

/// The destination of the secret.
#[derive(Clone, Copy)]
enum Way {
    File,
    Stdout,
    Command,
}

/// The keyring before the run: none yet, an existing one, or one of an earlier schema.
#[derive(Clone, Copy)]
enum Keyring {
    Missing,
    There,
    /// A keyring of an earlier schema, which the run upgrades.
    Earlier,
}

/// The path of a keyring of an earlier schema.
const EARLIER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/schema-3/keyring.db");

/// A run that is repeated with a fault.
struct Scene {
    way: Way,
    template: Option<Vec<u8>>,
}

impl Scene {
    fn new(way: Way, keyring: Keyring) -> Self {
        let template = match keyring {
            Keyring::Missing => None,
            Keyring::There => {
                let home = Home::new();
                home.run("generate --name before --type token --out before").ok();
                Some(std::fs::read(home.keyring()).unwrap())
            }
            Keyring::Earlier => Some(std::fs::read(EARLIER).unwrap()),
        };
        Self { way, template }
    }

    /// Runs `generate` in a new home, under `strace` with the given options.
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
        command.args("generate --name a --type token --scope read --format json".split(' '));
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
}

/// The state that a run left behind.
struct Aftermath<'a> {
    scene: &'a Scene,
    home: &'a Home,
    what: &'a str,
}

impl Aftermath<'_> {
    /// Asserts that every delivered secret has a key and every active key has a delivered secret, that the keyring
    /// opens, and that no secret is anywhere but at its destination. Returns the status of the key, if there is one.
    fn check(&self) -> Option<String> {
        let Self { scene, home, what } = self;
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
        if let Some(keyring) = &scene.template {
            whole_schema(home, keyring, what);
        }
        let status = home.keyring().exists().then(|| {
            let keys = home.keys();
            let status = |key: &serde_json::Value| key["status"].as_str().unwrap().to_owned();
            keys.iter().find(|key| key["name"] == "a").map(status)
        });
        let status = status.flatten();
        if home.keyring().exists() {
            assert_intact(&home.keyring());
        }
        if secret.is_empty() {
            assert_ne!(status.as_deref(), Some("active"), "{what}: a key that works and is with nobody");
            return status;
        }
        // With `--format json`, standard output contains a JSON document. The token is the only long string with this
        // prefix in it.
        let token = secret.split(['"', '\n']).find(|part| part.starts_with("kw_test_") && part.len() > 60);
        let hash = Sha256::digest(token.unwrap_or_else(|| panic!("{what}: half a secret: {secret}")).as_bytes());
        let owners: i64 = database(&home.keyring())
            .query_row("SELECT count(*) FROM key WHERE name = 'a' AND secret_hash = ?1", [&hash[..]], |row| row.get(0))
            .unwrap();
        assert_eq!(owners, 1, "{what}: a secret without a key");
        if status.as_deref() == Some("pending") {
            // The interrupted delivery can be completed.
            home.run_with("activate a --private-key -", token.unwrap()).ok();
        }
        status
    }
}

/// Asserts that the keyring either has its earlier schema, or has the current schema and a copy with the content
/// `before` beside it.
#[track_caller]
fn whole_schema(home: &Home, before: &[u8], what: &str) {
    let definition = |path: &Path| -> (i64, String) {
        let sql = "SELECT user_version, group_concat(sql) FROM pragma_user_version, sqlite_schema";
        database(path).query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    let old = home.write("old.db", before);
    home.run("init --keyring today.db").ok();
    let (found, old, today) = (definition(&home.keyring()), definition(&old), definition(&home.file("today.db")));
    assert!(found == old || found == today, "{what}: {found:?}");
    if found != old {
        let copy = home.keyring().with_file_name(format!("keyring.db.schema-{}.backup", old.0));
        assert!(std::fs::read(copy).unwrap() == before, "{what}");
    }
    for name in ["old.db", "today.db"] {
        std::fs::remove_file(home.file(name)).unwrap();
    }
}

#[track_caller]
fn killed_everywhere(way: Way, keyring: Keyring) {
    let scene = Scene::new(way, keyring);
    let Some(calls) = record(|options| scene.run(options)) else {
        return;
    };
    let tally = Mutex::new(BTreeMap::<String, usize>::new());
    for_each(&calls, |(call, number)| {
        let (home, ended) = again(|options| scene.run(options), call, "signal=KILL", *number);
        let what = format!("killed before {call} #{number}");
        let status = Aftermath { scene: &scene, home: &home, what: &what }.check();
        let finished = ended.0.status.code() == Some(0);
        assert!(!finished || status.as_deref() == Some("active"), "{what}");
        let outcome = status.unwrap_or_else(|| "none".to_owned());
        *tally.lock().unwrap().entry(outcome).or_default() += 1;
    });
    let tally = tally.into_inner().unwrap();
    report("killed", calls.len(), &tally);
    // The kills hit the run in every state: before the reservation, before the activation, and after it.
    for outcome in ["none", "pending", "active"] {
        assert!(tally.contains_key(outcome), "{tally:?}");
    }
}

fn failing_everywhere(way: Way, keyring: Keyring, errors: &[&str]) {
    let scene = Scene::new(way, keyring);
    let Some(calls) = record(|options| scene.run(options)) else {
        return;
    };
    let points: Vec<_> = calls
        .iter()
        .filter(|(call, _)| !NEVER_FAIL.contains(&call.as_str()))
        .flat_map(|(call, number)| errors.iter().map(move |error| (call, number, error)))
        .collect();
    let tally = Mutex::new(BTreeMap::<String, usize>::new());
    for_each(&points, |(call, number, error)| {
        let (home, ended) = again(|options| scene.run(options), call, &format!("error={error}"), **number);
        let err = ended.err();
        let what = format!("{error} from {call} #{number}: {:?} {err}", ended.0.status);
        let status = Aftermath { scene: &scene, home: &home, what: &what }.check();
        let code = ended.0.status.code();
        let word = err.split("\"code\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("done");
        match code {
            Some(0) => assert_eq!(status.as_deref(), Some("active"), "{what}"),
            Some(6) => match word {
                "activation_unknown" => assert!(home.file("t").metadata().unwrap().len() > 0, "{what}"),
                // The delivery was complete, and only the report was lost.
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

#[test]
fn a_kill_at_any_call_while_writing_a_file_keeps_the_promises() {
    killed_everywhere(Way::File, Keyring::There);
}

#[test]
fn a_kill_at_any_call_of_an_upgrade_keeps_the_promises() {
    killed_everywhere(Way::File, Keyring::Earlier);
}

#[test]
fn a_kill_at_any_call_of_a_first_run_keeps_the_promises() {
    killed_everywhere(Way::File, Keyring::Missing);
}

#[test]
fn a_kill_at_any_call_while_writing_standard_output_keeps_the_promises() {
    killed_everywhere(Way::Stdout, Keyring::There);
}

#[test]
fn a_kill_at_any_call_while_running_a_command_keeps_the_promises() {
    killed_everywhere(Way::Command, Keyring::There);
}

#[test]
fn an_error_from_any_call_while_writing_a_file_keeps_the_promises() {
    failing_everywhere(Way::File, Keyring::There, &["ENOSPC", "EIO"]);
}

#[test]
fn an_error_from_any_call_of_a_first_run_keeps_the_promises() {
    failing_everywhere(Way::File, Keyring::Missing, &["EIO"]);
}

#[test]
fn an_error_from_any_call_while_writing_standard_output_keeps_the_promises() {
    failing_everywhere(Way::Stdout, Keyring::There, &["EIO"]);
}

#[test]
fn an_error_from_any_call_of_an_upgrade_keeps_the_promises() {
    failing_everywhere(Way::File, Keyring::Earlier, &["ENOSPC", "EIO"]);
}
