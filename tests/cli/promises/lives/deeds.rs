//! The commands of a random life.

use super::{Credential, FOREIGN_FILE, PUBLIC, World, fixture};
use serde_json::{Value, json};

/// A command that changes the keyring. It may be refused, but must not fail.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    pub(super) words: Vec<String>,
    /// The text for the standard input of the command.
    pub(super) input: String,
    /// The id of the key that the command changes, and the statuses that the key may have after success.
    pub(super) after: Option<(String, &'static [&'static str])>,
}

impl Deed {
    fn new(line: &str) -> Self {
        Self { words: line.split_whitespace().map(str::to_owned).collect(), input: String::new(), after: None }
    }

    fn reading(self, input: impl Into<String>) -> Self {
        Self { input: input.into(), ..self }
    }

    fn leaves(self, key: &str, statuses: &'static [&'static str]) -> Self {
        Self { after: Some((key.to_owned(), statuses)), ..self }
    }

    /// Removes the option `--out` from the command, and returns the value of the option.
    pub(super) fn divert(&mut self) -> String {
        let at = self.words.iter().position(|word| word == "--out").unwrap();
        self.words.drain(at..at + 2).nth(1).unwrap()
    }
}

impl World {
    /// Chooses a new file for secrets.
    fn promise(&mut self, what: &str) -> String {
        let file = format!("{what}-{}", self.serial);
        self.promised.insert(file.clone(), self.effective());
        file
    }

    /// Chooses any command.
    pub(super) fn deed(&mut self) -> Deed {
        self.serial += 1;
        let deed = match self.random.below(4) {
            0 => return self.issue(),
            1 => self.bring(),
            2 => self.keep(),
            _ => self.alter(),
        };
        self.log.push(deed.words.join(" "));
        deed
    }

    fn any_key(&mut self) -> Option<String> {
        let known: Vec<String> = self.seen.keys().chain(&self.pending).cloned().collect();
        self.random.pick(&known)
    }

    /// Chooses a command that delivers one secret.
    pub(super) fn issue(&mut self) -> Deed {
        self.serial += 1;
        let out = format!("--secret-format json --out {}", self.promise("secret"));
        let expires = self.random.pick(&["", "--expires 3d", "--expires 20d"]).unwrap();
        let deed = match (self.random.below(5), self.any_key()) {
            (0 | 1, Some(key)) if !self.is_registered(&key) => {
                let (how, statuses) = self.handover();
                Deed::new(&format!("rotate {key} {how} {out}")).leaves(&key, statuses)
            }
            (2 | 3, _) => Deed::new(&format!(
                "generate --type pair --name pair-{} --scope read,write {expires} {out}",
                self.serial
            )),
            _ => Deed::new(&format!("generate --type token --name token-{} {expires} {out}", self.serial)),
        };
        self.log.push(deed.words.join(" "));
        deed
    }

    fn handover(&mut self) -> (&'static str, &'static [&'static str]) {
        const WORKS: &[&str] = &["active"];
        let ways = [
            ("--overlap 0", &["revoked"][..]),
            ("--overlap 24h", WORKS),
            ("--retire-on-use", WORKS),
            ("--overlap 2h", WORKS),
        ];
        self.random.pick(&ways).unwrap()
    }

    fn is_registered(&self, key: &str) -> bool {
        self.seen.get(key).is_some_and(|key| key["type"] == "rsa")
    }

    /// Chooses a command that registers, imports, or issues many keys.
    fn bring(&mut self) -> Deed {
        let public = fixture(self.random.pick(&PUBLIC).unwrap());
        let held: Vec<String> = self.seen.keys().filter(|key| self.is_registered(key)).cloned().collect();
        match (self.random.below(6), self.random.pick(&held), self.random.pick(&self.exports.clone())) {
            (0, Some(key), _) => {
                let (how, statuses) = self.handover();
                Deed::new(&format!("rotate {key} {how} --public-key {public}")).leaves(&key, statuses)
            }
            (1 | 2, _, Some(export)) => Deed::new(&format!("import {export} --yes")),
            (3, ..) => Deed::new(&format!("import {FOREIGN_FILE} --yes --expires 9d")),
            (4, ..) => {
                let (name, file) = (format!("many-{}", self.serial), self.promise("secrets"));
                Deed::new(&format!("generate --count 3 --type token --name {name} --expires 20d --out {file}"))
            }
            _ => Deed::new(&format!("create --name public-{} --public-key {public}", self.serial)),
        }
    }

    /// Chooses a command for the whole keyring.
    fn keep(&mut self) -> Deed {
        match (self.random.below(6), self.random.pick(&self.backups.clone())) {
            (0, _) => {
                self.purged = true;
                Deed::new("purge --ended-before 2d --yes")
            }
            (1 | 2, Some(backup)) => Deed::new(&format!("restore {backup} --yes")),
            (3, _) => {
                let within = self.random.pick(&["1h", "4d", "21d"]).unwrap();
                let overlap = self.random.pick(&["--overlap 0", "--overlap 3h"]).unwrap();
                self.promised.insert("renewed/".to_owned(), self.effective());
                let line = format!("rotate --expiring-within {within} --expires 25d {overlap} --out-dir renewed");
                Deed::new(&format!("{line} --secret-format json --type token --type pair"))
            }
            _ => self.lend(),
        }
    }

    fn lend(&mut self) -> Deed {
        let pairs: Vec<Credential> =
            self.credentials.iter().filter(|one| one.claim.get("api_secret").is_some()).cloned().collect();
        let Some(pair) = self.random.pick(&pairs) else { return Deed::new("purge --ended-before 90d --yes") };
        let ttl = self.random.pick(&["", "--ttl 5m", "--ttl 30m --scope read,write"]).unwrap();
        let file = self.promise("bearer");
        let deed = Deed::new(&format!("exchange {ttl} --out {file}"));
        deed.reading(pair.claim.to_string()).leaves(&pair.key, &["active"])
    }

    /// Chooses a command for one key.
    fn alter(&mut self) -> Deed {
        let activated = self.random.below(3) == 0;
        let proofs: Vec<Credential> =
            self.credentials.iter().filter(|one| activated || self.pending.contains(&one.key)).cloned().collect();
        let (Some(key), proof) = (self.any_key(), self.random.pick(&proofs)) else {
            return Deed::new("purge --ended-before 30d --yes");
        };
        match (self.random.below(7), proof) {
            (0 | 1, Some(proof)) if proof.ends.is_none() => {
                let deed = Deed::new(&format!("activate {} --private-key -", proof.key));
                deed.reading(proof.claim.to_string()).leaves(&proof.key, &["active", "disabled", "expired"])
            }
            (2, _) => Deed::new(&format!("disable {key}")).leaves(&key, &["disabled", "pending", "expired"]),
            (3, _) => Deed::new(&format!("enable {key}")).leaves(&key, &["active", "pending", "expired"]),
            (4, _) => {
                let line = format!("update {key} --note changed-{} --expires {}d", self.serial, 1 + self.serial % 9);
                Deed::new(&line)
            }
            (5, _) => {
                let change = self.random.pick(&["--add-scope", "--remove-scope"]).unwrap();
                Deed::new(&format!("update {key} {change} write"))
            }
            _ => Deed::new(&format!("revoke {key} --yes --reason superseded")).leaves(&key, &["revoked"]),
        }
    }
}

/// Returns the credentials in the content of a file that was written at `now`.
pub(super) fn handed_out(content: &str, now: i64) -> Vec<Credential> {
    content.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).map(|one| one_of(&one, now)).collect()
}

fn one_of(written: &Value, now: i64) -> Credential {
    let key = written["api_key_id"].as_str().unwrap_or_default().to_owned();
    if let Some(bearer) = written.get("access_token") {
        let ends = now + written["expires_in"].as_i64().unwrap();
        return Credential { key, claim: json!({ "token": bearer }), ends: Some(ends) };
    }
    let claim = match written.get("token") {
        Some(token) => json!({ "token": token }),
        None => json!({ "api_key": written["api_key"], "api_secret": written["api_secret"] }),
    };
    Credential { key, claim, ends: None }
}
