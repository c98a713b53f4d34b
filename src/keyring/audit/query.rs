//! Reading the audit log.

use super::{Action, RowHash, describe_changes};
use crate::key::{KeyId, Time};
use serde_json::{Map, Value, json};

/// A selection of audit rows, the newest first.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Only rows about this key.
    pub key: Option<KeyId>,
    /// Only rows from this time on.
    pub since: Option<Time>,
    /// Only rows up to this time.
    pub until: Option<Time>,
    /// Only rows with one of these actions; any action if empty.
    pub actions: Vec<Action>,
    /// Only rows of this account: its full text in the log, or the name before its number.
    pub user: Option<String>,
    /// The maximum number of rows.
    pub limit: Option<u64>,
}

/// The position of a reader of the log. The caller creates it, and each page moves it: [`Reads::audit`](crate::keyring::Reads::audit).
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditCursor {
    /// The number of the last row that was visited; `None` at the start.
    pub(in crate::keyring) last: Option<i64>,
    /// The number of rows that were visited.
    pub(in crate::keyring) shown: u64,
}

/// An audit row, borrowed from the store.
#[derive(Clone, Copy, Debug)]
pub struct AuditRow<'a> {
    /// The number of the row, starting at 1.
    pub seq: i64,
    /// The time of the change.
    pub at: Time,
    /// `true` if the clock was set by hand (`--now`).
    pub clock_set: bool,
    /// The account that ran the command.
    pub user: &'a str,
    /// The machine on which the command ran.
    pub host: &'a str,
    /// The subcommand.
    pub command: &'a str,
    /// The word of an [`Action`], perhaps one that only a newer keywright knows.
    pub action: &'a str,
    /// The key that the row is about.
    pub key: Option<KeyId>,
    /// The current name of that key, if it still exists.
    pub name: Option<&'a str>,
    /// A JSON object: the fields of a key that was added or removed, or `[old, new]` of each field that changed.
    pub facts: &'a str,
    /// The hash of this row and all rows before it.
    pub hash: RowHash,
}

impl AuditRow<'_> {
    /// The names of the fields of [`AuditRow::document`], in order.
    pub const FIELDS: [&'static str; 11] =
        ["seq", "at", "clock_set", "user", "host", "command", "action", "api_key_id", "name", "facts", "hash"];

    /// Returns the row as JSON.
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

    /// Returns the facts as text: see [`describe_changes`].
    #[must_use]
    pub fn summary(&self) -> String {
        let Ok(Value::Object(facts)) = serde_json::from_str(self.facts) else { return self.facts.to_owned() };
        describe_changes(&facts)
    }
}
