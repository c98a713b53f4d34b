//! The implementation of [`Engine`](crate::keyring::Engine) for keyring files.

use super::{
    backup_file::OpenedBackup,
    connection::{connect, connect_read_only},
    copy,
    error::{Attempt, Explain},
    inspect::FileInspection,
    keyring::SqliteKeyring,
    place::Place,
    rotation_lock::DirectoryLock,
    schema,
};
use crate::{
    error::{Code, Result},
    keyring::{Engine, Entry, Inspection, Keyring, LockMode, RotationLock, Snapshot, Transaction},
};
use std::{fs, path::Path};
use uuid::Uuid;

impl Engine for Place {
    fn exists(&self) -> Result<bool> {
        self.check().map(|file| file.is_some())
    }

    fn open(&self) -> Result<Box<dyn Keyring>> {
        Ok(Box::new(SqliteKeyring::open(self)?))
    }

    fn create(&self, org_id: Uuid, contract: Option<&str>, entry: &Entry) -> Result<bool> {
        let staged = self.stage()?;
        let made = (|| {
            let mut connection = connect(&staged)?;
            schema::create(&mut connection, org_id, contract, entry)?;
            connection.close().map_err(|(_, e)| e)
        })();
        // The file is examined to explain the error, so it is removed afterwards.
        made.explain(Attempt::Create(self, &staged)).inspect_err(|_| drop(fs::remove_file(&staged)))?;
        self.settle(&staged)
    }

    fn recognize(&self) -> Result<()> {
        let connection = connect_read_only(self.path()).explain(Attempt::Open(self))?;
        match schema::version(&connection, self) {
            Err(error) if error.code() == Code::KeyringForeign => Err(error),
            _ => Ok(()),
        }
    }

    fn inspect(&self) -> Result<Box<dyn Inspection>> {
        Ok(Box::new(FileInspection::open(self)?))
    }

    fn rotation_lock(&self, mode: LockMode) -> Result<Box<dyn RotationLock>> {
        // All names of a keyring have to lead to the same lock.
        let real = std::fs::canonicalize(self.path()).unwrap_or_else(|_| self.path().to_owned());
        Ok(Box::new(DirectoryLock::take(real.parent().unwrap_or_else(|| self.directory()), mode)?))
    }

    fn refuse_own(&self, path: &Path) -> Result<()> {
        Place::refuse_own(self, path)
    }

    fn back_up(&self, put: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<Snapshot> {
        // A keyring file already has the format of a backup.
        let keyring = SqliteKeyring::open(self)?;
        copy::copy(&keyring.connection, keyring.org_id, put, self)
    }

    fn open_backup(&self, file: &Path, dry_run: bool) -> Result<OpenedBackup> {
        OpenedBackup::open(file, self, dry_run)
    }

    fn restore_all(
        &self,
        backup: OpenedBackup,
        entry: &Entry,
        work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>,
    ) -> Result<bool> {
        backup.settle(self, entry, work)
    }
}
