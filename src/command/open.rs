//! Opening the keyring of a command.

use super::Context;
use crate::{
    contract::Contract,
    error::{Code, Result},
    keyring::Keyring,
};

impl Context {
    pub(super) fn open(&self) -> Result<Box<dyn Keyring>> {
        self.opened(self.location.open()?)
    }

    fn opened(&self, keyring: Box<dyn Keyring>) -> Result<Box<dyn Keyring>> {
        self.keyring_time.read(keyring.as_ref())?;
        self.keyring_time.warn_if_ahead(&self.entry, self.console);
        Ok(keyring)
    }

    /// Opens the keyring for writing, and creates it if it does not exist. A dry run must not call this method.
    pub(super) fn open_or_create(&self) -> Result<Box<dyn Keyring>> {
        let is_new = !self.location.exists()?;
        let keyring =
            self.opened(self.location.open_or_create(&Contract::of_new_keyrings()?.to_text()?, &self.entry)?)?;
        keyring.check_writable()?;
        if is_new {
            self.console.say(&format!("created a keyring at {}", self.location));
        }
        Ok(keyring)
    }

    /// Opens the keyring, or returns `None` if it does not exist.
    pub(super) fn open_existing(&self) -> Result<Option<Box<dyn Keyring>>> {
        match self.open() {
            Ok(keyring) => Ok(Some(keyring)),
            Err(error) if error.code() == Code::KeyringMissing => Ok(None),
            Err(error) => Err(error),
        }
    }
}
