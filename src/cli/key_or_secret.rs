//! The argument KEY of a command that also takes a secret.

use crate::{error::Error, key::Reference};
use std::str::FromStr;

/// A KEY, or `-` for the secret of one on standard input.
#[derive(Clone, Debug)]
pub enum KeyOrSecret {
    /// Named.
    Key(Reference),
    /// By its secret.
    Secret,
}

impl FromStr for KeyOrSecret {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "-" { Ok(Self::Secret) } else { text.parse().map(Self::Key) }
    }
}
