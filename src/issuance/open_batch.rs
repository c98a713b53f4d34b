//! Writes a batch of keys, which another thread can stop and delete.

use super::PENDING_TTL;
use crate::{
    error::{Code, Error, Result},
    interrupt::{self, Guard},
    key::Time,
    keyring::{Action, BatchId, BatchKind, Entry, Keyring, Location, Transaction, discard_abandoned, transact},
};
use serde_json::{Map, Value};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// Deletes the batches that earlier commands have left incomplete: those to which no key has been added for
/// [`PENDING_TTL`] seconds, and those of an import whose process has ended.
///
/// # Errors
/// Returns `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written.
pub fn discard_late_batches(keyring: &mut dyn Keyring, entry: &Entry) -> Result<()> {
    discard_abandoned(keyring, entry, Time::from_seconds(entry.at.seconds() - PENDING_TTL))
}

/// A batch that is being written.
pub struct OpenBatch {
    kind: BatchKind,
    /// The id of the batch, or `None` before the first transaction is committed. [`OpenBatch::write_page`] locks the id
    /// during its transaction, so that another thread never misses the keys of a transaction that is being committed.
    id: Mutex<Option<BatchId>>,
    stopped: AtomicBool,
}

impl OpenBatch {
    /// Deletes the batches that earlier commands have left incomplete, and returns a new batch, which the first
    /// transaction adds to the keyring.
    ///
    /// # Errors
    /// Returns `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written.
    pub fn new(kind: BatchKind, keyring: &mut dyn Keyring, entry: &Entry) -> Result<Arc<Self>> {
        discard_late_batches(keyring, entry)?;
        Ok(Arc::new(Self { kind, id: Mutex::new(None), stopped: AtomicBool::new(false) }))
    }

    /// Enters the guarded phase (see [`interrupt`]), in which a signal deletes the batch.
    #[must_use = "the phase ends when the guard is dropped"]
    pub fn guard(self: &Arc<Self>, location: &Location, entry: &Entry) -> Guard {
        let (batch, location, entry) = (Arc::clone(self), location.clone(), entry.clone());
        interrupt::guard(move || drop(location.open().and_then(|mut keyring| batch.discard(keyring.as_mut(), &entry))))
    }

    /// Runs `work` in a transaction whose new keys are part of the batch. If an error occurs, the batch is deleted.
    ///
    /// # Errors
    /// - `interrupted` if the batch has been stopped
    /// - `wrong_state` if another process has deleted the batch
    /// - `keyring_locked` or another `keyring_*` code if the keyring cannot be written
    /// - any error that `work` returns
    pub fn write_page(
        &self,
        keyring: &mut dyn Keyring,
        entry: &Entry,
        work: impl FnMut(&mut dyn Transaction) -> Result<()>,
    ) -> Result<()> {
        // Two statements, so that the id is unlocked before the batch is deleted.
        let written = self.write(keyring, entry, work);
        written.inspect_err(|_| drop(self.discard(keyring, entry)))
    }

    fn write(
        &self,
        keyring: &mut dyn Keyring,
        entry: &Entry,
        mut work: impl FnMut(&mut dyn Transaction) -> Result<()>,
    ) -> Result<()> {
        let mut known = self.id.lock().unwrap_or_else(PoisonError::into_inner);
        if self.stopped.load(Ordering::SeqCst) {
            let hint = "run the command again; the keys that had been added are deleted";
            return Err(Error::new(Code::Interrupted, "a signal interrupted the command", hint));
        }
        let id = transact(keyring, entry, |transaction| {
            let id = self.enter(transaction, *known)?;
            work(transaction)?;
            Ok(id)
        })?;
        *known = Some(id);
        Ok(())
    }

    /// Continues the batch in a transaction, or begins it if it has no id yet.
    fn enter(&self, transaction: &mut dyn Transaction, known: Option<BatchId>) -> Result<BatchId> {
        match known {
            Some(id) => transaction.continue_batch(id).map(|()| id),
            None => transaction.begin_batch(self.kind),
        }
    }

    /// Runs `work` in a transaction whose new keys are part of the batch, and completes the batch in the same
    /// transaction, with the facts that `work` returns. If `work` returns `None`, the transaction is rolled back and
    /// the batch is deleted. The batch is also deleted after an error.
    ///
    /// # Errors
    /// - `wrong_state` if another process has deleted the batch or changed one of its keys
    /// - `keyring_locked` or another `keyring_*` code if the keyring cannot be written
    /// - any error that `work` returns
    pub fn complete(
        &self,
        keyring: &mut dyn Keyring,
        entry: &Entry,
        action: Action,
        mut work: impl FnMut(&mut dyn Transaction) -> Result<Option<Map<String, Value>>>,
    ) -> Result<()> {
        let known = self.id();
        let mut is_empty = false;
        let written = transact(keyring, entry, |transaction| {
            let id = self.enter(transaction, known)?;
            let facts = work(transaction)?;
            is_empty = facts.is_none();
            match facts {
                Some(facts) => transaction.complete_batch(id, action, facts),
                None => Err(Error::internal("the transaction is rolled back")),
            }
        });
        if is_empty {
            return self.discard(keyring, entry);
        }
        written.inspect_err(|_| drop(self.discard(keyring, entry)))?;
        // The batch is complete whether or not this succeeds.
        let _ = keyring.apply_batches();
        Ok(())
    }

    /// Returns the id of the batch, or `None` if no transaction has been committed.
    pub fn id(&self) -> Option<BatchId> {
        *self.id.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops writing the batch, and deletes its keys, except revoked keys. A complete batch is left unchanged.
    ///
    /// # Errors
    /// Returns `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written.
    pub fn discard(&self, keyring: &mut dyn Keyring, entry: &Entry) -> Result<()> {
        self.stopped.store(true, Ordering::SeqCst);
        self.id().map_or(Ok(()), |id| keyring.discard_batch(entry, id))
    }
}
