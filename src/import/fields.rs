//! Reading the fields that only imported keys have.

use crate::{
    error::{Code, Error, Result},
    key::Members,
};

/// The maximum length, in bytes, of the public prefix of another system's token.
const PREFIX_MAX: usize = 32;

/// The hint for an unknown member.
pub(super) const KNOWN: &str = "see docs/reference/formats.md for the list of fields, none of which contains a secret";

/// Reads and decodes a member that consists of 64 hex digits. Returns `None` if the member is missing.
pub(super) fn digest(members: &mut Members, name: &'static str) -> Result<Option<[u8; 32]>> {
    members.read(name, "a string of 64 hex digits", |value| {
        let mut bytes = [0; 32];
        (base16ct::mixed::decode(value.as_str()?, &mut bytes).ok()?.len() == 32).then_some(Ok(bytes))
    })
}

/// Reads a member that is a string. Returns `None` if the member is missing.
pub(super) fn string(members: &mut Members, name: &'static str) -> Result<Option<String>> {
    members.read(name, "a string", |value| value.as_str().map(|text| Ok(text.to_owned())))
}

/// Reads a member that is `true` or `false`, and returns `false` if it is missing.
pub(super) fn flag(members: &mut Members, name: &'static str) -> Result<bool> {
    members.read(name, "true or false", |value| value.as_bool().map(Ok)).map(Option::unwrap_or_default)
}

/// Reads the public prefix of a token or of an `api_key` from the member `prefix`. Returns `None` if the member is
/// missing.
pub(super) fn read_prefix(members: &mut Members) -> Result<Option<String>> {
    members.read("prefix", "a string", |value| value.as_str().map(prefix))
}

/// Parses the public prefix of another system's token: 1 to 32 printable ASCII characters without spaces. A longer text
/// is refused, because it might be a complete token.
///
/// # Errors
/// Returns `invalid_prefix` if the prefix is empty, too long, or contains other characters.
pub fn prefix(text: &str) -> Result<String> {
    let printable = text.bytes().all(|b| b.is_ascii_graphic());
    if text.is_empty() || text.len() > PREFIX_MAX || !printable {
        let hint = format!("give the public prefix of the token, 1 to {PREFIX_MAX} printable characters");
        return Err(Error::new(
            Code::InvalidPrefix,
            "the token prefix is empty, is too long, or contains a character that is not allowed",
            hint,
        ));
    }
    Ok(text.to_owned())
}
