//! Checks what a power failure left against what the commands before it had reported.

use crate::home::{Ended, Home};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

/// The kinds of findings that a power failure must not cause.
const DAMAGE: &str = "--only exposed --only not-owned --only linked --only damaged-file --only damaged-key \
                      --only damaged-row --only damaged-log --only contradiction --only damaged-contract";

/// The state of a home after a command.
#[derive(Clone, Default)]
pub(super) struct Facts {
    /// Each key by its id.
    keys: BTreeMap<String, Value>,
    /// The hash of the newest row of the audit log, or `None` if there is no keyring.
    head: Option<String>,
    /// The files outside the directory of the keyring.
    files: BTreeMap<String, Vec<u8>>,
    /// The requests that were accepted.
    pub(super) accepted: Vec<String>,
}

impl Facts {
    pub(super) fn of(home: &Home) -> Self {
        let read = |name: String| (name.clone(), std::fs::read(home.file(&name)).unwrap());
        let files = home.files().into_iter().map(read).collect();
        if !home.keyring().exists() {
            return Self { files, ..Self::default() };
        }
        let head = home.run("audit verify --format json").ok().json()["head"].as_str().unwrap().to_owned();
        let keys = by_id(&home.run("list --all --format json").ok());
        Self { keys, head: Some(head), files, accepted: Vec::new() }
    }

    /// Returns the secrets in the files, each with the id of its key, or `None` for a bearer token.
    fn secrets(&self) -> Vec<(Option<String>, Value)> {
        let lines = self.files.values().filter_map(|content| std::str::from_utf8(content).ok()).flat_map(str::lines);
        lines.filter_map(|line| serde_json::from_str::<Value>(line).ok()).filter_map(|one| secret(&one)).collect()
    }
}

fn secret(one: &Value) -> Option<(Option<String>, Value)> {
    if let Some(bearer) = one.get("access_token") {
        return Some((None, json!({ "token": bearer })));
    }
    let id = Some(one.get("api_key_id")?.as_str()?.to_owned());
    match (one.get("token"), one.get("api_secret")) {
        (Some(token), _) => Some((id, json!({ "token": token }))),
        (_, Some(secret)) => Some((id, json!({ "api_key": one["api_key"], "api_secret": secret }))),
        _ => None,
    }
}

fn by_id(listed: &Ended) -> BTreeMap<String, Value> {
    let keys = listed.json();
    keys.as_array().unwrap().iter().map(|key| (key["api_key_id"].as_str().unwrap().to_owned(), key.clone())).collect()
}

/// The files that are left after a power failure.
pub(super) struct Survivors<'a> {
    pub(super) home: &'a Home,
    /// The state after the last command that reported success.
    pub(super) before: &'a Facts,
    /// The state after the command that was running.
    pub(super) after: &'a Facts,
    /// `true` if the command that was running may be half done: each key by itself is changed or unchanged.
    pub(super) piecemeal: bool,
}

type Verdict = Result<(), String>;

macro_rules! must {
    ($condition:expr, $($message:tt)*) => {
        if !$condition {
            return Err(format!($($message)*));
        }
    };
}

impl Survivors<'_> {
    /// Returns a description of the first promise that is broken.
    pub(super) fn check(&self) -> Verdict {
        if !self.home.keyring().exists() {
            must!(self.before.head.is_none(), "the keyring is lost");
            return self.files(&BTreeMap::new());
        }
        let listed = self.run("list --all --format json", "")?;
        let keys = by_id(&listed);
        self.keys(&keys)?;
        self.files(&keys)?;
        let head = self.before.head.as_ref().map(|head| format!(" --head {head}")).unwrap_or_default();
        self.run(&format!("audit verify{head}"), "")?;
        self.secrets(&keys)?;
        for request in &self.before.accepted {
            let answer = self.home.run_with("verify-request --max-skew 1h --format json", request).json();
            must!(answer["code"] == "replayed", "a request is accepted again: {answer}");
        }
        self.run("generate --name afterwards --type token --out afterwards", "")?;
        self.run(&format!("check {DAMAGE}"), "").map(drop)
    }

    fn run(&self, line: &str, input: &str) -> Result<Ended, String> {
        let ended = self.home.run_with(line, input);
        must!(ended.0.status.code() == Some(0), "`{line}` fails: {}{}", ended.out(), ended.err());
        Ok(ended)
    }

    /// Checks that the command that was running is done or not done, and everything before it is done.
    fn keys(&self, keys: &BTreeMap<String, Value>) -> Verdict {
        let (before, after) = (&self.before.keys, &self.after.keys);
        let known = |id: &String| before.contains_key(id) || after.contains_key(id);
        must!(keys.keys().all(known), "an unknown key");
        let mut states = BTreeSet::new();
        for (id, key) in before {
            let (now, next) = (keys.get(id), after.get(id));
            let (old, new) = (now == Some(key), now == next);
            must!(old || new, "acknowledged: {key}\nnext: {next:?}\nfound: {now:?}");
            // Each writer first deletes the pending keys of long ago.
            let swept = key["status"] == "pending" && next.is_none();
            if old != new && !swept {
                states.insert(if old { "none" } else { "active" });
            }
        }
        for (id, key) in after.iter().filter(|(id, _)| !before.contains_key(*id)) {
            states.insert(match keys.get(id) {
                None => "none",
                Some(now) if now == key => "active",
                Some(now) if now["status"] == "pending" && now["name"] == key["name"] => "pending",
                Some(now) => return Err(format!("half a key: {now}, not {key}")),
            });
        }
        // While a successor is pending, its predecessor is unchanged.
        if states.contains("pending") {
            states.remove("none");
            let some_absent = after.keys().any(|id| !before.contains_key(id) && !keys.contains_key(id));
            must!(self.piecemeal || !some_absent, "half a batch is visible");
        }
        must!(self.piecemeal || states.len() < 2, "half of a change is visible: {states:?}");
        Ok(())
    }

    /// Checks that each file is complete or absent, that an active key has its secret, and that a secret has its key.
    fn files(&self, keys: &BTreeMap<String, Value>) -> Verdict {
        let (before, after) = (&self.before.files, &self.after.files);
        let read = |name: &String| std::fs::read(self.home.file(name)).ok();
        for (name, content) in before {
            let now = read(name);
            let partial = content.is_empty() && now.is_some();
            must!(partial || now.as_ref() == Some(content) || now.as_ref() == after.get(name), "{name} is lost");
        }
        let new_keys: Vec<&String> = after_only(&self.before.keys, &self.after.keys);
        for (name, content) in after.iter().filter(|(name, content)| before.get(*name) != Some(content)) {
            let now = read(name);
            let there = now.as_ref() == Some(content);
            let reused = before.contains_key(name);
            must!(there || now.is_none() || reused, "{name} is incomplete: {now:?}");
            let theirs = |id: &&&String| !self.piecemeal || name.contains(&id[..8]);
            for id in new_keys.iter().filter(theirs) {
                // A registered key and an imported one have no secret here.
                if self.after.keys[*id]["name"].as_str().unwrap().starts_with("no-secret") {
                    continue;
                }
                let status = keys.get(*id).map(|key| &key["status"]);
                must!(there || status.is_none_or(|status| status == "pending"), "{id} is {status:?} without {name}");
                must!(!there || status.is_some(), "{name} is a secret without a key");
            }
        }
        Ok(())
    }

    /// Checks that each secret is as good as its key.
    fn secrets(&self, keys: &BTreeMap<String, Value>) -> Verdict {
        let secrets = self.before.secrets();
        let mut input = String::new();
        for (_, claim) in &secrets {
            writeln!(input, "{claim}").unwrap();
        }
        let answers = self.run("verify --batch --no-record", &input)?.out();
        must!(answers.lines().count() == secrets.len(), "{answers}");
        for ((id, _), answer) in secrets.iter().zip(answers.lines()) {
            let answer: Value = serde_json::from_str(answer).unwrap();
            let status = id.as_ref().map_or("active", |id| keys.get(id).map_or("", |k| k["status"].as_str().unwrap()));
            let expected = match status {
                "active" => "valid",
                "" => "not_found",
                other => other,
            };
            must!(answer["code"] == expected, "{id:?} is {expected}, but {answer}");
        }
        Ok(())
    }
}

fn after_only<'a>(before: &BTreeMap<String, Value>, after: &'a BTreeMap<String, Value>) -> Vec<&'a String> {
    after.keys().filter(|id| !before.contains_key(*id)).collect()
}
