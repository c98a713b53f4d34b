//! The signing scheme in the contract of a keyring.

use crate::{contract::Contract, error::Result, keyring::Keys, signing::Signing};

/// The signing scheme of a keyring, which is parsed again only after the contract has changed.
#[derive(Default)]
pub struct KeyringScheme {
    parsed: Option<Parsed>,
    /// `true` if the contract has been read since [`KeyringScheme::expire`] was called.
    is_current: bool,
}

struct Parsed {
    contract: Option<String>,
    signing: Signing,
}

impl KeyringScheme {
    /// Makes the next call of [`KeyringScheme::of`] read the contract again. Call it whenever the state of the keyring
    /// may have changed.
    pub const fn expire(&mut self) {
        self.is_current = false;
    }

    /// Returns the signing scheme of a keyring.
    ///
    /// # Errors
    /// - `keyring_corrupt` if the stored contract is not valid
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
    pub fn of(&mut self, keys: &dyn Keys) -> Result<&Signing> {
        let parsed = match self.parsed.take() {
            Some(parsed) if self.is_current => parsed,
            known => {
                let contract = keys.contract()?;
                match known {
                    Some(parsed) if parsed.contract == contract => parsed,
                    _ => {
                        let signing = Contract::stored(contract.as_deref())?.signing();
                        Parsed { contract, signing }
                    }
                }
            }
        };
        self.is_current = true;
        Ok(&self.parsed.insert(parsed).signing)
    }
}

/// Returns the largest difference, in milliseconds, that the contract of a keyring allows between the timestamp of a
/// request and the clock. Returns 0 if the stored contract is not valid, because no request is accepted then.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
pub fn max_skew(keys: &(impl Keys + ?Sized)) -> Result<u64> {
    Ok(Contract::stored(keys.contract()?.as_deref()).map_or(0, |contract| contract.signing().max_skew()))
}
