//! Selecting and sorting keys.

use super::Keyring;
use crate::{
    error::Result,
    key::{Env, KeyId, KeyType, KeyView, LabelFilter, Owner, Pattern, Scope, Status, Time},
};

/// The conditions for selecting keys. A key is selected if it meets all of them.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The time at which statuses are determined.
    pub now: Time,
    /// The statuses to select. If empty, any status matches.
    pub statuses: Vec<Status>,
    /// The key types to select. If empty, any type matches.
    pub types: Vec<KeyType>,
    /// The environments to select. If empty, any environment matches.
    pub envs: Vec<Env>,
    /// The scopes that a key must all have, compared literally. If empty, any key matches.
    pub scopes: Vec<Scope>,
    /// The owner that a key must have, or `None` for any owner.
    pub owner: Option<Owner>,
    /// The pattern that the name of a key must match, or `None` for any name.
    pub name: Option<Pattern>,
    /// The filters that the labels of a key must all match. If empty, any key matches.
    pub labels: Vec<LabelFilter>,
    /// The time at or before which a key must expire, or `None` for any expiry. With a time, keys that have already
    /// expired are not selected.
    pub expiring_by: Option<Time>,
    /// The time before which a key must expire or be revoked, or `None` to select keys regardless of these times.
    pub ended_before: Option<Time>,
    /// The time after which a key must not have been used, or `None` to select keys regardless of their use. For a key
    /// that was never used, the creation time is compared instead.
    pub unused_since: Option<Time>,
    /// `true` to select only keys that were never used.
    pub never_used: bool,
}

impl Selection {
    /// Creates a selection of all keys, whose statuses are determined at the time `now`.
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
    pub fn ended(self) -> Self {
        Self { statuses: Status::ALL.into_iter().filter(|status| status.has_ended()).collect(), ..self }
    }

    /// Restricts the selection to keys that have not ended.
    #[must_use]
    pub fn not_ended(self) -> Self {
        Self { statuses: Status::ALL.into_iter().filter(|status| !status.has_ended()).collect(), ..self }
    }
}

/// A field by which a list can be sorted. Keys without a value in the field come last in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortField {
    /// The order in which the keys were added to the keyring. An imported or restored key can have an earlier creation
    /// time than the keys that were added before it.
    Created,
    /// The name of the key.
    Name,
    /// The owner of the key.
    Owner,
    /// The type of the key.
    Type,
    /// The environment of the key.
    Env,
    /// The expiry time.
    Expires,
    /// The time of the last use.
    LastUsed,
    /// The revocation time, which may be in the future.
    Revoked,
}

impl SortField {
    /// All fields, each with its name on the command line, which is the same as in the JSON output.
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

/// A sort order: a field and a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The field to sort by.
    pub field: SortField,
    /// `true` to sort in descending order, from the largest value to the smallest.
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
    /// The key after which the list starts, or `None` to start at the beginning.
    pub after: Option<KeyId>,
    /// The maximum number of keys to list, or `None` for no limit.
    pub limit: Option<u64>,
}

impl Query {
    /// Creates a query for all keys in a selection, newest first.
    #[must_use]
    pub fn every(selection: Selection) -> Self {
        Self { selection, sort: Sort::default(), after: None, limit: None }
    }

    /// Returns the ids of the listed keys for which `wanted` returns `true`, in the order of the list.
    ///
    /// # Errors
    /// - `not_found` if the key after which the list starts does not exist
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
    pub fn ids(&self, keyring: &dyn Keyring, mut wanted: impl FnMut(&KeyView<'_>) -> bool) -> Result<Vec<KeyId>> {
        let (mut ids, mut cursor) = (Vec::new(), Cursor::default());
        while keyring.page(self, &mut cursor, &mut |facts| {
            ids.extend(wanted(facts).then_some(facts.id));
            Ok(())
        })? {}
        Ok(ids)
    }
}

/// The current position in a list. The caller creates the cursor, and each call to [`Reads::page`](super::Reads::page)
/// or [`Reads::page_of_keys`](super::Reads::page_of_keys) advances the cursor.
#[derive(Debug, Default)]
pub struct Cursor(pub(super) Progress);

/// The current position when reading all keys. The caller creates the cursor, and each call to
/// [`Reads::all_keys`](super::Reads::all_keys) advances the cursor.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyCursor(pub(super) Option<i64>);

#[derive(Debug, Default)]
pub(super) enum Progress {
    #[default]
    Start,
    /// A list in the order in which the keys were added, as the number of the last visited row and the maximum number
    /// of keys that remain.
    Sequence {
        from: i64,
        left: u64,
    },
    /// A list in any other order, as the row numbers of the remaining keys, with the last key first. The order is
    /// determined once, at the start.
    Order(Vec<i64>),
    Done,
}
