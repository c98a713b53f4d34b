//! One transaction in progress, with the head of its audit log.

use super::{
    audit::{Head, append, head},
    error::Attempt,
    place::Place,
    read::Source,
};
use crate::{
    key::KeyId,
    keyring::{Action, Entry, audit::Link},
};
use rusqlite::Connection;

/// A transaction in progress.
pub(super) struct Writer<'a> {
    pub(super) connection: &'a Connection,
    /// The parts that its audit rows share.
    pub(super) entry: &'a Entry,
    place: &'a Place,
    /// The newest audit row.
    pub(super) head: Head,
}

impl<'a> Writer<'a> {
    /// Starts with the head that the log has inside the transaction.
    pub(super) fn new(connection: &'a Connection, entry: &'a Entry, place: &'a Place) -> rusqlite::Result<Self> {
        Ok(Self { connection, entry, place, head: head(connection)? })
    }

    /// Appends an audit row.
    pub(super) fn audit(&mut self, action: Action, key: Option<KeyId>, facts: &str) -> rusqlite::Result<()> {
        let link = Link { entry: self.entry, action, key, facts };
        self.head = append(self.connection, &link, &self.head)?;
        Ok(())
    }

    /// Returns how errors of writing are to be reported.
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
