//! Lines of `verify --batch` that are answered together.
//!
//! Answers are gathered until the requests among them are on record, and leave together; what is left of them to be done is
//! done after that, when nobody waits for it any more.

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

/// The most lines that are answered while others cannot write: a thousandth of a second's worth of tokens.
const MOST: usize = 256;

/// How long uses are not noted after they could not be.
const REST: Duration = Duration::from_secs(1);

/// Answers that are to be written together.
pub struct Answers {
    entry: Entry,
    out: Vec<u8>,
    held: Vec<Held>,
    verifiers: Verifiers,
    /// Whether requests are to be recorded, and uses noted.
    wanted: bool,
    due: Vec<KeyId>,
    /// Since when noting uses has not been tried.
    resting: Option<Instant>,
}

/// An answer that only counts once its request is on record.
struct Held {
    accepted: Accepted,
    line: Vec<u8>,
    answer: Range<usize>,
}

impl Answers {
    /// No answers yet: who asks, and whether what they ask leaves anything behind.
    #[must_use]
    pub fn new(entry: Entry, wanted: bool) -> Self {
        let verifiers = Verifiers::default();
        Self { entry, out: Vec::new(), held: Vec::new(), verifiers, wanted, due: Vec::new(), resting: None }
    }

    /// Answers lines that are there, all from one state of the keyring: a revocation that was acknowledged before the first
    /// of them was read counts for all of them, and the next waits until they are answered.
    ///
    /// # Errors
    /// What the store reports of the reading as a whole; of one line it is told in the answer.
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
                        // One damaged row says nothing of the others; a lock that was waited for would be waited for again.
                        unavailable = Some(error).filter(|error| error.code() != Code::KeyringCorrupt);
                    }
                }
            }
            Ok(())
        })
    }

    /// Whether answers wait for their requests to be on record, so that it pays to gather more.
    #[must_use]
    pub const fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Records the requests that were accepted, hands the answers out, and then notes uses.
    ///
    /// # Errors
    /// What `write` returns.
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

    /// Records the requests that were accepted, and takes back the answers to those that could not be, whose key ended
    /// meanwhile, or that somebody else brought first.
    fn record_held(&mut self, keyring: &mut dyn Keyring, clock: Clock) {
        if self.held.is_empty() {
            return;
        }
        self.entry.at = clock.now;
        let accepted: Vec<&Accepted> = self.held.iter().map(|held| &held.accepted).collect();
        let recorded = keyring.check_writable().and_then(|()| record_accepted(keyring, &self.entry, &accepted));
        let held = std::mem::take(&mut self.held);
        // What ended a key meanwhile may have done so a second later.
        let clock = Clock { now: self.entry.clock(), ..clock };
        // From the last on: the places of those before stay what they are.
        for (i, Held { line, answer: place, .. }) in held.into_iter().enumerate().rev() {
            let mut instead = Vec::new();
            let line = BatchLine::Complete(&line);
            match &recorded {
                Ok(first) if first.get(i) == Some(&true) => continue,
                Ok(_) => match answer(keyring, &line, clock, &mut self.verifiers, &mut instead) {
                    Ok(Outcome::Done) => {}
                    Ok(_) => {
                        instead.clear();
                        decline(&line, &changed_meanwhile(), clock.now, &mut instead);
                    }
                    Err(error) => decline(&line, &error, clock.now, &mut instead),
                },
                Err(error) => decline(&line, error, clock.now, &mut instead),
            }
            self.out.splice(place, instead);
        }
    }

    /// Notes uses, a key that was used twice once; not for a while after it could not be done.
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
