//! The environment that a key is for.

use crate::error::{Code, Error};
use std::{fmt, str::FromStr};

/// Where a key is valid; part of every token, so that a test key can never pass for a live one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Env {
    /// Trying things out.
    #[default]
    Test,
    /// The real thing.
    Live,
}

impl Env {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Test, Self::Live];

    /// The word that users see and tokens carry.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }

    /// The environment that a word means.
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
        Self::from_word(word)
            .ok_or_else(|| Error::new(Code::Usage, "that is not an environment", "choose one of test, live"))
    }
}
