//! What was done: reading the audit log, and whether it is the one that was written.

use super::Action;
use crate::{
    error::{Code, Error},
    key::{KeyId, Time},
};
use serde_json::{Map, Value, json};
use std::{fmt, str::FromStr};

/// The hash of an audit row: SHA-256 over it and all that come before it, written as 64 hex digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowHash([u8; 32]);

impl RowHash {
    /// A hash as it was stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for RowHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for RowHash {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut bytes = [0; 32];
        let hex = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if !hex {
            let hint = "give the 64 hex digits that `keywright audit verify` printed";
            return Err(Error::new(Code::Usage, "that is not the hash of an audit row", hint));
        }
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).unwrap_or_default();
        }
        Ok(Self(bytes))
    }
}

/// Which audit rows, the newest first.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// About this key.
    pub key: Option<KeyId>,
    /// Not before.
    pub since: Option<Time>,
    /// Not after.
    pub until: Option<Time>,
    /// One of these; empty is any.
    pub actions: Vec<Action>,
    /// By this account: all that the log has of it, or the name in front of its number.
    pub user: Option<String>,
    /// At most so many.
    pub limit: Option<u64>,
}

/// How far a reader of the log has come. Made by the caller, moved on by [`Keyring::audit`](super::Keyring::audit).
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditCursor {
    /// The last row that was shown; `None` at the start.
    pub(super) last: Option<i64>,
    /// How many were shown.
    pub(super) shown: u64,
}

/// An audit row as it is stored, borrowed from the store.
#[derive(Clone, Copy, Debug)]
pub struct AuditRow<'a> {
    /// Its number, from 1 on.
    pub seq: i64,
    /// When.
    pub at: Time,
    /// The clock was set by hand (`--now`).
    pub clock_set: bool,
    /// The account that ran the command.
    pub user: &'a str,
    /// The machine it ran on.
    pub host: &'a str,
    /// The subcommand.
    pub command: &'a str,
    /// The word of an [`Action`], perhaps one that only a newer keywright knows.
    pub action: &'a str,
    /// The key that it is about.
    pub key: Option<KeyId>,
    /// What that key is called now, if it is still there.
    pub name: Option<&'a str>,
    /// A JSON object: the facts of a key that came or went, or `[old, new]` of each fact that changed.
    pub facts: &'a str,
    /// The hash that closes the chain up to this row.
    pub hash: RowHash,
}

impl AuditRow<'_> {
    /// The names of the fields of [`AuditRow::document`], in order.
    pub const FIELDS: [&'static str; 11] =
        ["seq", "at", "clock_set", "user", "host", "command", "action", "api_key_id", "name", "facts", "hash"];

    /// The row as JSON.
    #[must_use]
    pub fn document(&self) -> Map<String, Value> {
        let facts = serde_json::from_str(self.facts).unwrap_or_else(|_| Value::from(self.facts));
        let values = [
            json!(self.seq),
            json!(self.at.to_string()),
            json!(self.clock_set),
            json!(self.user),
            json!(self.host),
            json!(self.command),
            json!(self.action),
            json!(self.key.map(|id| id.to_string())),
            json!(self.name),
            facts,
            json!(self.hash.to_string()),
        ];
        Self::FIELDS.iter().map(ToString::to_string).zip(values).collect()
    }

    /// The facts for people, as [`told`] tells them.
    #[must_use]
    pub fn told(&self) -> String {
        let Ok(Value::Object(facts)) = serde_json::from_str(self.facts) else { return self.facts.to_owned() };
        told(&facts)
    }
}

/// Facts for people: `name: old → new` for what changed, `name: value` for what came or went.
#[must_use]
pub fn told(facts: &Map<String, Value>) -> String {
    let said = facts.iter().filter(|(_, value)| !says_nothing(value));
    let each = said.map(|(name, value)| match value {
        // A whole list of two scopes is two words; old and new scopes are lists or null.
        Value::Array(pair) if pair.len() == 2 && !(name == "scopes" && pair.iter().all(Value::is_string)) => {
            format!("{name}: {} \u{2192} {}", plain(&pair[0]), plain(&pair[1]))
        }
        value => format!("{name}: {}", plain(value)),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Whether a fact is one that is not set.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(values) => values.values().all(says_nothing),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(words) => words.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// What walking the whole log found.
#[derive(Clone, Debug)]
pub struct Chain {
    /// How many rows there are.
    pub rows: u64,
    /// The hash of the newest row, over all that come before it; zeros where there is none.
    pub head: RowHash,
    /// The latest time in the log.
    pub latest: Option<Time>,
    /// The first row that is not what was written.
    pub broken: Option<Break>,
    /// How many rows, that one included, do not follow from the one before.
    pub breaks: u64,
    /// How many rows came after the one whose hash was sought; `None` when there is no such row, or none was sought.
    pub after: Option<u64>,
}

/// A row of the log that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Its number; where the log is empty, that of the first.
    pub seq: i64,
    /// When it says that it was written.
    pub at: Time,
    /// What it says was done.
    pub action: String,
    /// The key it is about.
    pub key: Option<KeyId>,
    /// What is wrong.
    pub flaw: Flaw,
}

/// What can be wrong with a row of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// There are no rows at all, not even the first, which comes with the keyring.
    Empty,
    /// The log does not begin with the making of this organisation's keyring.
    Origin,
    /// The rows from this number up to it are missing.
    Missing(i64),
    /// Its hash does not follow from its content and the row before.
    Content,
}

impl Flaw {
    /// A stable word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Origin => "origin",
            Self::Missing(_) => "missing",
            Self::Content => "content",
        }
    }
}

impl Break {
    /// What is wrong, for people.
    #[must_use]
    pub fn describe(&self) -> String {
        let Self { seq, at, action, .. } = self;
        match self.flaw {
            Flaw::Empty => "the log is empty, though making the keyring wrote its first row".to_owned(),
            Flaw::Origin => format!("row {seq} ({action}, {at}) does not begin the log of this keyring's organisation"),
            Flaw::Missing(from) if from == seq - 1 => {
                format!("row {from} is missing, before row {seq} ({action}, {at})")
            }
            Flaw::Missing(from) => {
                format!("rows {from} to {} are missing, before row {seq} ({action}, {at})", seq - 1)
            }
            Flaw::Content => format!(
                "row {seq} ({action}, {at}) does not follow from the row before it: it was changed, or put there, or rows \
                 were moved"
            ),
        }
    }
}

/// A key whose row the log or a tombstone contradicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// No row of the log is about it: it was put there past keywright.
    Unlogged(KeyId),
    /// The log has its revocation, its row has not.
    Unrevoked(KeyId),
    /// A key of this id, this modulus or this secret was purged, and is to stay so.
    Buried(KeyId),
}

impl Contradiction {
    /// A stable word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unlogged(_) => "unlogged",
            Self::Unrevoked(_) => "unrevoked",
            Self::Buried(_) => "buried",
        }
    }

    /// Which key.
    #[must_use]
    pub const fn key(self) -> KeyId {
        match self {
            Self::Unlogged(id) | Self::Unrevoked(id) | Self::Buried(id) => id,
        }
    }

    /// What is wrong, for people.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Unlogged(id) => format!("key {id} is in the keyring, and no row of the log says how it came there"),
            Self::Unrevoked(id) => format!("key {id} was revoked by the log, and its row says that it was not"),
            Self::Buried(id) => format!("key {id} is in the keyring, and it, its modulus or its secret was purged"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_told_to_people() {
        let of = |json: Value| told(json.as_object().unwrap());
        assert_eq!(
            of(json!({ "owner": [null, "acme"], "scopes": [["a"], ["a", "b"]] })),
            "owner: - → acme, scopes: a → a b"
        );
        assert_eq!(of(json!({ "scopes": ["a", "b"], "labels": {}, "rate_limit": { "x": null } })), "scopes: a b");
        assert_eq!(
            of(json!({ "usage_level": [null, "basic"], "owner": "acme" })),
            "usage_level: - → basic, owner: acme"
        );
    }

    #[test]
    fn a_hash_is_written_as_it_is_read() {
        let hash = RowHash::from_bytes(std::array::from_fn(|i| u8::try_from(i * 7 % 256).unwrap()));
        assert_eq!(hash.to_string().parse::<RowHash>().unwrap(), hash);
        assert_eq!("".parse::<RowHash>().unwrap_err().code(), Code::Usage);
        assert!(format!("{}g", &hash.to_string()[1..]).parse::<RowHash>().is_err());
    }
}
