//! JSON lines, one key each.

use super::{Candidate, Defaults, record, token};
use crate::error::{Code, Error, Result};
use serde_json::{Map, Value};
use std::io::{self, BufRead};

/// The most bytes of a line. A key with every field at its longest has a third of it.
pub const LINE_LIMIT: usize = 64 * 1024;

/// Keys in JSON lines (jsonlines.org), read one by one: what `export --format jsonl` writes, or tokens of another system.
pub(super) struct Lines<'a, R> {
    source: R,
    defaults: &'a Defaults,
    number: u64,
    line: Vec<u8>,
}

impl<'a, R: BufRead> Lines<'a, R> {
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
impl<R: BufRead> Iterator for Lines<'_, R> {
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

/// A line that is not what it has to be. What stands in it is not quoted: it could be a secret that nobody meant to give.
pub(super) fn malformed(message: impl Into<String>, hint: &str) -> Error {
    Error::new(Code::ImportMalformed, message, hint)
}

/// A field out of a line, if it is there and not null.
pub(super) fn field<T>(
    fields: &mut Map<String, Value>,
    name: &str,
    read: impl FnOnce(&Value) -> Option<Result<T>>,
) -> Result<Option<T>> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match read(&value) {
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(error)) => Err(Error::new(error.code(), format!("{name}: {}", error.message()), error.hint())),
            None => Err(malformed(format!("{name} is not what it has to be"), "the README says what each field is")),
        },
    }
}

/// A text out of a line, parsed.
pub(super) fn parsed<T: std::str::FromStr<Err = Error>>(
    fields: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<T>> {
    field(fields, name, |value| value.as_str().map(str::parse))
}

/// What has to be there.
pub(super) fn required<T>(value: Option<T>, name: &str) -> Result<T> {
    value.ok_or_else(|| malformed(format!("{name} is missing"), "the README says what each field is"))
}

/// 64 hex digits.
pub(super) fn digest(fields: &mut Map<String, Value>, name: &str) -> Result<Option<[u8; 32]>> {
    field(fields, name, |value| {
        let text = value.as_str()?;
        (text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| {
            let mut bytes = [0; 32];
            for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
                *byte = u8::from_str_radix(&text[at..at + 2], 16).unwrap_or_default();
            }
            Ok(bytes)
        })
    })
}

/// Refuses fields that nobody asked for: a slip of the fingers would otherwise be lost without a word.
pub(super) fn nothing_left(fields: &Map<String, Value>) -> Result<()> {
    match fields.keys().next() {
        None => Ok(()),
        Some(name) => {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            let hint = "take it out; the README says which fields there are, and a secret is none of them";
            Err(malformed(format!("there is no field `{shown}`"), hint))
        }
    }
}
