//! The environment of a key.

use super::excerpt;
use crate::error::{Code, Error};
use std::{fmt, str::FromStr};

/// The environment in which a key is valid. The tokens that keywright generates for keys contain the environment, so
/// that a test key cannot be mistaken for a live key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Env {
    /// The environment for tests.
    #[default]
    Test,
    /// The environment for production.
    Live,
}

impl Env {
    /// Every environment.
    pub const ALL: [Self; 2] = [Self::Test, Self::Live];

    /// Returns the name of the environment, as displayed to users and contained in tokens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }

    /// Returns the environment with the given name, or `None` if there is no such environment.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|env| env.word() == word)
    }
}

impl fmt::Display for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Env {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        Self::from_word(word).ok_or_else(|| {
            Error::new(Code::Usage, format!("there is no environment `{}`", excerpt(word)), "choose one of test, live")
        })
    }
}
