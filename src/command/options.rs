//! Maps the fields of a key to the options that set them.
//!
//! The modules that `command` calls report errors about fields. This module replaces the field in such an error with
//! the option that sets the field. It also reads the values of several options and collects their errors.

use crate::{
    cli::Given,
    error::{Error, Problems, Result},
    key::Field,
};
use std::str::FromStr;

/// Returns the option with which a command sets a field, or `None` if the command has no such option.
fn option(command: &str, field: Field) -> Option<&'static str> {
    Some(match (command, field) {
        ("update", Field::Scopes) => "--add-scope",
        ("exchange", Field::ExpiresAt) => "--ttl",
        // A successor keeps these fields of its predecessor.
        ("rotate", Field::Name | Field::Type | Field::Env | Field::Owner | Field::Scopes | Field::RateLimit) => {
            return None;
        }
        // The size of a registered key is the size of its public key.
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

/// Returns the error with each field replaced by the option with which the command sets that field.
pub(super) fn in_options(error: Error, command: &str) -> Error {
    error.with_options(|field| option(command, field.parse().ok()?))
}

/// A reader of option values, which collects the errors of all invalid values.
pub(super) struct OptionReader<'a> {
    command: &'a str,
    problems: Problems,
}

impl<'a> OptionReader<'a> {
    /// Creates a reader for the options of a command.
    pub(super) fn new(command: &'a str) -> Self {
        Self { command, problems: Problems::default() }
    }

    /// Returns the value of a field, or collects its error and returns `None`.
    pub(super) fn keep<T>(&mut self, field: Field, value: Result<T>) -> Option<T> {
        value.map_err(|error| self.push(error.in_field(field.word()))).ok()
    }

    /// Parses the option of a field. Returns `None` if the option is not given, or if its value is invalid; the error
    /// is then collected.
    pub(super) fn value<T: FromStr<Err = Error>>(&mut self, field: Field, given: Option<&Given<T>>) -> Option<T> {
        given.and_then(|given| self.keep(field, given.value()))
    }

    /// Parses a repeatable option of a field. Returns the valid values, and collects the errors of the others.
    pub(super) fn values<T: FromStr<Err = Error>>(&mut self, field: Field, given: &[Given<T>]) -> Vec<T> {
        given.iter().filter_map(|given| self.keep(field, given.value())).collect()
    }

    /// Parses `option`, a repeatable option that removes values from a field. Returns the valid values, and collects
    /// the errors of the others.
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

    /// Collects an error, with each field replaced by its option.
    pub(super) fn push(&mut self, error: impl Into<Error>) {
        self.problems.push(in_options(error.into(), self.command));
    }

    /// Returns a single error that lists all collected errors, or `Ok` if there are none.
    pub(super) fn into_result(self) -> Result<()> {
        self.problems.into_result()
    }

    /// Returns `true` if no error about `field` has been collected so far.
    pub(super) fn accepts(&self, field: Field) -> bool {
        let mut details = self.problems.reported().iter().flat_map(Error::details);
        details.all(|detail| detail.field != Some(field.word()))
    }
}
