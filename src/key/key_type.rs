//! The types of key.

use crate::error::{Code, Error, Result};
use std::{fmt, str::FromStr};

/// The kinds of key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// An RSA key pair (RFC 8017); the public half is stored.
    #[default]
    Rsa,
    /// One secret string; its hash is stored.
    Token,
    /// A public `api_key` with an `api_secret`; the secret's hash is stored.
    Pair,
}

impl KeyType {
    /// Every type.
    pub const ALL: [Self; 3] = [Self::Rsa, Self::Token, Self::Pair];

    /// Returns the type of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key_type| key_type.word() == word)
    }

    /// Returns `true` if a key of this type is a key pair whose public half is stored.
    #[must_use]
    pub const fn is_key_pair(self) -> bool {
        matches!(self, Self::Rsa)
    }

    /// Returns the word that users see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Token => "token",
            Self::Pair => "pair",
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for KeyType {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        Self::from_word(word)
            .ok_or_else(|| Error::new(Code::Usage, "that is not a type", "choose one of rsa, token, pair"))
    }
}
