//! The fields of a line: reading them one by one, and naming the one that is wrong.

use crate::{
    error::{Code, Error, Result},
    key::{Label, Labels, RateLimit, Scope, Scopes},
};
use serde_json::{Map, Value};

/// The most characters of a prefix that another system shows.
const PREFIX_MAX: usize = 32;

/// A line that is not what it has to be. What stands in it is not quoted: it could be a secret that nobody meant to give.
pub(super) fn malformed(message: impl Into<String>, hint: &str) -> Error {
    Error::new(Code::ImportMalformed, message, hint)
}

/// A field out of a line, if it is there and not null.
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
            None => Err(malformed(format!("{name} is not what it has to be"), "the README says what each field is")),
        },
    }
}

/// A text out of a line, parsed.
pub(super) fn parsed<T: std::str::FromStr<Err = Error>>(
    fields: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<T>> {
    field(fields, name, |value| value.as_str().map(str::parse))
}

/// What has to be there.
pub(super) fn required<T>(value: Option<T>, name: &str) -> Result<T> {
    value.ok_or_else(|| malformed(format!("{name} is missing"), "the README says what each field is"))
}

/// 64 hex digits.
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

/// Refuses fields that nobody asked for: a slip of the fingers would otherwise be lost without a word.
pub(super) fn nothing_left(fields: &Map<String, Value>) -> Result<()> {
    match fields.keys().next() {
        None => Ok(()),
        Some(name) => {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            let hint = "take it out; the README says which fields there are, and a secret is none of them";
            Err(malformed(format!("there is no field `{shown}`"), hint))
        }
    }
}

/// The public start of a token of another system, short enough not to be one.
///
/// # Errors
/// `invalid_prefix`.
pub fn prefix(text: &str) -> Result<String> {
    let printable = text.bytes().all(|b| b.is_ascii_graphic());
    if text.is_empty() || text.len() > PREFIX_MAX || !printable {
        let hint = format!("give 1 to {PREFIX_MAX} printable characters, the public start of the token");
        return Err(Error::new(Code::InvalidPrefix, "that is not the start of a token", hint));
    }
    Ok(text.to_owned())
}

/// A list of scopes, or words with spaces between (RFC 6749, section 3.3).
pub(super) fn scopes(value: &Value) -> Option<Result<Scopes>> {
    let words: Vec<&str> = match value {
        Value::String(text) => text.split(' ').filter(|word| !word.is_empty()).collect(),
        Value::Array(words) => words.iter().map(Value::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    Some(words.into_iter().map(str::parse).collect::<Result<Vec<Scope>>>().and_then(|scopes| Scopes::new(&scopes)))
}

/// An object of texts.
pub(super) fn labels(value: &Value) -> Option<Result<Labels>> {
    let pairs = value.as_object()?.iter().map(|(key, value)| Some(format!("{key}={}", value.as_str()?)));
    let pairs: Vec<String> = pairs.collect::<Option<_>>()?;
    let labels = pairs.iter().map(|pair| pair.parse()).collect::<Result<Vec<Label>>>();
    Some(labels.and_then(|labels| Labels::new(&labels)))
}

/// As on the command line, or as in the JSON of a key.
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
