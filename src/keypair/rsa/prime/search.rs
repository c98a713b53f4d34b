//! The worker threads that search until enough numbers have passed the filter.

use super::filter::FermatFilter;
use super::sieve::{Sieve, SieveWindow};
use super::{Candidate, Random};
use crate::error::Result;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// The maximum number of workers. Additional workers would usually be stopped during their first window.
const MAX_WORKERS: usize = 8;

/// Returns the number of workers: one per core, but at most [`MAX_WORKERS`], or one if the number of cores is unknown.
pub(super) fn workers() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().min(MAX_WORKERS))
}

/// A search for numbers that pass the filter.
pub(super) struct Search<'a> {
    pub(super) filter: FermatFilter,
    pub(super) sieve: &'a Sieve,
    pub(super) random: Random<'a>,
    /// The number of candidates tested so far.
    pub(super) tried: &'a AtomicU64,
}

impl Search<'_> {
    /// Returns the first `wanted` numbers that pass the filter, each from a different random start. The calling thread
    /// is one of the workers. All other workers have ended when the function returns.
    ///
    /// # Errors
    /// Returns the error of `random` if a worker cannot get random bytes.
    pub(super) fn find(&self, wanted: usize, workers: usize) -> Result<Vec<Candidate>> {
        let found = Mutex::new(Vec::with_capacity(wanted));
        let done = AtomicBool::new(false);
        let work = || {
            let result = self.work(wanted, &found, &done);
            // Stop the other workers, even after an error.
            done.store(true, Ordering::Relaxed);
            super::wipe_stack();
            result
        };
        thread::scope(|scope| {
            // If no other thread can be started, this one finds all the numbers.
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
            // The next prime comes from a new start, because two primes from the same window would reveal each other.
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

    /// Returns the first candidate in a window that passes the filter, or `None` if no candidate passes or if `done` is
    /// set.
    fn first(&self, window: &SieveWindow, done: &AtomicBool) -> Option<Candidate> {
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
