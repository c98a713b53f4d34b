//! The command line as the completion of a shell sees it.

use super::whole;
use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use std::ffi::OsStr;

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
            ("help", _) => Self::HelpPages,
            ("man", "COMMAND") => Self::ManualPages,
            _ => return None,
        })
    }
}

/// Returns the definition of the command line, in which `candidates` returns the values that complete a word.
pub fn completed(candidates: fn(Completes, &OsStr) -> Vec<CompletionCandidate>) -> Command {
    with_candidates(whole(), candidates)
}

fn with_candidates(command: Command, candidates: fn(Completes, &OsStr) -> Vec<CompletionCandidate>) -> Command {
    let name = command.get_name().to_owned();
    command
        .mut_args(|argument| match Completes::of(&name, &argument) {
            Some(kind) => argument.add(ArgValueCompleter::new(move |word: &OsStr| candidates(kind, word))),
            // A hidden option must not be suggested, even if the word fits no other option.
            None if argument.is_hide_set() => {
                let unusual = format!("\u{1}{}", argument.get_id());
                argument.long(unusual)
            }
            None => argument,
        })
        .mut_subcommands(|sub| with_candidates(sub, candidates))
}
