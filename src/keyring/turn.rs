//! Whose turn it is: an advisory lock beside the keyring's own, held for as long as a secret is on its way.
//!
//! A pending successor is either being delivered by a living process or was left by a dead one, and nothing in the
//! keyring tells which. So every rotation shares a lock on the keyring's directory until its successor is active, and who
//! wants to clear up what crashes left takes it alone: then nobody is left whose successor it could be. The system
//! releases it when a process ends, however that comes about.

use super::Place;
use crate::error::{Code, Error, Result};
use rustix::{
    fs::{CWD, FlockOperation, Mode, OFlags, flock, openat},
    io::Errno,
};
use std::{
    os::fd::OwnedFd,
    thread,
    time::{Duration, Instant},
};

/// How long to wait for others.
const PATIENCE: Duration = Duration::from_secs(10);

/// The time between two tries.
const RETRY: Duration = Duration::from_millis(10);

/// The lock, until it is dropped.
pub struct Turn(Option<OwnedFd>);

impl Turn {
    /// Takes the lock together with others who do not mind.
    ///
    /// # Errors
    /// `rotation_in_progress` when somebody keeps it alone for longer than the wait.
    pub fn shared(place: &Place) -> Result<Self> {
        match take(place, FlockOperation::NonBlockingLockShared, PATIENCE) {
            Ok(fd) => Ok(Self(Some(fd))),
            Err(Errno::WOULDBLOCK) => Err(busy()),
            // Where there are no such locks nobody can take one alone.
            Err(_) => Ok(Self(None)),
        }
    }

    /// Takes the lock alone.
    ///
    /// # Errors
    /// `rotation_in_progress` when others keep it for longer than the wait; `keyring_failed` where there are no such locks.
    pub fn alone(place: &Place) -> Result<Self> {
        match take(place, FlockOperation::NonBlockingLockExclusive, PATIENCE) {
            Ok(fd) => Ok(Self(Some(fd))),
            Err(Errno::WOULDBLOCK) => Err(busy()),
            Err(e) => Err(Error::new(
                Code::KeyringFailed,
                format!("{} cannot be locked", place.directory().display()),
                "rotate keys one by one, or keep the keyring on a local file system",
            )
            .because(e)),
        }
    }

    /// Lets others share it from now on.
    pub fn share(&self) {
        if let Some(fd) = &self.0 {
            // What was held alone can be shared at once; failing that, others keep waiting.
            let _ = flock(fd, FlockOperation::NonBlockingLockShared);
        }
    }
}

fn take(place: &Place, operation: FlockOperation, patience: Duration) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = openat(CWD, place.directory(), flags, Mode::empty())?;
    let since = Instant::now();
    loop {
        match flock(&directory, operation) {
            Ok(()) => return Ok(directory),
            Err(Errno::INTR) => {}
            Err(Errno::WOULDBLOCK) if since.elapsed() < patience => thread::sleep(RETRY),
            Err(e) => return Err(e),
        }
    }
}

fn busy() -> Error {
    Error::new(
        Code::RotationInProgress,
        "another process is rotating keys of this keyring",
        "wait until it is done, and run this again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_alone_or_many_together() {
        let directory = tempfile::tempdir().unwrap();
        let place = Place::new(&directory.path().join("keyring.db")).unwrap();
        let now = |operation| take(&place, operation, Duration::ZERO).map(drop);
        let (shared, alone) = (FlockOperation::NonBlockingLockShared, FlockOperation::NonBlockingLockExclusive);
        let first = Turn::shared(&place).unwrap();
        assert_eq!((now(shared), now(alone)), (Ok(()), Err(Errno::WOULDBLOCK)));
        drop(first);
        let only = Turn::alone(&place).unwrap();
        assert_eq!((now(shared), now(alone)), (Err(Errno::WOULDBLOCK), Err(Errno::WOULDBLOCK)));
        only.share();
        assert_eq!((now(shared), now(alone)), (Ok(()), Err(Errno::WOULDBLOCK)));
        drop(only);
        assert_eq!(now(alone), Ok(()));
    }
}
