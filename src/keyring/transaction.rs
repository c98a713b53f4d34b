//! Changing a keyring in transactions.

use super::{Action, BatchId, BatchKind, Entitlement, Entry, Keyring, Keys, RecordedSignature, Selection, Tombstone};
use crate::{
    error::{Code, Error, Result},
    key::{Bearer, Key, KeyId, Time},
};
use serde_json::{Map, Value};
use std::time::Duration;

/// The default maximum time for which an operation waits for another process to release a lock.
pub const WAIT: Duration = Duration::from_secs(10);

/// Keys to insert that are built on demand, so that a hundred thousand keys need not be in memory at once.
#[derive(Clone, Copy)]
pub struct NewKeys<'a> {
    /// The number of keys.
    pub count: usize,
    /// The function that builds the key at an index below `count`, and may wait until it can. For each index, the function
    /// must return the same key each time, in every thread.
    pub key: &'a (dyn Fn(usize) -> Result<Key> + Sync),
}

impl NewKeys<'_> {
    /// Builds the key at an index.
    ///
    /// # Errors
    /// Returns the errors of the function that builds the keys.
    pub fn key(&self, index: usize) -> Result<Key> {
        (self.key)(index)
    }
}

/// A transaction in progress. Every method that changes a key, an owner, a bearer token, a tombstone or the contract
/// appends at least one audit row, except [`Transaction::record_use`].
pub trait Transaction: Keys {
    /// Inserts a key, and appends an audit row with the given action.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the key cannot be stored.
    fn insert(&mut self, key: &Key, action: Action) -> Result<()>;

    /// Inserts many keys, each with its own audit row.
    ///
    /// # Errors
    /// - a [storage error](crate::keyring#storage-errors) if the keys cannot be stored
    /// - any error that occurs while a key is built
    fn insert_many(&mut self, keys: NewKeys<'_>, action: Action) -> Result<()>;

    /// Begins a batch. All keys that this transaction inserts from now on are part of it.
    ///
    /// # Errors
    /// - `keyring_locked` if `kind` is [`BatchKind::Imported`] and another import is incomplete
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be written
    fn begin_batch(&mut self, kind: BatchKind) -> Result<BatchId>;

    /// Continues a batch that is not complete. All keys that this transaction inserts from now on are part of it.
    ///
    /// # Errors
    /// - `wrong_state` if the batch has been deleted or completed
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be written
    fn continue_batch(&mut self, id: BatchId) -> Result<()>;

    /// Returns `true` if a key is part of the batch that this transaction has begun or continues, and `false` if the
    /// key or the batch does not exist.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn is_in_batch(&self, id: KeyId) -> Result<bool>;

    /// Adds pending keys to the batch that this transaction has begun or continues, so that completing the batch
    /// activates the keys. A key leaves its previous batch, which can then no longer be completed.
    ///
    /// # Errors
    /// - `wrong_state` if a key does not exist, or the transaction has neither begun nor continued a batch
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be written
    fn add_to_batch(&mut self, ids: &[KeyId]) -> Result<()>;

    /// Completes a batch, with a single audit row for all of its keys: pending keys become active, and imported keys
    /// become visible. `facts` are the facts of the row, to which the engine adds the rows that added the keys.
    ///
    /// # Errors
    /// - `wrong_state` if a key of the batch has been changed or deleted since it was added, or if the batch has been
    ///   deleted or completed
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be written
    fn complete_batch(&mut self, id: BatchId, action: Action, facts: Map<String, Value>) -> Result<()>;

    /// Replaces the key `old` with `new`, which has the same id. The facts of the audit row are the fields that differ.
    ///
    /// # Errors
    /// - `internal` if the key does not exist
    /// - a [storage error](crate::keyring#storage-errors) if the key cannot be stored
    fn update(&mut self, old: &Key, new: &Key, action: Action) -> Result<()>;

    /// Records that a key was used at the time `at`, unless a use in the following 60 seconds has already been recorded. A
    /// use that is recorded with a later time is replaced, because the clock was ahead at that time, unless the clock of
    /// this transaction was set with `--now`. Returns the id of the
    /// key that this key replaced, or `None` if it replaced none or does not exist. Appends no audit row, because a use
    /// does not change what the key is allowed to do.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the use cannot be recorded.
    fn record_use(&mut self, id: KeyId, at: Time) -> Result<Option<KeyId>>;

    /// Inserts a bearer token, and deletes all bearer tokens that have expired. Only the new token is recorded in an
    /// audit row.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the bearer token cannot be stored.
    fn insert_bearer(&mut self, bearer: &Bearer) -> Result<()>;

    /// Deletes a bearer token that was never delivered. If it is not stored, because it was not added or another process
    /// has deleted it, nothing changes and no audit row is appended.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the bearer token cannot be deleted.
    fn delete_bearer(&mut self, bearer: &Bearer) -> Result<()>;

    /// Records the digest of an accepted signature with the timestamp of its request, in milliseconds since 1970, and
    /// keeps the record at least until the time `until`. Returns `false` and records nothing if the signature was
    /// already recorded, or may have been recorded before (see [`Keys::forgotten_requests`]). Also deletes expired
    /// records, unless the time was set with `--now`. Appends no audit row.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the signature cannot be recorded.
    fn record_signature(&mut self, signature: &[u8; 32], timestamp: i64, until: Time) -> Result<bool>;

    /// Adds the record of a signature from a backup, even if [`Keys::forgotten_requests`] is later than its timestamp. Does
    /// nothing if the signature is already on record. Appends no audit row.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the record cannot be stored.
    fn restore_signature(&mut self, of: &RecordedSignature) -> Result<()>;

    /// Deletes a pending key, whose secret was never delivered. The audit rows of the key are kept.
    ///
    /// # Errors
    /// - `internal` if the key does not exist
    /// - a [storage error](crate::keyring#storage-errors) if the key cannot be deleted
    fn delete(&mut self, key: &Key, action: Action) -> Result<()>;

    /// Deletes an ended key and its bearer tokens, and inserts a [`Tombstone`] of the key. The audit rows of the key
    /// are kept.
    ///
    /// # Errors
    /// - `internal` if the key does not exist or has not ended
    /// - a [storage error](crate::keyring#storage-errors) if the key cannot be deleted
    fn purge(&mut self, key: &Key) -> Result<()>;

    /// Inserts the tombstone of a key that this keyring does not contain, and deletes the key's bearer tokens.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the tombstone cannot be stored.
    fn insert_tombstone(&mut self, of: &Tombstone) -> Result<()>;

    /// Appends an audit row with the time of the transaction's entry, which becomes the keyring time even if the
    /// keyring time was later. A time that was set with `--now` does not become the keyring time. Deletes the bearer
    /// tokens that were issued after that time. `facts` is the text of a JSON object. `skew` is the largest difference, in
    /// milliseconds, between the timestamp of an accepted request and the clock.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the row cannot be stored.
    fn accept_clock(&mut self, facts: &str, skew: u64) -> Result<()>;

    /// Makes the keyring refuse all requests that may have been accepted before now with a difference of at most `skew`
    /// milliseconds between their timestamp and the clock, and all assertions that may have been accepted before now,
    /// because it has no record of them.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the change cannot be stored.
    fn forget_accepted(&mut self, skew: u64) -> Result<()>;

    /// Appends an audit row that does not concern a particular key. `facts` is the text of a JSON object.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the row cannot be stored.
    fn append_audit(&mut self, action: Action, facts: &str) -> Result<()>;

    /// Replaces the keyring's contract. `contract` is the JSON text of the new contract, and `changes` is the text of a
    /// JSON object that becomes the facts of the audit row.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the contract cannot be stored.
    fn set_contract(&mut self, contract: &str, changes: &str) -> Result<()>;

    /// Inserts or replaces the entitlement of an owner.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the entitlement cannot be stored.
    fn set_entitlement(&mut self, new: &Entitlement) -> Result<()>;

    /// Returns the keys with the given ids that are in a selection, in the order of the ids.
    ///
    /// # Errors
    /// - `keyring_corrupt` if one of the keys is damaged
    /// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
    fn selected(&self, ids: &[KeyId], selection: &Selection) -> Result<Vec<Key>>;

    /// Returns the keys that were created before `time` and have not been activated, including keys that have ended.
    /// Keys in a batch are left out.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn pending_since_before(&self, time: Time) -> Result<Vec<Key>>;
}

/// Returns the time at which keys are judged and changed: the later of `clock`, which is the time of the system clock,
/// and the keyring time. Returns `clock` unchanged if `entry` records that the time was set with `--now`, or if there
/// is no keyring time.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the log cannot be read.
pub fn at_least_keyring_time(keys: &(impl Keys + ?Sized), entry: &Entry, clock: Time) -> Result<Time> {
    let floor = if entry.clock_set { None } else { keys.time()? };
    Ok(floor.map_or(clock, |floor| floor.max(clock)))
}

/// Refuses a change that was prepared at the time `prepared`, if the keyring time has been set back since. Times that
/// depend on the earlier keyring time would be in the future, and a key that had ended could be valid again.
///
/// # Errors
/// - `wrong_state` if the keyring time has been set back
/// - a [storage error](crate::keyring#storage-errors) if the log cannot be read
pub fn refuse_clock_change(keys: &(impl Keys + ?Sized), entry: &Entry, prepared: Time) -> Result<()> {
    refuse_earlier(at_least_keyring_time(keys, entry, entry.clock())?, prepared)
}

/// The minimum number of seconds by which a recorded use is later than the next one if the clock was ahead.
const AHEAD: i64 = 60;

/// Returns the time of the latest use of a key that was last used at the time `before` and is used at the time `at`, for
/// [`Transaction::record_use`]. `is_set` is `true` if the time of the use was set with `--now`.
pub(super) fn latest_use(before: Option<Time>, at: Time, is_set: bool) -> Time {
    let before = before.filter(|before| is_set || before.seconds() - at.seconds() < AHEAD);
    before.map_or(at, |before| before.max(at))
}

/// Refuses a change at the time `now` that was prepared at the time `prepared`, if `now` is earlier.
///
/// # Errors
/// Returns `wrong_state` if `now` is earlier.
pub fn refuse_earlier(now: Time, prepared: Time) -> Result<()> {
    if prepared <= now {
        return Ok(());
    }
    let message = "the keyring time was set back while the command ran; nothing was changed";
    Err(Error::new(Code::WrongState, message, "run the command again"))
}

/// Runs `work` in a single transaction and returns its result. Whenever another process holds a lock, waits at most
/// [`WAIT`] for it.
///
/// # Errors
/// - `keyring_locked` if other processes keep the keyring locked for longer than [`WAIT`]
/// - any other [storage error](crate::keyring#storage-errors) if the keyring cannot be written
/// - any error that `work` returns
pub fn transact<T>(
    keyring: &mut dyn Keyring,
    entry: &Entry,
    work: impl FnMut(&mut dyn Transaction) -> Result<T>,
) -> Result<T> {
    transact_within(WAIT, keyring, entry, work)
}

/// Runs `work` in a single transaction and returns its result. Whenever another process holds a lock, waits at most
/// `wait` for it.
///
/// # Errors
/// - `keyring_locked` if other processes keep the keyring locked for longer than `wait`
/// - any other [storage error](crate::keyring#storage-errors) if the keyring cannot be written
/// - any error that `work` returns
pub fn transact_within<T>(
    wait: Duration,
    keyring: &mut dyn Keyring,
    entry: &Entry,
    mut work: impl FnMut(&mut dyn Transaction) -> Result<T>,
) -> Result<T> {
    let mut outcome = None;
    keyring.transact(entry, wait, &mut |transaction| {
        outcome = Some(work(transaction)?);
        Ok(())
    })?;
    outcome.ok_or_else(|| Error::internal("a transaction was committed without running its work"))
}
