//! `verify --batch`: answers each line of input, for a service that keeps the process running.

use super::watched::Watched;
use crate::{
    command::Context,
    error::{Code, Error, Exit, Result},
    input::{self, InputLine, LineReader},
    output::{self, Format},
    proof::{Answers, BatchLine, BatchLines},
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::{
    io::{Read, Stdin, stdin},
    path::Path,
    time::{Duration, Instant},
};

/// The maximum time to collect requests that arrive without a pause before they are recorded in one commit. Requests are
/// recorded together because a commit takes as long as checking a hundred signatures.
const GATHER: Duration = Duration::from_millis(50);

impl<R: Read> BatchLines for LineReader<R> {
    fn next_line(&mut self) -> Option<BatchLine<'_>> {
        self.ready_line().map(|line| match line {
            InputLine::Complete(line) => BatchLine::Complete(line),
            InputLine::TooLong => BatchLine::TooLong,
        })
    }
}

pub(super) fn run(no_record: bool, context: &Context) -> Result<Exit> {
    if matches!(context.style.format, Format::Csv | Format::Id) {
        let hint = "omit --format, or use --format jsonl";
        return Err(Error::new(Code::Usage, "--batch supports only JSON output", hint));
    }
    let mut watched = Watched::open(context)?;
    let mut lines = LineReader::with_limit(input::source(Path::new("-"))?, BatchLine::LIMIT);
    let mut answers = Answers::new(context.entry.clone(), !no_record);
    loop {
        let mut more = lines.read()?;
        while lines.is_ready() {
            let (since, clock) = (Instant::now(), context.clock());
            loop {
                match watched.refresh(context, answers.recorded()) {
                    Ok(()) => answers.add(watched.keyring.as_ref(), &mut lines, clock)?,
                    Err(error) => answers.decline(&error, &mut lines, clock),
                }
                if !answers.is_holding() || since.elapsed() >= GATHER {
                    break;
                }
                if !lines.is_ready() {
                    if !more || !is_waiting(&stdin()) {
                        break;
                    }
                    // An error from standard input is reported after the preceding lines have been answered.
                    let Ok(read) = lines.read() else { break };
                    more = read;
                }
            }
            answers.finish(watched.keyring.as_mut(), clock, &mut output::write)?;
        }
        if !more {
            return Ok(Exit::Done);
        }
    }
}

/// Returns `true` if standard input can be read without blocking.
fn is_waiting(input: &Stdin) -> bool {
    poll(&mut [PollFd::new(input, PollFlags::IN)], Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}
