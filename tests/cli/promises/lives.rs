//! Random lives: every command in random order, two processes at once, kills in between, backups restored; and after each
//! step what must hold whatever happened.
//!
//! * What was seen revoked never verifies and never comes back to life.
//! * No key is lost: what was seen is there, unless it was purged.
//! * What is active was delivered; what verifies is exactly what is active.
//! * The audit chain holds, and every head that was ever noted is still in it.

use super::*;
use keywright::key::Time;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    process::Stdio,
    thread,
    time::Duration,
};

/// Steps of one life.
const STEPS: usize = 45;
/// Where time begins, in seconds since 1970.
const START: i64 = 1_767_225_600;

/// `SplitMix64`: the same lives in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let bound = u64::try_from(from.len()).unwrap();
        (bound > 0).then(|| from[usize::try_from(self.below(bound)).unwrap()].clone())
    }
}

struct World {
    home: Home,
    random: Random,
    now: i64,
    serial: usize,
    /// The secret files that commands were told to make.
    promised: Vec<String>,
    /// Secrets by the id of their key.
    secrets: BTreeMap<String, String>,
    /// Every id that was ever in a list.
    seen: BTreeSet<String>,
    revoked: BTreeSet<String>,
    /// A purge ran, or may have: what had ended may be gone.
    purged: bool,
    heads: Vec<String>,
    backups: Vec<String>,
    exports: Vec<String>,
    /// What was done, for who has to find out why.
    log: Vec<String>,
}

impl World {
    fn new(seed: u64) -> Self {
        let home = Home::new();
        home.run(&format!("init --quiet --now {}", Time::from_seconds(START))).ok();
        Self {
            home,
            random: Random(seed),
            now: START,
            serial: 0,
            promised: Vec::new(),
            secrets: BTreeMap::new(),
            seen: BTreeSet::new(),
            revoked: BTreeSet::new(),
            purged: false,
            heads: Vec::new(),
            backups: Vec::new(),
            exports: Vec::new(),
            log: Vec::new(),
        }
    }

    fn run(&self, line: &str) -> Ended {
        self.home.run(&format!("{line} --now {}", Time::from_seconds(self.now)))
    }

    fn run_with(&self, line: &str, input: &str) -> Ended {
        self.home.run_with(&format!("{line} --now {}", Time::from_seconds(self.now)), input)
    }

    /// A command that changes the keyring; it may be refused, but must not fail.
    fn change(&mut self) -> String {
        self.serial += 1;
        let serial = self.serial;
        let known: Vec<String> = self.seen.iter().cloned().collect();
        let file = format!("secret-{serial}");
        let key = self.random.pick(&known);
        let line = match (self.random.below(13), key) {
            (0..3, _) | (_, None) => {
                self.promised.push(file.clone());
                format!("generate --type token --name key-{serial} --out {file}")
            }
            (3, Some(key)) => format!("revoke {key} --yes --reason superseded"),
            (4, Some(key)) => format!("disable {key}"),
            (5, Some(key)) => format!("enable {key}"),
            (6, Some(key)) => format!("update {key} --note changed-{serial} --expires {}d", 1 + serial % 9),
            (7..10, Some(key)) => {
                self.promised.push(file.clone());
                let how = ["--overlap 0", "--overlap 24h", "--retire-on-use", "--overlap 2h"];
                format!("rotate {key} {} --out {file}", self.random.pick(&how).unwrap())
            }
            (10, _) => {
                self.purged = true;
                "purge --ended-before 2d --yes".to_owned()
            }
            (11, _) => match self.random.pick(&self.exports.clone()) {
                Some(export) => format!("import {export} --yes"),
                None => "check".to_owned(),
            },
            _ => match self.random.pick(&self.backups.clone()) {
                Some(backup) => format!("restore {backup} --yes"),
                None => "purge --ended-before 30d --yes --dry-run".to_owned(),
            },
        };
        self.log.push(line.clone());
        format!("{line} --quiet --now {}", Time::from_seconds(self.now))
    }

    fn step(&mut self) {
        match self.random.below(10) {
            0 => {
                self.now += i64::try_from(self.random.below(3 * 86_400)).unwrap();
                self.log.push("time passes".into());
            }
            1 => {
                let backup = format!("backup-{}", self.log.len());
                self.log.push(format!("backup {backup}"));
                self.run(&format!("backup {backup} --quiet")).ok();
                self.backups.push(backup);
                let export = format!("export-{}", self.log.len());
                self.run(&format!("export --format jsonl --all --out {export} --quiet")).ok();
                self.exports.push(export);
            }
            2 => self.use_one(),
            3 => self.kill(),
            4 | 5 => self.two_at_once(),
            _ => {
                let line = self.change();
                let ended = self.home.run(&line);
                self.refused_at_most(&line, &ended);
            }
        }
    }

    /// A use is what ends a key that retires with its successor's first one.
    fn use_one(&mut self) {
        let secrets: Vec<String> = self.secrets.values().cloned().collect();
        if let Some(secret) = self.random.pick(&secrets) {
            self.log.push("a key is used".into());
            let code = self.run_with("verify --quiet", &secret).code();
            assert!(code < 2, "{code}{}", self.history());
        }
    }

    fn kill(&mut self) {
        let line = self.change();
        let mut command = self.home.keywright(line.split_whitespace());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_micros(self.random.below(12_000)));
        let _ = child.kill();
        child.wait().unwrap();
        self.log.push("… and was killed".into());
    }

    fn two_at_once(&mut self) {
        let lines = [self.change(), self.change()];
        self.log.push("… both at once".into());
        let children = lines.clone().map(|line| {
            let mut command = self.home.keywright(line.split_whitespace());
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        });
        for (line, child) in lines.iter().zip(children) {
            let ended = Ended(child.wait_with_output().unwrap());
            self.refused_at_most(line, &ended);
        }
    }

    /// It worked, or the state of the keys does not allow it; nothing failed, and nothing was misunderstood.
    fn refused_at_most(&self, line: &str, ended: &Ended) {
        let err = ended.err();
        let allowed = matches!(ended.code(), 0 | 1 | 3 | 4 | 5)
            || ["invalid_time", "import_refused"].iter().any(|code| err.contains(&format!("error[{code}]")));
        assert!(allowed, "{line}: {err}{}", self.history());
    }

    fn history(&self) -> String {
        format!("\nhistory:\n  {}", self.log.join("\n  "))
    }

    fn holds(&mut self) {
        self.learn_secrets();
        let listed = self.run("list --all --format json --quiet").ok().json();
        let status: BTreeMap<String, String> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|key| (key["api_key_id"].as_str().unwrap().to_owned(), key["status"].as_str().unwrap().to_owned()))
            .collect();
        for id in &self.seen {
            assert!(self.purged || status.contains_key(id), "key {id} is lost{}", self.history());
        }
        for id in &self.revoked {
            let now = status.get(id).map(String::as_str);
            assert!(matches!(now, None | Some("revoked")), "revoked key {id} is {now:?}{}", self.history());
        }
        for (id, status) in &status {
            // A pending row may be swept; everything else stays.
            if status != "pending" {
                self.seen.insert(id.clone());
            }
            if status == "revoked" {
                self.revoked.insert(id.clone());
            }
            let delivered = self.secrets.contains_key(id);
            assert!(status != "active" || delivered, "active key {id} was not delivered{}", self.history());
        }
        self.verify(&status);
        self.audit();
    }

    /// Whose the secrets are that were delivered meanwhile.
    fn learn_secrets(&mut self) {
        for file in std::mem::take(&mut self.promised) {
            let Ok(secret) = std::fs::read_to_string(self.home.file(&file)) else { continue };
            // A key that was reserved, delivered and taken back by a kill in between is nobody's.
            let whose = self.run(&format!("whoami --token-file {file} --format json"));
            if whose.code() == 0 {
                let id = whose.json()["api_key_id"].as_str().unwrap().to_owned();
                self.secrets.insert(id, secret.trim().to_owned());
            }
        }
    }

    fn verify(&self, status: &BTreeMap<String, String>) {
        let mut input = Vec::new();
        for (id, secret) in &self.secrets {
            writeln!(input, "{}", serde_json::json!({ "id": id, "token": secret })).unwrap();
        }
        let answers = self.run_with("verify --batch --no-touch", str::from_utf8(&input).unwrap()).ok().out();
        assert_eq!(answers.lines().count(), self.secrets.len());
        for answer in answers.lines() {
            let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
            let id = answer["id"].as_str().unwrap();
            let expected = match status.get(id).map(String::as_str) {
                Some("active") => "valid",
                Some(other) => other,
                None => "not_found",
            };
            assert_eq!(answer["code"], expected, "{id}{}", self.history());
            assert_eq!(answer["valid"], expected == "valid");
        }
    }

    fn audit(&mut self) {
        let verified = self.run("audit verify --format json");
        assert_eq!(verified.code(), 0, "{}{}", verified.err(), self.history());
        self.heads.push(verified.json()["head"].as_str().unwrap().to_owned());
        let noted = self.random.pick(&self.heads).unwrap();
        self.run(&format!("audit verify --head {noted} --quiet")).ok();
    }
}

/// What a life must have had in it, or it shows nothing.
const EVENTS: [&str; 9] = [
    "generate",
    "rotate",
    "restore",
    "import",
    "purge",
    "backup",
    "… and was killed",
    "… both at once",
    "a key is used",
];

impl World {
    fn is_full(&self) -> bool {
        let had = |what: &&str| self.log.iter().any(|line| line.starts_with(what));
        EVENTS.iter().all(had) && self.secrets.len() > 5 && self.revoked.len() > 2
    }
}

fn live(seed: u64) {
    let mut world = World::new(seed);
    // When a kill strikes is not ours to say, and what follows depends on it: so a life is as long as it takes.
    for step in 0.. {
        if step >= STEPS && world.is_full() {
            break;
        }
        assert!(step < 10 * STEPS, "an empty life{}", world.history());
        world.step();
        world.holds();
    }
}

#[test]
fn whatever_happens_to_keys_the_promises_hold() {
    live(1);
}

#[test]
fn whatever_else_happens_the_promises_hold() {
    live(20_261_121);
}
