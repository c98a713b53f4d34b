//! Answering the lines of `verify --batch` in groups.
//!
//! Answers are collected until the signed requests among them have been recorded, and are then written together. The
//! uses of keys are recorded afterwards, when no client is waiting.

use super::{
    Accepted, Clock, changed_meanwhile,
    question::{BatchLine, BatchLines, Caches, Outcome, answer, decline},
    record_accepted, record_uses,
};
use crate::{
    error::{Code, Error, Result},
    key::{KeyId, Time},
    keyring::{Entry, Keyring, RecordedSignature, at_least_keyring_time},
};
use std::{
    ops::Range,
    time::{Duration, Instant},
};

/// The maximum number of lines to answer in one read of the keyring. Other processes may be unable to write during the
/// read, which takes about a millisecond for tokens.
const MOST: usize = 256;

/// The time to wait after a failure to record uses before trying again.
const REST: Duration = Duration::from_secs(1);

/// A group of answers that will be written together.
pub struct Answers {
    entry: Entry,
    out: Vec<u8>,
    held: Vec<Held>,
    caches: Caches,
    /// `true` if accepted requests and uses of keys should be recorded.
    wanted: bool,
    due: Vec<KeyId>,
    /// The last signature that was recorded, or `None` if there is none.
    recorded: Option<RecordedSignature>,
    /// The time of the last attempt to record uses, if that attempt failed.
    resting: Option<Instant>,
}

/// A `valid` answer that may be written only after its request has been recorded.
struct Held {
    accepted: Accepted,
    line: Vec<u8>,
    answer: Range<usize>,
}

impl Answers {
    /// Creates an empty group of answers. If `wanted` is `false`, neither accepted requests nor uses of keys are
    /// recorded.
    #[must_use]
    pub fn new(entry: Entry, wanted: bool) -> Self {
        let caches = Caches::default();
        Self {
            entry,
            out: Vec::new(),
            held: Vec::new(),
            caches,
            wanted,
            due: Vec::new(),
            recorded: None,
            resting: None,
        }
    }

    /// Answers at most 256 of the lines that are ready, all from the same state of the keyring. A revocation that was
    /// acknowledged before the call applies to all of these lines.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the read fails as a whole. An error in answering a
    /// line is reported in its answer and, unless the code is `keyring_corrupt`, in the answers to the lines after it.
    pub fn add(&mut self, keyring: &dyn Keyring, lines: &mut dyn BatchLines, clock: Clock) -> Result<()> {
        let mut unavailable: Option<Error> = None;
        keyring.consistent_read(&mut |keys| {
            self.caches.scheme.expire();
            let clock = clock.at_least_keyring_time(keys, &self.entry)?;
            for _ in 0..MOST {
                let Some(line) = lines.next_line() else { break };
                if let Some(error) = &unavailable {
                    decline(&line, error, clock.now, &mut self.out);
                    continue;
                }
                let start = self.out.len();
                match answer(keys, &line, clock, &mut self.caches, &mut self.out) {
                    Ok(Outcome::Done) => {}
                    Ok(Outcome::Used(used)) => self.due.extend(used.is_due(clock.now).then_some(used.key)),
                    Ok(Outcome::Accepted(accepted)) => {
                        if let (BatchLine::Complete(line), true) = (&line, self.wanted) {
                            self.held.push(Held { accepted, line: line.to_vec(), answer: start..self.out.len() });
                        }
                    }
                    Err(error) => {
                        decline(&line, &error, clock.now, &mut self.out);
                        // After one damaged row, other rows may be readable; after a timeout waiting for a lock, every
                        // line would wait again.
                        unavailable = Some(error).filter(|error| error.code() != Code::KeyringCorrupt);
                    }
                }
            }
            Ok(())
        })
    }

    /// Answers at most 256 of the lines that are ready with `unavailable`, because the keyring cannot be read.
    pub fn decline(&mut self, error: &Error, lines: &mut dyn BatchLines, clock: Clock) {
        for _ in 0..MOST {
            let Some(line) = lines.next_line() else { break };
            decline(&line, error, clock.now, &mut self.out);
        }
    }

    /// Returns `true` if there are answers whose requests have not been recorded yet. The caller can then collect more
    /// lines before it records all requests together.
    #[must_use]
    pub const fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Returns the last signature that was recorded, or `None` if there is none.
    #[must_use]
    pub const fn recorded(&self) -> Option<&RecordedSignature> {
        self.recorded.as_ref()
    }

    /// Records the accepted requests, passes the answers to `write`, and then records the uses of the keys.
    ///
    /// # Errors
    /// Returns the error of `write` if the answers cannot be written. A failure to record requests is reported in their
    /// answers, and a failure to record uses is not reported.
    pub fn finish(
        &mut self,
        keyring: &mut dyn Keyring,
        clock: Clock,
        write: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        self.record_held(keyring, clock);
        write(&self.out)?;
        self.out.clear();
        self.record_due_uses(keyring, clock.now);
        Ok(())
    }

    /// Records the accepted requests. Replaces an answer if its request could not be recorded, if the key no longer
    /// meets the demand, or if the request has already been recorded, for example by another process.
    fn record_held(&mut self, keyring: &mut dyn Keyring, clock: Clock) {
        if self.held.is_empty() {
            return;
        }
        // Recorded signatures expire by the system clock, because the timestamps of requests are compared with it.
        self.entry.at = clock.timestamp.second_after(0);
        let accepted: Vec<&Accepted> = self.held.iter().map(|held| &held.accepted).collect();
        let recorded = keyring.check_writable().and_then(|()| record_accepted(keyring, &self.entry, &accepted));
        if let Ok(first) = &recorded {
            let last = accepted.iter().zip(first).rfind(|(_, first)| **first);
            self.recorded = last.and_then(|(accepted, _)| accepted.seen.last().copied()).or(self.recorded);
        }
        let held = std::mem::take(&mut self.held);
        self.caches.scheme.expire();
        // The key may have ended since its request was judged.
        let clock = Clock { now: self.entry.clock(), ..clock };
        let (recorded, clock) = match clock.at_least_keyring_time(keyring, &self.entry) {
            Ok(clock) => (recorded, clock),
            Err(error) => (Err(error), clock),
        };
        // The answers are replaced from last to first, so that the positions of earlier answers stay valid.
        for (i, Held { line, answer: place, .. }) in held.into_iter().enumerate().rev() {
            let mut replacement = Vec::new();
            let line = BatchLine::Complete(&line);
            match &recorded {
                Ok(first) if first.get(i) == Some(&true) => continue,
                Ok(_) => match answer(keyring, &line, clock, &mut self.caches, &mut replacement) {
                    Ok(Outcome::Done) => {}
                    Ok(_) => {
                        replacement.clear();
                        decline(&line, &changed_meanwhile(), clock.now, &mut replacement);
                    }
                    Err(error) => decline(&line, &error, clock.now, &mut replacement),
                },
                Err(error) => decline(&line, error, clock.now, &mut replacement),
            }
            self.out.splice(place, replacement);
        }
    }

    /// Records the collected uses, once per key. Discards the uses if they should not be recorded, or within [`REST`]
    /// after a failure.
    fn record_due_uses(&mut self, keyring: &mut dyn Keyring, now: Time) {
        let rested = self.resting.is_none_or(|since| since.elapsed() >= REST);
        if self.wanted && rested && !self.due.is_empty() {
            self.due.sort_unstable();
            self.due.dedup();
            self.entry.at = at_least_keyring_time(keyring, &self.entry, now).unwrap_or(now);
            let noted = record_uses(keyring, &self.entry, &self.due);
            self.resting = (!noted).then(Instant::now);
        }
        self.due.clear();
    }
}

#[cfg(test)]
mod tests;
