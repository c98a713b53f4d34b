//! Records of accepted signatures.

use super::{Keys, Reads};
use crate::{error::Result, key::Time};

/// The record of an accepted signature of a request, or of an accepted assertion (see
/// [`Transaction::record_signature`](super::Transaction::record_signature)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedSignature {
    /// The digest that identifies the signature or the assertion.
    pub digest: [u8; 32],
    /// The timestamp of the request, or the expiry of the assertion, in milliseconds since 1970.
    pub timestamp: i64,
    /// The time until which the record is kept at least.
    pub until: Time,
}

impl RecordedSignature {
    /// Returns `true` if the keyring never had the record. A keyring knows the newest timestamp in the records that it has
    /// deleted.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    pub fn is_unknown_to(&self, keys: &(impl Keys + ?Sized)) -> Result<bool> {
        Ok(keys.forgotten_requests()?.is_none_or(|forgotten| self.timestamp > forgotten)
            && !keys.has_signature(&self.digest)?)
    }
}

/// Visits all records of accepted signatures in a keyring.
///
/// # Errors
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
/// - any error that `visit` returns
pub fn each_signature(
    reads: &(impl Reads + ?Sized),
    mut visit: impl FnMut(&RecordedSignature) -> Result<()>,
) -> Result<()> {
    let mut after = None;
    loop {
        let page = reads.signatures(after)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.digest);
        page.iter().try_for_each(&mut visit)?;
    }
}
