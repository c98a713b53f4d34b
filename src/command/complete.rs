//! Completion: answers the requests of the scripts in `completions/`, which run keywright with an environment variable.

use crate::{
    cli::{self, Completes},
    clock,
    contract::Contract,
    error::Result,
    keyring::{Cursor, Keyring, Location, Query, Selection, SortField},
};
use clap_complete::{
    engine::{CompletionCandidate, PathCompleter, ValueCompleter as _},
    env::CompleteEnv,
};
use std::{
    collections::BTreeSet,
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

/// The environment variable whose value is the shell that asks for completions.
const VARIABLE: &str = "KEYWRIGHT_COMPLETE";

/// The number of newest keys whose values are suggested, so that completion takes the same time in any keyring.
const NEWEST: u64 = 1000;

/// Prints what a shell needs to complete a command line, if the environment asks for it. Returns `false` if it does not.
///
/// # Errors
/// Returns an error if the shell is unknown or if standard output cannot be written.
pub fn complete(arguments: &[OsString]) -> clap::error::Result<bool> {
    if env::var_os(VARIABLE).is_none() {
        return Ok(false);
    }
    let directory = env::current_dir().ok();
    CompleteEnv::with_factory(|| cli::completed(candidates))
        .var(VARIABLE)
        .bin("keywright")
        .try_complete(arguments, directory.as_deref())
}

/// Returns the values that complete a word. An error results in no suggestions, because there is no place to report it.
fn candidates(kind: Completes, word: &OsStr) -> Vec<CompletionCandidate> {
    let Some(text) = word.to_str() else { return Vec::new() };
    let mut values: BTreeSet<String> = values(kind, text).unwrap_or_default();
    values.retain(|value| value.starts_with(text) && !needs_quotes(value));
    let mut found: Vec<CompletionCandidate> = values.into_iter().map(CompletionCandidate::new).collect();
    if kind == Completes::Contracts {
        found.extend(PathCompleter::file().complete(word));
    }
    found
}

/// Returns `true` if a shell would not read the value as one word. Such a value is not suggested, because not every
/// shell quotes suggestions.
fn needs_quotes(value: &str) -> bool {
    !value.chars().all(|c| c.is_alphanumeric() || "._-/:@=+,".contains(c))
}

fn values(kind: Completes, word: &str) -> Result<BTreeSet<String>> {
    let strings = |words: &mut dyn Iterator<Item = &str>| words.map(str::to_owned).collect();
    Ok(match kind {
        Completes::Contracts => strings(&mut Contract::built_in_names()),
        Completes::Rules => Contract::stored(None)?.listed()?.into_iter().map(|(rule, _)| rule).collect(),
        Completes::SortFields => {
            SortField::ALL.iter().flat_map(|(_, word)| [(*word).to_owned(), format!("-{word}")]).collect()
        }
        Completes::HelpPages => cli::help_pages().collect(),
        Completes::ManualPages => cli::manual_pages().collect(),
        Completes::Keys | Completes::Names | Completes::Owners | Completes::Scopes | Completes::Labels => {
            let named = named_keyring(env::args_os().skip(1));
            of_keys(kind, word, Location::named_or_default(named.as_deref())?.open()?.as_ref())?
        }
    })
}

/// Returns the values of the newest keys.
fn of_keys(kind: Completes, word: &str, keyring: &dyn Keyring) -> Result<BTreeSet<String>> {
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
            | Completes::HelpPages
            | Completes::ManualPages => {}
        }
        Ok(())
    })? {}
    Ok(values)
}

/// Returns the keyring that the unfinished command line names with `--keyring` or the environment names, or `None` for
/// the default keyring.
fn named_keyring(arguments: impl Iterator<Item = OsString>) -> Option<PathBuf> {
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

    #[test]
    fn a_value_that_a_shell_would_split_is_not_suggested() {
        for (value, expected) in [("web-1", false), ("orders:read", false), ("Partner Inc.", true), ("$(x)", true)] {
            assert_eq!(needs_quotes(value), expected, "{value}");
        }
    }
}
