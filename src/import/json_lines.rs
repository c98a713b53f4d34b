//! Reading keys from JSON lines.

use super::{Candidate, Defaults, record, token};
use crate::{
    error::{Code, Error, Result},
    input::{InputLine, LIMIT, LineReader},
    key::Members,
};
use std::io::Read;

/// An iterator over keys in JSON lines (jsonlines.org): lines of `export --format jsonl`, or tokens from another
/// system.
pub(super) struct JsonLines<'a, R> {
    lines: LineReader<R>,
    defaults: &'a Defaults,
    number: u64,
}

impl<'a, R: Read> JsonLines<'a, R> {
    /// Creates an iterator that starts at the first line of a source.
    pub(super) fn new(source: R, defaults: &'a Defaults) -> Self {
        Self { lines: LineReader::new(source), defaults, number: 0 }
    }
}

/// An item is an error only if the source cannot be read (`input_unreadable`). For a malformed line, the item is a
/// candidate that contains the error.
impl<R: Read> Iterator for JsonLines<'_, R> {
    type Item = Result<Candidate>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.lines.read_line() {
                Ok(line) => line?,
                Err(error) => return Some(Err(error)),
            };
            self.number += 1;
            let key = match line {
                InputLine::TooLong => Err(too_long()),
                InputLine::Complete(line) => {
                    let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
                    if text.is_empty() {
                        continue;
                    }
                    read(text, self.defaults)
                }
            };
            return Some(Ok(Candidate { place: format!("line {}", self.number), key }));
        }
    }
}

fn too_long() -> Error {
    let message = format!("the line has more than {LIMIT} bytes");
    Error::new(Code::InputTooLarge, message, "give one key per line")
}

fn read(line: &[u8], defaults: &Defaults) -> Result<super::Incoming> {
    let mut members = Members::parse(line, Code::ImportMalformed).map_err(|error| {
        error.with_hint(
            "give one JSON object per line: a line of `export --format jsonl`, or a token from another system",
        )
    })?;
    if members.contains("api_key_id") {
        record::read(&mut members, defaults)
    } else {
        token::read(&mut members, defaults)
    }
}
