//! Translating SQLite errors into errors for users.

use super::{lock_probe, place::Place};
use crate::error::{Code, Error, Result, shell_word};
use rusqlite::{Error as SqlError, ErrorCode, ffi};
use rustix::io::Errno;
use std::path::Path;

/// The extended error codes of SQLite for lock operations that failed with an I/O error.
const LOCK_FAILURES: [i32; 4] =
    [ffi::SQLITE_IOERR_LOCK, ffi::SQLITE_IOERR_RDLOCK, ffi::SQLITE_IOERR_UNLOCK, ffi::SQLITE_IOERR_CHECKRESERVEDLOCK];

/// An attempted operation on a keyring file, which determines the error for users.
#[derive(Clone, Copy)]
pub(super) enum Attempt<'a> {
    Open(&'a Place),
    /// The file is created under the second path, and then moved to its place.
    Create(&'a Place, &'a Path),
    Read(&'a Place),
    Write(&'a Place),
}

/// The conversion of SQLite results into results with errors for users.
pub(super) trait Explain<T> {
    /// Converts an SQLite error into an error for users, based on the attempted operation. Leaves a successful result
    /// unchanged.
    fn explain(self, attempt: Attempt<'_>) -> Result<T>;
}

impl<T> Explain<T> for rusqlite::Result<T> {
    fn explain(self, attempt: Attempt<'_>) -> Result<T> {
        self.map_err(|cause| explain(&cause, attempt))
    }
}

/// Returns the `keyring_corrupt` error for a keyring file. `what` describes the damage.
pub(super) fn corrupt(place: &Place, what: &str) -> Error {
    damaged(format!("{} is damaged: {what}", place.path().display()))
}

fn damaged(message: String) -> Error {
    let hint = "run `keywright check`; if the damage is confirmed, move the keyring and its `-journal` file to another directory, then run `keywright restore` with a backup; do not copy a backup over the keyring";
    Error::new(Code::KeyringCorrupt, message, hint)
}

/// Returns the system's error if the process cannot open another file, or `None` if the process can.
fn no_descriptor() -> Option<std::io::Error> {
    std::fs::File::open("/dev/null").err()
}

fn explain(cause: &rusqlite::Error, attempt: Attempt<'_>) -> Error {
    let (place, file, what) = match attempt {
        Attempt::Open(place) => (place, place.path(), "cannot be opened"),
        Attempt::Create(place, file) => (place, file, "cannot be created"),
        Attempt::Read(place) => (place, place.path(), "cannot be read"),
        Attempt::Write(place) => (place, place.path(), "cannot be written"),
    };
    let path = place.path().display();
    let extended = cause.sqlite_error().map(|error| error.extended_code);
    let refused = match cause.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy) => lock_probe::refusal(file),
        Some(ErrorCode::SystemIoFailure) if extended.is_some_and(|code| LOCK_FAILURES.contains(&code)) => {
            Some(lock_probe::refusal(file).unwrap_or(Errno::NOLCK))
        }
        _ => None,
    };
    if let Some(refused) = refused {
        let problem = "its file system does not support locks";
        let hint = "move the keyring to a local file system, and pass its path with --keyring";
        return Error::new(Code::KeyringNoLocks, format!("{path} {what}: {problem}"), hint)
            .because(std::io::Error::from(refused));
    }
    if cause.sqlite_error_code() == Some(ErrorCode::CannotOpen)
        && let Some(no_descriptor) = no_descriptor()
    {
        let error =
            Error::new(Code::KeyringFailed, format!("{path} {what}"), "raise the limit on open files (`ulimit -n`)");
        return error.because(no_descriptor);
    }
    // The text of the error contains SQL, which is of no use to users.
    if extended == Some(ffi::SQLITE_ERROR) {
        return damaged(format!("{path} is damaged: its tables are not those of its schema version"));
    }
    let error = match cause.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::new(
            Code::KeyringLocked,
            format!("{path} is locked: another process has been using it for too long"),
            format!("try again, or run `fuser {}` to find the process", shell_word(place.path())),
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Error::new(
            Code::KeyringReadOnly,
            format!("{path} {what}"),
            "change the permissions of the file and its directory, or pass another path with --keyring",
        ),
        Some(ErrorCode::CannotOpen) if matches!(attempt, Attempt::Write(_)) => Error::new(
            Code::KeyringReadOnly,
            format!("{path} {what}: its journal cannot be created"),
            "change the permissions of the keyring's directory, or pass another path with --keyring",
        ),
        Some(ErrorCode::CannotOpen) => Error::new(
            Code::KeyringFailed,
            format!("{path} {what}"),
            "check the path and the permissions of the file and its directory, or pass another path with --keyring",
        ),
        Some(ErrorCode::DiskFull) => Error::new(
            Code::KeyringFull,
            format!("{path} {what}: there is no space left on the disk"),
            "free some space and try again",
        ),
        Some(ErrorCode::NotADatabase) => Error::new(
            Code::KeyringForeign,
            format!("{path} is not a keyring"),
            "pass the path of a keyring with --keyring",
        ),
        Some(ErrorCode::DatabaseCorrupt) => damaged(format!("{path} is damaged")),
        None if matches!(cause, SqlError::InvalidColumnType(..) | SqlError::FromSqlConversionFailure(..)) => {
            damaged(format!("{path} is damaged: a row contains values that keywright never writes"))
        }
        _ => Error::new(
            Code::KeyringFailed,
            format!("{path} {what}"),
            "check the disk, its file system and the file size limit (`ulimit -f`), and try again",
        ),
    };
    // Attach only the text of the error, because its source would repeat the text with an error code.
    error.because(anyhow::Error::msg(cause.to_string()))
}
