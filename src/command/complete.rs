//! Completion: answers the requests of the scripts in `completions/`, which run keywright with an environment variable.

mod keys;

use crate::{
    cli::{self, Completes},
    contract::Contract,
    error::Result,
    keyring::{Location, SortField},
};
use clap_complete::{
    engine::{CompletionCandidate, PathCompleter, ValueCompleter as _},
    env::CompleteEnv,
};
use keys::{named_keyring, of_keys};
use std::{
    collections::BTreeSet,
    env,
    ffi::{OsStr, OsString},
};

/// The environment variable whose value is the shell that asks for completions.
const VARIABLE: &str = "KEYWRIGHT_COMPLETE";

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_a_shell_would_split_is_not_suggested() {
        for (value, expected) in [("web-1", false), ("orders:read", false), ("Partner Inc.", true), ("$(x)", true)] {
            assert_eq!(needs_quotes(value), expected, "{value}");
        }
    }
}
