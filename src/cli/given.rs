//! The value of an option before it is parsed.

use crate::error::Error;
use std::{marker::PhantomData, str::FromStr};

/// A value as it was given, to be parsed where everything that is wrong can be told together.
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
    /// The value, or what is wrong with it.
    ///
    /// # Errors
    /// What the type's own parser reports.
    pub fn value(&self) -> Result<T, Error> {
        self.text.parse()
    }
}

impl<T> From<&str> for Given<T> {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), kind: PhantomData }
    }
}
