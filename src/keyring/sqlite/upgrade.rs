//! Upgrades of a keyring file to the current schema, after a copy of it was made.

use super::{
    error::{Attempt, Explain},
    migrations::{self, newest},
    place::Place,
    row, schema,
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
};
use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// The number of copies of different states of one schema that may lie beside a keyring.
const MOST_COPIES: usize = 100;

/// The size of the pieces in which two files are compared.
const CHUNK: usize = 1 << 20;

/// Upgrades a keyring in one transaction. Before that, copies the file to `FILE.schema-N.backup` in its directory, with mode
/// 0600. N is the schema that the keyring has. Does nothing if the keyring has the current schema.
///
/// The transaction has the write lock from its begin, so the copy is the state that is upgraded. Other processes can read
/// meanwhile.
///
/// # Errors
/// `keyring_full` if there is no room for the copy or for the upgrade; `keyring_read_only`; `keyring_corrupt` if a table is not
/// defined as its schema says; `keyring_newer`; `keyring_locked`. The keyring then is as it was.
pub(super) fn upgrade(connection: &mut Connection, place: &Place) -> Result<()> {
    place.check_writable()?;
    let (transaction, version) = begin(connection, place)?;
    if version == newest() {
        return Ok(());
    }
    migrations::check(&transaction, version).explain(Attempt::Write(place))?;
    let files = back_up(version, place)?;
    migrate(transaction, version, place)?;
    // See `OpenFiles`.
    drop(files);
    Ok(())
}

/// Upgrades a private copy of a keyring in one transaction. `place` is where the original lies, for errors.
///
/// # Errors
/// As [`upgrade`].
pub(super) fn upgrade_private(connection: &mut Connection, place: &Place) -> Result<()> {
    let (transaction, version) = begin(connection, place)?;
    if version == newest() { Ok(()) } else { migrate(transaction, version, place) }
}

/// Begins a transaction, and reads the schema in it: another process may have upgraded the keyring meanwhile.
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
        // Schema 3 has a column for it. Before, only the log said which keys were registered.
        let registered = "type = 'rsa' AND id IN (SELECT key_id FROM audit WHERE action = 'register')";
        for key in row::keys(&transaction, registered, &[], place)? {
            row::update(&transaction, &Key { registered: true, ..key }).explain(write)?;
        }
    }
    transaction.commit().explain(write)
}

/// The files that must stay open until the transaction has ended: to close any descriptor of a file releases all locks that the
/// process has on it (`fcntl(2)`). A file beside the keyring may be the keyring by another name.
type OpenFiles = Vec<File>;

/// Copies the file of a keyring to a new file beside it, and makes the copy durable. The copy has no name until it is complete.
/// If an upgrade that did not come to its end left a copy of the same state, that one is kept.
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
    let problem = format!("there are {MOST_COPIES} copies of schema {version} beside {place}");
    Err(refused(place, Error::new(Code::KeyringFailed, problem, "remove the copies that you do not need")))
}

/// Returns the path of a copy: `FILE.schema-N.backup`, and for later ones of other states `FILE.schema-N-2.backup` and so on.
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
    let size = keyring.metadata().map_err(failed)?.len();
    let directory = path.parent().unwrap_or(Path::new("/"));
    // Refused at once, instead of after every other process on the disk has run out of space too.
    if statvfs(directory).is_ok_and(|disk| disk.f_blocks > 0 && disk.f_bavail.saturating_mul(disk.f_frsize) < size) {
        let hint = format!("make room for {size} bytes in {}", directory.display());
        return Err(failed(Errno::NOSPC.into()).with_hint(hint));
    }
    let copied = NewFile::prepare(path, Access::Backup)?.write_with(
        &mut |file| {
            let mut source = keyring;
            source.rewind().and_then(|()| io::copy(&mut source, file)).and_then(|_| file.sync_all()).map_err(failed)
        },
        &Undo::new(),
    );
    copied.map(drop)
}

/// Returns `true` if a file is another file with the content of the keyring, and the file if it was opened.
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
            // A crash may have come between its name and the durability of the name.
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

/// Adds to an error that the keyring was not upgraded.
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
