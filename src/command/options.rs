//! The values of a command's options, read together so that everything wrong with them is reported at once.

use crate::{
    cli::Given,
    error::{Error, Problems, Result},
};
use std::str::FromStr;

/// Reads the values of options and collects what is wrong with them.
#[derive(Default)]
pub(super) struct OptionReader(Problems);

impl OptionReader {
    /// Returns the value of an option, or collects the error.
    pub(super) fn keep<T>(&mut self, option: &str, value: Result<T>) -> Option<T> {
        self.0.keep(value.map_err(|error| error.in_option(option)))
    }

    /// Returns the value of an option if it is given and valid.
    pub(super) fn value<T: FromStr<Err = Error>>(&mut self, option: &str, given: Option<&Given<T>>) -> Option<T> {
        given.and_then(|given| self.keep(option, given.value()))
    }

    /// Returns the valid values of a repeatable option.
    pub(super) fn values<T: FromStr<Err = Error>>(&mut self, option: &str, given: &[Given<T>]) -> Vec<T> {
        given.iter().filter_map(|given| self.keep(option, given.value())).collect()
    }

    /// Collects an error that does not come from reading a value.
    pub(super) fn push(&mut self, error: Error) {
        self.0.push(error);
    }

    /// Returns one error for everything that is wrong, or `Ok`.
    pub(super) fn into_result(self) -> Result<()> {
        self.0.into_result()
    }

    /// Returns `true` if no error so far concerns an option.
    pub(super) fn accepts(&self, option: &str) -> bool {
        let about =
            |error: &Error| error.details().iter().any(|detail| detail.loc.first().is_some_and(|loc| loc == option));
        !self.0.reported().iter().any(about)
    }
}
