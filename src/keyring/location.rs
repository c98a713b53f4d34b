//! The location of a keyring in one of the storage engines.

use super::{Engine, Place};
use crate::{error::Result, key::refuse_secret_path};
use std::{fmt, ops::Deref, path::Path, sync::Arc};

/// The location of a keyring in any storage engine, which dereferences to [`Engine`].
#[derive(Clone, Debug)]
pub struct Location(Arc<dyn Engine>);

impl Location {
    /// Returns the location with the name `named`, or the location of the user's default keyring if `named` is `None`.
    ///
    /// # Errors
    /// - `secret_in_text` if the path contains a secret
    /// - `keyring_failed` if the path cannot be the path of a keyring
    /// - `keyring_missing` if `named` is `None` and there is no home directory
    pub fn named_or_default(named: Option<&Path>) -> Result<Self> {
        // Each engine recognizes the names of its own keyrings. Every other name is the path of a file.
        let file = Place::named_or_default(named)?;
        // The path of the default keyring comes from the environment.
        refuse_secret_path(named.unwrap_or_else(|| file.path()))?;
        Ok(Self(Arc::new(file)))
    }
}

impl Deref for Location {
    type Target = dyn Engine;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
