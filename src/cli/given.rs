//! The value of an option before it is parsed.

use crate::error::Error;
use std::{marker::PhantomData, str::FromStr};

/// The text of a value. The command parses it, so that it can report everything that is wrong at once.
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
    /// Returns the error of the type's parser.
    pub fn value(&self) -> Result<T, Error> {
        self.text.parse()
    }
}

impl<T> From<&str> for Given<T> {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), kind: PhantomData }
    }
}
