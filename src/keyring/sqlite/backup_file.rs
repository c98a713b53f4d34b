//! A backup, opened.

use super::{
    connection::connect,
    error::{Attempt, Explain, corrupt},
    keyring::SqliteKeyring,
    place::Place,
    schema,
    upgrade::upgrade_private,
};
use crate::{
    error::{Code, Error, Result},
    keyring::{Entry, Keyring, Transaction, transact},
};
use std::{
    fs, io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

/// A backup as a keyring: a private copy of the file, brought up to date, gone when it is dropped. The file itself is only
/// read.
pub struct OpenedBackup {
    /// `None` once it is on its way to its place.
    keyring: Option<SqliteKeyring>,
    temp_files: TempFiles,
}

/// What lies about as long as the copy does.
#[derive(Clone)]
pub struct TempFiles {
    file: PathBuf,
    /// Made for the copy alone.
    directory: Option<PathBuf>,
}

impl TempFiles {
    /// Removes it; again does nothing.
    pub fn remove(&self) {
        let mut journal = self.file.clone().into_os_string();
        journal.push("-journal");
        let _ = fs::remove_file(&self.file);
        let _ = fs::remove_file(journal);
        if let Some(directory) = &self.directory {
            let _ = fs::remove_dir(directory);
        }
    }
}

impl Drop for OpenedBackup {
    fn drop(&mut self) {
        self.keyring.take();
        self.temp_files.remove();
    }
}

impl OpenedBackup {
    /// Opens a backup. The copy is made beside the keyring, where it can become it; for a rehearsal, which is to leave nothing
    /// there, where temporary files belong.
    ///
    /// # Errors
    /// What is wrong with the file; `keyring_failed` and its kin when there is no place for the copy.
    pub(super) fn open(file: &Path, beside: &Place, rehearse: bool) -> Result<Self> {
        let place = Place::new(file)?;
        place.inspect_copy()?;
        Self::copied(&place, beside, rehearse).map_err(|error| match error.code() {
            Code::KeyringForeign => error.with_hint("name a file that `keywright backup` wrote"),
            Code::KeyringCorrupt => error.with_hint("take another backup"),
            _ => error,
        })
    }

    fn copied(place: &Place, beside: &Place, rehearse: bool) -> Result<Self> {
        let away = if rehearse { Some(directory_away()?) } else { None };
        let staged = match &away {
            Some(directory) => Place::new(&directory.join("keyring.db"))?.stage()?,
            None => beside.stage()?,
        };
        let mut backup = Self { keyring: None, temp_files: TempFiles { file: staged, directory: away } };
        let staged = &backup.temp_files.file;
        copy(place.path(), staged)?;
        let mut connection = connect(staged).explain(Attempt::Open(place))?;
        let org_id = schema::recognize(&mut connection, place)?.org_id;
        upgrade_private(&mut connection, place)?;
        let verdict: String =
            connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).explain(Attempt::Open(place))?;
        if verdict != "ok" {
            return Err(corrupt(place, &verdict));
        }
        backup.keyring =
            Some(SqliteKeyring { place: place.clone(), connection, org_id, durable: true, outdated: false });
        Ok(backup)
    }

    /// The keyring that was backup.
    ///
    /// # Errors
    /// `internal` when there is none any more.
    pub fn keyring(&self) -> Result<&dyn Keyring> {
        self.keyring.as_ref().map(|keyring| keyring as &dyn Keyring).ok_or_else(gone)
    }

    /// What is to be removed when a signal ends the process.
    #[must_use]
    pub fn temp_files(&self) -> TempFiles {
        self.temp_files.clone()
    }

    /// Makes it the keyring of a place where there is none, with what `work` adds, and without what was lent or remembered.
    /// Returns whether it did: somebody else may have been first.
    ///
    /// # Errors
    /// What `work` returns, and what the store reports.
    pub(super) fn settle(
        mut self,
        place: &Place,
        entry: &Entry,
        work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>,
    ) -> Result<bool> {
        let mut keyring = self.keyring.take().ok_or_else(gone)?;
        keyring.connection.execute_batch("DELETE FROM bearer; DELETE FROM replay").explain(Attempt::Create(place))?;
        transact(&mut keyring, entry, |transaction| work(transaction))?;
        keyring.connection.close().map_err(|(_, e)| e).explain(Attempt::Create(place))?;
        place.settle(&self.temp_files.file)
    }
}

/// Makes a private directory where temporary files belong; that place itself is not made.
fn directory_away() -> Result<PathBuf> {
    let directory = std::env::temp_dir().join(format!("keywright-{}", uuid::Uuid::new_v4().simple()));
    fs::DirBuilder::new().mode(0o700).create(&directory).map_err(|cause| {
        let problem = format!("the directory {} cannot be made", directory.display());
        Error::new(Code::KeyringFailed, problem, "name a directory for temporary files with TMPDIR").because(cause)
    })?;
    Ok(directory)
}

fn gone() -> Error {
    Error::new(Code::Internal, "the copy of the backup is gone", "report it as a bug")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let failed = |what: &Path, cause: io::Error| {
        let full = matches!(
            cause.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
        );
        let code = if full { Code::KeyringFull } else { Code::KeyringFailed };
        Error::new(code, format!("{} cannot be copied", what.display()), "make room beside the keyring, and try again")
            .because(cause)
    };
    let mut source = fs::File::open(from).map_err(|e| failed(from, e))?;
    let mut target = fs::OpenOptions::new().write(true).open(to).map_err(|e| failed(to, e))?;
    io::copy(&mut source, &mut target).map_err(|e| failed(from, e))?;
    target.sync_all().map_err(|e| failed(to, e))
}
