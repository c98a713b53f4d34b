//! Tests of random lives of a keyring, with every command in random order, two processes at once, kills, restored
//! backups, a keyring file that is replaced by a copy, and hard links. In some lives, the system clock also steps back,
//! and a contract limits what is issued. After each step, these promises must hold:
//!
//! * A key that was seen revoked never verifies again, in any process, and neither does a key that had expired when a
//!   change was recorded.
//! * No key is lost: each key that was seen is still in the keyring, unless it was purged.
//! * Every active key was delivered, and exactly the active keys verify.
//! * A bearer token works as long as its key does, and not after its own expiry. It never has a scope that its key does
//!   not have.
//! * A process that runs since the beginning answers like a new one.
//! * A signed request that was accepted is never accepted again.
//! * No more keys are issued than the contract allows.
//! * No message contains a secret.
//! * `check` finds no damage.
//! * A public key or an imported secret belongs to one key forever. Once purged, it never comes back.
//! * The hash chain of the audit log is intact and contains every head that was ever noted.
//! * A dry run changes nothing, and has the same exit status as the command itself.
//!
//! `KEYWRIGHT_LIVES=SEED,SEED…` chooses other seeds, and `KEYWRIGHT_LIVES_STEPS=N` the number of steps.

mod clock;
mod deeds;
mod disasters;
mod judge;

use super::*;
use crate::{
    home::SIGNED_AS_KALSHI,
    random::Random,
    tools::{clean_up_fake_clock, fixture},
};
use clock::Clock;
use deeds::Deed;
use disasters::Batch;
use keywright::key::Time;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

/// The minimum number of steps of one life.
const STEPS: usize = 100;
/// The time of the first step, in seconds since 1970.
const START: i64 = 1_767_225_600;
/// The public keys to register. The test has the private key of the first.
const PUBLIC: [&str; 4] = ["rsa2048.spki.pem", "rsa2056.spki.pem", "rsa3072.spki.pem", "rsa4096.spki.pem"];
const PRIVATE: &str = "rsa2048.private.pkcs8.pem";
/// The tokens of another system.
const FOREIGN: [&str; 3] =
    ["foreign-0-Zm9vYmFyYmF6cXV4Zm9vYmFy", "foreign-1-YmFyYmF6cXV4Zm9vYmFyYmF6", "foreign-2-cXV4Zm9vYmFyYmF6cXV4Zm9v"];
/// The file with the tokens of another system, for `import`.
const FOREIGN_FILE: &str = "foreign.jsonl";

fn foreign() -> String {
    let line = |(index, secret): (usize, &&str)| {
        let hash = Sha256::digest(secret).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        format!("{}\n", json!({ "name": format!("foreign-{index}"), "secret_sha256": hash }))
    };
    FOREIGN.iter().enumerate().map(line).collect()
}

/// The number of keys that [`LIMITED`] allows an owner to be issued on one day.
const PER_DAY: usize = 9;
/// A contract with limits.
const LIMITED: &str = r#"{
    "contract": "limited",
    "rules": { "issue_limit": "9/day", "expiry": { "default": "20d", "longest": "30d" }, "scopes": { "known": ["read", "write"] } }
}"#;

/// A delivered credential, which is presented again after each step.
#[derive(Clone)]
struct Credential {
    /// The id of the key that the credential belongs to.
    key: String,
    /// The credential as a line for `verify --batch`.
    claim: Value,
    /// The time at which a bearer token expires, or `None` for any other credential.
    ends: Option<i64>,
}

struct World {
    home: Home,
    random: Random,
    /// The time of the system clock, in seconds since 1970.
    now: i64,
    clock: Clock,
    /// The newest time in the audit log.
    newest: i64,
    /// A process that verifies secrets since the beginning.
    batch: Batch,
    /// The requests that were accepted or refused.
    requests: Vec<String>,
    serial: usize,
    /// The files to which commands should write secrets, each with the time of the command.
    promised: BTreeMap<String, i64>,
    credentials: Vec<Credential>,
    /// Each key that was ever listed with a status other than pending, as it was last listed.
    seen: BTreeMap<String, Value>,
    /// The pending keys.
    pending: Vec<String>,
    /// The keys that were ever seen revoked.
    revoked: BTreeSet<String>,
    /// The keys that were ever seen expired.
    expired: BTreeSet<String>,
    /// The key that each fingerprint or imported token was first seen with.
    whose: BTreeMap<String, String>,
    /// The keys that retire when their successor is first used.
    retiring: BTreeSet<String>,
    /// `true` if a purge may have run, so that ended keys may be missing.
    purged: bool,
    heads: Vec<String>,
    backups: Vec<String>,
    exports: Vec<String>,
    /// The commands so far, for the report of a failure.
    log: Vec<String>,
}

impl World {
    fn new(seed: u64, clock: Clock, contract: Option<&str>) -> Self {
        let home = Home::new();
        home.write(FOREIGN_FILE, foreign());
        home.write("contract.json", contract.unwrap_or(SIGNED_AS_KALSHI));
        let line = "init --quiet --contract contract.json";
        Ended(clock.command(&home, START, line.split_whitespace()).output().unwrap()).ok();
        // The key that signs requests.
        let line = format!("create --name signer --public-key {} --quiet", fixture(PUBLIC[0]));
        Ended(clock.command(&home, START, line.split_whitespace()).output().unwrap()).ok();
        Self {
            batch: Batch::start(clock.command(&home, START, ["verify", "--batch", "--no-record"].into_iter())),
            home,
            random: Random(seed),
            now: START,
            clock,
            newest: START,
            requests: Vec::new(),
            serial: 0,
            promised: BTreeMap::new(),
            credentials: Vec::new(),
            seen: BTreeMap::new(),
            pending: Vec::new(),
            revoked: BTreeSet::new(),
            expired: BTreeSet::new(),
            whose: BTreeMap::new(),
            retiring: BTreeSet::new(),
            purged: false,
            heads: Vec::new(),
            backups: Vec::new(),
            exports: Vec::new(),
            log: vec![format!("seed {seed}")],
        }
    }

    /// Returns the time that counts for keys: that of the system clock, or the newest one in the log.
    fn effective(&self) -> i64 {
        self.now.max(self.newest)
    }

    fn run(&self, line: &str) -> Ended {
        self.run_with(line, "")
    }

    fn run_with(&self, line: &str, input: &str) -> Ended {
        self.finish(self.spawn(line.split_whitespace(), input, Stdio::piped(), Stdio::piped()))
    }

    /// Starts keywright with text on standard input.
    fn spawn<'a>(&self, words: impl Iterator<Item = &'a str>, input: &str, out: Stdio, err: Stdio) -> Child {
        let mut command = self.clock.command(&self.home, self.now, words);
        let mut child = command.stdin(Stdio::piped()).stdout(out).stderr(err).spawn().unwrap();
        // The program may end before it has read all of its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child
    }

    /// Waits until a process ends, and asserts that its messages contain no secret.
    fn finish(&self, child: Child) -> Ended {
        let id = child.id();
        let ended = Ended(child.wait_with_output().unwrap());
        clean_up_fake_clock(id);
        let err = ended.err();
        for claim in self.credentials.iter().map(|one| &one.claim) {
            for secret in ["token", "api_secret"].iter().filter_map(|name| claim[name].as_str()) {
                let hidden = &secret[secret.len() - 40..];
                assert!(!err.contains(hidden), "a message contains a secret: {err}{}", self.history());
            }
        }
        ended
    }

    fn step(&mut self) {
        match self.random.below(13) {
            0 => self.pass(),
            1 => self.save(),
            2 => self.use_one(),
            3 => self.kill(),
            4 => self.crash(),
            5 | 6 => self.two_at_once(),
            7 => self.replace(),
            8 => self.link(),
            _ => self.one_alone(),
        }
    }

    fn save(&mut self) {
        let backup = format!("backup-{}", self.log.len());
        self.log.push(format!("backup {backup}"));
        self.run(&format!("backup {backup} --quiet")).ok();
        self.backups.push(backup);
        let export = format!("export-{}", self.log.len());
        self.run(&format!("export --format jsonl --all --out {export} --quiet")).ok();
        self.exports.push(export);
    }

    /// Uses a random credential. The first use of a successor ends a predecessor that retires on use.
    fn use_one(&mut self) {
        if self.random.below(4) == 0 {
            return self.sign_one();
        }
        let Some(credential) = self.random.pick(&self.credentials) else { return };
        self.log.push(format!("a key is used: {}", credential.key));
        let code = self.run_with("verify --quiet", &credential.claim.to_string()).code();
        assert!(code < 2, "{code}{}", self.history());
    }

    fn kill(&mut self) {
        let deed = self.deed();
        let mut child = self.begin(&deed, Stdio::null());
        thread::sleep(Duration::from_micros(self.random.below(12_000)));
        let _ = child.kill();
        child.wait().unwrap();
        clean_up_fake_clock(child.id());
        self.log.push("… and was killed".into());
    }

    /// Kills keywright at a moment that random kills seldom hit: after the delivery of the secret and before the
    /// activation of the key.
    fn crash(&mut self) {
        let mut deed = self.issue();
        self.log.push("… and was killed when its secret was out".into());
        let file = deed.divert();
        deed.words.extend(["--", "sh", "-c"].map(str::to_owned));
        deed.words.push(format!("cat > {file}; kill -9 $PPID"));
        let ended = self.run_deed(&deed, false);
        if ended.0.status.code().is_some() {
            self.refused_at_most(&deed, &ended);
        }
    }

    fn two_at_once(&mut self) {
        let deeds = [self.deed(), self.deed()];
        self.log.push("… both at once".into());
        let children = [0, 1].map(|which| self.begin(&deeds[which], Stdio::piped()));
        for (deed, child) in deeds.iter().zip(children) {
            let ended = self.finish(child);
            self.refused_at_most(deed, &ended);
        }
    }

    fn one_alone(&mut self) {
        let deed = self.deed();
        let rehearsed = (self.random.below(3) == 0).then(|| {
            let before = self.home.state();
            let ended = self.run_deed(&deed, true);
            assert!(self.home.state() == before, "the rehearsal of {deed:?} changed something{}", self.history());
            ended
        });
        let ended = self.run_deed(&deed, false);
        self.refused_at_most(&deed, &ended);
        if let Some(rehearsed) = rehearsed {
            let codes = (rehearsed.code(), ended.code());
            assert_eq!(codes.0, codes.1, "{deed:?}: {}{}{}", rehearsed.err(), ended.err(), self.history());
        }
        if let (0, Some((key, statuses))) = (ended.code(), &deed.after) {
            let status = self.run(&format!("show {key} --format json")).ok().json()["status"].clone();
            assert!(statuses.contains(&status.as_str().unwrap()), "{deed:?}: {status}{}", self.history());
            if deed.words.iter().any(|word| word == "--retire-on-use") {
                self.retiring.insert(key.clone());
            }
        }
    }

    fn begin(&self, deed: &Deed, err: Stdio) -> Child {
        let words = ["--quiet"].into_iter().chain(deed.words.iter().map(String::as_str));
        self.spawn(words, &deed.input, Stdio::null(), err)
    }

    fn run_deed(&self, deed: &Deed, rehearse: bool) -> Ended {
        let mut deed = deed.clone();
        if rehearse {
            deed.words.push("--dry-run".into());
        }
        self.finish(self.begin(&deed, Stdio::piped()))
    }

    /// Asserts that the command succeeded, or that it was refused because of the state of the keys. A failure or a
    /// usage error is not accepted.
    fn refused_at_most(&self, deed: &Deed, ended: &Ended) {
        let err = ended.err();
        let allowed = matches!(ended.code(), 0 | 1 | 3 | 4 | 5)
            || ["invalid_time", "import_refused", "public_key_required", "rotation_incomplete"]
                .iter()
                .any(|code| err.contains(&format!("error[{code}]")));
        assert!(allowed, "{deed:?}: {err}{}", self.history());
    }

    fn history(&self) -> String {
        format!("\nhistory:\n  {}", self.log.join("\n  "))
    }
}

/// The starts of the log lines for the events that every life must contain.
const EVENTS: [&str; 16] = [
    "generate --type",
    "generate --count",
    "create",
    "activate",
    "exchange",
    "rotate",
    "restore",
    "import",
    "purge",
    "backup",
    "… and was killed",
    "… both at once",
    "a key is used",
    "a request is signed",
    "the file is replaced",
    "a hard link",
];

impl World {
    fn is_full(&self) -> bool {
        let had = |what: &&str| self.log.iter().any(|line| line.starts_with(what));
        EVENTS.iter().all(had) && self.credentials.len() > 5 && self.revoked.len() > 2
    }
}

fn live(mut world: World) {
    let steps = std::env::var("KEYWRIGHT_LIVES_STEPS").map_or(STEPS, |steps| steps.parse().unwrap());
    // The moment of a kill is random and affects the later steps, so a life continues until it has contained every
    // event.
    for step in 0.. {
        if step >= steps && world.is_full() {
            break;
        }
        assert!(step < 10 * steps, "an empty life{}", world.history());
        world.step();
        world.holds();
    }
}

/// Returns worlds with the given seed, one without limits, and, if `faketime` is installed, one whose clock steps and
/// whose contract has limits.
fn worlds(seed: u64) -> impl Iterator<Item = World> {
    let stepping = Clock::stepping().map(move |clock| World::new(seed, clock, Some(LIMITED)));
    [Some(World::new(seed, Clock::Option, None)), stepping].into_iter().flatten()
}

#[test]
fn random_commands_keep_the_promises() {
    live(World::new(1, Clock::Option, None));
}

#[test]
fn random_commands_with_faults_keep_the_promises() {
    live(World::new(20_261_121, Clock::Option, None));
}

#[test]
fn random_commands_with_a_stepping_clock_keep_the_promises() {
    if let Some(clock) = Clock::stepping() {
        live(World::new(2, clock, None));
    }
}

#[test]
fn random_commands_under_a_contract_with_limits_keep_the_promises() {
    if let Some(clock) = Clock::stepping() {
        live(World::new(3, clock, Some(LIMITED)));
    }
}

#[test]
fn seeds_from_the_environment_keep_the_promises() {
    let seeds = std::env::var("KEYWRIGHT_LIVES").unwrap_or_default();
    for seed in seeds.split(',').filter(|seed| !seed.is_empty()) {
        worlds(seed.parse().unwrap()).for_each(live);
    }
}
