//! Reading and writing an open keyring file.

use super::{
    audit, batch, batch_rows,
    batch_state::Visible,
    connection::{connect_read_only, connect_with, durable, wait_at_most, yield_to_others},
    contradictions, copy,
    error::{Attempt, Explain},
    inspect::missing,
    list, migrations,
    place::Place,
    purge,
    read::Source,
    replay, row, schema,
    upgrade::upgrade,
    usage,
    writer::Writer,
};
use crate::{
    error::{Code, Error, Result},
    key::{Key, KeyId, KeyView, Time},
    keyring::{
        AuditCursor, AuditQuery, AuditRow, BatchId, Chain, Contradiction, Cursor, Entry, Head, KeyCursor, Keyring,
        Query, Reads, RecordedSignature, RowHash, Selection, Snapshot, Tombstone, Transaction, WAIT,
    },
};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::time::Duration;
use uuid::Uuid;

/// A function that makes the changes of a transaction.
type Work<'a> = dyn FnMut(&mut Writer<'_>) -> Result<()> + 'a;

/// The behavior of a transaction if the keys of a completed batch have to be updated first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// All of the keys are updated first, however long the updates take.
    Long,
    /// The transaction fails with `keyring_locked`.
    Short,
}

/// An open keyring file.
pub(crate) struct SqliteKeyring {
    pub(super) place: Place,
    pub(super) connection: Connection,
    pub(super) org_id: Uuid,
    /// `true` once the connection has been set up for writing.
    pub(super) durable: bool,
    /// The schema version of a keyring with an earlier schema, which must be upgraded before the first write, or `None`
    /// if the keyring has the current schema.
    pub(super) outdated: Option<i64>,
    /// `true` once the audit log is known to contain the states of all objects.
    pub(super) has_states: bool,
    /// The device number and the inode number of the file, or `None` for the private copy of a backup.
    pub(super) inode: Option<(u64, u64)>,
}

impl SqliteKeyring {
    /// Opens the keyring file at a place. A keyring that is too old to be read is upgraded first.
    ///
    /// # Errors
    /// - `keyring_missing` if the file does not exist
    /// - `keyring_exposed` if the permissions let other users write to or replace the file
    /// - `keyring_owner` if another user owns the file or a directory above the file
    /// - `keyring_linked` if the file must be upgraded, but has another name or is mounted by itself
    /// - `keyring_foreign` if the file is not a keyring
    /// - `keyring_newer` if a newer version of keywright wrote the file
    /// - any other [storage error](crate::keyring#storage-errors) if the file cannot be read, or if a necessary upgrade
    ///   fails
    pub(crate) fn open(place: &Place) -> Result<Self> {
        // The identity is determined before the file is opened. If the file is replaced in between, the keyring is not
        // current, and a caller that asks opens it again.
        let Some(file) = place.check()? else { return Err(missing(place)) };
        // SQLite falls back to read-only access if the file is not writable.
        let opened = connect_with(place.path(), OpenFlags::SQLITE_OPEN_READ_WRITE);
        let mut connection = opened.explain(Attempt::Open(place))?;
        let found = schema::recognize(&mut connection, place)?;
        let mut keyring = Self {
            place: place.clone(),
            connection,
            org_id: found.org_id,
            durable: false,
            outdated: (!found.is_current()).then_some(found.version),
            has_states: false,
            inode: Some(file.inode),
        };
        if !found.is_readable() {
            keyring.prepare_to_write()?;
        } else if keyring.outdated.is_some() {
            migrations::read_as_current(&keyring.connection, found.version).explain(Attempt::Open(place))?;
        }
        Ok(keyring)
    }

    /// Sets up the connection for writing, and upgrades the keyring if it has an earlier schema.
    pub(super) fn prepare_to_write(&mut self) -> Result<()> {
        if !self.durable {
            durable(&self.connection).explain(Attempt::Write(&self.place))?;
            self.durable = true;
        }
        let Some(version) = self.outdated else { return Ok(()) };
        migrations::read_as_is(&self.connection).explain(Attempt::Write(&self.place))?;
        if let Err(error) = upgrade(&mut self.connection, &self.place) {
            // The keyring stays readable, also for a process that keeps it open.
            if version >= migrations::OLDEST_READABLE {
                migrations::read_as_current(&self.connection, version).explain(Attempt::Read(&self.place))?;
            }
            return Err(error);
        }
        self.outdated = None;
        Ok(())
    }

    /// Runs `work` in a single transaction, with the timeout that is currently set on the connection. If the keys of a
    /// completed batch have to be updated first, `patience` determines whether the keys are updated or the call fails.
    fn write(&mut self, entry: &Entry, patience: Patience, work: &mut Work<'_>) -> Result<()> {
        if self.inode.is_some() {
            self.place.refuse_other_names()?;
        }
        self.prepare_to_write()?;
        while !self.write_unless_completed(entry, work)? {
            if patience == Patience::Short {
                let message = format!(
                    "{} is locked: an import, or another command that changed many keys, is not finished yet",
                    self.place.path().display()
                );
                return Err(Error::new(Code::KeyringLocked, message, "run the command again"));
            }
            self.apply_page()?;
        }
        Ok(())
    }

    /// Runs `work` in a single transaction and returns `true`. Does nothing and returns `false` if there is a completed
    /// batch whose keys have to be updated first.
    fn write_unless_completed(&mut self, entry: &Entry, work: &mut Work<'_>) -> Result<bool> {
        let attempt = Attempt::Write(&self.place);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).explain(attempt)?;
        if batch_rows::has_completed(&transaction).explain(attempt)? {
            return Ok(false);
        }
        let mut writer = Writer::new(&transaction, entry, &self.place).explain(attempt)?;
        let before = writer.head;
        if !self.has_states {
            replay::ensure_states(&mut writer).explain(attempt)?;
        }
        work(&mut writer)?;
        let is_page = writer.page.is_some();
        batch::finish_page(&mut writer).explain(attempt)?;
        let after = writer.head;
        transaction
            .commit()
            .explain(attempt)
            .map_err(|error| if after == before { error } else { self.commit_failed(error, after) })?;
        self.has_states = true;
        if is_page {
            yield_to_others();
        }
        Ok(true)
    }

    /// Updates the next keys of a completed batch in a transaction. Changes nothing if there is no completed batch.
    fn apply_page(&mut self) -> Result<()> {
        let attempt = Attempt::Write(&self.place);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).explain(attempt)?;
        batch_rows::apply_page(&transaction).explain(attempt)?;
        transaction.commit().explain(attempt)?;
        yield_to_others();
        Ok(())
    }

    /// Returns `error`, the error of a failed commit, with a note if the keyring contains the change or may contain the
    /// change. The last step of a commit syncs the directory after the journal has been deleted, so the change remains
    /// if only this step fails. `written` is the head of the log with the change.
    fn commit_failed(&self, error: Error, written: Head) -> Error {
        let found = connect_read_only(self.place.path()).and_then(|connection| audit::head(&connection));
        let (state, hint) = match found {
            Ok(head) if head == written => (
                "the change was recorded, but it may be lost if the power fails",
                "check the disk, and check what was recorded with `keywright audit --limit 5` before you repeat the command",
            ),
            Ok(_) => return error,
            Err(_) => (
                "it is not known whether the change was recorded",
                "check the disk, then check what was recorded with `keywright audit --limit 5`",
            ),
        };
        Error::new(error.code(), format!("{}; {state}", error.message()), hint).because(error)
    }
}

impl Source for SqliteKeyring {
    fn connection(&self) -> &Connection {
        &self.connection
    }

    fn place(&self) -> &Place {
        &self.place
    }

    fn visible(&self) -> Visible {
        Visible::Listed
    }
}

impl Reads for SqliteKeyring {
    fn schema(&self) -> i64 {
        self.outdated.unwrap_or_else(migrations::newest)
    }

    fn org_id(&self) -> Uuid {
        self.org_id
    }

    fn page(
        &self,
        query: &Query,
        cursor: &mut Cursor,
        visit: &mut dyn FnMut(&KeyView<'_>) -> Result<()>,
    ) -> Result<bool> {
        list::page(&self.connection, query, &mut cursor.0, visit, &self.place)
    }

    fn page_of_keys(
        &self,
        query: &Query,
        cursor: &mut Cursor,
        visit: &mut dyn FnMut(Key) -> Result<()>,
    ) -> Result<bool> {
        list::page_of_keys(&self.connection, query, &mut cursor.0, visit, &self.place)
    }

    fn count(&self, selection: &Selection, cap: u64) -> Result<u64> {
        list::count(&self.connection, selection, cap).explain(Attempt::Read(&self.place))
    }

    fn audit(
        &self,
        query: &AuditQuery,
        cursor: &mut AuditCursor,
        visit: &mut dyn FnMut(&AuditRow<'_>) -> Result<()>,
    ) -> Result<bool> {
        audit::page(&self.connection, query, cursor, visit, &self.place)
    }

    fn verify_chain(&self, sought: Option<RowHash>) -> Result<Chain> {
        audit::verify_chain(&self.connection, self.org_id, sought, &self.place)
    }

    fn contradictions(&self, limit: usize) -> Result<Vec<Contradiction>> {
        contradictions::contradictions(&self.connection, limit).explain(Attempt::Read(&self.place))
    }

    fn all_keys(&self, cursor: &mut KeyCursor) -> Result<Vec<Key>> {
        row::next(&self.connection, &mut cursor.0, &self.place)
    }

    fn tombstones(&self, after: Option<KeyId>) -> Result<Vec<Tombstone>> {
        purge::tombstones(&self.connection, after).explain(Attempt::Read(&self.place))
    }

    fn signatures(&self, after: Option<[u8; 32]>) -> Result<Vec<RecordedSignature>> {
        usage::signatures(&self.connection, after).explain(Attempt::Read(&self.place))
    }

    fn snapshot(&self) -> Result<Snapshot> {
        copy::snapshot(&self.connection, self.org_id).explain(Attempt::Read(&self.place))
    }
}

impl Keyring for SqliteKeyring {
    fn transact(
        &mut self,
        entry: &Entry,
        wait: Duration,
        work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>,
    ) -> Result<()> {
        let work: &mut Work<'_> = &mut |writer| work(writer);
        if wait == WAIT {
            return self.write(entry, Patience::Long, work);
        }
        self.connection
            .busy_handler(Some(wait_at_most(wait, self.place.path())))
            .explain(Attempt::Write(&self.place))?;
        let outcome = self.write(entry, Patience::Short, work);
        // Restore the usual timeout. Even if that fails, return the outcome of the transaction.
        let _ = self.connection.busy_handler(Some(wait_at_most(WAIT, self.place.path())));
        outcome
    }

    fn consistent_read(&self, work: &mut dyn FnMut(&dyn Reads) -> Result<()>) -> Result<()> {
        // A deferred transaction acquires its shared lock with the first read and holds it until the transaction ends.
        let reading = self.connection.unchecked_transaction().explain(Attempt::Read(&self.place))?;
        work(self)?;
        reading.finish().explain(Attempt::Read(&self.place))
    }

    fn is_current(&self) -> Result<bool> {
        let Some(inode) = self.inode else { return Ok(true) };
        Ok(self.place.find()?.is_some_and(|file| file.inode == inode))
    }

    fn abandoned_batches(&mut self, entry: &Entry, before: Time) -> Result<Vec<BatchId>> {
        // A keyring with an earlier schema has no batches.
        if self.outdated.is_some() {
            return Ok(Vec::new());
        }
        batch::abandoned(&self.connection, entry, before).explain(Attempt::Read(&self.place))
    }

    fn discard_batch(&mut self, entry: &Entry, batch: BatchId) -> Result<()> {
        let mut is_deleted = false;
        while !is_deleted {
            self.write(entry, Patience::Long, &mut |writer| {
                is_deleted = batch_rows::discard_page(writer, batch)?;
                Ok(())
            })?;
            yield_to_others();
        }
        Ok(())
    }

    fn apply_batches(&mut self) -> Result<()> {
        self.prepare_to_write()?;
        while batch_rows::has_completed(&self.connection).explain(Attempt::Read(&self.place))? {
            self.apply_page()?;
        }
        Ok(())
    }

    fn check_writable(&self) -> Result<()> {
        self.place.check_writable()
    }
}
