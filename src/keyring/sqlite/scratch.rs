//! A keyring for tests.

use super::SqliteKeyring;
use crate::{
    error::Result,
    keyring::{Entry, Keyring, Place},
};
use tempfile::TempDir;

/// An empty keyring to try things on, gone when it is dropped.
pub(crate) struct Scratch {
    keyring: SqliteKeyring,
    _directory: TempDir,
}

impl Scratch {
    /// Makes one where temporary files belong.
    pub(crate) fn new(entry: &Entry) -> Result<Self> {
        let directory = tempfile::tempdir().unwrap();
        let keyring = SqliteKeyring::open_or_create(&Place::new(&directory.path().join("keyring.db"))?, entry)?;
        Ok(Self { keyring, _directory: directory })
    }

    /// The keyring.
    pub(crate) fn keyring(&mut self) -> &mut dyn Keyring {
        &mut self.keyring
    }
}
