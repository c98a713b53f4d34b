//! Writing keys as comma-separated values (RFC 4180, except that lines end in LF), with the same fields as the JSON
//! object.

use crate::key::KeyDocument;

/// The size of the CSV writer's buffer in bytes.
const BUFFER: usize = 512;

/// Appends one record, which ends in a line feed.
pub(super) fn record<T: AsRef<str>>(out: &mut Vec<u8>, values: impl IntoIterator<Item = T>) {
    // A new buffer is allocated for every record, so it is only as large as a usual record.
    let mut writer = ::csv::WriterBuilder::new().buffer_capacity(BUFFER).from_writer(out);
    // Writing to memory cannot fail.
    for value in values {
        let _ = writer.write_field(value.as_ref());
    }
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
    record(out, KeyDocument::FIELDS.iter().map(|field| document.value(*field).text()));
}
