//! Everything that is wrong with what a user gave, to be told in one failure.

use crate::{
    cli::Given,
    error::{Error, Result},
};
use std::str::FromStr;

/// What is wrong, so far.
#[derive(Default)]
pub(super) struct Broken(Vec<Error>);

impl Broken {
    /// The value, or nothing and one more thing that is wrong.
    pub(super) fn keep<T>(&mut self, option: &str, value: Result<T>) -> Option<T> {
        value.map_err(|error| self.0.push(error.in_option(option))).ok()
    }

    pub(super) fn value<T: FromStr<Err = Error>>(&mut self, option: &str, given: Option<&Given<T>>) -> Option<T> {
        given.and_then(|given| self.keep(option, given.value()))
    }

    pub(super) fn values<T: FromStr<Err = Error>>(&mut self, option: &str, given: &[Given<T>]) -> Vec<T> {
        given.iter().filter_map(|given| self.keep(option, given.value())).collect()
    }

    pub(super) fn push(&mut self, error: Error) {
        self.0.push(error);
    }

    /// Everything that is wrong in one failure.
    pub(super) fn into_result(self) -> Result<()> {
        Error::all(self.0)
    }

    /// Whether nothing is wrong with an option.
    pub(super) fn spares(&self, option: &str) -> bool {
        let about =
            |error: &Error| error.details().iter().any(|detail| detail.loc.first().is_some_and(|loc| loc == option));
        !self.0.iter().any(about)
    }
}
