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
            (Err(e), LockMode::Exclusive) => Err(not_lockable(e)),
        }
    }
}

impl RotationLock for DirectoryLock {
    fn downgrade(&self) -> Result<()> {
        let Some(fd) = &self.0 else { return Ok(()) };
        // The conversion releases the lock before it acquires it again, so another process can be faster.
        acquire(fd, LockMode::Shared, WAIT).map_err(|e| if e == Errno::WOULDBLOCK { busy() } else { not_lockable(e) })
    }
}

fn lock(directory: &Path, mode: LockMode, wait: Duration) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = openat(CWD, directory, flags, Mode::empty())?;
    acquire(&directory, mode, wait).map(|()| directory)
}

fn acquire(directory: &OwnedFd, mode: LockMode, wait: Duration) -> Result<(), Errno> {
    let operation = match mode {
        LockMode::Shared => FlockOperation::NonBlockingLockShared,
        LockMode::Exclusive => FlockOperation::NonBlockingLockExclusive,
    };
    let since = Instant::now();
    loop {
        match flock(directory, operation) {
            Ok(()) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(Errno::WOULDBLOCK) if since.elapsed() < wait => thread::sleep(RETRY),
            Err(e) => return Err(e),
        }
    }
}

fn not_lockable(cause: Errno) -> Error {
    Error::new(
        Code::KeyringFailed,
        "the directory of the keyring cannot be locked",
        "rotate the keys one at a time, or keep the keyring on a local file system",
    )
    .because(cause)
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
    use crate::{
        keyring::{engine::Engine as _, sqlite::place::Place},
        testing::ScratchKeyring,
    };

    #[test]
    fn every_name_of_a_keyring_leads_to_the_same_lock() {
        let scratch = ScratchKeyring::new();
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join("link.db");
        std::os::unix::fs::symlink(scratch.place.path(), &link).unwrap();
        let lock = Place::new(&link).unwrap().rotation_lock(LockMode::Exclusive).unwrap();
        let taken = super::lock(scratch.directory.path(), LockMode::Shared, Duration::ZERO).map(drop);
        assert_eq!(taken, Err(Errno::WOULDBLOCK));
        drop(lock);
    }

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
        only.downgrade().unwrap();
        assert_eq!((now(LockMode::Shared), now(LockMode::Exclusive)), (Ok(()), Err(Errno::WOULDBLOCK)));
        drop(only);
        assert_eq!(now(LockMode::Exclusive), Ok(()));
    }
}
