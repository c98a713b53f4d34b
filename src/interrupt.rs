//! Signal handling: `SIGINT`, `SIGTERM` and `SIGHUP` end the program without leaving anything half-done.
//!
//! The main thread may block in a write, a read or a wait for an unlimited time, so a separate thread receives the
//! signals and runs the undo steps itself. The effect of a signal depends on the phase:
//!
//! | Phase | Entered by | Effect of a signal |
//! | --- | --- | --- |
//! | free | the start of the program, dropping a [`Guard`], finishing a [`Closing`] | exits with 130 at once; SQLite rolls back an open transaction from its journal |
//! | guarded | [`guard`] | runs the undo steps, then exits with 130 |
//! | closing | [`Guard::close`] | none at first: the signal is recorded, and [`Closing::finish`] reports the signal |
//!
//! The transition from guarded to closing is one step under a lock. If the signal comes first, the undo steps run, and
//! the main thread blocks forever at its next use of the [`Guard`], even its drop. The main thread can then neither
//! report success nor end the process with another exit status. If the main thread comes first, the undo steps no
//! longer run.
//!
//! While a pager runs, `SIGINT` is meant for the pager ([`ignore_keyboard`]).
//!
//! Keep the closing phase short: one transaction. Guards may be nested, and their undo steps run innermost first. A
//! prompt can therefore use its own guard to restore the echo of the terminal.

use std::collections::BTreeMap;
use std::io;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::error::{Code, Error, Exit, Result};

static STATE: Mutex<State> = Mutex::new(State {
    undos: BTreeMap::new(),
    closing: 0,
    signaled: false,
    ignored: 0,
    ending: false,
    message: Vec::new(),
});

type Undo = Box<dyn FnOnce() + Send>;

/// The state behind the phases: closing if `closing` is above 0, otherwise guarded if there are undo steps, otherwise
/// free.
struct State {
    /// The undo steps, in the order in which they were added.
    undos: BTreeMap<u64, Undo>,
    /// The number of open [`Closing`] values.
    closing: usize,
    /// `true` if a signal came during the closing phase.
    signaled: bool,
    /// The number of [`KeyboardIgnored`] values.
    ignored: usize,
    /// `true` once the signal thread has begun to end the process. The value never becomes `false` again.
    ending: bool,
    /// The message for standard error before the process exits.
    message: Vec<u8>,
}

/// Starts the thread that receives the signals. `message` is written to standard error before an exit with 130.
///
/// Call this function in commands with work that must be undone after a signal. In other commands, the default action
/// of the signals, which ends the process, is enough. A signal that was ignored when the program started (by `nohup`,
/// or in a background job of a shell) stays ignored.
///
/// # Errors
/// Returns `system_limit` if the thread cannot be started.
pub fn install(message: impl Into<Vec<u8>>) -> Result<()> {
    set_message(message);
    let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal));
    let failed = |e: io::Error| {
        Error::new(
            Code::SystemLimit,
            "could not install the signal handlers",
            "raise the limits on threads (`ulimit -u`) and open files (`ulimit -n`)",
        )
        .because(e)
    };
    let mut signals = Signals::new(wanted).map_err(failed)?;
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || signals.forever().for_each(handle_signal))
        .map_err(failed)?;
    Ok(())
}

/// Replaces the message for standard error. Call this function when the previous message is no longer true.
pub fn set_message(message: impl Into<Vec<u8>>) {
    lock().message = message.into();
}

/// Enters the guarded phase: from now on, a signal runs `undo` once, in another thread, and then ends the process. Does
/// not return if a signal came first.
///
/// `undo` must not wait for the calling thread, and must use its own database connection.
#[must_use = "the phase ends when the guard is dropped"]
pub fn guard(undo: impl FnOnce() + Send + 'static) -> Guard {
    let mut state = lock();
    let id = state.undos.last_key_value().map_or(0, |(last, _)| last + 1);
    state.undos.insert(id, Box::new(undo));
    Guard(Some(id))
}

/// The guarded phase. Dropping the value ends the phase and discards the undo step without running it.
pub struct Guard(Option<u64>);

impl Guard {
    /// Enters the closing phase: from now on, nothing is undone. Does not return if a signal came first.
    #[must_use = "the phase ends when the value is dropped"]
    pub fn close(mut self) -> Closing {
        let mut state = lock();
        state.closing += 1;
        let undo = self.0.take().and_then(|id| state.undos.remove(&id));
        // The lock is released before the closure and its captures are dropped.
        drop(state);
        drop(undo);
        Closing(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(id) = self.0.take() {
            // Two statements, so that the lock is released before the closure and its captures are dropped.
            let undo = lock().undos.remove(&id);
            drop(undo);
        }
    }
}

/// The closing phase. Dropping the value ends the phase, and discards a signal that came during the phase unless
/// another closing phase is still open.
pub struct Closing(());

impl Closing {
    /// Ends the phase and returns `true` if a signal came during the phase. The caller then reports the completed work
    /// and stops. If another closing phase is still open, returns `false`, and that phase reports the signal.
    #[must_use = "`true` means that a signal arrived during the phase, and that the caller must stop"]
    pub fn finish(self) -> bool {
        std::mem::forget(self);
        end_closing()
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        end_closing();
    }
}

/// Ignores `SIGINT` until the value is dropped. Call this function before starting a program that reads from the terminal,
/// because a signal from the keyboard is meant for that program.
#[must_use = "the signal is ignored until the value is dropped"]
pub fn ignore_keyboard() -> KeyboardIgnored {
    lock().ignored += 1;
    KeyboardIgnored(())
}

/// The time during which `SIGINT` is ignored.
pub struct KeyboardIgnored(());

impl Drop for KeyboardIgnored {
    fn drop(&mut self) {
        lock().ignored -= 1;
    }
}

/// Ends one closing phase. Returns `true` if a signal came and no other closing phase is open.
fn end_closing() -> bool {
    let mut state = lock();
    state.closing -= 1;
    state.closing == 0 && std::mem::take(&mut state.signaled)
}

/// Locks the state for the main thread, or blocks forever if the process is ending.
fn lock() -> MutexGuard<'static, State> {
    let state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    if !state.ending {
        return state;
    }
    drop(state);
    #[cfg(test)]
    tests::BLOCKED.store(true, std::sync::atomic::Ordering::SeqCst);
    loop {
        thread::park();
    }
}

/// Handles one signal in the signal thread: records the signal during the closing phase, and otherwise runs the undo
/// steps and ends the process.
fn handle_signal(signal: libc::c_int) {
    let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    if signal == SIGINT && state.ignored > 0 {
        return;
    }
    if state.closing > 0 {
        state.signaled = true;
        return;
    }
    state.ending = true;
    let undos = std::mem::take(&mut state.undos);
    let message = std::mem::take(&mut state.message);
    drop(state);
    for undo in undos.into_values().rev() {
        // A bug in one undo step must not prevent the others from running or the process from ending.
        let _ = catch_unwind(AssertUnwindSafe(undo));
    }
    let stderr = rustix::stdio::stderr();
    // Writes only if there is room: standard error may be a full pipe that nobody reads.
    if poll(&mut [PollFd::new(&stderr, PollFlags::OUT)], Some(&Timespec::default())) == Ok(1) {
        let _ = rustix::io::write(stderr, &message);
    }
    std::process::exit(Exit::Interrupted as i32);
}

/// Returns `true` if the process ignores `signal`, and `false` if it does not or the action of the signal is unknown.
#[expect(unsafe_code, reason = "no crate offers a safe way to read the action of a signal")]
fn is_ignored(signal: libc::c_int) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: With a null new action, sigaction(2) changes nothing and only writes the current action to the third
    // argument, which points to writable memory of the right type. All zeros is a valid `sigaction` even on failure.
    let (status, action) =
        unsafe { (libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()), action.assume_init()) };
    status == 0 && action.sa_sigaction == libc::SIG_IGN
}

#[cfg(test)]
mod tests;
