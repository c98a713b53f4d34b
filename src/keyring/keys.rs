//! Reading individual keys.

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
    /// The usage level, as the service names it.
    pub usage_level: UsageLevel,
    /// The time at which the usage level was last set.
    pub changed_at: Time,
}

/// Read access to individual keys, either through an open keyring or within a transaction.
///
/// Commands act on the keys that they read, so the digest of every row is checked. Text is compared and sorted byte by byte.
pub trait Keys {
    /// Returns at most `limit` keys that match a lookup. Keys that have not ended come before ended keys, and within each of
    /// the two groups newer keys come first.
    ///
    /// # Errors
    /// Returns `keyring_corrupt` if a row does not match its digest, and the errors of the engine.
    fn find(&self, lookup: &Lookup, now: Time, limit: usize) -> Result<Vec<Key>>;

    /// Returns the key with the given id, or `None` if it does not exist.
    ///
    /// # Errors
    /// See [`Keys::find`].
    fn key(&self, id: KeyId, now: Time) -> Result<Option<Key>> {
        Ok(self.find(&Lookup::Ids(id, id), now, 1)?.pop())
    }

    /// Passes the first key that matches a lookup to `see`, together with the hash of its secret unless it is a key pair.
    /// Returns `false` if no key matches.
    ///
    /// This method finds the same key as [`Keys::find`] but does not allocate a [`Key`], because `verify` looks up 100,000
    /// keys per second.
    ///
    /// # Errors
    /// See [`Keys::find`].
    fn peek(&self, lookup: &Lookup, now: Time, see: &mut dyn FnMut(&KeyView<'_>, Option<&SecretHash>)) -> Result<bool>;

    /// Returns the bearer token with the given hash, or `None` if it does not exist.
    ///
    /// # Errors
    /// See [`Keys::find`].
    fn bearer(&self, hash: &SecretHash) -> Result<Option<Bearer>>;

    /// Returns the contract of the keyring as text, or `None` for the default contract.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn contract(&self) -> Result<Option<String>>;

    /// Returns `true` if a signature has been recorded: see
    /// [`Transaction::record_signature`](super::Transaction::record_signature).
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn has_signature(&self, signature: &[u8; 32]) -> Result<bool>;

    /// Returns at most `limit` ids from `low` to `high` that occur in the audit log. Ids of deleted keys are included.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn audited_ids(&self, low: KeyId, high: KeyId, limit: usize) -> Result<Vec<KeyId>>;

    /// Returns `true` if there is a tombstone with the given id.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn has_tombstone(&self, id: KeyId) -> Result<bool>;

    /// Returns the tombstone of a purged key with the given id or with the same identity as `material`.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn tombstone(&self, id: KeyId, material: &Material) -> Result<Option<Tombstone>>;

    /// Returns the entitlement of `owner`, or all entitlements if `owner` is `None`, sorted by owner.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn entitlements(&self, owner: Option<&Owner>) -> Result<Vec<Entitlement>>;

    /// Returns `true` if any key, regardless of its status, has a name between `low` and `high` inclusive, in byte order.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn has_names_between(&self, low: &Name, high: &Name) -> Result<bool>;

    /// Returns the creation time of the `n`th newest key of an owner. Only keys created after `since` count, including keys
    /// with a creation time in the future. Keys that replaced another key do not count.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn nth_newest(&self, owner: &Owner, since: Time, n: u32) -> Result<Option<Time>>;
}
