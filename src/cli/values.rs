//! Parsers for the values of single options.

use crate::{
    error::{Code, Error},
    keyring::{Sort, SortField},
};

/// Parses the value of `--sort`: the name of a field, with a leading `-` for descending order.
pub(super) fn parse_sort(text: &str) -> Result<Sort, Error> {
    let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
    let field = SortField::ALL.iter().find(|(_, word)| *word == name).map(|(field, _)| *field);
    field.map(|field| Sort { field, descending }).ok_or_else(|| {
        let words: Vec<_> = SortField::ALL.iter().map(|(_, word)| *word).collect();
        Error::new(
            Code::Usage,
            "unknown sort field",
            format!("choose one of {}; add a leading `-` to sort in descending order", words.join(", ")),
        )
    })
}

/// The maximum number of keys that one command can issue. The keys must fit into memory, and into a single transaction,
/// which blocks other writers.
pub const MOST_KEYS: usize = 1_000_000;

/// Parses the value of `--count`, a number from 1 to [`MOST_KEYS`].
pub(super) fn parse_count(text: &str) -> Result<usize, Error> {
    match text.parse() {
        Ok(count @ 1..=MOST_KEYS) => Ok(count),
        _ => {
            Err(Error::new(Code::Usage, "invalid number of keys", format!("give a whole number from 1 to {MOST_KEYS}")))
        }
    }
}
