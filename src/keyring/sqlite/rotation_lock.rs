//! The rotation lock of a keyring file. It is an advisory lock (`flock`) on the directory of the file, and independent
//! of the locks of SQLite.

use crate::{
    error::{Code, Error, Result},
    keyring::{LockMode, RotationLock},
};
use rustix::{
    fs::{CWD, FlockOperation, Mode, OFlags, flock, openat},
    io::Errno,
};
use std::{
    os::fd::OwnedFd,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// The maximum time to wait for other processes to release the lock.
const WAIT: Duration = Duration::from_secs(10);

/// The time between two attempts to acquire the lock.
const RETRY: Duration = Duration::from_millis(10);

/// A lock on a directory, or `None` if the file system does not support such locks.
pub(super) struct DirectoryLock(Option<OwnedFd>);

impl DirectoryLock {
    /// Acquires the lock on a directory.
    ///
    /// # Errors
    /// - `rotation_in_progress` if other processes hold the lock in a conflicting mode for longer than `WAIT`
    /// - `keyring_failed` if the lock is exclusive and the file system does not support such locks
    pub(super) fn take(directory: &Path, mode: LockMode) -> Result<Self> {
        match (lock(directory, mode, WAIT), mode) {
            (Ok(fd), _) => Ok(Self(Some(fd))),
            (Err(Errno::WOULDBLOCK), _) => Err(busy()),
            // If such locks are not supported, no process can hold an exclusive lock, so there is nothing to wait for.
            (Err(_), LockMode::Shared) => Ok(Self(None)),
            (Err(e), LockMode::Exclusive) => Err(Error::new(
                Code::KeyringFailed,
                format!("{} cannot be locked", directory.display()),
                "rotate keys one by one, or keep the keyring on a local file system",
            )
            .because(e)),
        }
    }
}

impl RotationLock for DirectoryLock {
    fn downgrade(&self) {
        if let Some(fd) = &self.0 {
            // Converting an exclusive lock to a shared lock never has to wait. If it fails, other processes keep
            // waiting.
            let _ = flock(fd, FlockOperation::NonBlockingLockShared);
        }
    }
}

fn lock(directory: &Path, mode: LockMode, wait: Duration) -> Result<OwnedFd, Errno> {
    let operation = match mode {
        LockMode::Shared => FlockOperation::NonBlockingLockShared,
        LockMode::Exclusive => FlockOperation::NonBlockingLockExclusive,
    };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = openat(CWD, directory, flags, Mode::empty())?;
    let since = Instant::now();
    loop {
        match flock(&directory, operation) {
            Ok(()) => return Ok(directory),
            Err(Errno::INTR) => {}
            Err(Errno::WOULDBLOCK) if since.elapsed() < wait => thread::sleep(RETRY),
            Err(e) => return Err(e),
        }
    }
}

fn busy() -> Error {
    Error::new(
        Code::RotationInProgress,
        "another process is rotating keys of this keyring",
        "wait until that process is done, then run the command again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_exclusive_or_shared() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let now = |mode| lock(path, mode, Duration::ZERO).map(drop);
        let first = DirectoryLock::take(path, LockMode::Shared).unwrap();
        assert_eq!((now(LockMode::Shared), now(LockMode::Exclusive)), (Ok(()), Err(Errno::WOULDBLOCK)));
        drop(first);
        let only = DirectoryLock::take(path, LockMode::Exclusive).unwrap();
        let blocked = Err(Errno::WOULDBLOCK);
        assert_eq!((now(LockMode::Shared), now(LockMode::Exclusive)), (blocked, blocked));
        only.downgrade();
        assert_eq!((now(LockMode::Shared), now(LockMode::Exclusive)), (Ok(()), Err(Errno::WOULDBLOCK)));
        drop(only);
        assert_eq!(now(LockMode::Exclusive), Ok(()));
    }
}
