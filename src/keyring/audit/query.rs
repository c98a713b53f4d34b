//! Reading the audit log.

use super::{Action, RowHash, describe_changes};
use crate::key::{KeyId, Time};
use serde_json::{Map, Value, json};

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

/// How far a reader of the log has come. Made by the caller, moved on by [`Keyring::audit`](crate::keyring::Keyring::audit).
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditCursor {
    /// The last row that was shown; `None` at the start.
    pub(in crate::keyring) last: Option<i64>,
    /// How many were shown.
    pub(in crate::keyring) shown: u64,
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

    /// The facts for people, as [`describe_changes`] tells them.
    #[must_use]
    pub fn summary(&self) -> String {
        let Ok(Value::Object(facts)) = serde_json::from_str(self.facts) else { return self.facts.to_owned() };
        describe_changes(&facts)
    }
}
