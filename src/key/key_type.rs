//! The types of keys, and all names that depend on the type.

use crate::{
    error::{Code, Error, Result},
    keypair::Algorithm,
};
use std::{fmt, str::FromStr};

/// The type of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// An RSA key pair (RFC 8017). Only the public key is stored.
    #[default]
    Rsa,
    /// An Ed25519 key pair (RFC 8032). Only the public key is stored.
    Ed25519,
    /// A single secret string. Only the hash of the string is stored.
    Token,
    /// A public `api_key` with an `api_secret`. Only the hash of the `api_secret` is stored.
    Pair,
}

/// The names that depend on the type of a key.
#[derive(Debug)]
pub struct TypeNames {
    /// The name of the type, as displayed to users and stored in the keyring.
    pub word: &'static str,
    /// The explanation of the type in the command-line help.
    pub meaning: &'static str,
    /// The name of the field that contains the secret in JSON documents.
    pub secret_field: &'static str,
    /// The file name extension for a file that contains only the secret.
    pub extension: &'static str,
    /// The name of the variable that contains the secret in a dotenv file.
    pub dotenv: &'static str,
    /// The name of the entry that contains the secret in a Kubernetes Secret.
    pub kubernetes: &'static str,
}

impl KeyType {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Rsa, Self::Ed25519, Self::Token, Self::Pair];

    /// The types of the first version of contracts.
    pub const EARLY: [Self; 3] = [Self::Rsa, Self::Token, Self::Pair];

    /// Returns an iterator over the types whose keys are key pairs.
    pub fn key_pairs() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|key_type| key_type.is_key_pair())
    }

    /// Returns `true` if generating a key takes much longer than storing it.
    #[must_use]
    pub const fn is_slow(self) -> bool {
        matches!(self, Self::Rsa)
    }

    /// Returns the names that belong to the type.
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
            Self::Ed25519 => &TypeNames {
                word: "ed25519",
                meaning: "an Ed25519 key pair",
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

    /// Returns the type of keys that are key pairs of the given algorithm.
    #[must_use]
    pub const fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Rsa => Self::Rsa,
            Algorithm::Ed25519 => Self::Ed25519,
        }
    }

    /// Returns the algorithm of the key pairs of this type, or `None` if keys of this type are not key pairs.
    #[must_use]
    pub const fn algorithm(self) -> Option<Algorithm> {
        match self {
            Self::Rsa => Some(Algorithm::Rsa),
            Self::Ed25519 => Some(Algorithm::Ed25519),
            Self::Token | Self::Pair => None,
        }
    }

    /// Returns `true` if a key of this type is a key pair.
    #[must_use]
    pub const fn is_key_pair(self) -> bool {
        self.algorithm().is_some()
    }

    /// Returns the type with the given name, or `None` if there is no such type.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key_type| key_type.word() == word)
    }

    /// Returns the name of the type, as displayed to users.
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
            Error::new(Code::Usage, "there is no such key type", format!("choose one of {words}"))
        })
    }
}
