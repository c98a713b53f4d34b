//! Collects and reports the results of rotating many keys.

use crate::{
    command::Context,
    error::{Code, Error, Exit, Problems, Result},
    key::Key,
    keyring::Keyring,
    output::count_keys,
};
use std::path::PathBuf;

/// The next step to report after a signal.
pub(super) const AGAIN: &str = "run the command again to rotate the remaining keys";

/// The results of the run so far.
#[derive(Default)]
pub(super) struct Tally {
    /// The successors, each with the path of the file that contains its secret.
    pub(super) done: Vec<(Key, PathBuf)>,
    /// The keys that were skipped, each with the reason.
    pub(super) skipped: Vec<(Key, String)>,
    /// The keys that could not be rotated, each with the error.
    pub(super) failed: Vec<(Key, Error)>,
}

impl Tally {
    /// Reports and counts a rotation that an earlier run began and this run completed.
    pub(super) fn finished(&mut self, key: Key, file: PathBuf, context: &Context) {
        context.console.say(&format!("completed the interrupted rotation of `{}`", key.description.name));
        self.done.push((key, file));
    }

    /// Reports the results, and prints the successors.
    ///
    /// # Errors
    /// - `interrupted` if a signal arrived.
    /// - `rotation_incomplete` if a key could not be rotated.
    /// - `output_failed` if the successors cannot be printed.
    pub(super) fn report(self, keyring: &dyn Keyring, signaled: bool, context: &Context) -> Result<Exit> {
        if self.done.is_empty() {
            context.console.say("no key was rotated");
        } else {
            context.console.done(&format!("rotated {}", count_keys(self.done.len())));
        }
        self.report_skipped(context);
        context.print_files(self.done.iter().map(|(key, file)| (key, file.as_path())), keyring)?;
        if signaled {
            return Err(Error::new(Code::Interrupted, "a signal interrupted the command", AGAIN));
        }
        self.verdict()
    }

    /// Warns about the keys that were skipped.
    pub(super) fn report_skipped(&self, context: &Context) {
        for (key, reason) in &self.skipped {
            context.console.warn(&format!("skipped `{}` ({}): {reason}", key.description.name, key.id));
        }
    }

    /// Returns [`Exit::Done`] if every key was rotated or skipped.
    ///
    /// # Errors
    /// Returns `rotation_incomplete` if a key could not be rotated. The details list all such keys.
    pub(super) fn verdict(&self) -> Result<Exit> {
        if self.failed.is_empty() {
            return Ok(Exit::Done);
        }
        let mut problems = Problems::at_most(self.failed.len());
        for (key, cause) in &self.failed {
            let message = format!("{} ({}): {cause}", key.description.name, key.id);
            let error = Error::new(cause.code(), &message, cause.hint());
            problems.push(error.detail(&["KEY"], message, cause.code().word()));
        }
        let message = format!("{} could not be rotated and did not change", count_keys(problems.count()));
        let error = problems.into_error(Code::RotationIncomplete, message);
        let again = "run the command again";
        let hint = if error.hint().contains(again) {
            error.hint().to_owned()
        } else {
            format!("{}; then {again}", error.hint())
        };
        Err(error.with_hint(hint))
    }
}
