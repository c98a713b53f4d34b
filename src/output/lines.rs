//! Tables of any number of rows, which become blocks of lines if the terminal is too narrow.

use super::{
    columns::{GAP, terminal_width, width},
    harmless,
};

/// The rows of a table that have not been rendered yet. The first page of rows determines the layout.
pub(super) struct Lines {
    header: Vec<String>,
    /// The number of columns that are in the first line of a row if the table is wider than the terminal.
    lead: usize,
    color: bool,
    pending: Vec<Vec<String>>,
    layout: Option<Layout>,
}

struct Layout {
    /// The widths of the columns.
    widths: Vec<usize>,
    /// `true` if the table would be wider than the terminal, so that each row is a block of lines.
    is_blocks: bool,
}

impl Lines {
    /// Creates a table. If it is wider than the terminal, each row is a block: the first `lead` columns in one line, and
    /// every other cell in a line of its own. Nothing is truncated, so that commands in the cells can be copied.
    pub(super) fn new(header: Vec<String>, lead: usize, color: bool) -> Self {
        Self { header, lead, color, pending: Vec::new(), layout: None }
    }

    pub(super) fn push(&mut self, cells: impl IntoIterator<Item = String>) {
        self.pending.push(cells.into_iter().map(|cell| harmless(&cell).replace('\n', " ")).collect());
    }

    /// Renders the pending rows into `out`.
    pub(super) fn render(&mut self, out: &mut Vec<u8>) {
        let rows = std::mem::take(&mut self.pending);
        if rows.is_empty() {
            return;
        }
        let is_first = self.layout.is_none();
        let Layout { widths, is_blocks } = self.layout.get_or_insert_with(|| layout(&self.header, &rows));
        let mut put = |line: &str| {
            out.extend_from_slice(line.as_bytes());
            out.push(b'\n');
        };
        if is_first && !*is_blocks {
            let line = line(&self.header, widths);
            put(&if self.color { format!("\u{1b}[1m{line}\u{1b}[0m") } else { line });
        }
        for cells in rows {
            if *is_blocks {
                put(&line(&cells[..self.lead], widths));
                cells[self.lead..].iter().filter(|cell| *cell != "-").for_each(|cell| put(&format!("  {cell}")));
            } else {
                put(&line(&cells, widths));
            }
        }
    }
}

fn layout(header: &[String], rows: &[Vec<String>]) -> Layout {
    let widest = |(column, title): (usize, &String)| {
        rows.iter().map(|cells| width(&cells[column])).max().unwrap_or(0).max(width(title))
    };
    let widths: Vec<usize> = header.iter().enumerate().map(widest).collect();
    let total = widths.iter().map(|width| width + usize::from(GAP)).sum::<usize>() - usize::from(GAP);
    Layout { widths, is_blocks: terminal_width().is_some_and(|columns| total > columns) }
}

/// Returns one line of cells, padded to the column widths.
fn line(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, column) in cells.iter().zip(widths) {
        line.push_str(cell);
        let padding = (column + usize::from(GAP)).saturating_sub(width(cell));
        line.extend(std::iter::repeat_n(' ', padding));
    }
    line.trim_end().to_owned()
}
