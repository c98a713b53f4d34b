//! The options that set the fields of a key.
//!
//! Errors from below `command` are about fields; this module names the options instead, and reads the values of options together.

use crate::{
    cli::Given,
    error::{Error, Problems, Result},
    key::Field,
};
use std::str::FromStr;

/// Returns the option by which a command sets a field, or `None` if it has no such option.
fn option(command: &str, field: Field) -> Option<&'static str> {
    Some(match (command, field) {
        ("update", Field::Scopes) => "--add-scope",
        ("exchange", Field::ExpiresAt) => "--ttl",
        // A successor keeps these fields of its predecessor.
        ("rotate", Field::Name | Field::Type | Field::Env | Field::Owner | Field::Scopes | Field::RateLimit) => {
            return None;
        }
        // A registered key has the size of its public key.
        ("create", Field::KeyBits) | (_, Field::PublicKey) => "--public-key",
        (_, Field::Name) => "--name",
        (_, Field::Type) => "--type",
        (_, Field::Env) => "--env",
        (_, Field::Prefix) => "--prefix",
        (_, Field::Owner) => "--owner",
        (_, Field::Scopes) => "--scope",
        (_, Field::ExpiresAt) => "--expires",
        (_, Field::RateLimit) => "--rate-limit",
        (_, Field::AllowedIps) => "--allow-ip",
        (_, Field::KeyBits) => "--bits",
        (_, Field::Labels) => "--label",
        (_, Field::Note) => "--note",
        (_, Field::Handover) => "--overlap",
        _ => return None,
    })
}

/// Returns an error with every field that it is about named as the option of the command that sets the field.
pub(super) fn in_options(error: Error, command: &str) -> Error {
    error.with_options(|field| option(command, field.parse().ok()?))
}

/// Reads the values of options and collects what is wrong with them.
pub(super) struct OptionReader<'a> {
    command: &'a str,
    problems: Problems,
}

impl<'a> OptionReader<'a> {
    /// Reads options of a command.
    pub(super) fn new(command: &'a str) -> Self {
        Self { command, problems: Problems::default() }
    }

    /// Returns the value of a field, or collects the error.
    pub(super) fn keep<T>(&mut self, field: Field, value: Result<T>) -> Option<T> {
        value.map_err(|error| self.push(error.in_field(field.word()))).ok()
    }

    /// Returns the value of a field if its option is given and valid.
    pub(super) fn value<T: FromStr<Err = Error>>(&mut self, field: Field, given: Option<&Given<T>>) -> Option<T> {
        given.and_then(|given| self.keep(field, given.value()))
    }

    /// Returns the valid values of a field whose option is repeatable.
    pub(super) fn values<T: FromStr<Err = Error>>(&mut self, field: Field, given: &[Given<T>]) -> Vec<T> {
        given.iter().filter_map(|given| self.keep(field, given.value())).collect()
    }

    /// Returns the valid values of a second option for a field, one that removes values from it.
    pub(super) fn removed<T: FromStr<Err = Error>>(
        &mut self,
        field: Field,
        option: &'static str,
        given: &[Given<T>],
    ) -> Vec<T> {
        let read = |given: &Given<T>| {
            let named = |error: Error| error.in_field(field.word()).with_options(|_| Some(option));
            self.problems.keep(given.value().map_err(named))
        };
        given.iter().filter_map(read).collect()
    }

    /// Collects an error.
    pub(super) fn push(&mut self, error: impl Into<Error>) {
        self.problems.push(in_options(error.into(), self.command));
    }

    /// Returns one error for everything that is wrong, or `Ok`.
    pub(super) fn into_result(self) -> Result<()> {
        self.problems.into_result()
    }

    /// Returns `true` if no error so far is about a field.
    pub(super) fn accepts(&self, field: Field) -> bool {
        let mut details = self.problems.reported().iter().flat_map(Error::details);
        details.all(|detail| detail.field != Some(field.word()))
    }
}
