//! What a service's keys are: its contract, as data.
//!
//! A contract is one JSON document with two parts. `rules` say which keys there may be, and with what defaults;
//! `documents` say how the service's own answers look, as templates whose strings `{field}` stand for our fields.
//! Five are built in; users write their own. A contract is read whole and judged once, when it comes in
//! ([`Contract::parse`]); what holds afterwards is that every rule makes sense beside the others, and that every document
//! can be filled.

mod defaults;
mod document;
mod judge;
mod rules;
mod template;
mod validate;
mod verbatim;
mod violation;

pub use document::{Documents, Operation, secret_field};
pub use rules::{
    ApiKeyForm, Everyone, ExpiryRules, NameRules, OwnPublicKey, PemForm, PrefixRules, RateRules, RsaRules, Rules,
    ScopeRules,
};
pub use template::{Lookup, Template};
pub use verbatim::{IssueLimit, Verbatim};
pub use violation::Violation;

use crate::error::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The most bytes of a contract: the largest built-in one has 3 KB.
pub const LIMIT: usize = 256 * 1024;

const BUILT_IN: [(&str, &str); 5] = [
    ("default", include_str!("builtin/default.json")),
    ("kalshi", include_str!("builtin/kalshi.json")),
    ("polynode", include_str!("builtin/polynode.json")),
    ("yativo", include_str!("builtin/yativo.json")),
    ("imtegrate", include_str!("builtin/imtegrate.json")),
];

/// The contract of a service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// What it is called.
    pub contract: String,
    /// What it is, in one line.
    #[serde(default)]
    pub description: String,
    /// Which keys there may be.
    #[serde(default)]
    pub rules: Rules,
    /// How answers look.
    #[serde(default)]
    pub documents: Documents,
}

impl Contract {
    /// The contract that is built in under a name.
    #[must_use]
    pub fn built_in(name: &str) -> Option<&'static str> {
        BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }

    /// The names of those that are built in.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The contract of a keyring: what it stores, or the default one.
    ///
    /// # Errors
    /// `keyring_corrupt` when what it stores does not hold.
    pub fn stored(text: Option<&str>) -> Result<Self> {
        let text = text.unwrap_or(BUILT_IN[0].1);
        Self::read(text.as_bytes()).map_err(|e| {
            let hint = "load another with `keywright policy load`, or put a backup of the keyring in its place";
            Error::new(Code::KeyringCorrupt, "the keyring's contract does not hold", hint)
                .because(anyhow::anyhow!("{e}"))
        })
    }

    /// Reads a contract and judges it.
    ///
    /// # Errors
    /// `contract_invalid` with the place and the reason.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > LIMIT {
            return Err(invalid("", &format!("it has more than {LIMIT} bytes")));
        }
        Self::read(bytes)
    }

    /// Without the limit: what is stored has the defaults written out, and is longer than what was given.
    fn read(bytes: &[u8]) -> Result<Self> {
        let mut source = serde_json::Deserializer::from_slice(bytes);
        let read = serde_path_to_error::deserialize(&mut source).map_err(|e| {
            let place = match e.path().to_string().as_str() {
                "." => position(e.inner()),
                path => format!("{path} ({})", position(e.inner())),
            };
            invalid(&place, &plain(e.inner()))
        });
        let contract: Self = read?;
        source.end().map_err(|e| invalid(&position(&e), &plain(&e)))?;
        contract.check()?;
        Ok(contract)
    }

    /// The same contract with one rule changed: a path such as `scopes.required`, and a value in JSON or a bare word.
    ///
    /// # Errors
    /// `contract_invalid` when there is no such rule, or the value does not fit.
    pub fn with(&self, path: &str, value: &str) -> Result<Self> {
        let rules = self.rules_as_json()?;
        if !paths(&rules).iter().any(|known| known == path) {
            let known = paths(&rules).join(", ");
            return Err(Error::new(Code::ContractInvalid, "there is no such rule", format!("choose one of {known}")));
        }
        let bare = Value::String(value.to_owned());
        let changed = match serde_json::from_str(value) {
            // What reads as a number or a list can be meant as a word all the same.
            Ok(json) => replaced(&rules, path, json).or_else(|e| replaced(&rules, path, bare).map_err(|_| e)),
            Err(_) => replaced(&rules, path, bare),
        };
        let rules = changed.map_err(|e| invalid(&format!("rules.{path}"), &plain(&e)))?;
        let changed = Self { rules, ..self.clone() };
        changed.check()?;
        Ok(changed)
    }

    /// The rules as path and value in JSON, in order.
    ///
    /// # Errors
    /// `internal`, which none is known to cause.
    pub fn listed(&self) -> Result<Vec<(String, Value)>> {
        let rules = self.rules_as_json()?;
        let value = |path: &String| rules.pointer(&pointer(path)).cloned().unwrap_or_default();
        Ok(paths(&rules).into_iter().map(|path| (path.clone(), value(&path))).collect())
    }

    /// What another contract changes, for the audit log: each rule that differs as `[old, new]`.
    ///
    /// # Errors
    /// As [`Contract::listed`].
    pub fn changes(&self, new: &Self) -> Result<Map<String, Value>> {
        let mut changes = Map::new();
        let mut put = |name: &str, old: Value, new: Value| {
            if old != new {
                changes.insert(name.to_owned(), Value::Array(vec![old, new]));
            }
        };
        put("contract", self.contract.as_str().into(), new.contract.as_str().into());
        for ((path, old), (_, new)) in self.listed()?.into_iter().zip(new.listed()?) {
            put(&path, old, new);
        }
        put("documents", as_json(&self.documents)?, as_json(&new.documents)?);
        Ok(changes)
    }

    /// As it is stored.
    ///
    /// # Errors
    /// `internal`, which none is known to cause.
    pub fn to_text(&self) -> Result<String> {
        Ok(as_json(self)?.to_string())
    }

    fn rules_as_json(&self) -> Result<Value> {
        as_json(&self.rules)
    }

    fn check(&self) -> Result<()> {
        let named = (1..=64).contains(&self.contract.len())
            && self.contract.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if !named {
            return Err(invalid("contract", "the name is not 1 to 64 letters, digits and - _ ."));
        }
        if self.description.len() > 500 || self.description.chars().any(char::is_control) {
            return Err(invalid("description", "it is not one line of at most 500 bytes"));
        }
        self.rules.check()?;
        self.documents.check(&self.rules)
    }
}

fn as_json(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value)
        .map_err(|e| Error::new(Code::Internal, "a contract does not serialize", "report it").because(e))
}

fn pointer(path: &str) -> String {
    format!("/{}", path.replace('.', "/"))
}

fn replaced(rules: &Value, path: &str, value: Value) -> serde_json::Result<Rules> {
    let mut rules = rules.clone();
    if let Some(place) = rules.pointer_mut(&pointer(path)) {
        *place = value;
    }
    serde_json::from_value(rules)
}

/// Every rule by its path. All groups have a fixed shape but `scopes.needs`, which is one value.
fn paths(rules: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in rules.as_object().into_iter().flatten() {
        match value {
            Value::Object(group) => found.extend(group.keys().map(|key| format!("{name}.{key}"))),
            _ => found.push(name.clone()),
        }
    }
    found
}

fn invalid(place: &str, reason: &str) -> Error {
    let place = if place.is_empty() { String::new() } else { format!("at {place}: ") };
    Error::new(
        Code::ContractInvalid,
        format!("the contract does not hold: {place}{reason}"),
        "mend it there; `keywright policy show --format json` prints one that holds",
    )
}

fn position(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

/// What `serde_json` says, without the position, which is told by itself.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    text.replace("expected u32", "expected a whole number").replace("expected usize", "expected a whole number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_holds() {
        for name in Contract::built_in_names() {
            let text = Contract::built_in(name).unwrap();
            let contract = Contract::parse(text.as_bytes()).unwrap_or_else(|e| panic!("{name}: {e:?}"));
            assert_eq!(contract.contract, name);
            let again = Contract::parse(contract.to_text().unwrap().as_bytes()).unwrap();
            assert!(contract.changes(&again).unwrap().is_empty(), "{name}");
        }
        assert!(Contract::built_in("acme").is_none());
    }

    #[test]
    fn one_rule_can_be_changed() {
        let contract = Contract::stored(None).unwrap();
        for (path, value) in [
            ("scopes.required", "true"),
            ("expiry.longest", "90d"),
            ("expiry.required_live", "true"),
            ("rsa.smallest", "3072"),
            ("name.pattern", "svc-*"),
            ("issue_limit", "5/hour"),
            ("scopes.known", r#"["read","write"]"#),
            ("issue_limit", "null"),
        ] {
            contract.with(path, value).unwrap_or_else(|e| panic!("{path}: {e:?}"));
        }
        for (path, value) in [
            ("scopes", "1"),
            ("nothing", "1"),
            ("scopes.nothing", "1"),
            ("rsa.smallest", "1024"),
            ("rsa.smallest", "many"),
            ("expiry.longest", "0d"),
            ("issue_limit", "0/day"),
            ("types", "[]"),
            ("types", r#"["ed25519"]"#),
            ("name.min", "0"),
            ("bearer_minutes", "0"),
        ] {
            let error = contract.with(path, value).expect_err(path);
            assert_eq!(error.code(), Code::ContractInvalid, "{path} {value}");
        }
    }

    #[test]
    fn what_does_not_hold_is_refused_with_its_place() {
        for (text, place) in [
            ("", "line 1"),
            ("nonsense", "line 1"),
            ("[]", "line 1"),
            (r#"{"contract":"x","rule":{}}"#, "unknown field `rule`"),
            (r#"{"contract":"x","rules":{"typo":1}}"#, "unknown field `typo`"),
            (r#"{"contract":"a b"}"#, "at contract"),
            (r#"{"contract":"x","rules":{"expiry":{"default":"2y","longest":"1y"}}}"#, "expiry"),
            (r#"{"contract":"x","rules":{"scopes":{"known":["read"],"omitted":["write"]}}}"#, "scopes.omitted"),
            (r#"{"contract":"x","rules":{"scopes":{"known":["write"],"needs":{"write":["read"]}}}}"#, "scopes.needs"),
            (
                r#"{"contract":"x","rules":{"scopes":{"needs":{"write":["read"]},"omitted":["write"]}}}"#,
                "scopes.omitted",
            ),
            (r#"{"contract":"x","rules":{"name":{"min":5,"max":4}}}"#, "name"),
            (r#"{"contract":"x","rules":{"name":{"default":"x","pattern":"y*"}}}"#, "name.default"),
            (r#"{"contract":"x","rules":{"environments":["live"],"prefix":{"test":"a"}}}"#, "prefix"),
            (r#"{"contract":"x","documents":{"list":{"k":"{token}"}}}"#, "documents.list"),
            (r#"{"contract":"x","documents":{"list":[{"k":"{private_key}"}]}}"#, "documents.list"),
            (r#"{"contract":"x","documents":{"show":{"k":"{shoe_size}"}}}"#, "documents.show"),
            (r#"{"contract":"x","documents":{"generate":{"k":"{name}"}}}"#, "documents.generate"),
            (r#"{"contract":"x","documents":{"list":{"k":1}}}"#, "documents.list"),
        ] {
            let error = Contract::parse(text.as_bytes()).expect_err(text);
            assert_eq!(error.code(), Code::ContractInvalid);
            assert!(error.message().contains(place), "{text}: {error}");
        }
        let nearly = format!(r#"{{"contract":"x","documents":{{"show":"{}"}}}}"#, "x".repeat(LIMIT - 50));
        let stored = Contract::parse(nearly.as_bytes()).unwrap().to_text().unwrap();
        assert!(stored.len() > LIMIT && Contract::stored(Some(&stored)).is_ok());
        let long = format!(r#"{{"contract":"x","description":"{}"}}"#, "x".repeat(LIMIT));
        assert_eq!(Contract::parse(long.as_bytes()).unwrap_err().code(), Code::ContractInvalid);
    }
}
