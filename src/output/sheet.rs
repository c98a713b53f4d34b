//! Small tables of something other than keys.

use super::{Format, csv, harmless, table, write};
use crate::error::Result;
use serde_json::Value;
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

/// Prints the fields of one JSON object: for people one a line, as CSV side by side, or the first alone.
///
/// # Errors
/// As [`write`].
pub fn facts(format: Format, color: super::ColorChoice, object: &Value) -> Result<()> {
    if format.is_json() {
        return write(format!("{object}\n").as_bytes());
    }
    let fields = object.as_object().into_iter().flatten();
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if format == Format::Table {
        let rows: Vec<Vec<String>> =
            fields.map(|(name, value)| vec![name.replace('_', " "), harmless(&plain(value))]).collect();
        return sheet(format, color, &["FACT", "VALUE"], &rows);
    }
    let (names, values): (Vec<&str>, Vec<String>) = fields.map(|(name, value)| (name.as_str(), plain(value))).unzip();
    sheet(format, color, &names, &[values])
}
