//! Something to look at while a long computation runs.

use super::Talk;
use std::{
    io::{IsTerminal, stderr},
    sync::mpsc::{RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

/// What is over sooner than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// Runs `work`; if it takes longer than half a second and standard error is a terminal, a spinner says so until it
/// is done.
pub fn with_spinner<T>(talk: Talk, message: &'static str, work: impl FnOnce() -> T) -> T {
    if talk.quiet || !stderr().is_terminal() {
        return work();
    }
    let (finished, wait) = sync_channel::<()>(0);
    thread::scope(|scope| {
        scope.spawn(move || {
            if wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let spinner = indicatif::ProgressBar::new_spinner().with_message(message);
                spinner.enable_steady_tick(Duration::from_millis(100));
                // Returns when `finished` is dropped.
                let _ = wait.recv();
                spinner.finish_and_clear();
            }
        });
        let result = work();
        drop(finished);
        result
    })
}
