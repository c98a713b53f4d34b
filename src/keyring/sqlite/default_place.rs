//! The default keyring in the user's data directory.

use super::place::Place;
use crate::error::{Code, Error, Result, shell_word};
use std::path::{Path, PathBuf};

/// Returns the path of the default keyring, or `None` if there is no home directory.
fn default_path() -> Option<PathBuf> {
    dirs::data_dir().map(|data| data.join("keywright").join("keyring.db"))
}

impl Place {
    /// Returns the place at the path `named`, or the default place in the user's data directory if `named` is `None`.
    ///
    /// # Errors
    /// - `keyring_missing` if `named` is `None` and the user's data directory cannot be determined
    /// - `keyring_failed` if the path ends with `/`, has no file name or cannot be made absolute
    pub fn named_or_default(named: Option<&Path>) -> Result<Self> {
        match named.map(Path::to_owned).or_else(default_path) {
            Some(path) => Self::new(&path),
            None => Err(Error::new(
                Code::KeyringMissing,
                "cannot determine the path of the default keyring, because there is no home directory",
                "pass the path of a keyring with --keyring",
            )),
        }
    }

    /// Returns the command that creates a keyring at this place.
    pub(super) fn init(&self) -> String {
        if default_path().is_some_and(|path| path == self.path()) {
            return "keywright init".to_owned();
        }
        format!("keywright init --keyring {}", shell_word(self.path()))
    }
}
