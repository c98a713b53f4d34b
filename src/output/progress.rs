//! Something to look at while a long computation runs.

use super::Console;
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

/// Runs `work`, which counts how much of `total` it has done; if it takes longer than half a second and standard error is a
/// terminal, a bar shows how far it is.
pub fn with_bar<T>(console: Console, message: &'static str, total: usize, work: impl FnOnce(&AtomicU64) -> T) -> T {
    let total = u64::try_from(total).unwrap_or(u64::MAX);
    watched(console, work, |wait, done| {
        let bar = indicatif::ProgressBar::new(total).with_message(message);
        let style = indicatif::ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        while wait() {
            bar.set_position(done.load(Ordering::Relaxed));
        }
        bar.finish_and_clear();
    })
}

/// Runs `work`, and beside it, once it has taken a while, `show`, which asks before every beat whether to go on.
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
            // Another error than the timeout comes when `finished` is dropped.
            let goes_on = |time| wait.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
            if goes_on(PATIENCE) {
                show(&|| goes_on(BEAT), count);
            }
        };
        // Where no thread can be had, there is nothing to look at.
        let _ = thread::Builder::new().spawn_scoped(scope, watch);
        let result = work(&done);
        drop(finished);
        result
    })
}
