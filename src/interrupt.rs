//! What a signal does: `SIGINT`, `SIGTERM` and `SIGHUP` end the program at a point where nothing half-done stays.
//!
//! The main thread may hang in a write, a read or a wait for as long as it likes, so a thread of its own receives the
//! signals and does the undoing itself. What it does depends on the phase:
//!
//! | phase | how one gets there | what a signal does |
//! | --- | --- | --- |
//! | free | the start; a dropped [`Guard`]; a finished [`Closing`] | exit 130 at once; a `SQLite` transaction under way rolls back by its journal |
//! | guarded | [`guard`] | run the undo, exit 130 |
//! | closing | [`Guard::close`], or while [`Guard::undo`] runs | nothing yet: it is remembered, and [`Closing::finish`] or [`Guard::undo`] tells |
//!
//! The passage from guarded to closing is one step under a lock. When the signal was first, the undo runs, and the main
//! thread stops for good at its next [`Guard`] call, even at the drop, so that it can neither report a success nor end
//! the process with another status. When the main thread was first, the undo does not run any more.
//!
//! Keep the closing phase short: one transaction. Guards may be nested (the undos run innermost first), so a prompt that
//! has to give a terminal its echo back needs nothing special.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::error::{Code, Error, Exit, Result};

static PHASE: Mutex<Phase> =
    Mutex::new(Phase { undos: BTreeMap::new(), closing: 0, signalled: false, ending: false, farewell: Vec::new() });

type Undo = Box<dyn FnOnce() + Send>;

/// Guarded while there are undos, closing while there is a [`Closing`], free otherwise.
struct Phase {
    /// By the order in which they were given.
    undos: BTreeMap<u64, Undo>,
    closing: usize,
    signalled: bool,
    /// The signal's thread is undoing; there is no way back.
    ending: bool,
    /// What standard error gets before the process ends.
    farewell: Vec<u8>,
}

/// Starts to receive the signals; `farewell` is what standard error gets before an exit with 130.
///
/// For commands that make something which a signal has to take back; the others keep the system's default, which is
/// to die. A signal that was ignored when the program was started (`nohup`, a shell's background job) stays ignored.
///
/// # Errors
/// [`Code::Internal`] when the thread cannot be started.
pub fn install(farewell: impl Into<Vec<u8>>) -> Result<()> {
    say(farewell);
    let ignored = ignored();
    let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| ignored & (1 << (signal - 1)) == 0);
    let receive = |e: io::Error| {
        Error::new(Code::Internal, "signals cannot be received", "raise the limit on threads and open files").because(e)
    };
    let mut signals = Signals::new(wanted).map_err(receive)?;
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || signals.forever().for_each(|_| arrived()))
        .map_err(receive)?;
    Ok(())
}

/// Changes what standard error gets before an exit with 130, for when the old words are not true any more.
pub fn say(farewell: impl Into<Vec<u8>>) {
    lock().farewell = farewell.into();
}

/// Enters the guarded phase: from here on a signal runs `undo`, once, in another thread, and then ends the process.
///
/// `undo` must not wait for the calling thread, and needs a database connection of its own.
#[must_use = "the phase ends when the guard is dropped"]
pub fn guard(undo: impl FnOnce() + Send + 'static) -> Guard {
    let mut phase = lock();
    let id = phase.undos.last_key_value().map_or(0, |(last, _)| last + 1);
    phase.undos.insert(id, Box::new(undo));
    Guard(Some(id))
}

/// The guarded phase. Dropped, it forgets the undo without running it.
pub struct Guard(Option<u64>);

impl Guard {
    /// Enters the closing phase: from here on nothing is undone. Does not return when a signal came first.
    #[must_use = "the phase ends when it is dropped"]
    pub fn close(mut self) -> Closing {
        self.leave().1
    }

    /// Runs the undo in this thread and tells, as [`Closing::finish`] does, whether a signal came meanwhile; it does not
    /// run the undo a second time. Does not return when a signal came first.
    #[must_use = "a signal that came meanwhile has not ended the process"]
    pub fn undo(mut self) -> bool {
        let (undo, closing) = self.leave();
        if let Some(undo) = undo {
            undo();
        }
        closing.finish()
    }

    fn leave(&mut self) -> (Option<Undo>, Closing) {
        let mut phase = lock();
        phase.closing += 1;
        (self.0.take().and_then(|id| phase.undos.remove(&id)), Closing(()))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(id) = self.0.take() {
            // In two statements: what the closure owns is dropped after the lock.
            let undo = lock().undos.remove(&id);
            drop(undo);
        }
    }
}

/// The closing phase. Dropped, it forgets a signal that came meanwhile.
pub struct Closing(());

impl Closing {
    /// Ends the phase and tells whether a signal came in it; then the caller reports what it has done and stops.
    #[must_use = "a signal that came meanwhile has not ended the process"]
    pub fn finish(self) -> bool {
        std::mem::forget(self);
        closed()
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        closed();
    }
}

/// Ends one closing phase; the last one hands out whether a signal came.
fn closed() -> bool {
    let mut phase = lock();
    phase.closing -= 1;
    phase.closing == 0 && std::mem::take(&mut phase.signalled)
}

/// The phase for the main thread, which stops here for good when the process is ending.
fn lock() -> MutexGuard<'static, Phase> {
    let phase = PHASE.lock().unwrap_or_else(PoisonError::into_inner);
    if !phase.ending {
        return phase;
    }
    drop(phase);
    loop {
        thread::park();
    }
}

/// What the signals' thread does with each of them.
fn arrived() {
    let mut phase = PHASE.lock().unwrap_or_else(PoisonError::into_inner);
    if phase.closing > 0 {
        phase.signalled = true;
        return;
    }
    phase.ending = true;
    let undos = std::mem::take(&mut phase.undos);
    let farewell = std::mem::take(&mut phase.farewell);
    drop(phase);
    for undo in undos.into_values().rev() {
        // A bug in one must keep neither the others from running nor the process from ending.
        let _ = catch_unwind(AssertUnwindSafe(undo));
    }
    let stderr = rustix::stdio::stderr();
    // Only if there is room: a pager that nobody scrolls must not keep the process alive.
    if poll(&mut [PollFd::new(&stderr, PollFlags::OUT)], Some(&Timespec::default())) == Ok(1) {
        let _ = rustix::io::write(stderr, &farewell);
    }
    std::process::exit(Exit::Interrupted as i32);
}

/// The set of ignored signals as `/proc` shows it; asking for a disposition otherwise takes unsafe code.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let set = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
