//! Opening backup files.

use super::{
    connection::{connect, connect_read_only},
    error::{Attempt, Explain, corrupt},
    keyring::SqliteKeyring,
    migrations,
    place::Place,
    schema,
    upgrade::upgrade_private,
};
use crate::{
    error::{Code, Error, Result},
    files::temporary_directory,
    keyring::{Entry, Keyring, Reads, Transaction, transact},
};
use std::{
    fs, io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    thread::{self, JoinHandle},
};

/// Opens a backup file for reading only, without checking permissions.
///
/// # Errors
/// - `keyring_foreign` if the file is not a keyring
/// - `keyring_newer` if a newer version of keywright wrote the file
/// - `keyring_corrupt` if the schema of the file is too old to be read without an upgrade
/// - any other [storage error](crate::keyring#storage-errors) if the file cannot be read
pub fn open_written(path: &Path) -> Result<Box<dyn Reads>> {
    let place = Place::new(path)?;
    let read = Attempt::Open(&place);
    let mut connection = connect_read_only(path).explain(read)?;
    let found = schema::recognize(&mut connection, &place)?;
    if !found.is_readable() {
        return Err(corrupt(&place, &format!("its schema ({}) is too old for a backup", found.version)));
    }
    if !found.is_current() {
        migrations::read_as_current(&connection, found.version).explain(read)?;
    }
    Ok(Box::new(SqliteKeyring {
        org_id: found.org_id,
        durable: true,
        outdated: (!found.is_current()).then_some(found.version),
        has_states: false,
        inode: None,
        connection,
        place,
    }))
}

/// Checks the pages of a backup file, and that its indexes agree with its tables. Returns a description of the first
/// problem, or `None` if there is none.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the file cannot be read.
pub fn page_problem(path: &Path) -> Result<Option<String>> {
    let place = Place::new(path)?;
    let read = Attempt::Open(&place);
    let connection = connect_read_only(path).explain(read)?;
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).explain(read)?;
    Ok((verdict != "ok").then(|| verdict.replace('\n', " ")))
}

/// A backup that is open as a keyring. It is a private copy of the backup file that has been migrated to the current
/// schema and is deleted on drop. The backup file itself is only read.
pub struct OpenedBackup {
    /// The open copy, or `None` once the copy has been restored.
    keyring: Option<SqliteKeyring>,
    temp_files: TempFiles,
    /// The thread that syncs the copy, or `None` if it was not started.
    sync: Option<JoinHandle<io::Result<()>>>,
}

/// The temporary files of the private copy of a backup.
#[derive(Clone)]
pub struct TempFiles {
    file: PathBuf,
    /// The directory that was created for the copy, or `None` if the copy is next to the keyring.
    directory: Option<PathBuf>,
}

impl TempFiles {
    /// Creates a private directory in the system's directory for temporary files, and an empty file in the private
    /// directory. Returns the created files, and the place of a keyring in the private directory for use in error
    /// messages.
    pub(super) fn create() -> Result<(Place, Self)> {
        let directory = create_private_directory()?;
        let place = Place::new(&directory.join("keyring.db"))?;
        let file = place.stage()?;
        Ok((place, Self { file, directory: Some(directory) }))
    }

    /// Returns the path of the copy.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.file
    }

    /// Deletes the copy, its journal and the directory that was created for it. Errors are ignored.
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
    /// Copies a backup to a private file and opens the copy. The copy is created in the directory of `target`, so that
    /// it can be renamed to `target`. For a dry run, the copy is created in the system's directory for temporary files.
    ///
    /// # Errors
    /// - `input_unreadable` if the properties of the file or of its directory cannot be read
    /// - `input_not_regular` if the path is not a regular file
    /// - `keyring_foreign` if the file is not a keyring
    /// - `keyring_newer` if a newer version of keywright wrote the file
    /// - `keyring_exposed` if other users can write to or replace the file or the directory of the copy
    /// - `keyring_owner` if another user owns the directory of the copy or a directory above it
    /// - a [storage error](crate::keyring#storage-errors) if the backup is damaged, or cannot be opened or copied
    pub(super) fn open(file: &Path, target: &Place, dry_run: bool) -> Result<Self> {
        let place = Place::new(file).map_err(|error| error.with_hint("use the path of a backup"))?;
        place.inspect_copy()?;
        Self::copied(&place, target, dry_run).map_err(|error| match error.code() {
            Code::KeyringForeign => error.with_hint("use a file that `keywright backup` wrote"),
            Code::KeyringCorrupt => error.with_hint("use another backup"),
            _ => error,
        })
    }

    fn copied(place: &Place, target: &Place, dry_run: bool) -> Result<Self> {
        let temp_files =
            if dry_run { TempFiles::create()?.1 } else { TempFiles { file: target.stage()?, directory: None } };
        let mut backup = Self { keyring: None, temp_files, sync: None };
        let staged = &backup.temp_files.file;
        copy(place.path(), staged)?;
        let mut connection = connect(staged).explain(Attempt::Open(place))?;
        let org_id = schema::recognize(&mut connection, place)?.org_id;
        upgrade_private(&mut connection, place)?;
        backup.keyring = Some(SqliteKeyring {
            place: place.clone(),
            connection,
            org_id,
            durable: true,
            outdated: None,
            has_states: false,
            inode: None,
        });
        Ok(backup)
    }

    /// Returns the keyring that the backup contains.
    ///
    /// # Errors
    /// Returns `internal` if the backup has already been restored.
    pub fn keyring(&self) -> Result<&dyn Keyring> {
        self.keyring.as_ref().map(|keyring| keyring as &dyn Keyring).ok_or_else(gone)
    }

    /// Returns the files that must be deleted if a signal terminates the process.
    #[must_use]
    pub fn temp_files(&self) -> TempFiles {
        self.temp_files.clone()
    }

    /// Starts to sync the copy, for a backup that will become a keyring. The transaction that completes the keyring syncs
    /// the copy in any case, but has to wait less if most of it is already on the disk.
    pub fn sync_ahead(&mut self) {
        let file = self.temp_files.file.clone();
        self.sync = thread::Builder::new().spawn(move || fs::File::open(file)?.sync_data()).ok();
    }

    /// Moves the copy to a path without a keyring, after applying the changes that `work` makes and deleting all bearer
    /// tokens. Returns `false` if another process has created a keyring first.
    ///
    /// # Errors
    /// - a [storage error](crate::keyring#storage-errors) if the copy cannot be written or moved
    /// - any error that `work` returns
    pub(super) fn settle(
        mut self,
        place: &Place,
        entry: &Entry,
        work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>,
    ) -> Result<bool> {
        let mut keyring = self.keyring.take().ok_or_else(gone)?;
        let create = Attempt::Create(place, &self.temp_files.file);
        keyring.connection.execute_batch("DELETE FROM bearer").explain(create)?;
        transact(&mut keyring, entry, |transaction| work(transaction))?;
        if let Some(Ok(Err(cause))) = self.sync.take().map(JoinHandle::join) {
            return Err(place.failed("cannot sync the keyring", cause));
        }
        keyring.connection.close().map_err(|(_, e)| e).explain(create)?;
        place.settle(&self.temp_files.file)
    }
}

/// Creates a private directory (mode 0700) in the system's directory for temporary files, and returns the path of the
/// new directory. Fails if the system's directory does not exist.
fn create_private_directory() -> Result<PathBuf> {
    let directory = temporary_directory();
    fs::DirBuilder::new().mode(0o700).create(&directory).map_err(|cause| {
        let problem = format!("cannot create the directory {}", directory.display());
        Error::new(Code::KeyringFailed, problem, "set TMPDIR to a writable directory").because(cause)
    })?;
    Ok(directory)
}

fn gone() -> Error {
    Error::internal("the backup has already been restored")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let failed = |path: &Path, problem: &str, cause: io::Error| {
        let (code, hint) = match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                let directory = to.parent().unwrap_or(to).display();
                (Code::KeyringFull, format!("free some space in {directory}, and try again"))
            }
            io::ErrorKind::FileTooLarge => (Code::KeyringFull, "raise the file size limit (`ulimit -f`)".to_owned()),
            _ => (Code::KeyringFailed, "check the permissions and the disk, and try again".to_owned()),
        };
        Error::new(code, format!("{} {problem}", path.display()), hint).because(cause)
    };
    let mut source = fs::File::open(from).map_err(|e| failed(from, "cannot be read", e))?;
    let mut target = fs::OpenOptions::new().write(true).open(to).map_err(|e| failed(to, "cannot be written", e))?;
    // The copy is synced only if it becomes a keyring, by the transaction that completes it.
    io::copy(&mut source, &mut target).map(drop).map_err(|e| failed(from, "cannot be copied", e))
}
