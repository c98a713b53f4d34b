//! The place of a keyring, and the only file that names storage engines.

use super::{Engine, Place};
use crate::error::Result;
use std::{fmt, ops::Deref, path::Path};

/// The place of a keyring, one variant per storage engine. Every operation of [`Engine`] can be called on it.
#[derive(Clone, Debug)]
pub enum Location {
    /// An SQLite file.
    File(Place),
}

impl Location {
    /// Returns the place that `named` names, or the user's default keyring if it is `None`.
    ///
    /// # Errors
    /// `keyring_failed` when the text cannot name a keyring; `keyring_missing` when none is named and there is no home
    /// directory.
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
