//! What was made so far, kept where a signal's thread can take it back.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{AtFlags, Stat, fstat, ftruncate, statat, unlinkat};
use rustix::process::{Pid, Signal, kill_process};

use crate::error::{Code, Error, Result};

/// The way back from a delivery: a handle that every step of one key's delivery records itself in.
///
/// Clones share one list, so that the closure given to [`crate::interrupt::guard`] can hold one. A step *makes and
/// records* under one lock, and [`Undo::run`] takes the same lock and closes the list for good: whoever comes first,
/// nothing is made that is not taken back.
#[derive(Clone, Default)]
pub struct Undo(Arc<Mutex<Ledger>>);

#[derive(Default)]
pub(crate) struct Ledger {
    closed: bool,
    made: Vec<Created>,
}

pub(crate) enum Created {
    /// A name in a directory, and the inode that was put there.
    Name { dir: Arc<OwnedFd>, name: OsString, inode: Inode },
    /// What was appended to a file that had been there: from `before` to `after`.
    Tail { file: OwnedFd, before: u64, after: u64 },
    /// A running command. In the list only as long as it has not been waited for, so the number is still its own.
    Child(Pid),
}

/// Which file it is, whatever it is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inode(i128, i128);

impl Inode {
    pub(crate) fn of(stat: &Stat) -> Self {
        // The one type that holds both numbers on every system.
        Self(stat.st_dev.into(), stat.st_ino.into())
    }
}

impl Undo {
    /// Nothing made yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes back everything that was made, last things first, and lets nothing more be made; again does nothing.
    ///
    /// A file is removed only if its name still leads to the file that was made; a regular file behind standard output
    /// is cut to its previous length unless somebody has appended since; a running command gets `SIGTERM`. What went
    /// into a pipe or onto a terminal is out of reach.
    ///
    /// # Errors
    /// [`Code::NotDelivered`] when something could not be taken back; the message says what, and the rest was done.
    pub fn run(&self) -> Result<()> {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.closed = true;
        let mut left = Ok(());
        while let Some(made) = ledger.made.pop() {
            if let Err(e) = made.take_back() {
                left = Err(Error::new(
                    Code::NotDelivered,
                    format!("{} was left behind", made.describe()),
                    "remove it, it holds no key that works",
                )
                .because(e));
            }
        }
        left
    }

    /// Runs one step that makes something and records it, or finds the way closed because a signal came first.
    pub(crate) fn step<T>(&self, step: impl FnOnce(&mut Ledger) -> T) -> Result<T> {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ledger.closed {
            return Err(Error::new(Code::Interrupted, "interrupted", "run it again"));
        }
        Ok(step(&mut ledger))
    }

    /// Strikes a command off the list, always: even when the way is closed, its number is about to be reused.
    pub(crate) fn forget_child(&self, pid: Pid) {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.made.retain(|made| !matches!(made, Created::Child(p) if *p == pid));
    }
}

impl Ledger {
    pub(crate) fn record(&mut self, made: Created) {
        self.made.push(made);
    }

    /// Strikes a name off the list, because it was removed already.
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
                // So that the file does not come back with a power cut while its row does not.
                super::directory::sync_dir(dir)
            }
            Self::Tail { file, before, after } => {
                if u64::try_from(fstat(file)?.st_size) == Ok(*after) {
                    ftruncate(file, *before)?;
                    // The shell shares the offset; the next writer would leave a hole.
                    rustix::fs::seek(file, rustix::fs::SeekFrom::Start(*before))?;
                    return Ok(());
                }
                Err(io::Error::other("the file has grown since"))
            }
            Self::Child(pid) => Ok(kill_process(*pid, Signal::TERM)?),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Name { name, .. } => format!("the file {}", name.display()),
            Self::Tail { .. } => "the output in the file behind standard output".into(),
            Self::Child(pid) => format!("the command, process {},", pid.as_raw_nonzero()),
        }
    }
}
