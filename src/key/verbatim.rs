//! Values that are parsed from strings and keep their original text.

use crate::error::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// A value together with the text from which it was parsed. The text is serialized unchanged.
#[derive(Clone, Debug)]
pub struct Verbatim<T> {
    text: String,
    value: T,
}

impl<T> Verbatim<T> {
    /// Returns the parsed value.
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// Returns the original text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<T: fmt::Display> From<T> for Verbatim<T> {
    fn from(value: T) -> Self {
        Self { text: value.to_string(), value }
    }
}

impl<T> Serialize for Verbatim<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, T: FromStr<Err = Error>> Deserialize<'de> for Verbatim<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.parse() {
            Ok(value) => Ok(Self { text, value }),
            Err(error) => Err(de::Error::custom(format_args!("{error} ({})", error.hint()))),
        }
    }
}
