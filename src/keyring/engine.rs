//! The interface that a storage engine implements for each place where a keyring can be.

use super::{Entry, Inspection, Keyring, OpenedBackup, Snapshot, Transaction, write_backup};
use crate::error::Result;
use std::{fmt, path::Path};
use uuid::Uuid;

/// The place of one keyring, as its storage engine sees it. It is displayed as a user would name it.
///
/// An engine implements this trait in a folder of its own and is listed in `location.rs`.
pub trait Engine: fmt::Debug + fmt::Display + Send + Sync {
    /// Returns `true` if there is a keyring, after checking that nobody but its owner can replace it.
    ///
    /// # Errors
    /// `keyring_exposed` when others can write the keyring, `keyring_foreign` when something else is in its place, and
    /// the errors of the engine.
    fn exists(&self) -> Result<bool>;

    /// Opens the keyring, with a connection of its own.
    ///
    /// # Errors
    /// `keyring_missing` when there is none, and the faults of the keyring.
    fn open(&self) -> Result<Box<dyn Keyring>>;

    /// Creates a keyring under a contract, or under the default one when `contract` is `None`. The keyring appears whole or
    /// not at all. Returns `false` if another process created one first.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn create(&self, org_id: Uuid, contract: Option<&str>, entry: &Entry) -> Result<bool>;

    /// Opens the keyring, creating it first if there is none.
    ///
    /// # Errors
    /// See [`Engine::create`] and [`Engine::open`].
    fn open_or_create(&self, entry: &Entry) -> Result<Box<dyn Keyring>> {
        if !self.exists()? {
            self.create(Uuid::new_v4(), None, entry)?;
        }
        self.open()
    }

    /// Checks that what is there is a keyring of any schema, without reading more of it.
    ///
    /// # Errors
    /// `keyring_foreign` when it is something else.
    fn recognize(&self) -> Result<()>;

    /// Opens the keyring for an inspection, whatever its state.
    ///
    /// # Errors
    /// `keyring_missing` when there is none; `keyring_foreign` or `keyring_newer` when there is nothing to inspect.
    fn inspect(&self) -> Result<Box<dyn Inspection>>;

    /// Takes the lock that rotations hold while their secrets are being delivered.
    ///
    /// # Errors
    /// `rotation_in_progress` when other processes hold it in a conflicting mode for longer than ten seconds;
    /// `keyring_failed` when an exclusive lock is not supported.
    fn rotation_lock(&self, mode: LockMode) -> Result<Box<dyn RotationLock>>;

    /// Refuses a path that belongs to the keyring itself, so that no other file replaces it.
    ///
    /// # Errors
    /// `keyring_file`.
    fn refuse_own(&self, path: &Path) -> Result<()>;

    /// Passes the bytes of a backup to `put` in order, and returns the state of the keyring that the backup holds. A backup is
    /// an SQLite keyring file, whatever the engine. Writers may have to wait meanwhile, so `put` must not be slow.
    ///
    /// # Errors
    /// Returns the errors of `put` and of the engine.
    fn back_up(&self, put: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<Snapshot> {
        write_backup(self.open()?.as_ref(), put)
    }

    /// Opens a backup to be restored here. A dry run leaves nothing beside the keyring.
    ///
    /// # Errors
    /// Returns the faults of the file; `keyring_failed` and its kin when the backup cannot be copied.
    fn open_backup(&self, file: &Path, dry_run: bool) -> Result<OpenedBackup>;

    /// Makes a backup the keyring of this place, which has none, together with what `work` adds. Bearer tokens and recorded
    /// signatures are left out. Returns `false` if another process created a keyring first.
    ///
    /// # Errors
    /// Returns the errors of `work` and of the engine.
    fn restore_all(
        &self,
        backup: OpenedBackup,
        entry: &Entry,
        work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>,
    ) -> Result<bool>;
}

/// The way in which a rotation lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockMode {
    /// Together with other processes that hold it shared.
    Shared,
    /// By one process alone.
    Exclusive,
}

/// A rotation lock, held until it is dropped or the process ends.
///
/// A pending successor is either being delivered by a running process or was left behind by one that crashed, and nothing in
/// the keyring tells which. So every rotation holds this lock shared until its successor is active. A process that cleans up
/// after crashes takes it exclusively: then no running process can own a pending successor.
pub trait RotationLock {
    /// Turns an exclusive lock into a shared one.
    fn downgrade(&self);
}
