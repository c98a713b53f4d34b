//! Rows of the audit log, as a [replay](super::replay) reads them.

use super::{
    Action, LoggedObject,
    audit::new_time,
    state::{Change, ObjectId, ObjectState},
};
use crate::key::{Field, KeyId, Time};
use serde_json::Value;

/// The beginning of the facts of a row that restores a tombstone. The facts of a row that restores a key begin with
/// another member.
const TOMBSTONE: &[u8] = b"{\"ended_at\":";

/// The kind of an object, according to the row that adds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AddedKind {
    /// A key that may be part of an import.
    ImportedKey,
    /// A key that may be pending, and may be part of a batch.
    PendingKey,
    /// The tombstone of a purged key.
    Tombstone,
    /// Any other object.
    Other,
}

/// A row of the audit log.
#[derive(Clone, Copy)]
pub(super) struct LoggedRow<'a> {
    pub(super) seq: i64,
    pub(super) at: i64,
    pub(super) action: &'a [u8],
    pub(super) key: Option<ObjectId>,
    pub(super) facts: &'a [u8],
}

impl LoggedRow<'_> {
    pub(super) fn is(&self, action: Action) -> bool {
        self.action == action.word().as_bytes()
    }

    /// Returns the id and the state of the key that the row adds, or `None` if the row adds no key.
    pub(super) fn added_key(&self) -> Option<(ObjectId, ObjectState)> {
        let id = self.key?;
        match Change::parse(self.facts)? {
            Change { bearer: None, old: None, new: Some(state) } => Some((id, state)),
            _ => None,
        }
    }

    /// Returns `true` if the row deletes a key without containing the state of the key, as in a log from a version that
    /// recorded no states.
    pub(super) fn deletes_without_state(&self) -> bool {
        self.key.is_some() && self.deletes() && Change::parse(self.facts).is_none()
    }

    /// Returns the kind of the object that the row adds.
    pub(super) fn added_kind(&self) -> AddedKind {
        let is_tombstone = || self.is(Action::Purge) || self.facts.starts_with(TOMBSTONE);
        if self.key.is_none() {
            AddedKind::Other
        } else if self.is(Action::Import) {
            AddedKind::ImportedKey
        } else if self.is(Action::Reserve) {
            AddedKind::PendingKey
        } else if is_tombstone() {
            AddedKind::Tombstone
        } else if self.is(Action::Restore) {
            // A restored key can be pending, and then be activated together with others.
            AddedKind::PendingKey
        } else {
            AddedKind::Other
        }
    }

    /// Returns the time at which the key is or will be revoked according to the row, or the latest time if the row of a
    /// revocation does not say it. Returns `None` if the row records no revocation.
    pub(super) fn revokes(&self) -> Option<Time> {
        new_time(self.facts, Field::RevokedAt).or_else(|| self.is(Action::Revoke).then_some(Time::LAST))
    }

    /// Returns `true` if the row adds a key, as in a log from a version that recorded no states.
    pub(super) fn adds(&self) -> bool {
        [Action::Reserve, Action::Register, Action::Import].into_iter().any(|action| self.is(action))
    }

    pub(super) fn deletes(&self) -> bool {
        self.is(Action::Discard) || self.is(Action::Sweep) || self.is(Action::Purge)
    }

    /// Returns the object that a row with a change concerns. The row must not concern a bearer token.
    pub(super) fn object(&self) -> LoggedObject {
        match self.key {
            Some(id) => LoggedObject::Key(KeyId::from_bytes(id)),
            None if self.is(Action::Owner) => {
                let facts: Value = serde_json::from_slice(self.facts).unwrap_or_default();
                LoggedObject::Owner(facts["owner"].as_str().unwrap_or_default().to_owned())
            }
            None => LoggedObject::Keyring,
        }
    }
}
