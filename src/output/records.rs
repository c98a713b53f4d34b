//! Printing any number of records other than keys, page by page, so that they do not have to fit into memory.

use super::{ColorChoice, Format, csv, harmless, table, write};
use crate::error::Result;
use serde_json::{Map, Value};
use std::io::{IsTerminal, stdout};

/// The minimum number of bytes to collect before they are written.
const CHUNK: usize = 64 * 1024;

/// A writer that prints records to standard output in any [`Format`]. Contracts define no document for these records,
/// so [`Format::Contract`] prints JSON.
pub struct Records<const N: usize> {
    format: Format,
    header: [&'static str; N],
    fields: &'static [&'static str],
    dim: bool,
    buffer: Vec<u8>,
    pending: Vec<[String; N]>,
    widths: Option<[usize; N]>,
    count: u64,
}

impl<const N: usize> Records<N> {
    /// Creates a writer, given the column headers of the table and the names of the fields that are written as CSV
    /// columns. The first of these fields is also the id that [`Format::Id`] prints. On a terminal, lines of the table
    /// are truncated to its width.
    #[must_use]
    pub fn new(format: Format, color: ColorChoice, header: [&'static str; N], fields: &'static [&'static str]) -> Self {
        let dim = color.applies(stdout().is_terminal());
        Self { format, header, fields, dim, buffer: Vec::new(), pending: Vec::new(), widths: None, count: 0 }
    }

    /// Returns the number of records added so far.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Adds a record, given its fields and its table cells. Call [`Records::flush`] after each page.
    pub fn push(&mut self, row: Map<String, Value>, cells: impl FnOnce() -> [String; N]) {
        let first = self.count == 0;
        self.count += 1;
        match self.format {
            Format::Table => self.pending.push(cells().map(|cell| harmless(&cell).replace('\n', " "))),
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
                    csv::record(&mut self.buffer, self.fields);
                }
                let flat: Vec<String> =
                    self.fields.iter().map(|field| flat(row.get(*field).unwrap_or(&Value::Null))).collect();
                csv::values(&mut self.buffer, self.fields, flat);
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
        self.render();
        if self.buffer.len() < CHUNK {
            return Ok(());
        }
        write(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Completes the output, for example by closing the JSON array, and writes the remaining output to standard output.
    /// Without any records, JSON output is an empty array, and CSV output is only the header.
    ///
    /// # Errors
    /// Returns `output_failed` if standard output cannot be written.
    pub fn finish(mut self) -> Result<()> {
        self.render();
        match self.format {
            Format::Json | Format::Contract if self.count == 0 => self.buffer.extend_from_slice(b"[]\n"),
            Format::Json | Format::Contract => self.buffer.extend_from_slice(b"]\n"),
            Format::Csv if self.count == 0 => csv::record(&mut self.buffer, self.fields),
            _ => {}
        }
        if self.buffer.is_empty() { Ok(()) } else { write(&self.buffer) }
    }

    /// Renders the pending cells into the buffer. The widths of the columns are determined by the first page.
    fn render(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let first = self.widths.is_none();
        let widths = *self.widths.get_or_insert_with(|| {
            std::array::from_fn(|column| {
                let cells = self.pending.iter().map(|cells| table::width(&cells[column]));
                cells.max().unwrap_or(0).max(self.header[column].len())
            })
        });
        let terminal = rustix::termios::tcgetwinsize(stdout()).ok().map(|size| usize::from(size.ws_col));
        let terminal = terminal.filter(|columns| *columns > 0);
        if first {
            let line = self.line(&self.header.map(str::to_owned), &widths, terminal);
            let line = if self.dim { format!("\u{1b}[38;5;8m{line}\u{1b}[39m") } else { line };
            self.put(&line);
        }
        for cells in std::mem::take(&mut self.pending) {
            let line = self.line(&cells, &widths, terminal);
            self.put(&line);
        }
    }

    /// Returns one line of cells, padded to the column widths and truncated to the width of the terminal.
    #[expect(clippy::unused_self, reason = "it needs the number of columns")]
    fn line(&self, cells: &[String; N], widths: &[usize; N], terminal: Option<usize>) -> String {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            line.push_str(cell);
            let padding = (width + usize::from(table::GAP)).saturating_sub(table::width(cell));
            line.extend(std::iter::repeat_n(' ', padding));
        }
        let line = line.trim_end();
        terminal.map_or_else(|| line.to_owned(), |columns| table::fit(line, columns))
    }

    fn put(&mut self, line: &str) {
        self.buffer.extend_from_slice(line.as_bytes());
        self.buffer.push(b'\n');
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
