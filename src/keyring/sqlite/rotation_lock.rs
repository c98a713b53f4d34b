//! The rotation lock of a keyring file. It is an advisory lock (`flock`) on the file's directory, so it is independent
//! of SQLite's locks, and all keyrings in the directory share it.

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

/// A lock on a directory, or `None` if the directory could not be locked in shared mode, for example because the file
/// system does not support such locks.
pub(super) struct DirectoryLock(Option<OwnedFd>);

impl DirectoryLock {
    /// Acquires the lock on a directory. In shared mode, returns a value without a lock if the directory cannot be
    /// locked.
    ///
    /// # Errors
    /// - `rotation_in_progress` if other processes hold the lock in a conflicting mode for longer than `WAIT`
    /// - `keyring_failed` if the mode is exclusive and the directory cannot be locked for any other reason, for example
    ///   because the file system does not support such locks
    pub(super) fn take(directory: &Path, mode: LockMode) -> Result<Self> {
        match (lock(directory, mode, WAIT), mode) {
            (Ok(fd), _) => Ok(Self(Some(fd))),
            (Err(Errno::WOULDBLOCK), _) => Err(busy()),
            // If the file system does not support such locks, no process can hold an exclusive lock, so there is
            // nothing to wait for.
            (Err(_), LockMode::Shared) => Ok(Self(None)),
            (Err(e), LockMode::Exclusive) => Err(Error::new(
                Code::KeyringFailed,
                format!("{} cannot be locked", directory.display()),
                "rotate the keys one at a time, or keep the keyring on a local file system",
            )
            .because(e)),
        }
    }
}

impl RotationLock for DirectoryLock {
    fn downgrade(&self) {
        if let Some(fd) = &self.0 {
            // No other process holds the lock, so the conversion does not have to wait. If it fails, the rotation goes
            // on regardless.
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
        "another process is rotating keys in this keyring or in another keyring in the same directory",
        "wait until that process has finished, then run the command again",
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
