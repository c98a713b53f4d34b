//! The interface of a storage engine.

use super::{Entry, Inspection, Keyring, OpenedBackup, Snapshot, Transaction, write_backup};
use crate::error::Result;
use std::{fmt, path::Path};
use uuid::Uuid;

/// The location of a single keyring in a storage engine. Its `Display` output identifies the keyring to users.
///
/// Each engine implements this trait in its own folder and is listed in `location.rs`.
pub trait Engine: fmt::Debug + fmt::Display + Send + Sync {
    /// Returns `true` if the keyring exists, after checking that only its owner can write or replace it.
    ///
    /// # Errors
    /// - `keyring_exposed` if other users can write or replace the keyring
    /// - `keyring_foreign` if the location contains something other than a keyring
    /// - a [storage error](crate::keyring#storage-errors) if the location cannot be read
    fn exists(&self) -> Result<bool>;

    /// Opens a new connection to the keyring.
    ///
    /// # Errors
    /// - `keyring_missing` if there is no keyring
    /// - `keyring_exposed` if other users can write or replace the keyring
    /// - `keyring_foreign` if the location contains something other than a keyring
    /// - `keyring_newer` if a newer version of keywright wrote the keyring
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
    fn open(&self) -> Result<Box<dyn Keyring>>;

    /// Creates a keyring, and returns `false` if another process has created one first. Creation is atomic: no other
    /// process ever sees a partial keyring.
    ///
    /// `contract` is the JSON text of the contract, or `None` for the default contract. `entry` provides the values of
    /// the first audit row.
    ///
    /// # Errors
    /// - `keyring_exposed` if other users can write the directory of the keyring
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be created
    fn create(&self, org_id: Uuid, contract: Option<&str>, entry: &Entry) -> Result<bool>;

    /// Opens the keyring, creating it first if it does not exist.
    ///
    /// # Errors
    /// - `keyring_exposed` if other users can write or replace the keyring
    /// - `keyring_foreign` if the location contains something other than a keyring
    /// - `keyring_newer` if a newer version of keywright wrote the keyring
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be created or read
    fn open_or_create(&self, entry: &Entry) -> Result<Box<dyn Keyring>> {
        if !self.exists()? {
            self.create(Uuid::new_v4(), None, entry)?;
        }
        self.open()
    }

    /// Checks that the location contains a keyring with any schema, without reading the rest of the keyring.
    ///
    /// # Errors
    /// - `keyring_foreign` if the location contains something other than a keyring
    /// - a [storage error](crate::keyring#storage-errors) if the location cannot be opened
    fn recognize(&self) -> Result<()>;

    /// Opens the keyring for inspection, even if it is damaged, exposed or outdated.
    ///
    /// # Errors
    /// - `keyring_missing` if there is no keyring
    /// - `keyring_foreign` if the location contains something other than a keyring
    /// - `keyring_newer` if a newer version of keywright wrote the keyring
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
    fn inspect(&self) -> Result<Box<dyn Inspection>>;

    /// Acquires the lock that a rotation holds while it delivers the new secret.
    ///
    /// # Errors
    /// - `rotation_in_progress` if other processes hold the lock in a conflicting mode for more than ten seconds
    /// - `keyring_failed` if `mode` is exclusive and the storage engine cannot lock the keyring
    fn rotation_lock(&self, mode: LockMode) -> Result<Box<dyn RotationLock>>;

    /// Checks that `path` does not belong to the keyring itself, so that no output file overwrites the keyring.
    ///
    /// # Errors
    /// Returns `keyring_file` if `path` belongs to the keyring.
    fn refuse_own(&self, path: &Path) -> Result<()>;

    /// Passes the bytes of a backup to `put` in order, and returns the state of the keyring that the backup contains.
    ///
    /// A backup is an SQLite keyring file, regardless of the engine. Other processes may be unable to write until the
    /// backup is complete, so `put` must not be slow.
    ///
    /// # Errors
    /// - `keyring_missing` if there is no keyring
    /// - `keyring_exposed` if other users can write or replace the keyring
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
    /// - any error of `put`
    fn back_up(&self, put: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<Snapshot> {
        write_backup(self.open()?.as_ref(), put)
    }

    /// Opens a backup that is to be restored to this location. If `dry_run` is `true`, no files are created next to the
    /// keyring.
    ///
    /// # Errors
    /// - `input_unreadable` if the file cannot be read
    /// - `input_not_regular` if the path is not a regular file
    /// - `keyring_foreign` if the file is not a keyring
    /// - `keyring_newer` if a newer version of keywright wrote the file
    /// - `keyring_exposed` if other users can write or replace the file
    /// - a [storage error](crate::keyring#storage-errors) if the backup is damaged or cannot be copied
    fn open_backup(&self, file: &Path, dry_run: bool) -> Result<OpenedBackup>;

    /// Creates the keyring of this location from a backup and the changes that `work` makes. Bearer tokens and recorded
    /// signatures are left out. Returns `false` if another process has created a keyring first.
    ///
    /// # Errors
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be created
    /// - any error of `work`
    fn restore_all(
        &self,
        backup: OpenedBackup,
        entry: &Entry,
        work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>,
    ) -> Result<bool>;
}

/// The mode in which a rotation lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockMode {
    /// Shared with other processes that also hold the lock in this mode.
    Shared,
    /// Held by a single process.
    Exclusive,
}

/// A rotation lock, which is held until the value is dropped or the process ends.
///
/// A pending successor either belongs to a running process that is delivering it, or was left behind by a process that
/// crashed. The keyring does not show which. Every rotation therefore holds this lock in shared mode until its
/// successor is active. A process that cleans up after crashes acquires the lock in exclusive mode, and while it holds
/// the lock, no other process can own a pending successor.
pub trait RotationLock {
    /// Converts an exclusive lock into a shared lock.
    fn downgrade(&self);
}
