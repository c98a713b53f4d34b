//! The location of a keyring in one of the storage engines.

use super::{Engine, Place};
use crate::error::Result;
use std::{fmt, ops::Deref, path::Path};

/// The location of a keyring, with one variant for each storage engine. It dereferences to [`Engine`].
#[derive(Clone, Debug)]
pub enum Location {
    /// An SQLite file.
    File(Place),
}

impl Location {
    /// Returns the location at the path `named`, or the location of the user's default keyring if `named` is `None`.
    ///
    /// # Errors
    /// - `keyring_failed` if the path cannot be the path of a keyring
    /// - `keyring_missing` if `named` is `None` and there is no home directory
    pub fn named_or_default(named: Option<&Path>) -> Result<Self> {
        Place::named_or_default(named).map(Self::File)
    }
}

impl Deref for Location {
    type Target = dyn Engine;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::File(place) => place,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
