//! An option value that has not been parsed yet.

use crate::error::Error;
use std::{marker::PhantomData, str::FromStr};

/// The unparsed text of an option value. The command parses it, so that it can report all problems at once.
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
    /// Parses the text.
    ///
    /// # Errors
    /// Returns the error of the parser of `T` if the text is not a valid value.
    pub fn value(&self) -> Result<T, Error> {
        self.text.parse()
    }
}

impl<T> From<&str> for Given<T> {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), kind: PhantomData }
    }
}
