//! Query parameters (RFC 9421, section 2.2.8).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use std::collections::HashMap;

/// The bytes that are encoded: all except ASCII letters, ASCII digits, `*`, `-`, `.` and `_` (the
/// `application/x-www-form-urlencoded` percent-encode set of the WHATWG URL Standard, section 1.3). A space becomes
/// `%20`, as in the examples of RFC 9421.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// A query parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Parameter {
    /// The encoded value of a parameter that occurs once.
    Once(String),
    /// A parameter that occurs several times.
    Repeated,
    /// A parameter whose name or value is not UTF-8 after decoding. Programs decode it differently.
    NotUtf8,
}

/// Parses a query without its leading `?` as `application/x-www-form-urlencoded` (WHATWG URL Standard, section 5.1).
/// Returns the parameters by their encoded names.
pub(super) fn parameters(query: &str) -> HashMap<String, Parameter> {
    let mut found = HashMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name), decode(value));
        let is_utf8 = str::from_utf8(&name).is_ok() && str::from_utf8(&value).is_ok();
        let parameter = if is_utf8 { Parameter::Once(encode(&value)) } else { Parameter::NotUtf8 };
        found.entry(encode(&name)).and_modify(|other| *other = Parameter::Repeated).or_insert(parameter);
    }
    found
}

/// Returns `true` if a name is encoded as RFC 9421, section 2.2.8, requires.
pub(super) fn is_encoded(name: &str) -> bool {
    encode(&decode(name)) == name
}

/// Decodes `+` as a space, and percent-encoded bytes. A `%` without two hexadecimal digits stays as it is.
fn decode(text: &str) -> Vec<u8> {
    percent_decode_str(&text.replace('+', " ")).collect()
}

/// Percent-encodes all bytes in [`ENCODED`].
fn encode(bytes: &[u8]) -> String {
    percent_encode(bytes, ENCODED).to_string()
}
