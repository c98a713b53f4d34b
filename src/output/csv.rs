//! Writing comma-separated values (RFC 4180, except that lines end in LF). The columns of a key are the fields of its
//! JSON object.

use crate::key::KeyDocument;
use ::csv::{Writer, WriterBuilder};

/// The size of the CSV writer's buffer in bytes.
const BUFFER: usize = 512;

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

/// Appends the header record.
pub(super) fn header(out: &mut Vec<u8>) {
    record(out, KeyDocument::FIELDS.iter().map(|field| field.word()));
}

/// Appends the record of a key, preceded by the header if the key is the first one.
pub(super) fn row(out: &mut Vec<u8>, document: &KeyDocument<'_>, first: bool) {
    if first {
        header(out);
    }
    write(out, |writer| document.for_each_text(|text| drop(writer.write_field(text))));
}
