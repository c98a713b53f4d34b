//! The results of rotating many keys, and their report.

use crate::{
    command::Context,
    error::{Code, Error, Exit, Problems, Result},
    key::Key,
    keyring::Keyring,
    output::count_keys,
};
use std::path::PathBuf;

/// The next step that is reported after a signal.
pub(super) const AGAIN: &str = "run it again: what was rotated stays rotated, and the rest follows";

/// The results so far.
#[derive(Default)]
pub(super) struct Tally {
    /// The successors, with the files of their secrets.
    pub(super) done: Vec<(Key, PathBuf)>,
    /// The keys that were not rotated, with the reason.
    pub(super) skipped: Vec<(Key, String)>,
    /// The keys that could not be rotated, with the error.
    pub(super) failed: Vec<(Key, Error)>,
}

impl Tally {
    pub(super) fn finished(&mut self, key: Key, file: PathBuf, context: &Context) {
        context.console.say(&format!("finished the rotation of `{}`, which was broken off", key.description.name));
        self.done.push((key, file));
    }

    pub(super) fn report(self, keyring: &dyn Keyring, signaled: bool, context: &Context) -> Result<Exit> {
        context.console.done(&format!("rotated {}", count_keys(self.done.len())));
        self.tell_skipped(context);
        context.print_files(self.done.iter().map(|(key, file)| (key, file.as_path())), keyring)?;
        if signaled {
            return Err(Error::new(Code::Interrupted, "interrupted", AGAIN));
        }
        self.verdict()
    }

    pub(super) fn tell_skipped(&self, context: &Context) {
        for (key, reason) in &self.skipped {
            context.console.warn(&format!("`{}` ({}) is left as it is: {reason}", key.description.name, key.id));
        }
    }

    /// One failure out of all that went wrong.
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
        let message = format!("{} could not be rotated, and is as it was", count_keys(problems.count()));
        let error = problems.into_error(Code::RotationIncomplete, message);
        let hint = format!("{}; then run it again", error.hint());
        Err(error.with_hint(hint))
    }
}
