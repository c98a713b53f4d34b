//! The KEY argument of commands that also accept a secret.

use crate::{error::Error, key::Reference};
use std::str::FromStr;

/// A reference to a key, or `-` for the secret of a key on standard input.
#[derive(Clone, Debug)]
pub enum KeyOrSecret {
    /// A reference to a key.
    Key(Reference),
    /// The secret of a key, which is read from standard input.
    Secret,
}

impl FromStr for KeyOrSecret {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "-" { Ok(Self::Secret) } else { text.parse().map(Self::Key) }
    }
}
