//! A record of everything that an operation has created. The signal thread can use the record to undo the operation.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{AtFlags, Stat, fstat, ftruncate, statat, unlinkat};
use rustix::process::{Pid, Signal, kill_process};

use crate::error::{Code, Error, Problems, Result};

/// A handle to a record of the files, output and processes that one operation has created outside the keyring.
/// [`Undo::run`] removes them.
///
/// Clones share one record. Keep a clone in the closure that you pass to [`crate::interrupt::guard`].
///
/// Each step holds a lock while it creates an item and records the item. [`Undo::run`] acquires the same lock and
/// closes the record permanently. Therefore, every item that is created is either in the record when `run` reads it, or
/// not created at all.
#[derive(Clone, Default)]
pub struct Undo(Arc<Mutex<Ledger>>);

/// The record behind an [`Undo`].
#[derive(Default)]
pub(crate) struct Ledger {
    closed: bool,
    made: Vec<Created>,
}

/// An item that an operation created and that [`Undo::run`] can remove.
pub(crate) enum Created {
    /// A name in a directory, with the inode of the file that was created under it.
    Name { dir: Arc<OwnedFd>, name: OsString, inode: Inode },
    /// Bytes that were appended to an existing file, from the offset `before` to the offset `after`.
    Tail { file: OwnedFd, before: u64, after: u64 },
    /// A running command. The command is removed from the record before its process id can be reused.
    Child(Pid),
}

/// The identity of a file: its device and inode number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inode(i128, i128);

impl Inode {
    pub(crate) fn of(stat: &Stat) -> Self {
        // The types of both numbers differ between systems, but `i128` fits all of them.
        Self(stat.st_dev.into(), stat.st_ino.into())
    }
}

impl Undo {
    /// Creates an empty record.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Tries to remove all recorded items, in reverse order, and prevents further steps. A second call does nothing and
    /// returns `Ok`.
    ///
    /// A file is removed only if its name still refers to the file that was created. A regular file behind standard
    /// output is truncated to its previous length, unless its length has changed since the secret was written. A
    /// running command receives `SIGTERM`. Bytes that were sent to a pipe or a terminal are not in the record.
    ///
    /// # Errors
    /// Returns `not_delivered` if an item could not be removed. The message lists all such items.
    pub fn run(&self) -> Result<()> {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.closed = true;
        let (mut left, mut messages) = (Problems::default(), Vec::new());
        while let Some(made) = ledger.made.pop() {
            if let Err(e) = made.take_back() {
                let message = format!("{} was left behind", made.describe());
                let error = Error::new(Code::NotDelivered, message, made.remedy()).because(e);
                messages.push(error.message());
                left.push(error);
            }
        }
        left.summarized(|_| messages.join("; "))
    }

    /// Runs `step`, which creates an item and records the item in the ledger, while the record is locked.
    ///
    /// # Errors
    /// Returns `interrupted` if [`Undo::run`] has already run.
    pub(crate) fn step<T>(&self, step: impl FnOnce(&mut Ledger) -> T) -> Result<T> {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ledger.closed {
            return Err(Error::new(Code::Interrupted, "a signal interrupted the command", "run the command again"));
        }
        Ok(step(&mut ledger))
    }

    /// Removes a command from the record, even if the record is closed, because the process id may soon be reused.
    pub(crate) fn forget_child(&self, pid: Pid) {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.made.retain(|made| !matches!(made, Created::Child(p) if *p == pid));
    }
}

impl Ledger {
    pub(crate) fn record(&mut self, made: Created) {
        self.made.push(made);
    }

    /// Removes a file name from the record after the file has been deleted or renamed.
    pub(crate) fn forget_name(&mut self, gone: &std::ffi::OsStr) {
        self.made.retain(|made| !matches!(made, Created::Name { name, .. } if name == gone));
    }
}

impl Created {
    fn take_back(&self) -> io::Result<()> {
        match self {
            Self::Name { dir, name, inode } => {
                match statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) if Inode::of(&stat) == *inode => unlinkat(dir, name, AtFlags::empty())?,
                    Ok(_) | Err(rustix::io::Errno::NOENT) => return Ok(()),
                    Err(e) => return Err(e.into()),
                }
                // Without this sync, the file could reappear after a power failure, although the row of its key does
                // not.
                super::directory::sync_dir(dir)
            }
            Self::Tail { file, before, after } => {
                if u64::try_from(fstat(file)?.st_size) == Ok(*after) {
                    ftruncate(file, *before)?;
                    // The shell shares the offset. Without this seek, its next write would leave a hole in the file.
                    rustix::fs::seek(file, rustix::fs::SeekFrom::Start(*before))?;
                    return Ok(());
                }
                Err(io::Error::other("the file has changed since the secret was written"))
            }
            Self::Child(pid) => Ok(kill_process(*pid, Signal::TERM)?),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Name { name, .. } => format!("the file {}", name.display()),
            Self::Tail { .. } => "the secret in the file that standard output goes to".into(),
            Self::Child(pid) => format!("the command (process {})", pid.as_raw_nonzero()),
        }
    }

    /// Returns the hint for the error that the item could not be removed.
    const fn remedy(&self) -> &'static str {
        match self {
            Self::Name { .. } => "delete the file; a secret in it does not work",
            Self::Tail { .. } => "remove the secret from the file; it does not work",
            Self::Child(_) => "end the process; the secret that it may have received does not work",
        }
    }
}
