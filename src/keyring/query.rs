//! Selecting and sorting keys.

use super::Keyring;
use crate::{
    error::Result,
    key::{Env, KeyId, KeyType, KeyView, LabelFilter, Owner, Pattern, Scope, Status, Time},
};

/// The conditions that a key must meet. All of them count.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The time at which statuses are determined.
    pub now: Time,
    /// The statuses that are selected; any if empty.
    pub statuses: Vec<Status>,
    /// The types that are selected; any if empty.
    pub types: Vec<KeyType>,
    /// The environments that are selected; any if empty.
    pub envs: Vec<Env>,
    /// The scopes that a key must have.
    pub scopes: Vec<Scope>,
    /// The owner of the key.
    pub owner: Option<Owner>,
    /// The pattern that the name matches.
    pub name: Option<Pattern>,
    /// The labels that a key must have.
    pub labels: Vec<LabelFilter>,
    /// Only keys that have not expired but will have by this time.
    pub expiring_by: Option<Time>,
    /// Only keys that ended before this time.
    pub ended_before: Option<Time>,
    /// Only keys that were not used since this time. A key that was never used counts from its creation.
    pub unused_since: Option<Time>,
    /// Only keys that were never used.
    pub never_used: bool,
}

impl Selection {
    /// Selects every key.
    #[must_use]
    pub const fn all(now: Time) -> Self {
        Self {
            now,
            statuses: Vec::new(),
            types: Vec::new(),
            envs: Vec::new(),
            scopes: Vec::new(),
            owner: None,
            name: None,
            labels: Vec::new(),
            expiring_by: None,
            ended_before: None,
            unused_since: None,
            never_used: false,
        }
    }

    /// Restricts the selection to keys that have ended.
    #[must_use]
    pub fn over(self) -> Self {
        Self { statuses: Status::ALL.into_iter().filter(|status| status.has_ended()).collect(), ..self }
    }

    /// Restricts the selection to keys that have not ended.
    #[must_use]
    pub fn not_over(self) -> Self {
        Self { statuses: Status::ALL.into_iter().filter(|status| !status.has_ended()).collect(), ..self }
    }
}

/// A field that lists can be sorted by. Unset values come last in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortField {
    /// The order of creation.
    Created,
    /// The name.
    Name,
    /// The owner.
    Owner,
    /// The type.
    Type,
    /// The environment.
    Env,
    /// The expiry.
    Expires,
    /// The last use.
    LastUsed,
    /// The revocation, past or future.
    Revoked,
}

impl SortField {
    /// Every field with its word on the command line, which is the name in the JSON.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Created, "created_at"),
        (Self::Name, "name"),
        (Self::Owner, "owner"),
        (Self::Type, "type"),
        (Self::Env, "env"),
        (Self::Expires, "expires_at"),
        (Self::LastUsed, "last_used_at"),
        (Self::Revoked, "revoked_at"),
    ];
}

/// A field and a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The field to sort by.
    pub field: SortField,
    /// `true` if the largest value comes first.
    pub descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self { field: SortField::Created, descending: true }
    }
}

/// A list of keys: a selection, an order and a range.
#[derive(Clone, Debug)]
pub struct Query {
    /// The keys to list.
    pub selection: Selection,
    /// The order of the list.
    pub sort: Sort,
    /// The key after which the list starts.
    pub after: Option<KeyId>,
    /// The maximum number of keys.
    pub limit: Option<u64>,
}

impl Query {
    /// Lists every key of a selection, the newest first.
    #[must_use]
    pub fn every(selection: Selection) -> Self {
        Self { selection, sort: Sort::default(), after: None, limit: None }
    }

    /// Returns the ids of the keys that are wanted, in the order of the list.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    pub fn ids(&self, keyring: &dyn Keyring, mut wanted: impl FnMut(&KeyView<'_>) -> bool) -> Result<Vec<KeyId>> {
        let (mut ids, mut cursor) = (Vec::new(), Cursor::default());
        while keyring.page(self, &mut cursor, &mut |facts| {
            ids.extend(wanted(facts).then_some(facts.id));
            Ok(())
        })? {}
        Ok(ids)
    }
}

/// The position in a list. The caller creates it, and each page moves it: [`Reads::page`](super::Reads::page).
#[derive(Debug, Default)]
pub struct Cursor(pub(super) Progress);

/// The position of a reader of all keys. The caller creates it, and each call moves it: [`Reads::all_keys`](super::Reads::all_keys).
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyCursor(pub(super) Option<i64>);

#[derive(Debug, Default)]
pub(super) enum Progress {
    #[default]
    Start,
    /// In the order of creation: the row number to continue from, and the number of keys left.
    Sequence {
        from: i64,
        left: u64,
    },
    /// In an order that was determined at the start: the row numbers that are left, the next one last.
    Order(Vec<i64>),
    Done,
}
