//! The types of key, with every name that depends on the type.

use crate::{
    error::{Code, Error, Result},
    keypair::Algorithm,
};
use std::{fmt, str::FromStr};

/// The types of key.
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

/// The names that depend on the type of a key.
#[derive(Debug)]
pub struct TypeNames {
    /// The word that users see and that is stored.
    pub word: &'static str,
    /// The type in the help of the command line.
    pub meaning: &'static str,
    /// The field of JSON documents that contains the secret.
    pub secret_field: &'static str,
    /// The extension of a file that contains the secret alone.
    pub extension: &'static str,
    /// The variable of a dotenv file that contains the secret.
    pub dotenv: &'static str,
    /// The entry of a Kubernetes Secret that contains the secret.
    pub kubernetes: &'static str,
}

impl KeyType {
    /// Every type.
    pub const ALL: [Self; 3] = [Self::Rsa, Self::Token, Self::Pair];

    /// Returns the types of key pairs.
    pub fn key_pairs() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|key_type| key_type.is_key_pair())
    }

    /// Returns the names of the type.
    #[must_use]
    pub const fn names(self) -> &'static TypeNames {
        match self {
            Self::Rsa => &TypeNames {
                word: "rsa",
                meaning: "an RSA key pair",
                secret_field: "private_key",
                extension: "pem",
                dotenv: "API_PRIVATE_KEY",
                kubernetes: "private-key.pem",
            },
            Self::Token => &TypeNames {
                word: "token",
                meaning: "one secret string",
                secret_field: "token",
                extension: "token",
                dotenv: "API_TOKEN",
                kubernetes: "token",
            },
            Self::Pair => &TypeNames {
                word: "pair",
                meaning: "a public api_key with an api_secret",
                secret_field: "api_secret",
                extension: "secret",
                dotenv: "API_SECRET",
                kubernetes: "api-secret",
            },
        }
    }

    /// Returns the type of the key pairs of an algorithm.
    #[must_use]
    pub const fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Rsa => Self::Rsa,
        }
    }

    /// Returns the algorithm of a type whose keys are key pairs, of which the public half is stored.
    #[must_use]
    pub const fn algorithm(self) -> Option<Algorithm> {
        match self {
            Self::Rsa => Some(Algorithm::Rsa),
            Self::Token | Self::Pair => None,
        }
    }

    /// Returns `true` if a key of this type is a key pair.
    #[must_use]
    pub const fn is_key_pair(self) -> bool {
        self.algorithm().is_some()
    }

    /// Returns the type of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key_type| key_type.word() == word)
    }

    /// Returns the word that users see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.names().word
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
        Self::from_word(word).ok_or_else(|| {
            let words = Self::ALL.map(Self::word).join(", ");
            Error::new(Code::Usage, "that is not a type", format!("choose one of {words}"))
        })
    }
}
