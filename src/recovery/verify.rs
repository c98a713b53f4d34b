//! Verifying a backup after writing it and before restoring it.

use crate::{
    contract::Contract,
    error::{Code, Error, Result},
    keyring::{KeyCursor, Reads},
};

/// The maximum number of contradictions of each kind to report.
const REPORTED: usize = 20;

/// The subject of the errors that [`verify`] returns.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    /// The keyring from which the backup was just written. Its damage is in the backup, too.
    Keyring,
    /// A backup that is to be restored.
    Backup,
}

impl Subject {
    /// Returns the beginning of the error message.
    const fn problem(self) -> &'static str {
        match self {
            Self::Keyring => "the keyring is damaged, so no backup was written",
            Self::Backup => "the backup cannot be trusted",
        }
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::Keyring => {
                "run `keywright check`; `restore` would refuse a backup with this damage, so keep the earlier backups"
            }
            Self::Backup => {
                "restore another backup; for details, run `keywright audit verify --keyring COPY` on a copy of this backup"
            }
        }
    }
}

/// Checks that the audit log of a backup is intact, that the keys and the tombstones agree with the log, that every key
/// matches its digest, and that the contract is valid. With an invalid contract, no key could be issued after the
/// restore.
///
/// # Errors
/// - `keyring_corrupt` if any of these checks fails
/// - any other [storage error](crate::keyring#storage-errors) if the backup cannot be read
pub fn verify(backup: &dyn Reads, subject: Subject) -> Result<()> {
    let hint = subject.hint();
    let corrupt = |what: String| Error::new(Code::KeyringCorrupt, format!("{}: {what}", subject.problem()), hint);
    if let Some(broken) = backup.verify_chain(None)?.broken {
        return Err(corrupt(format!("its audit log was changed: {}", broken.describe())));
    }
    if let Err(error) = Contract::stored(backup.contract()?.as_deref()) {
        return Err(corrupt("its contract is not valid".to_owned()).because(error));
    }
    let contradictions = backup.contradictions(REPORTED)?;
    if let Some(first) = contradictions.first() {
        let error = corrupt(first.describe());
        return Err(contradictions.iter().fold(error, |error, found| {
            error.detail(&["FILE"], found.describe(), found.key().map_or_else(String::new, |id| id.to_string()))
        }));
    }
    let mut cursor = KeyCursor::default();
    let damaged = |error: Error| if error.code() == Code::KeyringCorrupt { error.with_hint(hint) } else { error };
    while !backup.all_keys(&mut cursor).map_err(damaged)?.is_empty() {}
    Ok(())
}
