//! Something to look at while a long computation runs.

use super::Talk;
use std::{
    io::{IsTerminal, stderr},
    sync::atomic::{AtomicU64, Ordering},
    sync::mpsc::{RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

/// What is over sooner than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often the count is read.
const BEAT: Duration = Duration::from_millis(100);

/// Runs `work`, which counts what it has tried; if it takes longer than half a second and standard error is a
/// terminal, a spinner shows the count until it is done.
pub fn with_spinner<T>(talk: Talk, message: &'static str, work: impl FnOnce(&AtomicU64) -> T) -> T {
    let tried = AtomicU64::new(0);
    if talk.quiet || !stderr().is_terminal() {
        return work(&tried);
    }
    let count = &tried;
    let (finished, wait) = sync_channel::<()>(0);
    thread::scope(|scope| {
        scope.spawn(move || {
            if wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let spinner = indicatif::ProgressBar::new_spinner();
                // Another error than the timeout comes when `finished` is dropped.
                while wait.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                    let count = count.load(Ordering::Relaxed);
                    spinner.set_message(format!("{message}: {count} candidates tried"));
                    spinner.tick();
                }
                spinner.finish_and_clear();
            }
        });
        let result = work(&tried);
        drop(finished);
        result
    })
}
