//! Writing keys as comma-separated values (RFC 4180), with the same fields as the JSON object.

use crate::key::KeyDocument;

/// Appends one record.
pub(super) fn record<T: AsRef<str>>(out: &mut Vec<u8>, values: impl IntoIterator<Item = T>) {
    // Writing to memory cannot fail.
    let mut writer = ::csv::Writer::from_writer(out);
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
