//! Writing data to standard output.

use super::{
    DataStyle, Format, background_writer::BackgroundWriter, contract, csv, lines::Lines, pager::Paged, style::header,
    table,
};
use crate::{
    contract::Template,
    error::{Code, Error, Result},
    key::{Field, Key, KeyDocument, KeyView, Lifecycle, Time},
};
use serde_json::{Map, Value};
use std::{
    io::{ErrorKind, IsTerminal, Write, stdout},
    path::Path,
};

/// Writes data to standard output and flushes it. If standard output is a closed pipe, ends the process with exit
/// status 0, because the reader wants no more data.
///
/// # Errors
/// Returns `output_failed` if standard output cannot be written, for example because the device is full.
pub fn write(bytes: &[u8]) -> Result<()> {
    let mut out = stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(e) => Err(Error::new(
            Code::OutputFailed,
            "could not write to standard output",
            "free some space, or redirect standard output elsewhere; any changes to the keyring remain",
        )
        .because(anyhow::Error::from(e))),
    }
}

/// Returns styled help text for standard output: with colors if [`ColorChoice::Auto`](super::ColorChoice::Auto)
/// applies, without them otherwise.
#[must_use]
pub fn for_stdout(styled: &str) -> String {
    if super::ColorChoice::Auto.applies(stdout().is_terminal()) {
        return styled.to_owned();
    }
    let mut plain = String::with_capacity(styled.len());
    let mut parts = styled.split('\u{1b}');
    plain.push_str(parts.next().unwrap_or_default());
    // `ESC [ … m` is the only kind of escape sequence in the help text.
    parts.for_each(|part| plain.push_str(part.split_once('m').map_or(part, |(_, text)| text)));
    plain
}

/// Returns the JSON object of a key that a dry run would create. Fields that do not exist until the key is generated,
/// such as its id, are `null`. A public key that is being registered already has its fingerprint.
#[must_use]
pub fn rehearsal(key: &Key, org_id: &str, now: Time) -> Map<String, Value> {
    let facts = KeyView {
        prefix: None,
        api_key: None,
        spki: None,
        fingerprint: key.view().fingerprint.filter(|_| key.lifecycle.activated.is_some()),
        lifecycle: Lifecycle { activated: None, ..key.lifecycle },
        ..key.view()
    };
    let mut json = Vec::new();
    KeyDocument { view: &facts, org_id, now }.write(&mut json);
    let mut document: Map<String, Value> = serde_json::from_slice(&json).unwrap_or_default();
    document["api_key_id"] = Value::Null;
    document.shift_insert(0, "dry_run".to_owned(), true.into());
    document
}

/// Returns the JSON of a key, including the path of the file that contains its secret.
#[must_use]
pub fn with_secret_file(document: &KeyDocument<'_>, file: &Path) -> Vec<u8> {
    let mut json = Vec::new();
    document.write(&mut json);
    json.pop();
    secret_file(&mut json, file);
    json.push(b'\n');
    json
}

/// Appends the path of the file that contains the secret, and closes the object.
fn secret_file(json: &mut Vec<u8>, file: &Path) {
    json.extend_from_slice(b",\"secret_file\":");
    json.extend_from_slice(Value::from(file.to_string_lossy()).to_string().as_bytes());
    json.push(b'}');
}

/// Appends a key as a JSON object with the given fields, or with all of them.
fn write_json(document: &KeyDocument<'_>, chosen: Option<&[Field]>, out: &mut Vec<u8>) {
    match chosen {
        Some(fields) => document.write_chosen(fields, out),
        None => document.write(out),
    }
}

/// The minimum number of bytes to collect before they are written.
const CHUNK: usize = 64 * 1024;

/// A writer that prints keys to standard output in any [`Format`].
pub struct KeyWriter {
    format: Format,
    /// The fields to print, in order, or `None` for the usual ones.
    chosen: Option<Vec<Field>>,
    org_id: String,
    now: Time,
    list: bool,
    buffer: Vec<u8>,
    count: u64,
    table: table::Rows,
    /// The table of the chosen fields.
    lines: Lines,
    paged: Paged,
    writer: Option<BackgroundWriter>,
    template: Option<Template>,
}

impl KeyWriter {
    /// Creates a writer for a list of keys.
    #[must_use]
    pub fn list(style: &DataStyle, org_id: &str, now: Time) -> Self {
        let (names, is_colored) = (style.fields.as_deref(), style.is_colored());
        Self {
            format: style.format,
            chosen: names.map(|names| names.iter().filter_map(|name| name.parse().ok()).collect()),
            org_id: org_id.to_owned(),
            now,
            list: true,
            buffer: Vec::new(),
            count: 0,
            table: table::Rows::new(now, is_colored),
            lines: Lines::new(names.unwrap_or_default().iter().map(|name| header(name)).collect(), 1, is_colored),
            paged: Paged::new(style),
            writer: None,
            template: None,
        }
    }

    /// Creates a writer for a single key. In JSON, the key is not wrapped in a list; in a table, all its fields are
    /// shown.
    #[must_use]
    pub fn single(style: &DataStyle, org_id: &str, now: Time) -> Self {
        Self { list: false, ..Self::list(style, org_id, now) }
    }

    /// Sets the document template from the keyring's contract. Without a template, the output has keywright's own
    /// format.
    #[must_use]
    pub fn under(self, template: Option<Template>) -> Self {
        Self { template, ..self }
    }

    /// Returns the number of keys added so far.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Returns `true` if the reader wants no more keys, because the pager has been quit.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.paged.is_closed()
    }

    /// Adds a key whose secret was written to a file. JSON output without a template includes the path of the file.
    pub fn push_with_file(&mut self, facts: &KeyView<'_>, file: &Path) {
        self.push(facts);
        let ends = matches!(self.format, Format::Json | Format::Jsonl) && self.template.is_none();
        if ends {
            let end = self.buffer.iter().rposition(|b| *b == b'}').unwrap_or(self.buffer.len());
            self.buffer.truncate(end);
            secret_file(&mut self.buffer, file);
            if self.format == Format::Jsonl {
                self.buffer.push(b'\n');
            }
        }
    }

    /// Adds a key to the output.
    pub fn push(&mut self, facts: &KeyView<'_>) {
        let document = KeyDocument { view: facts, org_id: &self.org_id, now: self.now };
        let first = self.count == 0;
        self.count += 1;
        if let Some(template) = self.template.as_ref().filter(|template| !template.is_nothing()) {
            let field = contract::fields(&document);
            if first {
                template.head(&field, &mut self.buffer);
            }
            template.row(first, &field, &mut self.buffer);
            return;
        }
        match self.format {
            _ if self.template.is_some() => {}
            Format::Table if self.list => match &self.chosen {
                None => self.table.push(facts),
                Some(fields) => self.lines.push(fields.iter().map(|field| table::cell(document.value(*field)))),
            },
            Format::Table => {
                let table = table::details(&document, self.chosen.as_deref(), self.table.color());
                self.buffer.extend_from_slice(table.as_bytes());
            }
            Format::Json | Format::Contract => {
                if self.list {
                    self.buffer.extend_from_slice(if first { b"[" } else { b",\n " });
                }
                write_json(&document, self.chosen.as_deref(), &mut self.buffer);
            }
            Format::Jsonl => {
                write_json(&document, self.chosen.as_deref(), &mut self.buffer);
                self.buffer.push(b'\n');
            }
            Format::Csv => csv::row(&mut self.buffer, &document, self.chosen.as_deref(), first),
            Format::Id => {
                self.buffer.extend_from_slice(facts.id.encode(&mut [0; 36]).as_bytes());
                self.buffer.push(b'\n');
            }
        }
    }

    /// Writes the buffer to standard output if at least 64 KiB have been collected. Call this method between pages,
    /// while no lock on the keyring is held.
    ///
    /// # Errors
    /// Returns `output_failed` if standard output cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        self.table.render(&mut self.buffer);
        self.lines.render(&mut self.buffer);
        if self.paged.is_possible() {
            self.paged.write(&self.buffer)?;
            self.buffer.clear();
            return Ok(());
        }
        if self.buffer.len() < CHUNK {
            return Ok(());
        }
        if self.writer.is_none() {
            self.writer = BackgroundWriter::start();
        }
        let Some(writer) = &self.writer else {
            write(&self.buffer)?;
            self.buffer.clear();
            return Ok(());
        };
        self.buffer = writer.push(std::mem::take(&mut self.buffer));
        if writer.has_failed() { self.drain() } else { Ok(()) }
    }

    /// Completes the document, and writes the remaining output to standard output.
    ///
    /// # Errors
    /// Returns `output_failed` if standard output cannot be written.
    pub fn finish(mut self) -> Result<()> {
        self.table.render(&mut self.buffer);
        self.lines.render(&mut self.buffer);
        match self.format {
            _ if self.template.is_some() => self.end_document(),
            Format::Json | Format::Contract if self.list && self.count == 0 => self.buffer.extend_from_slice(b"[]\n"),
            Format::Json | Format::Contract if self.list => self.buffer.extend_from_slice(b"]\n"),
            Format::Json | Format::Contract => self.buffer.push(b'\n'),
            Format::Csv if self.count == 0 => csv::header(&mut self.buffer, self.chosen.as_deref()),
            _ => {}
        }
        self.drain()?;
        if !self.buffer.is_empty() {
            self.paged.write(&self.buffer)?;
        }
        self.paged.finish()
    }

    fn drain(&mut self) -> Result<()> {
        self.writer.take().map_or(Ok(()), BackgroundWriter::finish)
    }

    fn end_document(&mut self) {
        let Some(template) = self.template.as_ref().filter(|template| !template.is_nothing()) else {
            return;
        };
        let org_id = &self.org_id;
        let field = |name: &str| (name == "org_id").then(|| org_id.as_str().into());
        if self.count == 0 {
            template.head(&field, &mut self.buffer);
        }
        template.tail(&field, &mut self.buffer);
        self.buffer.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_key_that_is_not_generated_yet_has_no_identity() {
        let mut key = testing::key(1).with_name("ci").with_material(testing::rsa(1)).pending();
        let json = |key: &Key| Value::from(rehearsal(key, "o", testing::time(0)));
        let made = json(&key);
        assert_eq!((&made["dry_run"], &made["api_key_id"]), (&true.into(), &Value::Null));
        for field in ["public_key", "fingerprint", "prefix", "api_key", "activated_at"] {
            assert!(made[field].is_null(), "{field}");
        }
        assert_eq!(
            (&made["name"], &made["status"], &made["key_bits"]),
            (&"ci".into(), &"pending".into(), &2048.into())
        );
        key.lifecycle.activated = Some(testing::time(0));
        let registered = json(&key);
        assert_eq!((&registered["status"], registered["fingerprint"].is_string()), (&"pending".into(), true));
        assert!(registered["public_key"].is_null(), "which is in the file that was given");
    }
}
