//! Parsers for the values of single options.

use crate::{
    error::{Code, Error},
    key::{Audience, Pattern},
    keyring::{Sort, SortField},
};
use std::net::IpAddr;
use uuid::Uuid;

/// Returns the name of the field under a heading of a list, or the name itself.
#[must_use]
pub fn field_of_heading(name: &str) -> &str {
    match name {
        "id" => "api_key_id",
        "ends" => "expires_at",
        "created" => "created_at",
        "last_used" => "last_used_at",
        name => name,
    }
}

/// Parses the value of `--sort`: the name of a field, with a leading `-` for descending order.
pub(super) fn parse_sort(text: &str) -> Result<Sort, Error> {
    let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
    let field = SortField::ALL.iter().find(|(_, word)| *word == field_of_heading(name)).map(|(field, _)| *field);
    field.map(|field| Sort { field, descending }).ok_or_else(|| {
        let words: Vec<_> = SortField::ALL.iter().map(|(_, word)| *word).collect();
        Error::new(
            Code::Usage,
            format!("`{name}` is not a sort field"),
            format!("choose one of {}; add a leading `-` to sort in descending order", words.join(", ")),
        )
    })
}

/// Parses the value of `--ip`.
pub(super) fn parse_address(text: &str) -> Result<IpAddr, Error> {
    let hint = "give an IPv4 or IPv6 address without leading zeros, such as 192.0.2.7 or 2001:db8::7";
    text.parse().map_err(|_| Error::new(Code::Usage, format!("`{text}` is not an IP address"), hint))
}

/// Parses the value of `--audience`.
pub(super) fn parse_audience(text: &str) -> Result<Audience, Error> {
    text.parse().map_err(|error: Error| Error::new(Code::Usage, error.message(), error.hint()))
}

/// Parses the value of `--org-id`.
pub(super) fn parse_uuid(text: &str) -> Result<Uuid, Error> {
    let hint = "give a UUID such as 5f0c1f0e-7d3a-4b8e-9c64-1f2a3b4c5d6e";
    text.parse().map_err(|_| Error::new(Code::Usage, format!("`{text}` is not a UUID"), hint))
}

/// Parses the value of `--limit`, a number of at least 1.
pub(super) fn parse_limit(text: &str) -> Result<u64, Error> {
    text.parse().ok().filter(|limit| *limit >= 1).ok_or_else(|| {
        let message = format!("`{text}` is not a number of at least 1");
        Error::new(Code::Usage, message, "give a whole number such as 100")
    })
}

/// The maximum number of keys that `generate` can issue, and of lines that `activate` can read, in one run. The keys
/// and their secrets must fit into memory.
pub const MOST_KEYS: usize = 1_000_000;

/// Parses the value of `--count`, a number from 1 to [`MOST_KEYS`].
pub(super) fn parse_count(text: &str) -> Result<usize, Error> {
    text.parse().ok().filter(|count| (1..=MOST_KEYS).contains(count)).ok_or_else(|| {
        let message = format!("`{text}` is not a number of keys");
        Error::new(Code::Usage, message, format!("give a whole number from 1 to {MOST_KEYS}"))
    })
}

/// Parses a pattern that selects keys by name. A set that matches nothing is refused, because it is a mistake.
///
/// # Errors
/// Returns `usage` if the pattern is empty, too long or not valid.
pub(super) fn parse_glob(text: &str) -> Result<Pattern, Error> {
    let pattern: Pattern = text.parse()?;
    if pattern.has_empty_set() {
        let hint = "close the set with `]`, with the lower end of each range first; to match a bracket, use `[[]`";
        return Err(Error::new(Code::Usage, "the pattern has a set that matches nothing", hint));
    }
    Ok(pattern)
}
