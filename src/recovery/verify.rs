//! Verifying a backup after writing it and before restoring it.

use crate::{
    contract::Contract,
    error::{Code, Error, Result},
    keyring::{Reads, open_written_backup, page_problem},
};
use std::{
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

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

/// Checks that the pages and indexes of a backup file and its audit log are intact, that the keys and the tombstones
/// agree with the log, that every key matches its digest, and that the contract is valid. With an invalid contract, no
/// key could be issued after the restore.
///
/// The checks run beside each other on the available processors. If several checks fail, the first of them in this order
/// is reported.
///
/// # Errors
/// - `keyring_corrupt` if any of these checks fails
/// - any other [storage error](crate::keyring#storage-errors) if the backup cannot be read
pub fn verify(path: &Path, purpose: BackupUse) -> Result<()> {
    let in_backup =
        |check: fn(&dyn Reads, BackupUse) -> Result<()>| check(open_written_backup(path)?.as_ref(), purpose);
    let pages = || verify_pages(path, purpose);
    let chain = || in_backup(verify_chain);
    let objects = || in_backup(verify_objects);
    // The longest check comes first. With two processors, a third thread would slow it down and then leave it alone.
    let [objects, pages, chain] = run_all(&[&objects, &pages, &chain]);
    pages.and(chain).and(objects)
}

/// Runs checks in at most one thread for each available processor, including this thread, and returns their results.
/// The checks start in the given order.
fn run_all<const N: usize>(checks: &[&(dyn Fn() -> Result<()> + Sync); N]) -> [Result<()>; N] {
    let (next, results) = (AtomicUsize::new(0), checks.map(|_| OnceLock::new()));
    let work = || {
        while let Some((check, result)) = checks.iter().zip(&results).nth(next.fetch_add(1, Ordering::Relaxed)) {
            let _ = result.set(check());
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(N);
    thread::scope(|scope| {
        // If a thread cannot be started, the others do its work.
        let others: Vec<_> =
            (1..threads).filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
        work();
        // A panic leaves its check without a result.
        for other in others {
            let _ = other.join();
        }
    });
    let failed = || Err(Error::internal("a thread that verifies a backup failed"));
    results.map(|result| result.into_inner().unwrap_or_else(failed))
}

fn verify_pages(path: &Path, purpose: BackupUse) -> Result<()> {
    page_problem(path)?.map_or(Ok(()), |problem| Err(corrupt(purpose, &problem)))
}

/// Checks the hashes of the log, and the contract.
fn verify_chain(backup: &dyn Reads, purpose: BackupUse) -> Result<()> {
    if let Some(broken) = backup.verify_chain(None)?.broken {
        return Err(corrupt(purpose, &format!("its audit log was changed: {}", broken.describe())));
    }
    match Contract::stored(backup.contract()?.as_deref()) {
        Ok(_) => Ok(()),
        Err(error) => Err(corrupt(purpose, "its contract is not valid").because(error)),
    }
}

/// Checks that everything that is stored matches its digest and agrees with the log.
fn verify_objects(backup: &dyn Reads, purpose: BackupUse) -> Result<()> {
    let contradictions = backup.contradictions(REPORTED)?;
    let Some(first) = contradictions.first() else { return Ok(()) };
    let error = corrupt(purpose, &first.describe());
    Err(contradictions.iter().fold(error, |error, found| {
        error.detail(&["FILE"], found.describe(), found.key().map_or_else(String::new, |id| id.to_string()))
    }))
}

fn corrupt(purpose: BackupUse, what: &str) -> Error {
    Error::new(Code::KeyringCorrupt, format!("{}: {what}", purpose.problem()), purpose.hint())
}
