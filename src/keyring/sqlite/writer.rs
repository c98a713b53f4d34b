//! A transaction in progress, which keeps track of the head of the audit log.

use super::{
    audit::{append, head, time},
    batch_state::{self, BatchPage, Visible},
    bearer,
    error::Attempt,
    place::Place,
    read::Source,
    usage,
};
use crate::{
    clock,
    key::{KeyId, Time},
    keyring::{Action, Entry, Head, audit::Link, state::Change},
};
use rusqlite::Connection;
use std::borrow::Cow;

/// A transaction in progress.
pub(super) struct Writer<'a> {
    pub(super) connection: &'a Connection,
    /// The values that all audit rows of the transaction share. The time is not before the keyring time, unless the
    /// caller set the time with `--now` or called [`Writer::accept_clock`].
    pub(super) entry: Cow<'a, Entry>,
    /// The values that the caller passed, with the time of the system clock or of `--now`.
    given: &'a Entry,
    place: &'a Place,
    /// The number and the hash of the newest audit row.
    pub(super) head: Head,
    /// The part of a batch that the transaction writes, or `None` if it writes no batch.
    pub(super) page: Option<BatchPage>,
    /// `true` if the keyring contained a batch when the transaction began.
    has_batches: bool,
}

impl<'a> Writer<'a> {
    /// Creates a writer for the open transaction of a connection, and reads the head of the audit log.
    pub(super) fn new(connection: &'a Connection, entry: &'a Entry, place: &'a Place) -> rusqlite::Result<Self> {
        let given = entry;
        let floor = time(connection)?.filter(|_| !given.clock_set);
        let began = given.began();
        let at = floor.map_or(began, |latest| latest.max(began));
        let entry = if at == given.at { Cow::Borrowed(given) } else { Cow::Owned(Entry { at, ..given.clone() }) };
        let has_batches = batch_state::exists(connection)?;
        Ok(Self { connection, entry, given, place, head: head(connection)?, page: None, has_batches })
    }

    /// Returns the time of the system clock, or `None` if the time was set with `--now`.
    pub(super) fn system_clock(&self) -> Option<Time> {
        (!self.given.clock_set).then(|| self.given.began())
    }

    /// Appends an audit row with the time that the caller passed. This time becomes the keyring time, even if the
    /// keyring time was later, unless the caller set the time with `--now`. Also lowers the timestamp that
    /// [`usage::forgotten_requests`] returns accordingly.
    pub(super) fn accept_clock(&mut self, facts: &str, skew: u64) -> rusqlite::Result<()> {
        self.entry = Cow::Borrowed(self.given);
        usage::accept_clock(self.connection, self.given.at, skew)?;
        bearer::delete_later(self.connection, self.given.at)?;
        self.audit(Action::AcceptClock, None, facts)
    }

    /// Implements [`Transaction::forget_accepted`](crate::keyring::Transaction::forget_accepted).
    pub(super) fn forget_accepted(&self, skew: u64) -> rusqlite::Result<()> {
        // A time that was set with `--now` must not make a replay possible, and the clock may have been ahead.
        let now = self.given.clock().max(clock::now());
        let now = time(self.connection)?.map_or(now, |latest| latest.max(now));
        usage::forget_accepted(self.connection, now, skew)
    }

    /// Appends an audit row and updates the head.
    pub(super) fn audit(&mut self, action: Action, key: Option<KeyId>, facts: &str) -> rusqlite::Result<()> {
        let link = Link { entry: &self.entry, action, key, facts };
        self.head = append(self.connection, &link, &self.head)?;
        Ok(())
    }

    /// Appends an audit row about the change of an object, and updates the head.
    pub(super) fn audit_change(
        &mut self,
        action: Action,
        key: Option<KeyId>,
        facts: &str,
        change: &Change,
    ) -> rusqlite::Result<()> {
        self.audit(action, key, &change.append_to(facts))
    }

    /// Removes a key from its batch, if any, so that the batch can no longer be completed. Must be called before the
    /// key is changed or deleted.
    pub(super) fn detach(&self, id: KeyId) -> rusqlite::Result<()> {
        if self.has_batches { batch_state::detach(self.connection, id) } else { Ok(()) }
    }

    /// Returns the operation to report in errors that occur while writing.
    pub(super) fn attempt(&self) -> Attempt<'a> {
        Attempt::Write(self.place)
    }
}

impl Source for Writer<'_> {
    fn connection(&self) -> &Connection {
        self.connection
    }

    fn place(&self) -> &Place {
        self.place
    }

    fn visible(&self) -> Visible {
        self.page.map_or(Visible::Listed, |page| Visible::ListedAnd(page.batch()))
    }
}
