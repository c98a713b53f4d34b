//! The command line as the completion of a shell sees it.

use super::whole;
use crate::{
    error::{Code, Error, Result},
    key::refuse_secret,
};
use clap::{Arg, Command, ValueHint};
use clap_complete::{
    engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _},
    env::CompleteEnv,
};
use std::{
    collections::BTreeSet,
    env,
    ffi::{OsStr, OsString},
};

/// The environment variable whose value is the shell that asks for completions.
const VARIABLE: &str = "KEYWRIGHT_COMPLETE";

/// A function that returns the values that may complete the beginning of a word. An error results in no suggestions,
/// because there is no place to report it.
pub type Values = fn(Completes, &str) -> Result<BTreeSet<String>>;

/// The values that an option or argument takes, and that the words of the command line do not define.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completes {
    /// References to keys: names and ids.
    Keys,
    /// Names of keys.
    Names,
    /// Owners of keys.
    Owners,
    /// Scopes of keys.
    Scopes,
    /// Labels of keys, as `key=value`.
    Labels,
    /// Built-in contracts, or files.
    Contracts,
    /// Rules of a contract.
    Rules,
    /// Fields by which a list can be sorted.
    SortFields,
    /// Fields to print, separated by commas.
    Fields,
    /// Commands and topics of the help.
    HelpPages,
    /// Manual pages.
    ManualPages,
}

impl Completes {
    /// Returns what the argument of a command takes, or `None` if there is nothing to complete.
    fn of(command: &str, argument: &Arg) -> Option<Self> {
        let name = argument.get_value_names()?.first()?.as_str();
        Some(match (command, name) {
            (_, "KEY") => Self::Keys,
            (_, "GLOB") => Self::Names,
            (_, "OWNER") => Self::Owners,
            (_, "SCOPE") => Self::Scopes,
            (_, "KEY=VALUE" | "KEY[=VALUE]") => Self::Labels,
            (_, "NAME|FILE") => Self::Contracts,
            (_, "RULE") => Self::Rules,
            (_, "[-]FIELD") => Self::SortFields,
            (_, "NAME,NAME") => Self::Fields,
            ("help", _) => Self::HelpPages,
            ("man", "COMMAND") => Self::ManualPages,
            _ => return None,
        })
    }
}

/// Prints what a shell needs to complete a command line, if the environment asks for it. Returns `false` if it does not.
///
/// # Errors
/// Returns `usage` if the shell is unknown, or if standard output cannot be written.
pub fn complete(arguments: &[OsString], values: Values) -> Result<bool> {
    if env::var_os(VARIABLE).is_none() {
        return Ok(false);
    }
    let directory = env::current_dir().ok();
    // The scripts would evaluate the path of this program, which may contain `$`, at every completion. They find the
    // program by its name.
    let asked = CompleteEnv::with_factory(|| with_candidates(whole(), values));
    let asked = asked.var(VARIABLE).bin("keywright").completer("keywright");
    asked.try_complete(arguments, directory.as_deref()).map_err(|refusal| {
        let message = refusal.to_string().trim_start_matches("error: ").trim_end().to_owned();
        Error::new(Code::Usage, message, format!("unset {VARIABLE}, which is for completion scripts"))
    })
}

/// Returns the suggestions for a word.
fn candidates(kind: Completes, word: &OsStr, values: Values) -> Vec<CompletionCandidate> {
    let Some(text) = word.to_str() else { return Vec::new() };
    let mut found = values(kind, text).unwrap_or_default();
    found.retain(|value| value.starts_with(text) && !needs_quotes(value));
    let mut candidates: Vec<CompletionCandidate> = found.into_iter().map(CompletionCandidate::new).collect();
    if kind == Completes::Contracts {
        candidates.extend(paths(&PathCompleter::file(), word));
    }
    candidates
}

/// Returns the suggested paths for a word. A name that may contain a secret is not suggested, because the terminal would
/// show it, and a name that begins like an option is not suggested, because it would be read as one.
fn paths(completer: &PathCompleter, word: &OsStr) -> Vec<CompletionCandidate> {
    let mut found = completer.complete(word);
    found.retain(|path| {
        let text = path.get_value().to_str();
        text.is_some_and(|text| !needs_quotes(text) && !text.starts_with('-') && refuse_secret(text).is_ok())
    });
    found
}

/// Returns the completer of an argument that takes a path, or `None` for any other argument.
fn path_completer(argument: &Arg) -> Option<PathCompleter> {
    match argument.get_value_hint() {
        ValueHint::FilePath => Some(PathCompleter::file()),
        ValueHint::DirPath => Some(PathCompleter::dir()),
        // Without a hint, clap derives this one from the type of the value.
        ValueHint::AnyPath => Some(PathCompleter::any()),
        _ => None,
    }
}

/// Returns `true` if a shell would not read the value as one word. Such a value is not suggested, because not every
/// shell quotes suggestions.
fn needs_quotes(value: &str) -> bool {
    !value.chars().all(|c| c.is_alphanumeric() || "._-/:@=+,".contains(c))
}

fn with_candidates(command: Command, values: Values) -> Command {
    let name = command.get_name().to_owned();
    command
        .mut_args(|argument| match Completes::of(&name, &argument) {
            Some(kind) => argument.add(ArgValueCompleter::new(move |word: &OsStr| candidates(kind, word, values))),
            // A hidden option must not be suggested, even if the word fits no other option.
            None if argument.is_hide_set() => {
                let unusual = format!("\u{1}{}", argument.get_id());
                argument.long(unusual)
            }
            None => match path_completer(&argument) {
                Some(completer) => argument.add(ArgValueCompleter::new(move |word: &OsStr| paths(&completer, word))),
                None => argument,
            },
        })
        .mut_subcommands(|sub| with_candidates(sub, values))
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
