//! JSON lines, one key each.

use super::{Candidate, Defaults, fields::malformed, record, token};
use crate::error::{Code, Error, Result};
use serde_json::Value;
use std::io::{self, BufRead};

/// The most bytes of a line. A key with every field at its longest has a third of it.
pub const LINE_LIMIT: usize = 64 * 1024;

/// Keys in JSON lines (jsonlines.org), read one by one: what `export --format jsonl` writes, or tokens of another system.
pub(super) struct JsonLines<'a, R> {
    source: R,
    defaults: &'a Defaults,
    number: u64,
    line: Vec<u8>,
}

impl<'a, R: BufRead> JsonLines<'a, R> {
    /// The lines of a source.
    pub(super) fn new(source: R, defaults: &'a Defaults) -> Self {
        Self { source, defaults, number: 0, line: Vec::new() }
    }

    /// Reads a line; of one that is too long the rest is passed over. `None` at the end, and whether it is whole.
    fn read(&mut self) -> io::Result<Option<bool>> {
        self.line.clear();
        let (mut whole, mut any) = (true, false);
        loop {
            let buffer = match self.source.fill_buf() {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            if buffer.is_empty() {
                return Ok(any.then_some(whole));
            }
            any = true;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let part = &buffer[..end.unwrap_or(buffer.len())];
            if self.line.len() + part.len() > LINE_LIMIT {
                whole = false;
            } else {
                self.line.extend_from_slice(part);
            }
            let used = end.map_or(buffer.len(), |end| end + 1);
            self.source.consume(used);
            if end.is_some() {
                return Ok(Some(whole));
            }
        }
    }
}

/// What is wrong with a line is the candidate's; `input_unreadable` is the source's.
impl<R: BufRead> Iterator for JsonLines<'_, R> {
    type Item = Result<Candidate>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let whole = match self.read() {
                Ok(whole) => whole?,
                Err(e) => {
                    let hint = "check where it comes from";
                    return Some(Err(Error::new(Code::InputUnreadable, "the input cannot be read", hint).because(e)));
                }
            };
            self.number += 1;
            let text = self.line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.line).trim_ascii();
            if whole && text.is_empty() {
                continue;
            }
            let key = if whole { read(text, self.defaults) } else { Err(too_long()) };
            return Some(Ok(Candidate { place: format!("line {}", self.number), key }));
        }
    }
}

fn too_long() -> Error {
    let message = format!("the line has more than {LINE_LIMIT} bytes");
    Error::new(Code::InputTooLarge, message, "give one key a line, and nothing else")
}

fn read(line: &[u8], defaults: &Defaults) -> Result<super::Incoming> {
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(line) else {
        let hint = "give one JSON object a line: what `export --format jsonl` writes, or tokens of another system";
        return Err(malformed("the line is not a JSON object", hint));
    };
    if fields.contains_key("api_key_id") { record::read(&mut fields) } else { token::read(&mut fields, defaults) }
}
