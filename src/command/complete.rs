//! Completion: answers the requests of the scripts in `completions/`, which run keywright with an environment variable.

mod keys;

use super::fields::fields_of;
use crate::{
    cli::{self, Completes},
    contract::Contract,
    error::Result,
    keyring::{Location, SortField},
};
use keys::{named_keyring, of_keys};
use std::{collections::BTreeSet, env, ffi::OsString, sync::mpsc, thread, time::Duration};

/// The maximum time for which a completion waits for another process that keeps the keyring locked.
const PATIENCE: Duration = Duration::from_millis(500);

/// Prints what a shell needs to complete a command line, if the environment asks for it. Returns `false` if it does not.
///
/// # Errors
/// Returns `usage` if the shell is unknown, or if standard output cannot be written.
pub fn complete(arguments: &[OsString]) -> Result<bool> {
    cli::complete(arguments, values)
}

fn values(kind: Completes, word: &str) -> Result<BTreeSet<String>> {
    Ok(match kind {
        Completes::Contracts => Contract::built_in_names().map(str::to_owned).collect(),
        Completes::Rules => Contract::stored(None)?.listed()?.into_iter().map(|(rule, _)| rule).collect(),
        Completes::SortFields => {
            SortField::ALL.iter().flat_map(|(_, word)| [(*word).to_owned(), format!("-{word}")]).collect()
        }
        Completes::Fields => fields(word),
        Completes::HelpPages => cli::help_pages().collect(),
        Completes::ManualPages => cli::manual_pages().collect(),
        Completes::Keys | Completes::Names | Completes::Owners | Completes::Scopes | Completes::Labels => {
            let word = word.to_owned();
            in_time(move || {
                let named = named_keyring(env::args_os().skip(1)).or_else(cli::keyring_variable);
                of_keys(kind, &word, Location::named_or_default(named.as_deref())?.open()?.as_ref())
            })
        }
    })
}

/// Returns the values that `read` returns, or no values if it fails or takes longer than [`PATIENCE`].
fn in_time(read: impl FnOnce() -> Result<BTreeSet<String>> + Send + 'static) -> BTreeSet<String> {
    let (found, values) = mpsc::channel();
    // If nobody waits any more, the process is about to end.
    let started = thread::Builder::new().spawn(move || drop(found.send(read())));
    let values = started.ok().and_then(|_| values.recv_timeout(PATIENCE).ok());
    values.and_then(Result::ok).unwrap_or_default()
}

/// Returns the words in which one more field follows the complete fields in a list.
fn fields(word: &str) -> BTreeSet<String> {
    let before = word.rfind(',').map_or("", |comma| &word[..=comma]);
    let commands: BTreeSet<String> =
        cli::whole().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let mut words =
        env::args_os().skip_while(|argument| argument != "--").filter_map(|argument| argument.into_string().ok());
    let command = words.find(|argument| commands.contains(argument)).unwrap_or_default();
    fields_of(&command).into_iter().map(|field| format!("{before}{field}")).collect()
}
