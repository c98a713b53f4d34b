//! `verify --batch`: answers line by line, for a service that keeps it running.

use super::Context;
use crate::{
    error::{Code, Error, Exit, Result},
    input::Lines,
    key::{KeyId, Time},
    keyring::{Entry, Keyring},
    output::{self, Format},
    proof::{self, answer, decline},
};
use std::{
    fs::File,
    io::stdin,
    os::fd::AsFd as _,
    time::{Duration, Instant},
};

/// The most lines that are answered while others cannot write: a thousandth of a second's worth.
const MOST: usize = 256;

/// How long uses are not noted after they could not be.
const REST: Duration = Duration::from_secs(1);

pub(super) fn run(no_touch: bool, context: &Context) -> Result<Exit> {
    if matches!(context.format, Format::Csv | Format::Id) {
        let hint = "leave --format out, or say --format jsonl";
        return Err(Error::new(Code::Usage, "--batch answers in JSON lines", hint));
    }
    let mut keyring = context.open()?;
    let source = stdin().as_fd().try_clone_to_owned().map_err(|e| {
        Error::new(Code::InputUnreadable, "standard input is closed", "pipe the questions in")
            .because(anyhow::Error::from(e))
    })?;
    let mut lines = Lines::new(File::from(source));
    let mut out = Vec::new();
    let mut notes = Notes { entry: context.entry.clone(), due: Vec::new(), wanted: !no_touch, resting: None };
    loop {
        let more = lines.read()?;
        while lines.is_ready() {
            let now = if context.entry.clock_set { context.now } else { Time::now() };
            out.clear();
            answer_some(keyring.as_ref(), &mut lines, now, &mut out, &mut notes)?;
            output::write(&out)?;
            notes.write_down(keyring.as_mut(), now);
        }
        if !more {
            return Ok(Exit::Done);
        }
    }
}

/// Answers lines that are there, all from one state of the keyring: a revocation that was acknowledged before the first
/// of them was read counts for all of them, and the next waits until they are answered.
fn answer_some(
    keyring: &dyn Keyring,
    lines: &mut Lines<File>,
    now: Time,
    out: &mut Vec<u8>,
    notes: &mut Notes,
) -> Result<()> {
    let mut unavailable: Option<Error> = None;
    keyring.reading(&mut |keys| {
        for _ in 0..MOST {
            let Some(line) = lines.take() else { break };
            if let Some(error) = &unavailable {
                decline(&line, error, now, out);
                continue;
            }
            match answer(keys, &line, now, out) {
                Ok(used) => notes.due.extend(used.filter(|used| used.is_due(now)).map(|used| used.key)),
                Err(error) => {
                    decline(&line, &error, now, out);
                    // One damaged row says nothing of the others; a lock that was waited for would be waited for again.
                    unavailable = Some(error).filter(|error| error.code() != Code::KeyringCorrupt);
                }
            }
        }
        Ok(())
    })
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
