//! `verify --batch`: answers line by line, for a service that keeps it running.

use super::Context;
use crate::{
    error::{Code, Error, Exit, Result},
    input::{self, Line, Lines},
    key::{KeyId, Time},
    keyring::{Entry, Keyring},
    output::{self, Format},
    proof::{self, Accepted, Clock, Outcome, Verifiers, answer, decline, record, unsettled},
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::{
    io::{Read, Stdin, stdin},
    ops::Range,
    path::Path,
    time::{Duration, Instant},
};

/// The most lines that are answered while others cannot write: a thousandth of a second's worth of tokens.
const MOST: usize = 256;

/// How long uses are not noted after they could not be.
const REST: Duration = Duration::from_secs(1);

/// How long requests that come without a pause are gathered to be recorded together: a commit costs as much as a hundred
/// signatures.
const GATHER: Duration = Duration::from_millis(50);

pub(super) fn run(no_touch: bool, context: &Context) -> Result<Exit> {
    if matches!(context.format, Format::Csv | Format::Id) {
        let hint = "leave --format out, or say --format jsonl";
        return Err(Error::new(Code::Usage, "--batch answers in JSON lines", hint));
    }
    let mut keyring = context.open()?;
    let mut lines = Lines::new(input::source(Path::new("-"))?);
    let mut batch = Batch { out: Vec::new(), held: Vec::new(), verifiers: Verifiers::default(), wanted: !no_touch };
    let mut notes = Notes { entry: context.entry.clone(), due: Vec::new(), wanted: !no_touch, resting: None };
    loop {
        let mut more = lines.read()?;
        while lines.is_ready() {
            let since = Instant::now();
            let now = if context.entry.clock_set { context.now } else { Time::now() };
            let clock = Clock { now, timestamp: context.timestamp() };
            loop {
                batch.answer_some(keyring.as_ref(), &mut lines, clock, &mut notes)?;
                if batch.held.is_empty() || since.elapsed() >= GATHER {
                    break;
                }
                if !lines.is_ready() {
                    if !more || !is_waiting(&stdin()) {
                        break;
                    }
                    // What is wrong with standard input is told once what came before has its answer.
                    let Ok(read) = lines.read() else { break };
                    more = read;
                }
            }
            batch.settle(keyring.as_mut(), &context.entry, clock);
            output::write(&batch.out)?;
            batch.out.clear();
            notes.write_down(keyring.as_mut(), now);
        }
        if !more {
            return Ok(Exit::Done);
        }
    }
}

/// Whether reading would not have to wait.
fn is_waiting(input: &Stdin) -> bool {
    poll(&mut [PollFd::new(input, PollFlags::IN)], Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}

/// Answers that are to be written together.
struct Batch {
    out: Vec<u8>,
    held: Vec<Held>,
    verifiers: Verifiers,
    /// Whether requests are to be recorded.
    wanted: bool,
}

/// An answer that only counts once its request is on record.
struct Held {
    accepted: Accepted,
    line: Vec<u8>,
    answer: Range<usize>,
}

impl Batch {
    /// Answers lines that are there, all from one state of the keyring: a revocation that was acknowledged before the first
    /// of them was read counts for all of them, and the next waits until they are answered.
    fn answer_some(
        &mut self,
        keyring: &dyn Keyring,
        lines: &mut Lines<impl Read>,
        clock: Clock,
        notes: &mut Notes,
    ) -> Result<()> {
        let mut unavailable: Option<Error> = None;
        keyring.reading(&mut |keys| {
            for _ in 0..MOST {
                let Some(line) = lines.take() else { break };
                if let Some(error) = &unavailable {
                    decline(&line, error, clock.now, &mut self.out);
                    continue;
                }
                let start = self.out.len();
                match answer(keys, &line, clock, &mut self.verifiers, &mut self.out) {
                    Ok(Outcome::Done) => {}
                    Ok(Outcome::Used(used)) => notes.due.extend(used.is_due(clock.now).then_some(used.key)),
                    Ok(Outcome::Accepted(accepted)) => {
                        if let (Line::Whole(line), true) = (&line, self.wanted) {
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

    /// Records the requests that were accepted, and takes back the answers to those that could not be, whose key ended
    /// meanwhile, or that somebody else brought first.
    fn settle(&mut self, keyring: &mut dyn Keyring, entry: &Entry, clock: Clock) {
        if self.held.is_empty() {
            return;
        }
        let entry = Entry { at: clock.now, ..entry.clone() };
        let accepted: Vec<&Accepted> = self.held.iter().map(|held| &held.accepted).collect();
        let recorded = keyring.writable().and_then(|()| record(keyring, &entry, &accepted));
        let held = std::mem::take(&mut self.held);
        // What ended a key meanwhile may have done so a second later.
        let clock = Clock { now: entry.clock(), ..clock };
        // From the last on: the places of those before stay what they are.
        for (i, Held { line, answer: place, .. }) in held.into_iter().enumerate().rev() {
            let mut instead = Vec::new();
            let line = Line::Whole(&line);
            match &recorded {
                Ok(first) if first.get(i) == Some(&true) => continue,
                Ok(_) => match answer(keyring, &line, clock, &mut self.verifiers, &mut instead) {
                    Ok(Outcome::Done) => {}
                    Ok(_) => {
                        instead.clear();
                        decline(&line, &unsettled(), clock.now, &mut instead);
                    }
                    Err(error) => decline(&line, &error, clock.now, &mut instead),
                },
                Err(error) => decline(&line, error, clock.now, &mut instead),
            }
            self.out.splice(place, instead);
        }
    }
}

/// Uses that are to be noted.
struct Notes {
    entry: Entry,
    due: Vec<KeyId>,
    wanted: bool,
    /// Since when it has not been tried.
    resting: Option<Instant>,
}

impl Notes {
    fn write_down(&mut self, keyring: &mut dyn Keyring, now: Time) {
        let rested = self.resting.is_none_or(|since| since.elapsed() >= REST);
        if self.wanted && rested && !self.due.is_empty() {
            // A key that was used twice is noted once.
            self.due.sort_unstable();
            self.due.dedup();
            self.entry.at = now;
            let noted = proof::used(keyring, &self.entry, &self.due);
            self.resting = (!noted).then(Instant::now);
        }
        self.due.clear();
    }
}

#[cfg(test)]
mod tests;
