//! The workers: threads that search until there are as many primes as are needed.

use super::filter::Filter;
use super::sieve::{Sieve, Window};
use super::{Candidate, Random};
use crate::error::Result;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// More threads would mostly be stopped halfway through their first window.
const MOST_WORKERS: usize = 8;

/// One worker per core, within reason.
pub(super) fn workers() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_WORKERS))
}

/// A search for numbers that pass the filter.
pub(super) struct Search<'a> {
    pub(super) filter: Filter,
    pub(super) sieve: &'a Sieve,
    pub(super) random: Random<'a>,
    /// How many candidates were tested so far.
    pub(super) tried: &'a AtomicU64,
}

impl Search<'_> {
    /// The first so many that any of the workers finds, this thread being one of them. All have ended on return.
    pub(super) fn find(&self, wanted: usize, workers: usize) -> Result<Vec<Candidate>> {
        let found = Mutex::new(Vec::with_capacity(wanted));
        let done = AtomicBool::new(false);
        let work = || {
            let result = self.work(wanted, &found, &done);
            // Also after an error, or the others would search on for what nobody is waiting for.
            done.store(true, Ordering::Relaxed);
            super::wipe_stack();
            result
        };
        thread::scope(|scope| {
            // A thread that cannot be had is not missed: this one finds them all if it must.
            let others: Vec<_> =
                (1..workers).filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
            others.into_iter().fold(work(), |result, other| match other.join() {
                Ok(other) => result.and(other),
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })?;
        Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    fn work(&self, wanted: usize, found: &Mutex<Vec<Candidate>>, done: &AtomicBool) -> Result<()> {
        while !done.load(Ordering::Relaxed) {
            let window = self.sieve.window(self.random)?;
            let Some(prime) = self.first(&window, done) else {
                continue;
            };
            // The next prime comes from a new start: two of one window would give away each other.
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            if found.len() < wanted {
                found.push(prime);
            }
            if found.len() == wanted {
                break;
            }
        }
        Ok(())
    }

    /// The first candidate of a window that passes the filter; none also if the others are done.
    fn first(&self, window: &Window, done: &AtomicBool) -> Option<Candidate> {
        let mut candidates = window.candidates();
        while !done.load(Ordering::Relaxed) {
            let batch: Vec<Candidate> = candidates.by_ref().take(self.filter.batch()).collect();
            if batch.is_empty() {
                return None;
            }
            self.tried.fetch_add(batch.len() as u64, Ordering::Relaxed);
            let first = self.filter.first(&batch);
            if let Some(first) = first {
                return batch.into_iter().nth(first);
            }
        }
        None
    }
}
