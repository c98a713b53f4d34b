//! Reading the audit log.

use super::{Action, RowHash, describe_changes};
use crate::key::{KeyId, Time};
use serde_json::{Map, Value, json};

/// A query for audit rows, which are returned newest first.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// The key that rows must concern, or `None` for all rows, including rows that do not concern a key.
    pub key: Option<KeyId>,
    /// The time at or after which rows must have been written, or `None` for no limit.
    pub since: Option<Time>,
    /// The time at or before which rows must have been written, or `None` for no limit.
    pub until: Option<Time>,
    /// The actions to select. If empty, any action matches.
    pub actions: Vec<Action>,
    /// The account for which to select rows, as recorded in the log or without the user id, or `None` for all accounts.
    pub user: Option<String>,
    /// The maximum number of rows to return, or `None` for no limit.
    pub limit: Option<u64>,
}

/// The current position when reading the audit log. The caller creates the cursor, and each call to
/// [`Reads::audit`](crate::keyring::Reads::audit) advances the cursor.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditCursor {
    /// The number of the last visited row, or `None` at the start.
    pub(in crate::keyring) last: Option<i64>,
    /// The number of rows visited so far.
    pub(in crate::keyring) shown: u64,
}

impl AuditCursor {
    /// Creates a cursor that continues with the rows before the row with the given number.
    #[must_use]
    pub const fn older_than(row: i64) -> Self {
        Self { last: Some(row), shown: 0 }
    }
}

/// An audit row, borrowed from the storage engine.
#[derive(Clone, Copy, Debug)]
pub struct AuditRow<'a> {
    /// The number of the row, starting at 1.
    pub seq: i64,
    /// The time of the change.
    pub at: Time,
    /// `true` if the time was set with `--now`.
    pub clock_set: bool,
    /// The account that ran the command, such as `ada (uid 1000)`.
    pub user: &'a str,
    /// The machine on which the command ran.
    pub host: &'a str,
    /// The subcommand, without its arguments.
    pub command: &'a str,
    /// The word of an [`Action`]. A newer version of keywright may have written a word that this version does not know.
    pub action: &'a str,
    /// The id of the key that the row concerns, or `None` if it does not concern a particular key.
    pub key: Option<KeyId>,
    /// The current name of the key that the row concerns, or `None` if the row concerns no key or the key no longer
    /// exists.
    pub name: Option<&'a str>,
    /// The text of a JSON object, such as one with the fields of an added or removed key, or with an `[old, new]` pair
    /// for each field that changed.
    pub facts: &'a str,
    /// The hash of this row and all rows before it.
    pub hash: RowHash,
}

impl AuditRow<'_> {
    /// The names of the fields that [`AuditRow::document`] returns, in order.
    pub const FIELDS: [&'static str; 11] =
        ["seq", "at", "clock_set", "user", "host", "command", "action", "api_key_id", "name", "facts", "hash"];

    /// Returns the row as a JSON object with the members [`AuditRow::FIELDS`]. Facts that are not JSON become a string.
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

    /// Returns the facts as text in the format of [`describe_changes`], or the unchanged facts if they are not a JSON
    /// object.
    #[must_use]
    pub fn summary(&self) -> String {
        let Ok(Value::Object(facts)) = serde_json::from_str(self.facts) else { return self.facts.to_owned() };
        describe_changes(&facts)
    }
}
