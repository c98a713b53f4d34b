//! Printing any number of records other than keys, page by page, so that they do not have to fit into memory.

use super::{
    ColorChoice, Format,
    columns::{GAP, terminal_width, width},
    csv, harmless, write,
};
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
    /// The number of columns that are in the first line of a record if the table is wider than the terminal.
    lead: usize,
    /// `true` if output is in color.
    color: bool,
    buffer: Vec<u8>,
    pending: Vec<[String; N]>,
    layout: Option<Layout<N>>,
    count: u64,
}

/// How records are printed for people. The first page determines the layout.
#[derive(Clone, Copy)]
struct Layout<const N: usize> {
    /// The widths of the columns.
    widths: [usize; N],
    /// `true` if the table would be wider than the terminal, so that each record is a block of lines.
    is_blocks: bool,
}

impl<const N: usize> Records<N> {
    /// Creates a writer, given the column headers of the table and the names of the fields that are written as CSV
    /// columns. The first of these fields is also the id that [`Format::Id`] prints.
    ///
    /// If the table is wider than the terminal, each record is a block: the first `lead` columns in one line, and every
    /// other cell in a line of its own. Nothing is truncated, so that commands in the cells can be copied.
    #[must_use]
    pub fn new(
        format: Format,
        color: ColorChoice,
        (header, lead): ([&'static str; N], usize),
        fields: &'static [&'static str],
    ) -> Self {
        let color = color.applies(stdout().is_terminal());
        Self { format, header, fields, lead, color, buffer: Vec::new(), pending: Vec::new(), layout: None, count: 0 }
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

    /// Renders the pending cells into the buffer.
    fn render(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let is_first = self.layout.is_none();
        let Layout { widths, is_blocks } = *self.layout.get_or_insert_with(|| layout(&self.header, &self.pending));
        if is_first && !is_blocks {
            let line = line(&self.header, &widths);
            self.put(&if self.color { format!("\u{1b}[1m{line}\u{1b}[0m") } else { line });
        }
        for cells in std::mem::take(&mut self.pending) {
            if is_blocks {
                self.put(&line(&cells[..self.lead], &widths));
                cells[self.lead..].iter().filter(|cell| *cell != "-").for_each(|cell| self.put(&format!("  {cell}")));
            } else {
                self.put(&line(&cells, &widths));
            }
        }
    }

    fn put(&mut self, line: &str) {
        self.buffer.extend_from_slice(line.as_bytes());
        self.buffer.push(b'\n');
    }
}

fn layout<const N: usize>(header: &[&str; N], rows: &[[String; N]]) -> Layout<N> {
    let widths = std::array::from_fn(|column| {
        let cells = rows.iter().map(|cells| width(&cells[column]));
        cells.max().unwrap_or(0).max(header[column].len())
    });
    let total = widths.iter().map(|width| width + usize::from(GAP)).sum::<usize>() - usize::from(GAP);
    Layout { widths, is_blocks: terminal_width().is_some_and(|columns| total > columns) }
}

/// Returns one line of cells, padded to the column widths.
fn line(cells: &[impl AsRef<str>], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, column) in cells.iter().zip(widths) {
        let cell = cell.as_ref();
        line.push_str(cell);
        let padding = (column + usize::from(GAP)).saturating_sub(width(cell));
        line.extend(std::iter::repeat_n(' ', padding));
    }
    line.trim_end().to_owned()
}

/// Returns a JSON value as the text of a CSV field.
fn flat(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
