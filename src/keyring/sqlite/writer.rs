//! A transaction in progress, which keeps track of the head of the audit log.

use super::{
    audit::{Head, append, head, time},
    error::Attempt,
    place::Place,
    read::Source,
};
use crate::{
    key::KeyId,
    keyring::{Action, Entry, audit::Link},
};
use rusqlite::Connection;
use std::borrow::Cow;

/// A transaction in progress.
pub(super) struct Writer<'a> {
    pub(super) connection: &'a Connection,
    /// The values that all audit rows of the transaction share. The time is never before the keyring time.
    pub(super) entry: Cow<'a, Entry>,
    place: &'a Place,
    /// The number and the hash of the newest audit row.
    pub(super) head: Head,
}

impl<'a> Writer<'a> {
    /// Creates a writer for the open transaction of a connection, and reads the head of the audit log.
    pub(super) fn new(connection: &'a Connection, entry: &'a Entry, place: &'a Place) -> rusqlite::Result<Self> {
        let entry = match time(connection)? {
            Some(latest) if latest > entry.at && !entry.clock_set => Cow::Owned(Entry { at: latest, ..entry.clone() }),
            _ => Cow::Borrowed(entry),
        };
        Ok(Self { connection, entry, place, head: head(connection)? })
    }

    /// Appends an audit row and updates the head.
    pub(super) fn audit(&mut self, action: Action, key: Option<KeyId>, facts: &str) -> rusqlite::Result<()> {
        let link = Link { entry: &self.entry, action, key, facts };
        self.head = append(self.connection, &link, &self.head)?;
        Ok(())
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
}
