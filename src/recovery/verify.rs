//! Verifying a backup after writing it and before restoring it.

use crate::{
    contract::Contract,
    error::{Code, Error, Result},
    keyring::{KeyCursor, Reads},
};
use std::thread;

/// The maximum number of contradictions of each kind to report.
const REPORTED: usize = 20;

/// The use of a backup that is verified, which determines the errors.
#[derive(Clone, Copy, Debug)]
pub enum BackupUse {
    /// The backup was just written. Its damage is in the keyring, too.
    Written,
    /// The backup is to be restored.
    Restored,
}

impl BackupUse {
    /// Returns the beginning of the error message.
    const fn problem(self) -> &'static str {
        match self {
            Self::Written => "the keyring is damaged, so no backup was written",
            Self::Restored => "the backup cannot be trusted",
        }
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::Written => {
                "run `keywright check`; `restore` would refuse a backup with this damage, so keep the earlier backups"
            }
            Self::Restored => {
                "restore another backup; for details, run `keywright audit verify --keyring COPY` on a copy of this backup"
            }
        }
    }
}

/// Checks that the audit log of a backup is intact, that the keys and the tombstones agree with the log, that every key
/// matches its digest, and that the contract is valid. With an invalid contract, no key could be issued after the
/// restore.
///
/// `open` opens the backup. It is called twice, because one thread verifies the log and another the keys.
///
/// # Errors
/// - `keyring_corrupt` if any of these checks fails
/// - any other [storage error](crate::keyring#storage-errors) if the backup cannot be read
pub fn verify(open: &(dyn Fn() -> Result<Box<dyn Reads>> + Sync), purpose: BackupUse) -> Result<()> {
    let verify_keys = || verify_keys(open()?.as_ref(), purpose);
    thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, verify_keys);
        let log = open().and_then(|backup| verify_log(backup.as_ref(), purpose));
        let keys = match other {
            Ok(other) => other.join().unwrap_or_else(|_| Err(Error::internal("the thread that verifies keys failed"))),
            // The thread could not be started, so the current thread verifies the keys.
            Err(_) => verify_keys(),
        };
        log.and(keys)
    })
}

/// Checks the log, the contract, and that everything that is stored agrees with the log.
fn verify_log(backup: &dyn Reads, purpose: BackupUse) -> Result<()> {
    let corrupt =
        |what: String| Error::new(Code::KeyringCorrupt, format!("{}: {what}", purpose.problem()), purpose.hint());
    if let Some(broken) = backup.verify_chain(None)?.broken {
        return Err(corrupt(format!("its audit log was changed: {}", broken.describe())));
    }
    if let Err(error) = Contract::stored(backup.contract()?.as_deref()) {
        return Err(corrupt("its contract is not valid".to_owned()).because(error));
    }
    let contradictions = backup.contradictions(REPORTED)?;
    let Some(first) = contradictions.first() else { return Ok(()) };
    let error = corrupt(first.describe());
    Err(contradictions.iter().fold(error, |error, found| {
        error.detail(&["FILE"], found.describe(), found.key().map_or_else(String::new, |id| id.to_string()))
    }))
}

/// Checks the digest of every key.
fn verify_keys(backup: &dyn Reads, purpose: BackupUse) -> Result<()> {
    let damaged = |error: Error| match error.code() {
        Code::KeyringCorrupt => {
            Error::new(error.code(), format!("{}: {}", purpose.problem(), error.message()), purpose.hint())
        }
        _ => error,
    };
    let mut cursor = KeyCursor::default();
    while !backup.all_keys(&mut cursor).map_err(damaged)?.is_empty() {}
    Ok(())
}
