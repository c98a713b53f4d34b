//! Functions that append values as JSON (RFC 8259) to a buffer without intermediate allocations.

use super::{RateLimit, Time};

/// Appends text as a JSON string, with the necessary escapes.
#[expect(clippy::needless_bitwise_bool, reason = "without branches, the compiler checks 32 bytes at once")]
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    if text.bytes().fold(false, |found, b| found | (b < 0x20) | (b == b'"') | (b == b'\\')) {
        // Writing to a vector cannot fail.
        let _ = serde_json::to_writer(out, text);
    } else {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    }
}

/// Appends optional text as a JSON string, or `null` if there is no text.
pub(crate) fn optional(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends a time as a JSON string in RFC 3339 format, or `null` if there is no time.
pub(crate) fn time(out: &mut Vec<u8>, time: Option<Time>) {
    match time {
        Some(time) => {
            out.push(b'"');
            out.extend_from_slice(&time.encode());
            out.push(b'"');
        }
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends a number, or `null` if there is none.
pub(crate) fn number(out: &mut Vec<u8>, number: Option<u32>) {
    match number {
        Some(number) => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends the words of a space-delimited text as a JSON array of strings.
pub(crate) fn words(out: &mut Vec<u8>, text: &str) {
    // Most keys have no networks, and many have no scopes.
    if text.is_empty() {
        return out.extend_from_slice(b"[]");
    }
    out.push(b'[');
    for (i, word) in text.split(' ').filter(|word| !word.is_empty()).enumerate() {
        if i > 0 {
            out.push(b',');
        }
        string(out, word);
    }
    out.push(b']');
}

/// Appends a rate limit as a JSON object. Every window is present; a window without a limit is `null`.
pub(crate) fn rate_limit(out: &mut Vec<u8>, limit: RateLimit) {
    out.extend_from_slice(b"{\"requests_per_minute\":");
    number(out, limit.minute);
    out.extend_from_slice(b",\"requests_per_hour\":");
    number(out, limit.hour);
    out.extend_from_slice(b",\"requests_per_day\":");
    number(out, limit.day);
    out.push(b'}');
}
