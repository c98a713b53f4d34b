//! The promises that must hold after every step.

use super::{Credential, FOREIGN, PER_DAY, PRIVATE, Time, World, deeds::handed_out, fixture, json};
use crate::home::SIGNED_AS_KALSHI;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    str::FromStr as _,
};

/// The kinds of findings that mean damage.
const DAMAGE: &str = "--only exposed --only not-owned --only linked --only damaged-file --only damaged-key \
                      --only damaged-row --only damaged-log --only contradiction --only damaged-contract";

/// Returns `true` if a key expires at a time, in seconds since 1970, or before.
fn ended_by(key: &Value, time: i64) -> bool {
    key["expires_at"].as_str().is_some_and(|expires| expires <= Time::from_seconds(time).to_string().as_str())
}

impl World {
    pub(super) fn holds(&mut self) {
        self.learn();
        let listed = self.run("list --all --format json --quiet").ok().json();
        let keys: BTreeMap<String, Value> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|key| (key["api_key_id"].as_str().unwrap().to_owned(), key.clone()))
            .collect();
        let status = |id: &String| keys.get(id).map(|key| key["status"].as_str().unwrap());
        for id in self.seen.keys() {
            assert!(self.purged || keys.contains_key(id), "key {id} is lost{}", self.history());
        }
        for id in &self.revoked {
            assert!(
                matches!(status(id), None | Some("revoked")),
                "{id}, revoked, is {:?}{}",
                status(id),
                self.history()
            );
        }
        for id in &self.expired {
            let over = matches!(status(id), None | Some("expired" | "revoked"));
            assert!(over, "{id}, expired, is {:?}{}", status(id), self.history());
        }
        self.linked(&keys);
        self.owned(&keys);
        self.pending.clear();
        for (id, key) in &keys {
            let status = key["status"].as_str().unwrap();
            // A key that was never activated may be deleted. Every other key stays.
            if key["activated_at"].is_null() && status != "revoked" {
                self.pending.push(id.clone());
                continue;
            }
            match status {
                "revoked" => drop(self.revoked.insert(id.clone())),
                // An expiry is final as soon as a later change is recorded.
                "expired" if !self.clock.steps_back() || ended_by(key, self.newest) => {
                    self.expired.insert(id.clone());
                }
                "active" => {
                    let delivered = key["type"] == "rsa"
                        || key["prefix"].is_null()
                        || self.credentials.iter().any(|one| one.key == *id);
                    assert!(delivered, "active key {id} was not delivered{}", self.history());
                }
                _ => {}
            }
            self.seen.insert(id.clone(), key.clone());
        }
        self.audit();
        self.verify(&keys);
        self.limited(&keys);
        if self.random.below(4) == 0 {
            self.run(&format!("check --quiet {DAMAGE}")).ok();
        }
    }

    /// Checks that each owner was issued at most as many keys on the last day as the contract allows.
    fn limited(&self, keys: &BTreeMap<String, Value>) {
        if self.home.read("contract.json") == SIGNED_AS_KALSHI {
            return;
        }
        let since = Time::from_seconds(self.effective() - 86_399).to_string();
        let issued = |key: &&Value| {
            let generated =
                ["token-", "pair-", "many-"].iter().any(|name| key["name"].as_str().unwrap().starts_with(name));
            generated && key["rotated_from"].is_null() && key["created_at"].as_str().unwrap() > since.as_str()
        };
        let count = keys.values().filter(issued).count();
        assert!(count <= PER_DAY, "{count} keys on one day{}", self.history());
    }

    /// Reads the secrets that were delivered since the last step.
    fn learn(&mut self) {
        let known: BTreeSet<String> = self.credentials.iter().map(|one| one.claim.to_string()).collect();
        for (file, now) in std::mem::take(&mut self.promised) {
            let files = if file == "renewed/" {
                self.promised.insert(file, now);
                self.home.files().into_iter().filter(|name| name.starts_with("renewed/")).collect()
            } else {
                vec![file]
            };
            for file in files {
                let Ok(content) = std::fs::read_to_string(self.home.file(&file)) else { continue };
                for mut one in handed_out(&content, now) {
                    if known.contains(&one.claim.to_string()) {
                        continue;
                    }
                    if one.ends.is_some() {
                        one.key = self.identify(&one.claim);
                    }
                    self.credentials.push(one);
                }
            }
        }
    }

    /// Returns the id of the key of a new bearer token, or an empty string if the token has already been deleted.
    fn identify(&self, claim: &Value) -> String {
        let whose = self.run_with("show - --format json", &claim.to_string());
        if whose.code() == 0 { whose.json()["api_key_id"].as_str().unwrap().to_owned() } else { String::new() }
    }

    /// Checks the links of rotation chains in both directions, and that predecessors end.
    fn linked(&self, keys: &BTreeMap<String, Value>) {
        for (id, key) in keys {
            let Some(to) = key["rotated_to"].as_str() else { continue };
            let Some(successor) = keys.get(to) else {
                assert!(self.purged, "{to}, successor of {id}, is lost{}", self.history());
                continue;
            };
            assert_eq!(successor["rotated_from"], **id, "{}", self.history());
            assert_ne!(successor["status"], "pending", "{id} was handed over to {to}{}", self.history());
            assert!(key["expires_at"].is_string() || key["status"] == "revoked", "{id} never ends{}", self.history());
            if self.retiring.contains(id) && successor["last_used_at"].is_string() {
                assert_ne!(key["status"], "active", "{id} is to retire when {to} is used{}", self.history());
            }
        }
    }

    /// Checks that each modulus and each imported secret still belongs to the key that it was first seen with.
    fn owned(&mut self, keys: &BTreeMap<String, Value>) {
        for (id, key) in keys {
            if let Some(fingerprint) = key["fingerprint"].as_str() {
                self.belongs(fingerprint, id);
            }
        }
    }

    fn belongs(&mut self, what: &str, id: &str) {
        let first = self.whose.entry(what.to_owned()).or_insert_with(|| id.to_owned()).clone();
        assert_eq!(first, id, "{what} came back{}", self.history());
    }

    fn verify(&mut self, keys: &BTreeMap<String, Value>) {
        let mut input = String::new();
        let claims = self.credentials.iter().map(|one| one.claim.clone());
        let foreign = FOREIGN.iter().map(|secret| json!({ "token": secret }));
        let signed =
            self.request().map(|request| json!({ "request": serde_json::from_str::<Value>(&request).unwrap() }));
        for claim in claims.chain(foreign).chain(signed) {
            writeln!(input, "{claim}").unwrap();
        }
        let asked = input.lines().count();
        let answers = self.run_with("verify --batch --no-record", &input).ok().out();
        // A process with the option `--now` does not notice that time passes.
        if self.clock.steps_back() {
            for (question, answer) in input.lines().zip(answers.lines()) {
                let [question, answer] = [question, answer].map(|line| serde_json::from_str::<Value>(line).unwrap());
                let older = self.batch.ask(&question);
                assert_eq!(older, answer, "an older process differs{}", self.history());
            }
        }
        assert_eq!(answers.lines().count(), asked);
        let mut answers = answers.lines().map(|answer| serde_json::from_str::<Value>(answer).unwrap());
        for (one, answer) in self.credentials.iter().zip(&mut answers) {
            let expected = self.expected(one, keys);
            let code = answer["code"].as_str().unwrap();
            assert!(expected.contains(&code), "{}: {answer}, not {expected:?}{}", one.key, self.history());
            assert_eq!(answer["valid"], code == "valid");
            if let (Some(granted), Some(key)) = (answer["scopes"].as_array(), keys.get(&one.key)) {
                let has = |scope| key["scopes"].as_array().unwrap().contains(scope);
                assert!(granted.iter().all(has), "{answer} has more than {key}{}", self.history());
            }
        }
        for (secret, answer) in FOREIGN.iter().zip(&mut answers) {
            let Some(id) = answer["api_key_id"].as_str() else {
                assert_eq!(answer["valid"], false, "{answer}{}", self.history());
                continue;
            };
            self.belongs(secret, id);
            let one = Credential { key: id.to_owned(), claim: Value::Null, ends: None };
            assert_eq!(self.expected(&one, keys), [answer["code"].as_str().unwrap()], "{}", self.history());
        }
        if let Some(answer) = answers.next() {
            let one = Credential { key: self.signer().unwrap(), claim: Value::Null, ends: None };
            let mut expected = self.expected(&one, keys);
            // The keyring has forgotten the requests before a time that a clock ahead has reached.
            expected.extend((self.now < self.newest).then_some("forgotten"));
            assert!(
                expected.contains(&answer["code"].as_str().unwrap()),
                "{answer}, not {expected:?}{}",
                self.history()
            );
        }
    }

    /// Returns the verdict codes that a credential may have.
    fn expected<'a>(&self, one: &Credential, keys: &'a BTreeMap<String, Value>) -> Vec<&'a str> {
        let over = one.ends.is_some_and(|ends| ends <= self.effective());
        match keys.get(&one.key).map(|key| key["status"].as_str().unwrap()) {
            Some("active") if !over => vec!["valid"],
            // An ended bearer token is expired, whatever the status of its key, and may have been deleted.
            Some("active") => vec!["expired", "not_found"],
            Some(status) if over => vec![status, "expired", "not_found"],
            Some(status) => vec![status],
            None => vec!["not_found"],
        }
    }

    /// Returns the id of the registered key whose private key the test has.
    fn signer(&self) -> Option<String> {
        self.seen.iter().find(|(_, key)| key["key_bits"] == 2048).map(|(id, _)| id.clone())
    }

    /// Returns a request that is signed with the private key of [`World::signer`].
    pub(super) fn request(&self) -> Option<String> {
        let private = fixture(PRIVATE);
        let id = self.signer()?;
        let line = format!("sign --private-key {private} --insecure-permissions --key-id {id}");
        let mut signed = self.run(&format!("{line} --method GET --path /a --format json --quiet")).ok().json();
        (signed["method"], signed["path"]) = ("GET".into(), "/a".into());
        Some(signed.to_string())
    }

    fn audit(&mut self) {
        let verified = self.run("audit verify --format json");
        assert_eq!(verified.code(), 0, "{}{}{}", verified.out(), verified.err(), self.history());
        self.newest = Time::from_str(verified.json()["latest_at"].as_str().unwrap()).unwrap().seconds();
        self.heads.push(verified.json()["head"].as_str().unwrap().to_owned());
        let noted = self.random.pick(&self.heads).unwrap();
        self.run(&format!("audit verify --head {noted} --quiet")).ok();
    }
}
