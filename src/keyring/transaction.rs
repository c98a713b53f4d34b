//! Changing a keyring in transactions.

use super::{Action, Entitlement, Entry, Keyring, Keys, Tombstone};
use crate::{
    error::{Code, Error, Result},
    key::{Bearer, Key, KeyId, Time},
};
use std::time::Duration;

/// The maximum time that a command waits for other processes to finish writing.
pub const WAIT: Duration = Duration::from_secs(10);

/// A batch of keys that are built on demand, so that a hundred thousand keys need not be in memory at once. The same
/// index always yields the same key, in every thread.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    /// The number of keys.
    pub count: usize,
    /// The function that builds the key at an index.
    pub key: &'a (dyn Fn(usize) -> Key + Sync),
}

impl Batch<'_> {
    /// Builds the key at an index.
    #[must_use]
    pub fn key(&self, index: usize) -> Key {
        (self.key)(index)
    }
}

/// The state of a key before its use was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviousUse {
    /// The time of the previous use, or `None` if the key had never been used.
    pub last_used: Option<Time>,
    /// The id of the key that this key replaced, if it replaced one.
    pub rotated_from: Option<KeyId>,
}

/// A transaction in progress. Every change appends an audit row, except for recorded uses, recorded signatures and
/// inserted tombstones.
pub trait Transaction: Keys {
    /// Inserts a key, and appends an audit row with the given action.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the key cannot be stored.
    fn insert(&mut self, key: &Key, action: Action) -> Result<()>;

    /// Inserts many keys, each with its own audit row.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keys cannot be stored.
    fn insert_many(&mut self, keys: Batch<'_>, action: Action) -> Result<()>;

    /// Activates many keys, with a single audit row for all of them.
    ///
    /// # Errors
    /// - `wrong_state` if a key has changed since it was inserted
    /// - a [storage error](crate::keyring#storage-errors) if the keys cannot be stored
    fn activate_many(&mut self, keys: Batch<'_>) -> Result<()>;

    /// Deletes those of the given keys that are pending, with a single audit row for all of them.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keys cannot be deleted.
    fn delete_many(&mut self, ids: &[KeyId], action: Action) -> Result<()>;

    /// Replaces the key `old` with `new`, which has the same id. The facts of the audit row are the fields that differ.
    ///
    /// # Errors
    /// - `internal` if the key does not exist
    /// - a [storage error](crate::keyring#storage-errors) if the key cannot be stored
    fn update(&mut self, old: &Key, new: &Key, action: Action) -> Result<()>;

    /// Records that a key was used at the time `at`, and returns the previous state of the key, or `None` if it does
    /// not exist. The recorded time never moves back. A use is not a change of state, so no audit row is appended.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the use cannot be recorded.
    fn record_use(&mut self, id: KeyId, at: Time) -> Result<Option<PreviousUse>>;

    /// Inserts a bearer token, and deletes expired bearer tokens.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the bearer token cannot be stored.
    fn insert_bearer(&mut self, bearer: &Bearer) -> Result<()>;

    /// Deletes a bearer token that was never delivered.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the bearer token cannot be deleted.
    fn delete_bearer(&mut self, bearer: &Bearer) -> Result<()>;

    /// Records the digest of a signature that was accepted, and keeps the record until `until`. Returns `false` if the
    /// signature was already recorded.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the signature cannot be recorded.
    fn record_signature(&mut self, signature: &[u8; 32], until: Time) -> Result<bool>;

    /// Deletes a key that was never delivered. Its audit rows are kept.
    ///
    /// # Errors
    /// - `internal` if the key does not exist
    /// - a [storage error](crate::keyring#storage-errors) if the key cannot be deleted
    fn delete(&mut self, key: &Key, action: Action) -> Result<()>;

    /// Deletes an ended key and its bearer tokens, and inserts a [`Tombstone`] in its place. Its audit rows are kept.
    ///
    /// # Errors
    /// - `internal` if the key does not exist or has not ended
    /// - a [storage error](crate::keyring#storage-errors) if the key cannot be deleted
    fn purge(&mut self, key: &Key) -> Result<()>;

    /// Inserts the tombstone of a key that does not exist in this keyring.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the tombstone cannot be stored.
    fn insert_tombstone(&mut self, of: &Tombstone) -> Result<()>;

    /// Appends an audit row that does not concern a key. `facts` is the text of a JSON object.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the row cannot be stored.
    fn append_audit(&mut self, action: Action, facts: &str) -> Result<()>;

    /// Replaces the contract of the keyring. `contract` is the JSON text of the new contract, and `changes` is the text
    /// of a JSON object that becomes the facts of the audit row.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the contract cannot be stored.
    fn set_contract(&mut self, contract: &str, changes: &str) -> Result<()>;

    /// Inserts or replaces the entitlement of an owner.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the entitlement cannot be stored.
    fn set_entitlement(&mut self, new: &Entitlement) -> Result<()>;

    /// Returns the keys that were created before `time` and are still pending.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn pending_since_before(&self, time: Time) -> Result<Vec<Key>>;
}

/// Runs `work` in a single transaction and returns its result. Waits at most [`WAIT`] for other processes that are
/// writing.
///
/// # Errors
/// - `keyring_locked` if other processes keep writing for longer than [`WAIT`]
/// - any other [storage error](crate::keyring#storage-errors) if the keyring cannot be written
/// - any error of `work`
pub fn transact<T>(
    keyring: &mut dyn Keyring,
    entry: &Entry,
    work: impl FnMut(&mut dyn Transaction) -> Result<T>,
) -> Result<T> {
    transact_within(WAIT, keyring, entry, work)
}

/// Runs `work` in a single transaction and returns its result. Waits at most `wait` for other processes that are
/// writing.
///
/// # Errors
/// - `keyring_locked` if other processes keep writing for longer than `wait`
/// - any other [storage error](crate::keyring#storage-errors) if the keyring cannot be written
/// - any error of `work`
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
    outcome
        .ok_or_else(|| Error::new(Code::Internal, "a transaction was committed without its work", "report it as a bug"))
}
