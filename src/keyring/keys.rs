//! Reading single keys.

use super::Tombstone;
use crate::{
    error::Result,
    key::{Bearer, Key, KeyId, KeyView, Lookup, Material, Name, Owner, SecretHash, Time, UsageLevel},
};

/// The usage level to which an owner is entitled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// The owner.
    pub owner: Owner,
    /// The usage level, in the words of the service.
    pub usage_level: UsageLevel,
    /// The time at which the level was last set.
    pub changed_at: Time,
}

/// Reading single keys, from an open keyring or inside a transaction.
///
/// A command acts on the keys that it reads, so the digest of every row is checked. Texts are compared and sorted byte by byte.
pub trait Keys {
    /// Returns the keys that match a lookup, at most `limit`: first those that have not ended, and the newest first among them.
    ///
    /// # Errors
    /// `keyring_corrupt` when the digest of a row does not match, and the errors of the engine.
    fn find(&self, lookup: &Lookup, now: Time, limit: usize) -> Result<Vec<Key>>;

    /// Returns the key with an id.
    ///
    /// # Errors
    /// See [`Keys::find`].
    fn key(&self, id: KeyId, now: Time) -> Result<Option<Key>> {
        Ok(self.find(&Lookup::Ids(id, id), now, 1)?.pop())
    }

    /// Passes the first key that matches a lookup to `see`, with the hash of its secret unless it is a key pair. Returns `false`
    /// if no key matches.
    ///
    /// This finds the same key as [`Keys::find`] without building it, because `verify` looks up 100,000 keys per second.
    ///
    /// # Errors
    /// See [`Keys::find`].
    fn peek(&self, lookup: &Lookup, now: Time, see: &mut dyn FnMut(&KeyView<'_>, Option<&SecretHash>)) -> Result<bool>;

    /// Returns the bearer token with a hash.
    ///
    /// # Errors
    /// See [`Keys::find`].
    fn bearer(&self, hash: &SecretHash) -> Result<Option<Bearer>>;

    /// Returns the contract of the keyring as text, or `None` for the default contract.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn contract(&self) -> Result<Option<String>>;

    /// Returns `true` if a signature is on record: see [`Transaction::record_signature`](super::Transaction::record_signature).
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn has_signature(&self, signature: &[u8; 32]) -> Result<bool>;

    /// Returns the ids from `low` to `high` that rows of the audit log are about, at most `limit`. Deleted keys are included.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn audited_ids(&self, low: KeyId, high: KeyId, limit: usize) -> Result<Vec<KeyId>>;

    /// Returns `true` if there is a tombstone with an id.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn has_tombstone(&self, id: KeyId) -> Result<bool>;

    /// Returns the tombstone of a purged key that had this id or the same identity as this material.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn tombstone(&self, id: KeyId, material: &Material) -> Result<Option<Tombstone>>;

    /// Returns the entitlement of one owner, or of every owner that has one, sorted by owner.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn entitlements(&self, owner: Option<&Owner>) -> Result<Vec<Entitlement>>;

    /// Returns `true` if a key of any status has a name from `low` to `high`, both included, byte by byte.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn has_names_between(&self, low: &Name, high: &Name) -> Result<bool>;

    /// Returns the creation time of the `n`th newest key of an owner, counting only keys created after `since`. Times in the
    /// future count. A key that replaced another one does not.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn nth_newest(&self, owner: &Owner, since: Time, n: u32) -> Result<Option<Time>>;
}
