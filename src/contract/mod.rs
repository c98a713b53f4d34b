//! The contract of a service, which contains rules for its keys and templates for its documents.
//!
//! A contract is a JSON document with two parts. `rules` restrict the keys of the service and supply default values.
//! `documents` are templates for the JSON that keywright prints, in which strings such as `{name}` are replaced by the
//! values of fields. Five contracts are built in, and users can write their own. [`Contract::parse`] validates a
//! contract: it checks the rules for contradictions and the templates for missing and unknown fields.

mod defaults;
mod document;
mod issue_limit;
mod judge;
mod rules;
mod template;
mod validate;
mod violation;

pub use document::{Documents, Operation};
pub use issue_limit::IssueLimit;
pub use rules::{
    AllowedIpRules, ApiKeyForm, Everyone, ExpiryRules, NameRules, OwnPublicKey, PemForm, PrefixRules, RateRules,
    RsaRules, Rules, ScopeRules,
};
pub use template::{FieldValues, Template};
pub use violation::Violation;

use crate::{
    error::{Code, Error, Result},
    key::refuse_secret,
    signing::Signing,
    strict_json::{self, JsonProblem},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The maximum size of a contract in bytes, about a hundred times the size of the largest built-in contract.
pub const LIMIT: usize = 256 * 1024;

/// The name of the member with the signing scheme.
const SIGNING: &str = "signing";

/// The hint for a value that a rule cannot have.
const VALUE_HINT: &str = "correct the value; to see the current rules, run `keywright policy show`";

/// The hint for a value that is not a signing scheme.
const SIGNING_HINT: &str = "correct the scheme; docs/reference/signing.md describes all schemes and their members";

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
    /// The name of the contract: 1 to 64 ASCII letters, digits, hyphens, underscores and periods.
    pub contract: String,
    /// A description of the contract in one line of at most 500 bytes, or an empty string.
    #[serde(default)]
    pub description: String,
    /// The rules for keys.
    #[serde(default)]
    pub rules: Rules,
    /// The scheme in which requests are signed, or `None` for the scheme of Kalshi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing: Option<Signing>,
    /// The templates for the documents of the service.
    #[serde(default)]
    pub documents: Documents,
}

impl Contract {
    /// Returns the text of the built-in contract with the given name, or `None` if there is no such contract.
    #[must_use]
    pub fn built_in(name: &str) -> Option<&'static str> {
        BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }

    /// Returns an iterator over the names of the built-in contracts.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// Returns the contract of new keyrings for which no contract is given.
    ///
    /// # Errors
    /// Never: a test parses the built-in contracts.
    pub fn of_new_keyrings() -> Result<Self> {
        Self::read(BUILT_IN[0].1.as_bytes())
    }

    /// Parses the contract that is stored in a keyring. If `text` is `None`, returns the default contract without a signing
    /// scheme: keyrings of the first version store no contract, and their requests are signed in the scheme of Kalshi.
    ///
    /// # Errors
    /// Returns `keyring_corrupt` if the stored contract is not valid.
    pub fn stored(text: Option<&str>) -> Result<Self> {
        let Some(text) = text else { return Ok(Self { signing: None, ..Self::of_new_keyrings()? }) };
        Self::read(text.as_bytes()).map_err(|e| {
            let hint = "load a valid contract, for example with `keywright policy load default`";
            Error::new(Code::KeyringCorrupt, "the contract in the keyring is not valid", hint)
                .because(anyhow::anyhow!("{e}"))
        })
    }

    /// Parses and validates a contract of at most [`LIMIT`] bytes.
    ///
    /// # Errors
    /// - `secret_in_text` if the contract contains a secret
    /// - `contract_invalid` if the contract is too long or not valid; the message contains the reason and, if it is
    ///   known, the position
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > LIMIT {
            return Err(invalid("", &format!("it has more than {LIMIT} bytes")).with_hint("shorten the contract"));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        refuse_secret(&String::from_utf8_lossy(bytes))?;
        match strict_json::parse(bytes) {
            Ok(json) => refuse_secrets_in(&json)?,
            Err(problem @ JsonProblem::Repeated(_)) => {
                return Err(invalid("", &problem.describe("the text is not JSON")));
            }
            Err(JsonProblem::Invalid) => {}
        }
        Self::read(bytes)
    }

    /// Parses and validates a contract of any size. A stored contract includes the default values, so it can be longer
    /// than the text from which it was parsed.
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
        contract.validate()?;
        Ok(contract)
    }

    /// Returns a copy of the contract with one rule changed. `path` names the rule, such as `scopes.required`, or is
    /// `signing`. `value` is JSON or a string without quotes; `null` restores the value in the built-in contract of the
    /// same name or, in any other contract, the value that the rule has if it is omitted.
    ///
    /// # Errors
    /// - `secret_in_text` if the value contains a secret
    /// - `contract_invalid` if there is no such rule, or if the contract would not be valid with the value
    /// - `internal` if the contract cannot be serialized, which is a bug
    pub fn with(&self, path: &str, value: &str) -> Result<Self> {
        refuse_secret(value)?;
        let rules = self.rules_as_json()?;
        if path == SIGNING {
            return self.with_signing(value);
        }
        if !paths(&rules).iter().any(|known| known == path) {
            let known = paths(&rules).into_iter().chain([SIGNING.to_owned()]).collect::<Vec<_>>().join(", ");
            return Err(Error::new(
                Code::ContractInvalid,
                format!("the contract has no rule `{path}`"),
                format!("choose one of {known}"),
            ));
        }
        let bare = Value::String(value.to_owned());
        let parsed = strict_json::parse(value.as_bytes());
        parsed.as_ref().map_or(Ok(()), refuse_secrets_in)?;
        let changed = match parsed {
            Ok(Value::Null) => {
                let default = self.default_rules()?.pointer(&pointer(path)).cloned().unwrap_or_default();
                replaced(&rules, path, default)
            }
            // Text that happens to be valid JSON, such as a number, may be meant as a string.
            Ok(json) => replaced(&rules, path, json).or_else(|e| replaced(&rules, path, bare).map_err(|_| e)),
            Err(JsonProblem::Invalid) => replaced(&rules, path, bare),
            Err(problem) => return Err(invalid(&format!("rules.{path}"), &problem.describe("the value is not JSON"))),
        };
        let rules = changed.map_err(|e| invalid(&format!("rules.{path}"), &plain(&e)).with_hint(VALUE_HINT))?;
        let changed = Self { rules, ..self.clone() };
        changed.validate().map_err(|e| e.with_hint(VALUE_HINT))?;
        Ok(changed)
    }

    fn with_signing(&self, value: &str) -> Result<Self> {
        let parsed = strict_json::parse(value.as_bytes());
        parsed.as_ref().map_or(Ok(()), refuse_secrets_in)?;
        let json = match parsed {
            Ok(json) => json,
            Err(JsonProblem::Invalid) if value.trim_start().starts_with('{') => {
                return Err(invalid(SIGNING, "the value is not valid JSON").with_hint(SIGNING_HINT));
            }
            Err(JsonProblem::Invalid) => Value::String(value.to_owned()),
            Err(problem) => return Err(invalid(SIGNING, &problem.describe("the value is not JSON"))),
        };
        let signing = match json {
            Value::Null => match Self::built_in(&self.contract) {
                Some(text) => Self::read(text.as_bytes())?.signing,
                None => None,
            },
            json => {
                Some(serde_json::from_value(json).map_err(|e| invalid(SIGNING, &plain(&e)).with_hint(SIGNING_HINT))?)
            }
        };
        let changed = Self { signing, ..self.clone() };
        changed.validate().map_err(|e| e.with_hint(SIGNING_HINT))?;
        Ok(changed)
    }

    /// Returns the path and the JSON value of every rule, in the order of the serialized rules, and then of `signing`.
    ///
    /// # Errors
    /// Returns `internal` if the contract cannot be serialized, which is a bug.
    pub fn listed(&self) -> Result<Vec<(String, Value)>> {
        let rules = self.rules_as_json()?;
        let value = |path: &String| rules.pointer(&pointer(path)).cloned().unwrap_or_default();
        let rules = paths(&rules).into_iter().map(|path| (path.clone(), value(&path)));
        Ok(rules.chain([(SIGNING.to_owned(), as_json(&self.signing())?)]).collect())
    }

    /// Returns the differences between this contract and the contract `new` in the name, the description, the rules and
    /// the documents, for the audit log. The value of each difference is an array of the old and the new value.
    ///
    /// # Errors
    /// Returns `internal` if a contract cannot be serialized, which is a bug.
    pub fn changes(&self, new: &Self) -> Result<Map<String, Value>> {
        let mut changes = Map::new();
        let mut put = |name: &str, old: Value, new: Value| {
            if old != new {
                changes.insert(name.to_owned(), Value::Array(vec![old, new]));
            }
        };
        put("contract", self.contract.as_str().into(), new.contract.as_str().into());
        put("description", self.description.as_str().into(), new.description.as_str().into());
        for ((path, old), (_, new)) in self.listed()?.into_iter().zip(new.listed()?) {
            put(&path, old, new);
        }
        put("documents", as_json(&self.documents)?, as_json(&new.documents)?);
        Ok(changes)
    }

    /// Serializes the contract as the JSON text that is stored in the keyring.
    ///
    /// # Errors
    /// Returns `internal` if the contract cannot be serialized, which is a bug.
    pub fn to_text(&self) -> Result<String> {
        Ok(as_json(self)?.to_string())
    }

    /// Returns the scheme in which requests are signed.
    #[must_use]
    pub fn signing(&self) -> Signing {
        self.signing.clone().unwrap_or_else(Signing::unstated)
    }

    fn default_rules(&self) -> Result<Value> {
        match Self::built_in(&self.contract) {
            Some(text) => Self::read(text.as_bytes())?.rules_as_json(),
            None => as_json(&Rules::default()),
        }
    }

    fn rules_as_json(&self) -> Result<Value> {
        as_json(&self.rules)
    }

    fn validate(&self) -> Result<()> {
        let named = (1..=64).contains(&self.contract.len())
            && self.contract.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if !named {
            return Err(invalid(
                "contract",
                "the name must consist of 1 to 64 ASCII letters, digits, hyphens, underscores and periods",
            ));
        }
        if self.description.len() > 500 || self.description.chars().any(char::is_control) {
            return Err(invalid("description", "the description must be one line of at most 500 bytes"));
        }
        self.rules.validate()?;
        if let Some(Err(problem)) = self.signing.as_ref().map(Signing::validate) {
            return Err(invalid("signing", &problem));
        }
        self.documents.validate(&self.rules)
    }
}

fn as_json(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|e| Error::internal("could not serialize the contract").because(e))
}

fn pointer(path: &str) -> String {
    format!("/{}", path.replace('.', "/"))
}

/// Checks that no name and no string in a JSON value contains a secret. Escapes in JSON text can hide a secret.
fn refuse_secrets_in(value: &Value) -> Result<()> {
    match value {
        Value::String(text) => refuse_secret(text),
        Value::Array(values) => values.iter().try_for_each(refuse_secrets_in),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            refuse_secret(name)?;
            refuse_secrets_in(value)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn replaced(rules: &Value, path: &str, value: Value) -> serde_json::Result<Rules> {
    let mut rules = rules.clone();
    if let Some(place) = rules.pointer_mut(&pointer(path)) {
        *place = value;
    }
    serde_json::from_value(rules)
}

/// Returns the path of every rule. `scopes.needs` counts as a single rule, because its members depend on the contract.
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
        format!("the contract is not valid: {place}{reason}"),
        "correct the contract; for a valid example, run `keywright policy show --format json`",
    )
}

fn position(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

/// Returns the message of a `serde_json` error without the position and the names of integer types.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    text.replace("expected u32", "expected a whole number").replace("expected usize", "expected a whole number")
}

#[cfg(test)]
mod tests;
