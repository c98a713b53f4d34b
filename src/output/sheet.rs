//! Small tables of something other than keys.

use super::{Format, csv, table, write};
use crate::error::Result;
use std::io::{IsTerminal, stdout};

/// Prints rows under a header: for people, as CSV, or the first column alone.
///
/// # Errors
/// As [`write`].
pub fn sheet(format: Format, color: super::ColorChoice, header: &[&str], rows: &[Vec<String>]) -> Result<()> {
    let mut out = Vec::new();
    match format {
        Format::Csv => {
            csv::record(&mut out, header);
            for row in rows {
                csv::record(&mut out, &row.iter().map(String::as_str).collect::<Vec<_>>());
            }
        }
        Format::Id => rows.iter().filter_map(|row| row.first()).for_each(|first| {
            out.extend_from_slice(first.as_bytes());
            out.push(b'\n');
        }),
        _ if rows.is_empty() => {}
        _ => table::sheet(&mut out, header, rows, color.applies(stdout().is_terminal())),
    }
    if out.is_empty() { Ok(()) } else { write(&out) }
}
