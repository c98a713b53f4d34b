//! Reading individual keys.

use super::{Head, Tombstone};
use crate::{
    error::Result,
    key::{Bearer, Field, Key, KeyId, KeyView, Lookup, Material, Name, Owner, SecretHash, Time, UsageLevel},
};

/// The maximum time from the issue of an assertion to its expiry, in seconds.
pub const LONGEST_ASSERTION: i64 = 300;

/// The maximum time by which the issue of an assertion may be later than the clock, in seconds.
pub const ASSERTION_SKEW: i64 = 30;

/// Returns the latest time up to which requests are refused with `forgotten` while the system clock is right: a restore
/// refuses requests within the larger of the difference that the contract allows and of [`Keys::accepted_skew`], both in
/// milliseconds. If requests up to a later time are refused, the clock was ahead.
#[must_use]
pub fn latest_refused(system_clock: Time, allowed: u64, accepted: i64) -> Time {
    let skew = i64::try_from(allowed).unwrap_or(i64::MAX).max(accepted);
    Time::from_seconds(system_clock.seconds().saturating_add(60.max(skew / 1000 + 1)))
}

/// The usage level to which an owner is entitled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// The owner that is entitled to the usage level.
    pub owner: Owner,
    /// The usage level, as the service names it.
    pub usage_level: UsageLevel,
    /// The time at which the usage level was last set.
    pub changed_at: Time,
}

/// Read access to individual keys, either through an open keyring or within a transaction.
///
/// Every method that returns a key checks the digest of the key's row, because commands act on the keys that they read.
/// Text is compared and sorted byte by byte. New names and owners are stored in Unicode Normalization Form C, but earlier
/// versions stored text as it was given, so a lookup by name or owner searches for both Form C and Form D.
pub trait Keys {
    /// Returns the keyring time: the time of the latest recorded change, or `None` if the clock of every change was set
    /// with `--now`. Keys are judged at this time if the system clock is behind it, so that a clock that is set back
    /// does not revive a key that has ended.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the log cannot be read.
    fn time(&self) -> Result<Option<Time>>;

    /// Returns the head of the audit log.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the log cannot be read.
    fn head(&self) -> Result<Head>;

    /// Returns `true` if the log has the row that was its newest row when [`Keys::head`] returned `head`. If not, the
    /// keyring was replaced by another keyring, or was reset to an older state.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the log cannot be read.
    fn has_row(&self, head: &Head) -> Result<bool>;

    /// Returns at most `limit` keys that match a lookup. Keys that have not ended at the time `now` come before ended
    /// keys, and within each of the two groups, newer keys come first.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn find(&self, lookup: &Lookup, now: Time, limit: usize) -> Result<Vec<Key>>;

    /// Returns at most `limit` keys that match a lookup and that another process is importing, in the order of
    /// [`Keys::find`]. No other method returns such a key until the import is complete.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn find_in_import(&self, lookup: &Lookup, now: Time, limit: usize) -> Result<Vec<Key>>;

    /// Passes the id and the hash of every token that contains the id of its key to `see`. Such a token is not found by
    /// its hash, because no index contains the hash, so this method reads the whole keyring. Tokens that another process is
    /// importing are passed too.
    ///
    /// # Errors
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
    /// - any error that `see` returns
    fn each_token(&self, see: &mut dyn FnMut(KeyId, &SecretHash) -> Result<()>) -> Result<()>;

    /// Returns `true` if a key matches a lookup although [`Keys::find`] does not find it, because an index of the storage
    /// engine is damaged. Reads the whole keyring, so this is only for a command that would otherwise report that a key
    /// which it has to change does not exist.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn is_unindexed(&self, lookup: &Lookup, now: Time) -> Result<bool>;

    /// Returns the key with the given id, or `None` if it does not exist.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn key(&self, id: KeyId, now: Time) -> Result<Option<Key>> {
        Ok(self.find(&Lookup::Ids(id, id), now, 1)?.pop())
    }

    /// Finds the first key that matches a lookup, and passes its fields and the hash of its secret to `see`. The hash
    /// is `None` for a key pair. Returns `false` if no key matches.
    ///
    /// This method finds the same key as [`Keys::find`], but usually without allocating a [`Key`], so that `verify` can
    /// look up 100,000 keys per second. Fields that are always unset in lists may be unset.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn peek(&self, lookup: &Lookup, now: Time, see: &mut dyn FnMut(&KeyView<'_>, Option<&SecretHash>)) -> Result<bool>;

    /// Returns the bearer token with the given hash, or `None` if it does not exist. The token may have expired,
    /// because expired tokens are only deleted when another token is inserted.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn bearer(&self, hash: &SecretHash) -> Result<Option<Bearer>>;

    /// Returns the keyring's contract as JSON text, or `None` for the default contract.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the contract cannot be read.
    fn contract(&self) -> Result<Option<String>>;

    /// Returns `true` if the signature with the given digest has been recorded with
    /// [`Transaction::record_signature`](super::Transaction::record_signature) and the record has not been deleted
    /// since.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn has_signature(&self, signature: &[u8; 32]) -> Result<bool>;

    /// Returns the newest timestamp of a request whose signature may no longer be on record, in milliseconds since
    /// 1970. A request with this or an earlier timestamp may have been accepted before. Returns `None` if every
    /// accepted signature is on record.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn forgotten_requests(&self) -> Result<Option<i64>>;

    /// Returns the largest difference between the clock and the timestamp of a request with which a request has been
    /// accepted, in milliseconds, or the default of 30 seconds if that is more. This is not the difference that the contract
    /// allows now.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn accepted_skew(&self) -> Result<i64>;

    /// Returns the newest time of issue of an assertion whose record may be missing for another reason than its expiry, in
    /// milliseconds since 1970, or `None` if there is none. A keyring that was created from a backup lacks the records of the
    /// assertions that were accepted after the backup, and [`Transaction::accept_clock`](super::Transaction::accept_clock)
    /// forgets the records that were deleted while the clock was ahead.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn forgotten_assertions(&self) -> Result<Option<i64>>;

    /// Returns at most `limit` key ids from `low` to `high` inclusive that occur in the audit log, in ascending order.
    /// The ids of deleted keys are included.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the log cannot be read.
    fn audited_ids(&self, low: KeyId, high: KeyId, limit: usize) -> Result<Vec<KeyId>>;

    /// Returns the time of the newest audit row that gives a time of a key its value, or `None` if that row is not later than
    /// `since`, if its clock was set with `--now`, or if it records an import or a restore, which repeat times that were set
    /// before. `field` is the field with the time.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the log cannot be read.
    fn set_after(&self, since: Time, id: KeyId, field: Field, value: Time) -> Result<Option<Time>>;

    /// Returns `true` if there is a tombstone with the given id.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn has_tombstone(&self, id: KeyId) -> Result<bool>;

    /// Returns a tombstone with the given id or with the identity of `material`, or `None` if there is none.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn tombstone(&self, id: KeyId, material: &Material) -> Result<Option<Tombstone>>;

    /// Returns all entitlements, sorted by owner, or only the entitlement of `owner` if it is not `None`. The list is
    /// empty if there is no such entitlement.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn entitlements(&self, owner: Option<&Owner>) -> Result<Vec<Entitlement>>;

    /// Returns `true` if any key, regardless of its status, has a name between `low` and `high` inclusive, in byte
    /// order.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn has_names_between(&self, low: &Name, high: &Name) -> Result<bool>;

    /// Returns the creation time of an owner's `n`th newest key, where 1 is the newest, or `None` if fewer than `n`
    /// keys count. Only keys created after `since` count, including keys with a creation time in the future. Keys that
    /// replaced another key do not count.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn nth_newest(&self, owner: &Owner, since: Time, n: u32) -> Result<Option<Time>>;
}
