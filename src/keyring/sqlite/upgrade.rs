//! Upgrading a keyring file to the current schema after making a copy of the file.

use super::{
    error::{Attempt, Explain},
    migrations::{self, newest},
    place::Place,
    row, schema, thumbprint,
};
use crate::{
    error::{Code, Error, Result},
    files::{Access, NewFile, Undo},
    key::Key,
};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use rustix::{
    fs::{OFlags, statvfs},
    io::Errno,
    process::geteuid,
};
use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown},
    path::{Path, PathBuf},
};

/// The maximum number of copies next to a keyring for each earlier schema. Each copy contains a different state of the
/// keyring.
const MOST_COPIES: usize = 100;

/// The number of bytes to compare at a time when comparing two files.
const CHUNK: usize = 1 << 20;

/// Upgrades a keyring to the current schema in a single transaction, after copying the file (mode 0600) to the path
/// that [`copy_path`] returns. Does not upgrade or copy a keyring that already has the current schema.
///
/// The transaction holds the write lock from the beginning, so the copy contains exactly the state that is upgraded.
/// Other processes can read the keyring while the file is copied.
///
/// # Errors
/// - `keyring_full` if there is not enough space for the copy or for the upgrade
/// - `keyring_read_only` if the keyring is not writable
/// - `keyring_linked` if the file has another name, or is mounted by itself
/// - `keyring_corrupt` if the keyring is damaged, or if the definition of a table does not match the schema version
/// - `keyring_newer` if the keyring has a newer schema than the current one
/// - `keyring_locked` if other processes keep the keyring locked, or have the keyring open in WAL mode
/// - `keyring_failed` if the file cannot be copied or upgraded for any other reason
///
/// After an error, the content of the keyring is unchanged.
pub(super) fn upgrade(connection: &mut Connection, place: &Place) -> Result<()> {
    place.check_writable()?;
    leave_wal_mode(connection, place)?;
    let (transaction, version) = begin(connection, place)?;
    if version == newest() {
        return Ok(());
    }
    migrations::check(&transaction, version).explain(Attempt::Write(place))?;
    let files = back_up(version, place)?;
    migrate(transaction, version, place)?;
    // Closing these files earlier would release the locks of the transaction: see `OpenFiles`.
    drop(files);
    Ok(())
}

/// Switches a keyring from WAL mode back to a rollback journal. Another program may have turned on WAL mode, in which a
/// copy of the file would lack the latest changes. Does nothing if the keyring is not in WAL mode.
fn leave_wal_mode(connection: &Connection, place: &Place) -> Result<()> {
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0))
        .explain(Attempt::Write(place))?;
    if mode == "wal" {
        let problem = format!("{place} cannot be upgraded: another process has it open in WAL mode");
        return Err(Error::new(Code::KeyringLocked, problem, "stop the processes that use the keyring, and try again"));
    }
    Ok(())
}

/// Upgrades a private copy of a keyring in a single transaction, unless the copy already has the current schema.
/// `place` is the path of the original file, for use in error messages.
///
/// # Errors
/// - `keyring_full` if there is not enough space for the upgrade
/// - `keyring_corrupt` if the copy is damaged, or if the definition of a table does not match the schema version
/// - `keyring_newer` if the keyring has a newer schema than the current one
/// - any other [storage error](crate::keyring#storage-errors) if the copy cannot be written
pub(super) fn upgrade_private(connection: &mut Connection, place: &Place) -> Result<()> {
    let (transaction, version) = begin(connection, place)?;
    if version == newest() { Ok(()) } else { migrate(transaction, version, place) }
}

/// Begins a write transaction, and returns the transaction and the schema version. The version is read within the
/// transaction, because another process may have upgraded the keyring after this process opened the file.
fn begin<'a>(connection: &'a mut Connection, place: &Place) -> Result<(Transaction<'a>, i64)> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).explain(Attempt::Write(place))?;
    let version = schema::version(&transaction, place)?;
    Ok((transaction, version))
}

fn migrate(transaction: Transaction<'_>, version: i64, place: &Place) -> Result<()> {
    let write = Attempt::Write(place);
    migrations::migrate(&transaction, version, newest()).explain(write)?;
    if version < 3 {
        // Schema 3 adds a column for registered keys. In earlier schemas, only the audit log shows which keys were
        // registered.
        let registered = "type = 'rsa' AND id IN (SELECT key_id FROM audit WHERE action = 'register')";
        for key in row::keys(&transaction, registered, &[], place)? {
            row::update(&transaction, &Key { registered: true, ..key }).explain(write)?;
        }
    }
    if version < thumbprint::SINCE {
        thumbprint::fill(&transaction).explain(write)?;
    }
    transaction.commit().explain(write)
}

/// The files that must stay open until the transaction has ended. Closing any descriptor of a file releases all locks
/// that the process holds on the file (`fcntl(2)`), and a file next to the keyring may be a hard link to the keyring.
type OpenFiles = Vec<File>;

/// Durably copies a keyring file to a new file in the same directory, unless an interrupted upgrade has already left a
/// copy of the same state there. Returns the files that must stay open until the transaction has ended.
fn back_up(version: i64, place: &Place) -> Result<OpenFiles> {
    let failed = |cause| refused(place, place.failed("the keyring cannot be copied", cause));
    let real = fs::canonicalize(place.path()).map_err(failed)?;
    let keyring = File::open(&real).map_err(failed)?;
    let mut open = Vec::new();
    for number in 1..=MOST_COPIES {
        let path = copy_path(&real, version, number);
        match fs::symlink_metadata(&path) {
            Ok(_) => {
                let (same, file) = holds_same(&path, &keyring).map_err(failed)?;
                open.extend(file);
                if same {
                    open.push(keyring);
                    return Ok(open);
                }
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                write_copy(&path, &keyring, place).map_err(|error| refused(place, error))?;
                open.push(keyring);
                return Ok(open);
            }
            Err(e) => return Err(failed(e)),
        }
    }
    let problem = format!("there are already {MOST_COPIES} copies with schema {version} next to {place}");
    Err(refused(place, Error::new(Code::KeyringFailed, problem, "delete the copies that you do not need")))
}

/// Returns the path of a copy: `FILE.schema-N.backup` for the first copy with schema N, `FILE.schema-N-2.backup` for
/// the second, and so on.
fn copy_path(keyring: &Path, version: i64, number: usize) -> PathBuf {
    let mut path = OsString::from(keyring);
    path.push(format!(".schema-{version}"));
    if number > 1 {
        path.push(format!("-{number}"));
    }
    path.push(".backup");
    path.into()
}

fn write_copy(path: &Path, keyring: &File, place: &Place) -> Result<()> {
    let failed = |cause| place.failed("the keyring cannot be copied", cause);
    let original = keyring.metadata().map_err(failed)?;
    let size = original.len();
    let directory = path.parent().unwrap_or(Path::new("/"));
    // Fail before writing anything, rather than after filling the disk and making other processes run out of space.
    if statvfs(directory).is_ok_and(|disk| disk.f_blocks > 0 && disk.f_bavail.saturating_mul(disk.f_frsize) < size) {
        let hint = format!("free {size} bytes of space in {}", directory.display());
        return Err(failed(Errno::NOSPC.into()).with_hint(hint));
    }
    let copied = NewFile::prepare(path, Access::Backup)?.write_with(
        &mut |file| {
            let mut source = keyring;
            // The copy of a user's keyring that root upgrades must belong to the user. On a file system without owners, it
            // already does.
            if geteuid().is_root() && file.metadata().map_err(failed)?.uid() != original.uid() {
                fchown(&*file, Some(original.uid()), Some(original.gid())).map_err(failed)?;
            }
            source.rewind().and_then(|()| io::copy(&mut source, file)).and_then(|_| file.sync_all()).map_err(failed)
        },
        &Undo::new(),
    );
    copied.map(drop)
}

/// Returns `true` if `path` is a separate file with the same content as the keyring, after syncing that file and its
/// directory. Also returns the file if it was opened, because the caller has to keep the file open.
fn holds_same(path: &Path, keyring: &File) -> io::Result<(bool, Option<File>)> {
    let (named, original) = (fs::symlink_metadata(path)?, keyring.metadata()?);
    let other = named.is_file() && (named.dev(), named.ino()) != (original.dev(), original.ino());
    if !other || named.len() != original.len() {
        return Ok((false, None));
    }
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or(0);
    let Ok(mut copy) = OpenOptions::new().read(true).custom_flags(flags).open(path) else { return Ok((false, None)) };
    let mut original = keyring;
    original.rewind()?;
    let (mut left, mut right) = (vec![0; CHUNK], vec![0; CHUNK]);
    loop {
        let read = original.read(&mut left)?;
        if read == 0 {
            // An earlier process may have crashed after naming the copy but before syncing it and its directory to
            // disk.
            copy.sync_all()?;
            if let Some(directory) = path.parent() {
                File::open(directory)?.sync_all()?;
            }
            return Ok((true, Some(copy)));
        }
        if copy.read_exact(&mut right[..read]).is_err() || left[..read] != right[..read] {
            return Ok((false, Some(copy)));
        }
    }
}

/// Returns the error for a keyring that cannot be upgraded, with `error` as the cause.
fn refused(place: &Place, error: Error) -> Error {
    let code = match error.code() {
        code @ (Code::KeyringFull | Code::KeyringReadOnly) => code,
        _ => Code::KeyringFailed,
    };
    let message = format!("{place} cannot be upgraded to schema {}", newest());
    let hint = error.hint().to_owned();
    Error::new(code, message, hint).because(error)
}

#[cfg(test)]
mod tests;
