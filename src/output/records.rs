//! Printing any number of records other than keys, page by page, so that they do not have to fit into memory.

use super::{
    Format, csv,
    lines::Lines,
    pager::Paged,
    style::{DataStyle, header as column},
};
use crate::error::Result;
use serde_json::{Map, Value};

/// The minimum number of bytes to collect before they are written.
const CHUNK: usize = 64 * 1024;

/// A writer that prints records to standard output in any [`Format`]. Contracts define no document for these records,
/// so [`Format::Contract`] prints JSON.
pub struct Records {
    style: DataStyle,
    fields: Vec<&'static str>,
    lines: Lines,
    paged: Paged,
    buffer: Vec<u8>,
    count: u64,
}

impl Records {
    /// Creates a writer, given the column headers of the table and the names of the fields that are written as CSV
    /// columns. The first of these fields is also the id that [`Format::Id`] prints.
    ///
    /// If the table is wider than the terminal, each record is a block: the first `lead` columns in one line, and every
    /// other cell in a line of its own. Nothing is truncated, so that commands in the cells can be copied.
    ///
    /// If the style chooses fields, the columns are these fields instead.
    #[must_use]
    pub fn new(style: &DataStyle, (header, lead): (&[&str], usize), fields: &'static [&'static str]) -> Self {
        let (header, lead, fields) = match style.fields.as_deref() {
            Some(chosen) => (chosen.iter().map(|field| column(field)).collect(), 1, chosen),
            None => (header.iter().map(ToString::to_string).collect(), lead, fields),
        };
        let lines = Lines::new(header, lead, style.is_colored());
        let (style, paged) = (style.clone(), Paged::new(style));
        Self { style, fields: fields.to_vec(), lines, paged, buffer: Vec::new(), count: 0 }
    }

    /// Returns the number of records added so far.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Returns `true` if the reader wants no more records, because the pager has been quit.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.paged.is_closed()
    }

    /// Adds a record, given its fields and its table cells. Call [`Records::flush`] after each page.
    pub fn push<const N: usize>(&mut self, row: Map<String, Value>, cells: impl FnOnce() -> [String; N]) {
        let first = self.count == 0;
        self.count += 1;
        let row = self.style.chosen(row);
        match self.style.format {
            Format::Table if self.style.fields.is_some() => {
                let text = |value| Some(flat(value)).filter(|text| !text.is_empty());
                self.lines.push(row.values().map(|value| text(value).unwrap_or_else(|| "-".to_owned())));
            }
            Format::Table => self.lines.push(cells()),
            Format::Json | Format::Contract => {
                self.buffer.extend_from_slice(if first { b"[" } else { b",\n " });
                self.buffer.extend_from_slice(Value::Object(row).to_string().as_bytes());
            }
            Format::Jsonl => {
                self.buffer.extend_from_slice(Value::Object(row).to_string().as_bytes());
                self.buffer.push(b'\n');
            }
            Format::Csv => {
                if first {
                    csv::record(&mut self.buffer, &self.fields);
                }
                let flat: Vec<String> =
                    self.fields.iter().map(|field| flat(row.get(*field).unwrap_or(&Value::Null))).collect();
                csv::values(&mut self.buffer, &self.fields, flat);
            }
            Format::Id => {
                let id = self.fields.first().and_then(|field| row.get(*field)).unwrap_or(&Value::Null);
                self.buffer.extend_from_slice(flat(id).as_bytes());
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
        self.lines.render(&mut self.buffer);
        if self.buffer.len() < CHUNK && !self.paged.is_possible() {
            return Ok(());
        }
        self.paged.write(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Completes the output, for example by closing the JSON array, and writes the remaining output to standard output.
    /// Without any records, JSON output is an empty array, and CSV output is only the header.
    ///
    /// # Errors
    /// Returns `output_failed` if standard output cannot be written.
    pub fn finish(mut self) -> Result<()> {
        self.lines.render(&mut self.buffer);
        match self.style.format {
            Format::Json | Format::Contract if self.count == 0 => self.buffer.extend_from_slice(b"[]\n"),
            Format::Json | Format::Contract => self.buffer.extend_from_slice(b"]\n"),
            Format::Csv if self.count == 0 => csv::record(&mut self.buffer, &self.fields),
            _ => {}
        }
        if !self.buffer.is_empty() {
            self.paged.write(&self.buffer)?;
        }
        self.paged.finish()
    }
}

/// Returns a JSON value as the text of a CSV field.
fn flat(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
