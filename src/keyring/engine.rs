//! The interface of a storage engine.

use super::{Entry, Inspection, Keyring, OpenedBackup, Snapshot, Transaction, write_backup};
use crate::error::Result;
use std::{fmt, path::Path};
use uuid::Uuid;

/// The location of a single keyring in a storage engine. Its `Display` output identifies the keyring to users.
///
/// Each engine implements this trait in its own folder and is listed in `location.rs`.
pub trait Engine: fmt::Debug + fmt::Display + Send + Sync {
    /// Returns `true` if the keyring exists, after checking that no other user can write to or replace the keyring.
    /// Does not read the content of the keyring.
    ///
    /// # Errors
    /// - `keyring_exposed` or `keyring_owner` if another user can write to or replace the keyring
    /// - `keyring_foreign` if the location cannot contain a keyring, for example because the location is an empty file
    /// - a [storage error](crate::keyring#storage-errors) if the location cannot be read
    fn exists(&self) -> Result<bool>;

    /// Opens a new connection to the keyring. A keyring that is too old to be read is upgraded first.
    ///
    /// # Errors
    /// - `keyring_missing` if there is no keyring
    /// - `keyring_exposed` or `keyring_owner` if another user can write to or replace the keyring
    /// - `keyring_foreign` if the location does not contain a keyring
    /// - `keyring_newer` if a newer version of keywright wrote the keyring
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read or upgraded
    fn open(&self) -> Result<Box<dyn Keyring>>;

    /// Creates a keyring. Returns `false` if there already is one, for example because another process has created it
    /// first. Creation is atomic, so no other process sees a partial keyring.
    ///
    /// `contract` is the JSON text of the contract, or `None` for the default contract of the first version, which has no
    /// signing scheme. `entry` provides the values of
    /// the first audit row.
    ///
    /// # Errors
    /// - `keyring_exposed` or `keyring_owner` if another user can write to or replace the keyring's directory
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be created
    fn create(&self, org_id: Uuid, contract: Option<&str>, entry: &Entry) -> Result<bool>;

    /// Opens the keyring, after creating a keyring with the given contract if there is none.
    ///
    /// # Errors
    /// - `keyring_exposed` or `keyring_owner` if another user can write to or replace the keyring or its directory
    /// - `keyring_foreign` if the location does not contain a keyring
    /// - `keyring_newer` if a newer version of keywright wrote the keyring
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be created or read
    fn open_or_create(&self, contract: &str, entry: &Entry) -> Result<Box<dyn Keyring>> {
        if !self.exists()? {
            self.create(Uuid::new_v4(), Some(contract), entry)?;
        }
        self.open()
    }

    /// Checks that the location, which must exist, contains a keyring. A keyring with any schema passes the check, and
    /// so does a damaged keyring that is still recognizable.
    ///
    /// # Errors
    /// - `keyring_foreign` if the location does not contain a recognizable keyring
    /// - a [storage error](crate::keyring#storage-errors) if the location cannot be opened
    fn recognize(&self) -> Result<()>;

    /// Opens the keyring for inspection, even if it is damaged, exposed or outdated.
    ///
    /// # Errors
    /// - `keyring_missing` if there is no keyring
    /// - `keyring_foreign` if the location does not contain a keyring
    /// - `keyring_newer` if a newer version of keywright wrote the keyring
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
    fn inspect(&self) -> Result<Box<dyn Inspection>>;

    /// Acquires the lock that a rotation holds while it delivers the new secret.
    ///
    /// # Errors
    /// - `rotation_in_progress` if other processes hold the lock in a conflicting mode for more than ten seconds
    /// - `keyring_failed` if `mode` is exclusive and the keyring cannot be locked
    fn rotation_lock(&self, mode: LockMode) -> Result<Box<dyn RotationLock>>;

    /// Checks that `path` is not one of the keyring's own files, so that no output file overwrites the keyring.
    ///
    /// # Errors
    /// Returns `keyring_file` if `path` is one of the keyring's own files.
    fn refuse_own(&self, path: &Path) -> Result<()>;

    /// Passes the bytes of a backup to `put` in order, and returns the state of the keyring that the backup contains.
    ///
    /// A backup is an SQLite keyring file, regardless of the engine. Other processes may be unable to write until the
    /// backup is complete, so `put` must not be slow.
    ///
    /// # Errors
    /// - `keyring_missing` if there is no keyring
    /// - `keyring_exposed` or `keyring_owner` if another user can write to or replace the keyring or a temporary file
    /// - `keyring_foreign` if the location does not contain a keyring
    /// - `keyring_newer` if a newer version of keywright wrote the keyring
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read, or if a temporary file cannot
    ///   be written
    /// - any error that `put` returns
    fn back_up(&self, put: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<Snapshot> {
        write_backup(self.open()?.as_ref(), put)
    }

    /// Opens a private copy of a backup that is to be restored to this location. If `dry_run` is `true`, no files are
    /// created next to the keyring.
    ///
    /// # Errors
    /// - `input_unreadable` if the file cannot be read
    /// - `input_not_regular` if the path is not a regular file
    /// - `keyring_foreign` if the file is not a keyring
    /// - `keyring_newer` if a newer version of keywright wrote the file
    /// - `keyring_exposed` if other users can write to or replace the file or the directory of the copy
    /// - `keyring_owner` if another user owns the directory of the copy or a directory above it
    /// - a [storage error](crate::keyring#storage-errors) if the backup is damaged or cannot be copied
    fn open_backup(&self, file: &Path, dry_run: bool) -> Result<OpenedBackup>;

    /// Creates the keyring at this location from a backup, and applies the changes that `work` makes. Bearer tokens and
    /// recorded signatures are left out. Returns `true`, or `false` if another process has created a keyring first.
    ///
    /// # Errors
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be created
    /// - any error that `work` returns
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
/// The keyring does not show whether a running process is delivering the secret of a pending successor, or whether a
/// failed process left the successor behind. Every rotation therefore holds this lock until its successor is active, in
/// shared mode if the rotation is of a single key. A process that cleans up after failures acquires the lock in
/// exclusive mode first, because no other process is delivering a successor while one process holds the lock in this
/// mode. If the keyring cannot be locked, rotations of single keys proceed without the lock, and no process can clean
/// up.
pub trait RotationLock {
    /// Converts an exclusive lock to a shared lock. Between the two, another process can acquire the lock.
    ///
    /// # Errors
    /// - `rotation_in_progress` if another process holds the lock in exclusive mode for more than ten seconds
    /// - `keyring_failed` if the lock cannot be acquired for any other reason
    fn downgrade(&self) -> Result<()>;
}
