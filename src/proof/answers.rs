//! Answering lines of `verify --batch` together.
//!
//! Answers are collected until the signed requests among them are recorded, and are then written together. Uses are recorded
//! after that, when nobody is waiting.

use super::{
    Accepted, Clock, Verifiers, changed_meanwhile,
    question::{BatchLine, BatchLines, Outcome, answer, decline},
    record_accepted, record_uses,
};
use crate::{
    error::{Code, Error, Result},
    key::{KeyId, Time},
    keyring::{Entry, Keyring},
};
use std::{
    ops::Range,
    time::{Duration, Instant},
};

/// The maximum number of lines that are answered while others cannot write: about a millisecond for tokens.
const MOST: usize = 256;

/// The time for which recording uses is not tried again after it failed.
const REST: Duration = Duration::from_secs(1);

/// Answers that will be written together.
pub struct Answers {
    entry: Entry,
    out: Vec<u8>,
    held: Vec<Held>,
    verifiers: Verifiers,
    /// `true` to record requests and uses.
    wanted: bool,
    due: Vec<KeyId>,
    /// The time of the last failure to record uses, if it failed.
    resting: Option<Instant>,
}

/// An answer that only counts once its request is recorded.
struct Held {
    accepted: Accepted,
    line: Vec<u8>,
    answer: Range<usize>,
}

impl Answers {
    /// Creates an empty set of answers. `wanted` decides whether requests and uses are recorded.
    #[must_use]
    pub fn new(entry: Entry, wanted: bool) -> Self {
        let verifiers = Verifiers::default();
        Self { entry, out: Vec::new(), held: Vec::new(), verifiers, wanted, due: Vec::new(), resting: None }
    }

    /// Answers the lines that are ready, all from one state of the keyring. A revocation that was acknowledged before the first of
    /// them was read counts for all of them.
    ///
    /// # Errors
    /// The errors of the keyring for the read as a whole; an error for one line is reported in its answer.
    pub fn add(&mut self, keyring: &dyn Keyring, lines: &mut dyn BatchLines, clock: Clock) -> Result<()> {
        let mut unavailable: Option<Error> = None;
        keyring.consistent_read(&mut |keys| {
            for _ in 0..MOST {
                let Some(line) = lines.next_line() else { break };
                if let Some(error) = &unavailable {
                    decline(&line, error, clock.now, &mut self.out);
                    continue;
                }
                let start = self.out.len();
                match answer(keys, &line, clock, &mut self.verifiers, &mut self.out) {
                    Ok(Outcome::Done) => {}
                    Ok(Outcome::Used(used)) => self.due.extend(used.is_due(clock.now).then_some(used.key)),
                    Ok(Outcome::Accepted(accepted)) => {
                        if let (BatchLine::Complete(line), true) = (&line, self.wanted) {
                            self.held.push(Held { accepted, line: line.to_vec(), answer: start..self.out.len() });
                        }
                    }
                    Err(error) => {
                        decline(&line, &error, clock.now, &mut self.out);
                        // After one damaged row, the others may be fine; after waiting for a lock, each line would wait again.
                        unavailable = Some(error).filter(|error| error.code() != Code::KeyringCorrupt);
                    }
                }
            }
            Ok(())
        })
    }

    /// Returns `true` if answers are waiting for their requests to be recorded, so that collecting more lines is worth it.
    #[must_use]
    pub const fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Records the accepted requests, passes the answers to `write`, and then records uses.
    ///
    /// # Errors
    /// The error of `write`.
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

    /// Records the accepted requests, and replaces the answers to those that could not be recorded, whose key has ended in the
    /// meantime, or that another process recorded first.
    fn record_held(&mut self, keyring: &mut dyn Keyring, clock: Clock) {
        if self.held.is_empty() {
            return;
        }
        self.entry.at = clock.now;
        let accepted: Vec<&Accepted> = self.held.iter().map(|held| &held.accepted).collect();
        let recorded = keyring.check_writable().and_then(|()| record_accepted(keyring, &self.entry, &accepted));
        let held = std::mem::take(&mut self.held);
        // The key may have ended up to a second after the first answer.
        let clock = Clock { now: self.entry.clock(), ..clock };
        // From the last to the first, so that the positions of the earlier answers stay valid.
        for (i, Held { line, answer: place, .. }) in held.into_iter().enumerate().rev() {
            let mut replacement = Vec::new();
            let line = BatchLine::Complete(&line);
            match &recorded {
                Ok(first) if first.get(i) == Some(&true) => continue,
                Ok(_) => match answer(keyring, &line, clock, &mut self.verifiers, &mut replacement) {
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

    /// Records uses, once per key. Does nothing for [`REST`] after a failure.
    fn record_due_uses(&mut self, keyring: &mut dyn Keyring, now: Time) {
        let rested = self.resting.is_none_or(|since| since.elapsed() >= REST);
        if self.wanted && rested && !self.due.is_empty() {
            self.due.sort_unstable();
            self.due.dedup();
            self.entry.at = now;
            let noted = record_uses(keyring, &self.entry, &self.due);
            self.resting = (!noted).then(Instant::now);
        }
        self.due.clear();
    }
}

#[cfg(test)]
mod tests;
