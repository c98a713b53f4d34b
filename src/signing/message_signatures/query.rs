//! Query parameters (RFC 9421, section 2.2.8).

use std::collections::HashMap;

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
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match (*first, digit(behind.first()), digit(behind.get(1))) {
            (b'%', Some(high), Some(low)) => {
                decoded.extend(u8::try_from(16 * high + low));
                rest = &behind[2..];
            }
            (b'+', ..) => decoded.push(b' '),
            (other, ..) => decoded.push(other),
        }
    }
    decoded
}

/// Percent-encodes all bytes except ASCII letters, ASCII digits, `*`, `-`, `.` and `_` (the
/// `application/x-www-form-urlencoded` percent-encode set of the WHATWG URL Standard, section 1.3). A space becomes
/// `%20`, as in the examples of RFC 9421.
fn encode(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'*' | b'-' | b'.' | b'_' => encoded.push(char::from(*byte)),
            _ => {
                const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                encoded.push('%');
                encoded.push(char::from(DIGITS[usize::from(byte >> 4)]));
                encoded.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
    encoded
}
