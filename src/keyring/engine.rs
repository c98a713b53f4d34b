//! The interface of a storage engine.

use super::{Entry, Inspection, Keyring, OpenedBackup, Snapshot, Transaction, write_backup};
use crate::error::Result;
use std::{fmt, path::Path};
use uuid::Uuid;

/// The place of a single keyring in a storage engine. Its `Display` output is the name that users know it by.
///
/// Each engine implements this trait in its own folder and is listed in `location.rs`.
pub trait Engine: fmt::Debug + fmt::Display + Send + Sync {
    /// Returns `true` if the keyring exists, after checking that only its owner can replace it.
    ///
    /// # Errors
    /// Returns `keyring_exposed` if other users can write the keyring, `keyring_foreign` if the place contains something
    /// other than a keyring, and the errors of the engine.
    fn exists(&self) -> Result<bool>;

    /// Opens the keyring on a new connection.
    ///
    /// # Errors
    /// Returns `keyring_missing` if there is no keyring, and an error if the keyring is unusable.
    fn open(&self) -> Result<Box<dyn Keyring>>;

    /// Creates a keyring with the given contract, or with the default contract if `contract` is `None`. Creation is atomic:
    /// no other process ever sees a partial keyring. Returns `false` if another process has created a keyring first.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn create(&self, org_id: Uuid, contract: Option<&str>, entry: &Entry) -> Result<bool>;

    /// Opens the keyring, creating it first if it does not exist.
    ///
    /// # Errors
    /// See [`Engine::create`] and [`Engine::open`].
    fn open_or_create(&self, entry: &Entry) -> Result<Box<dyn Keyring>> {
        if !self.exists()? {
            self.create(Uuid::new_v4(), None, entry)?;
        }
        self.open()
    }

    /// Checks that the place contains a keyring of any schema, without reading the rest of it.
    ///
    /// # Errors
    /// Returns `keyring_foreign` if the place contains something else.
    fn recognize(&self) -> Result<()>;

    /// Opens the keyring for inspection, even if it is damaged, exposed or outdated.
    ///
    /// # Errors
    /// Returns `keyring_missing` if there is no keyring, and `keyring_foreign` or `keyring_newer` if the place contains
    /// something that cannot be inspected.
    fn inspect(&self) -> Result<Box<dyn Inspection>>;

    /// Acquires the lock that a rotation holds while it delivers the new secret.
    ///
    /// # Errors
    /// Returns `rotation_in_progress` if other processes hold the lock in a conflicting mode for more than ten seconds, and
    /// `keyring_failed` if exclusive locks are not supported.
    fn rotation_lock(&self, mode: LockMode) -> Result<Box<dyn RotationLock>>;

    /// Checks that a path does not belong to the keyring itself, so that no output file overwrites the keyring.
    ///
    /// # Errors
    /// Returns `keyring_file` if the path belongs to the keyring.
    fn refuse_own(&self, path: &Path) -> Result<()>;

    /// Passes the bytes of a backup to `put` in order, and returns the state of the keyring that the backup contains.
    ///
    /// A backup is an SQLite keyring file, regardless of the engine. Other processes may be unable to write until the
    /// backup is complete, so `put` must not be slow.
    ///
    /// # Errors
    /// Returns the errors of `put` and of the engine.
    fn back_up(&self, put: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<Snapshot> {
        write_backup(self.open()?.as_ref(), put)
    }

    /// Opens a backup that is to be restored into this place. With `dry_run`, no files are created next to the keyring.
    ///
    /// # Errors
    /// Returns an error if the file is not a usable backup, and `keyring_failed`, `keyring_full` or `keyring_read_only` if it
    /// cannot be copied.
    fn open_backup(&self, file: &Path, dry_run: bool) -> Result<OpenedBackup>;

    /// Creates the keyring of this place from a backup and the changes that `work` makes in the same transaction. Bearer
    /// tokens and recorded signatures are left out. Returns `false` if another process has created a keyring first.
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
/// crashed. The keyring does not show which. Every rotation therefore holds this lock in shared mode until its successor is
/// active, and a process that cleans up after crashes acquires it in exclusive mode, when no running process can own a
/// pending successor.
pub trait RotationLock {
    /// Converts an exclusive lock into a shared lock.
    fn downgrade(&self);
}
