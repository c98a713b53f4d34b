//! The values of keys that complete a word.

use crate::{
    cli::Completes,
    clock,
    error::Result,
    keyring::{Cursor, Keyring, Query, Selection},
};
use std::{
    collections::BTreeSet,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// The number of newest keys whose values are suggested, so that completion takes the same time in any keyring.
const NEWEST: u64 = 1000;

/// Returns the values of the newest keys.
pub(super) fn of_keys(kind: Completes, word: &str, keyring: &dyn Keyring) -> Result<BTreeSet<String>> {
    let query = Query { limit: Some(NEWEST), ..Query::every(Selection::all(clock::now())) };
    let (mut cursor, mut values) = (Cursor::default(), BTreeSet::new());
    while keyring.page(&query, &mut cursor, &mut |key| {
        match kind {
            Completes::Names => drop(values.insert(key.name.to_owned())),
            Completes::Keys => {
                values.insert(key.name.to_owned());
                // Ids are suggested only once they are typed, because a list of names is easier to read.
                values.extend((!word.is_empty()).then(|| key.id.to_string()));
            }
            Completes::Owners => values.extend(key.owner.map(str::to_owned)),
            Completes::Scopes => values.extend(key.scopes.iter().map(str::to_owned)),
            Completes::Labels => {
                let labels: serde_json::Map<String, serde_json::Value> =
                    serde_json::from_str(key.labels).unwrap_or_default();
                values.extend(
                    labels.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())),
                );
            }
            Completes::Contracts
            | Completes::Rules
            | Completes::SortFields
            | Completes::Fields
            | Completes::HelpPages
            | Completes::ManualPages => {}
        }
        Ok(())
    })? {}
    Ok(values)
}

/// Returns the keyring that the unfinished command line names with `--keyring`, or `None` if it names none.
pub(super) fn named_keyring(arguments: impl Iterator<Item = OsString>) -> Option<PathBuf> {
    let mut arguments = arguments.skip_while(|argument| argument != "--");
    while let Some(argument) = arguments.next() {
        if argument == "--keyring" {
            return arguments.next().map(PathBuf::from);
        }
        if let Some(path) = argument.to_str().and_then(|argument| argument.strip_prefix("--keyring=")) {
            return Some(Path::new(path).to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_names_the_keyring() {
        let named = |line: &str| named_keyring(line.split(' ').map(OsString::from));
        for (line, expected) in [
            ("keywright -- keywright show", None),
            ("keywright -- keywright --keyring a.db show", Some("a.db")),
            ("keywright -- keywright show --keyring=a.db", Some("a.db")),
            ("keywright --keyring b.db -- keywright show", None),
        ] {
            assert_eq!(named(line), expected.map(PathBuf::from), "{line}");
        }
    }
}
