//! Writing comma-separated values (RFC 4180, except that lines end in LF). The columns of a key are the fields of its
//! JSON object.

use crate::key::{Field, KeyDocument};
use ::csv::{Writer, WriterBuilder};
use std::borrow::Cow;

/// The size of the CSV writer's buffer in bytes.
const BUFFER: usize = 512;

/// The columns with text that people have entered, besides the fields of keys in [`row`].
const ENTERED: [&str; 8] = ["name", "owner", "scopes", "labels", "note", "user", "host", "command"];

/// The characters at the start of a cell that make a spreadsheet read it as a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Returns text that somebody has entered, preceded by an apostrophe if a spreadsheet would run it as a formula.
fn defused(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA) { format!("'{text}").into() } else { text.into() }
}

/// Appends one record of values in the given columns.
pub(super) fn values<C: AsRef<str>, T: AsRef<str>>(
    out: &mut Vec<u8>,
    columns: impl IntoIterator<Item = C>,
    values: impl IntoIterator<Item = T>,
) {
    write(out, |writer| {
        for (column, value) in columns.into_iter().zip(values) {
            let text = value.as_ref();
            let is_entered = ENTERED.iter().any(|entered| column.as_ref().eq_ignore_ascii_case(entered));
            let _ = if is_entered { writer.write_field(defused(text).as_ref()) } else { writer.write_field(text) };
        }
    });
}

/// Appends one record, which ends in a line feed.
pub(super) fn record<T: AsRef<str>>(out: &mut Vec<u8>, values: impl IntoIterator<Item = T>) {
    write(out, |writer| {
        for value in values {
            let _ = writer.write_field(value.as_ref());
        }
    });
}

/// Appends one record. `fields` writes the fields of the record.
fn write<'a>(out: &'a mut Vec<u8>, fields: impl FnOnce(&mut Writer<&'a mut Vec<u8>>)) {
    // The buffer of the writer is allocated for every record, so it is as small as a usual record.
    let mut writer = WriterBuilder::new().buffer_capacity(BUFFER).from_writer(out);
    // Writing to memory cannot fail.
    fields(&mut writer);
    let _ = writer.write_record(None::<&[u8]>);
    let _ = writer.flush();
}

/// Appends the header record for the given fields of a key, or for all of them.
pub(super) fn header(out: &mut Vec<u8>, chosen: Option<&[Field]>) {
    record(out, chosen.unwrap_or(KeyDocument::FIELDS).iter().map(|field| field.word()));
}

/// Appends the record of a key with the given fields, or with all of them, preceded by the header if the key is the first
/// one.
pub(super) fn row(out: &mut Vec<u8>, document: &KeyDocument<'_>, chosen: Option<&[Field]>, first: bool) {
    if first {
        header(out, chosen);
    }
    let is_entered =
        |field: Field| matches!(field, Field::Name | Field::Owner | Field::Scopes | Field::Labels | Field::Note);
    write(out, |writer| {
        let mut put = |field: Field, text: &str| {
            let _ =
                if is_entered(field) { writer.write_field(defused(text).as_ref()) } else { writer.write_field(text) };
        };
        if let Some(fields) = chosen {
            for field in fields {
                put(*field, &document.value(*field).text());
            }
        } else {
            let mut fields = KeyDocument::FIELDS.iter();
            document.for_each_text(|text| fields.next().into_iter().for_each(|field| put(*field, text)));
        }
    });
}
