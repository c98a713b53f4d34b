//! An option value that has not been parsed yet.

use crate::{
    error::{Error, Problems},
    key::Field,
};
use std::{marker::PhantomData, str::FromStr};

/// The unparsed string value of an option. Commands parse the value themselves, so that they can report all problems at
/// once.
#[derive(Debug)]
pub struct Given<T> {
    text: String,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Given<T> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), kind: PhantomData }
    }
}

impl<T: FromStr<Err = Error>> Given<T> {
    /// Parses the value. If the value is invalid, adds an error about the field to `problems` and returns `None`.
    pub fn read(&self, field: Field, problems: &mut Problems) -> Option<T> {
        problems.keep(self.text.parse().map_err(|error: Error| error.in_field(field.word())))
    }

    /// Parses the values of a repeatable option. Returns the valid values, and adds an error about the field to
    /// `problems` for each invalid value.
    pub fn read_all(given: &[Self], field: Field, problems: &mut Problems) -> Vec<T> {
        given.iter().filter_map(|given| given.read(field, problems)).collect()
    }

    /// Splits values at commas, and omits empty parts. A value that contains a comma is also kept whole, because keys
    /// that were issued before commas separated elements may have such an element.
    #[must_use]
    pub fn split(given: &[Self]) -> Vec<Self> {
        let parts = |given: &Self| {
            let whole = given.text.contains(',').then(|| given.text.as_str().into());
            given.text.split(',').filter(|part| !part.is_empty()).map(Self::from).chain(whole).collect::<Vec<_>>()
        };
        given.iter().flat_map(parts).collect()
    }

    /// Parses the values of `option`, a repeatable option that removes elements from a field. Returns the valid values,
    /// and adds an error about the option to `problems` for each invalid value.
    pub fn read_removed(given: &[Self], field: Field, option: &'static str, problems: &mut Problems) -> Vec<T> {
        let named = |error: Error| error.in_field(field.word()).with_options(|_| Some(option.to_owned()));
        given.iter().filter_map(|given| problems.keep(given.text.parse().map_err(named))).collect()
    }
}

impl<T> From<&str> for Given<T> {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), kind: PhantomData }
    }
}
