//! Spinners and progress bars for long computations.

use super::Console;
use std::{
    io::{IsTerminal, stderr},
    sync::atomic::{AtomicU64, Ordering},
    sync::mpsc::{RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

/// The time that the work may take before progress is shown.
const DELAY: Duration = Duration::from_millis(500);

/// The interval between updates.
const INTERVAL: Duration = Duration::from_millis(100);

/// Runs `work`, which counts the candidates that it tries. If the work takes longer than half a second and standard
/// error is a terminal, shows a spinner with the count, unless `quiet` is set.
pub fn with_spinner<T>(console: Console, message: &'static str, work: impl FnOnce(&AtomicU64) -> T) -> T {
    watched(console, work, |wait, tried| {
        let spinner = indicatif::ProgressBar::new_spinner();
        while wait() {
            let count = tried.load(Ordering::Relaxed);
            spinner.set_message(format!("{message}: {count} candidates tried"));
            spinner.tick();
        }
        spinner.finish_and_clear();
    })
}

/// Runs `work` on `total` keys, which counts the steps that it completes, the same number for each key. If the work takes
/// longer than half a second and standard error is a terminal, shows a progress bar that counts keys, unless `quiet` is
/// set.
pub fn with_bar<T>(
    console: Console,
    message: &'static str,
    (total, steps): (usize, u64),
    work: impl FnOnce(&AtomicU64) -> T,
) -> T {
    let total = u64::try_from(total).unwrap_or(u64::MAX);
    watched(console, work, |wait, done| {
        let bar = indicatif::ProgressBar::new(total).with_message(message);
        let style = indicatif::ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        while wait() {
            bar.set_position(done.load(Ordering::Relaxed) / steps);
        }
        bar.finish_and_clear();
    })
}

/// Runs `work`. If `work` takes longer than [`DELAY`] and standard error is a terminal, also runs `show` in a thread,
/// unless `quiet` is set. The first argument of `show` is a function that waits for the next update and returns `false`
/// once the work is done.
fn watched<T>(
    console: Console,
    work: impl FnOnce(&AtomicU64) -> T,
    show: impl FnOnce(&dyn Fn() -> bool, &AtomicU64) + Send,
) -> T {
    let done = AtomicU64::new(0);
    if console.quiet || !stderr().is_terminal() {
        return work(&done);
    }
    let count = &done;
    let (finished, wait) = sync_channel::<()>(0);
    thread::scope(|scope| {
        let watch = move || {
            // Dropping `finished` causes an error other than a timeout.
            let goes_on = |time| wait.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
            if goes_on(DELAY) {
                show(&|| goes_on(INTERVAL), count);
            }
        };
        // If the thread cannot be started, no progress is shown.
        let _ = thread::Builder::new().spawn_scoped(scope, watch);
        let result = work(&done);
        drop(finished);
        result
    })
}
