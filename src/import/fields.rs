//! Reading the fields of an input line one by one, with errors that name the field.

use crate::{
    error::{Code, Error, Result},
    key::{AllowedIps, Label, Labels, Network, RateLimit, Scope, Scopes},
};
use serde_json::{Map, Value};

/// The maximum length of the public prefix of another system's token.
const PREFIX_MAX: usize = 32;

/// Returns the error for a malformed line. The line is not quoted, because it could be a secret that was passed by
/// mistake.
pub(super) fn malformed(message: impl Into<String>, hint: &str) -> Error {
    Error::new(Code::ImportMalformed, message, hint)
}

/// Removes a field from a line and parses it. Returns `None` if the field is missing or null.
pub(super) fn field<T>(
    fields: &mut Map<String, Value>,
    name: &str,
    read: impl FnOnce(&Value) -> Option<Result<T>>,
) -> Result<Option<T>> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match read(&value) {
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(error)) => Err(Error::new(error.code(), format!("{name}: {}", error.message()), error.hint())),
            None => Err(malformed(format!("{name} has the wrong type or form"), "see the README for the fields")),
        },
    }
}

/// Removes a string field from a line and parses it.
pub(super) fn parsed<T: std::str::FromStr<Err = Error>>(
    fields: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<T>> {
    field(fields, name, |value| value.as_str().map(str::parse))
}

/// Returns the value, or an error if the field is missing.
pub(super) fn required<T>(value: Option<T>, name: &str) -> Result<T> {
    value.ok_or_else(|| malformed(format!("{name} is missing"), "see the README for the fields"))
}

/// Removes a field with 64 hex digits from a line and decodes it.
pub(super) fn digest(fields: &mut Map<String, Value>, name: &str) -> Result<Option<[u8; 32]>> {
    field(fields, name, |value| {
        let text = value.as_str()?;
        (text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| {
            let mut bytes = [0; 32];
            for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
                *byte = u8::from_str_radix(&text[at..at + 2], 16).unwrap_or_default();
            }
            Ok(bytes)
        })
    })
}

/// Returns an error if there are unknown fields, so that a misspelled field is not silently ignored.
pub(super) fn nothing_left(fields: &Map<String, Value>) -> Result<()> {
    match fields.keys().next() {
        None => Ok(()),
        Some(name) => {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            let hint = "remove it; see the README for the fields, none of which is a secret";
            Err(malformed(format!("there is no field `{shown}`"), hint))
        }
    }
}

/// Parses the public prefix of another system's token, and refuses text that is long enough to be a whole token.
///
/// # Errors
/// `invalid_prefix` if the prefix is empty, too long, or not printable ASCII.
pub fn prefix(text: &str) -> Result<String> {
    let printable = text.bytes().all(|b| b.is_ascii_graphic());
    if text.is_empty() || text.len() > PREFIX_MAX || !printable {
        let hint = format!("give the public prefix of the token, 1 to {PREFIX_MAX} printable characters");
        return Err(Error::new(Code::InvalidPrefix, "that is not the prefix of a token", hint));
    }
    Ok(text.to_owned())
}

/// Parses scopes, given as a list or as a string separated by spaces (RFC 6749, section 3.3).
pub(super) fn scopes(value: &Value) -> Option<Result<Scopes>> {
    let words: Vec<&str> = match value {
        Value::String(text) => text.split(' ').filter(|word| !word.is_empty()).collect(),
        Value::Array(words) => words.iter().map(Value::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    Some(words.into_iter().map(str::parse).collect::<Result<Vec<Scope>>>().and_then(|scopes| Scopes::new(&scopes)))
}

/// Parses a list of networks.
pub(super) fn allowed_ips(value: &Value) -> Option<Result<AllowedIps>> {
    let words: Vec<&str> = value.as_array()?.iter().map(Value::as_str).collect::<Option<_>>()?;
    Some(words.into_iter().map(str::parse).collect::<Result<Vec<Network>>>().and_then(|list| AllowedIps::new(&list)))
}

/// Parses labels from a JSON object whose values are strings.
pub(super) fn labels(value: &Value) -> Option<Result<Labels>> {
    let pairs = value.as_object()?.iter().map(|(key, value)| Some(format!("{key}={}", value.as_str()?)));
    let pairs: Vec<String> = pairs.collect::<Option<_>>()?;
    let labels = pairs.iter().map(|pair| pair.parse()).collect::<Result<Vec<Label>>>();
    Some(labels.and_then(|labels| Labels::new(&labels)))
}

/// Parses a rate limit, given as text like on the command line or as an object like in the JSON of a key.
pub(super) fn rate_limit(value: &Value) -> Option<Result<RateLimit>> {
    if let Some(text) = value.as_str() {
        return Some(text.parse());
    }
    let mut parts = Vec::new();
    for (name, count) in value.as_object()? {
        let window = name.strip_prefix("requests_per_")?;
        if !count.is_null() {
            parts.push(format!("{}/{window}", count.as_u64()?));
        }
    }
    if parts.is_empty() { Some(Ok(RateLimit::default())) } else { Some(parts.join(",").parse()) }
}
