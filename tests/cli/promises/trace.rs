//! Records the system calls of a run under `strace`, and repeats the run with a kill or an error at one of the calls.

use super::{super::tools::skipped, has};
use crate::home::{Ended, Home};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

/// The calls that cannot fail, or that fail only for lack of memory. An error from such a call has nothing to do with a
/// keyring.
pub(super) const NEVER_FAIL: [&str; 15] = [
    "brk",
    "mmap",
    "munmap",
    "mprotect",
    "madvise",
    "futex",
    "getpid",
    "geteuid",
    "sigaltstack",
    "exit_group",
    "exit",
    "rt_sigprocmask",
    "rt_sigaction",
    "sched_yield",
    "sched_getaffinity",
];

/// Records a run, and returns the calls that its main thread made after the process was hardened, each with its number
/// among the calls of that name. Returns `None`, and reports a skipped test, if `strace` does not work.
pub(super) fn record(run: impl FnOnce(&[&str]) -> (Home, Ended)) -> Option<Vec<(String, usize)>> {
    if !has("strace") {
        skipped("there is no strace to kill and to fail single system calls with");
        return None;
    }
    let place = tempfile::Builder::new().prefix("keywright-test-").tempdir().unwrap();
    let log = place.path().join("log");
    let (_home, ended) = run(&["-o", log.to_str().unwrap()]);
    if ended.0.status.code() != Some(0) {
        skipped(&format!("strace does not work here: {}", ended.err().lines().next().unwrap_or_default()));
        return None;
    }
    Some(calls(&log))
}

fn calls(log: &Path) -> Vec<(String, usize)> {
    let log = std::fs::read_to_string(log).unwrap();
    let mut counts = BTreeMap::<&str, usize>::new();
    let (mut calls, mut touched) = (Vec::new(), false);
    for rest in log.lines() {
        if !rest.starts_with(|c: char| c.is_ascii_lowercase()) {
            continue;
        }
        let name = rest.split('(').next().unwrap();
        let count = counts.entry(name).or_default();
        *count += 1;
        // The process is not dumpable, so a tracer that is not root does not see the arguments of later calls.
        touched |= rest.contains("PR_SET_DUMPABLE");
        if touched {
            calls.push((name.to_owned(), *count));
        }
    }
    assert!(calls.len() > 100, "{} calls", calls.len());
    calls
}

/// Returns the `strace` options that inject the fault `what`, such as `signal=KILL` or `error=EIO`, into a call.
/// `number` is the number of the call among the calls of that name.
pub(super) fn inject(call: &str, what: &str, number: usize) -> [String; 6] {
    let inject = format!("inject={call}:{what}:when={number}");
    ["-o".into(), "/dev/null".into(), "-e".into(), format!("trace={call}"), "-e".into(), inject]
}

/// Repeats a run with a fault in one call.
pub(super) fn again<T>(run: impl FnOnce(&[&str]) -> T, call: &str, what: &str, number: usize) -> T {
    run(&inject(call, what, number).each_ref().map(String::as_str))
}

/// Calls a function for each item, on two threads.
pub(super) fn for_each<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(item);
                }
            });
        }
    });
}

/// Prints the number of runs with each outcome. `cargo test` shows the numbers only with `--nocapture`.
#[expect(clippy::print_stdout, reason = "a measurement")]
pub(super) fn report(what: &str, points: usize, tally: &BTreeMap<String, usize>) {
    println!("{what} at {points} points: {tally:?}");
}
