//! Which keys a list shows, and in which order.

use super::Keyring;
use crate::{
    error::Result,
    key::{Env, KeyId, KeyType, KeyView, LabelFilter, Owner, Pattern, Scope, Status, Time},
};

/// The conditions that a key must meet, all of them.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The time that statuses are for.
    pub now: Time,
    /// One of these; empty is any.
    pub statuses: Vec<Status>,
    /// One of these; empty is any.
    pub types: Vec<KeyType>,
    /// One of these; empty is any.
    pub envs: Vec<Env>,
    /// All of these.
    pub scopes: Vec<Scope>,
    /// Held by them.
    pub owner: Option<Owner>,
    /// The pattern that the name matches.
    pub name: Option<Pattern>,
    /// All of these.
    pub labels: Vec<LabelFilter>,
    /// Not yet expired, but will be by then.
    pub expiring_by: Option<Time>,
    /// Not able to authenticate since before then.
    pub ended_before: Option<Time>,
    /// Not used since; a key that was never used counts from its making.
    pub unused_since: Option<Time>,
    /// Never used at all.
    pub never_used: bool,
}

impl Selection {
    /// Every key.
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

    /// Of these, the keys that are over.
    #[must_use]
    pub fn over(self) -> Self {
        Self { statuses: Status::ALL.into_iter().filter(|status| status.has_ended()).collect(), ..self }
    }

    /// Of these, the keys that are not over.
    #[must_use]
    pub fn not_over(self) -> Self {
        Self { statuses: Status::ALL.into_iter().filter(|status| !status.has_ended()).collect(), ..self }
    }
}

/// What a list can be sorted by; unset values come last in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortField {
    /// The order in which keys were made.
    Created,
    /// The name.
    Name,
    /// The owner.
    Owner,
    /// The type.
    Type,
    /// The environment.
    Env,
    /// When it expires.
    Expires,
    /// When it was last used.
    LastUsed,
    /// When it was, or will be, revoked.
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
    /// By what.
    pub field: SortField,
    /// Largest first.
    pub descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self { field: SortField::Created, descending: true }
    }
}

/// A list: which keys, in which order, from where, how many.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which.
    pub selection: Selection,
    /// In which order.
    pub sort: Sort,
    /// Only what comes after this key.
    pub after: Option<KeyId>,
    /// At most so many.
    pub limit: Option<u64>,
}

impl Query {
    /// Every key of a selection, the newest first.
    #[must_use]
    pub fn every(selection: Selection) -> Self {
        Self { selection, sort: Sort::default(), after: None, limit: None }
    }

    /// The ids of the keys, in order, as far as they are wanted: for those who go on to read one after the other whole.
    ///
    /// # Errors
    /// What the store reports.
    pub fn ids(&self, keyring: &dyn Keyring, mut wanted: impl FnMut(&KeyView<'_>) -> bool) -> Result<Vec<KeyId>> {
        let (mut ids, mut cursor) = (Vec::new(), Cursor::default());
        while keyring.page(self, &mut cursor, &mut |facts| {
            ids.extend(wanted(facts).then_some(facts.id));
            Ok(())
        })? {}
        Ok(ids)
    }
}

/// How far a list has come. Made by the caller, moved on by [`Keyring::page`](super::Keyring::page).
#[derive(Debug, Default)]
pub struct Cursor(pub(super) Progress);

/// How far somebody has come who reads every key. Made by the caller, moved on by [`Keyring::all_keys`](super::Keyring::all_keys).
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyCursor(pub(super) Option<i64>);

#[derive(Debug, Default)]
pub(super) enum Progress {
    #[default]
    Start,
    /// In the order of making, from a row number on, so many left.
    Sequence {
        from: i64,
        left: u64,
    },
    /// In an order that was worked out at the start: the row numbers that are left, the next one last.
    Order(Vec<i64>),
    Done,
}
