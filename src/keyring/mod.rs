//! The store: one organisation's keys and the record of everything that was done to them.
//!
//! [`Keyring`] is all that the rest of the program knows of it. SQLite stands behind it today; whatever else comes to
//! stand there passes the same suite (`suite.rs`). SQL and `rusqlite` stay inside `sqlite`.

mod audit;
#[cfg(test)]
mod conformance;
mod contradiction;
mod engine;
mod inspection;
mod location;
mod query;
mod record;
mod resolve;
mod snapshot;
mod sqlite;
mod tombstone;

pub use audit::{
    Action, AuditCursor, AuditQuery, AuditRow, Break, Chain, Entry, Flaw, RowHash, describe_changes, difference,
};
pub use contradiction::Contradiction;
pub use engine::{Engine, LockMode, RotationLock};
pub use inspection::{Damage, Exposure, Inspection};
pub use location::Location;
pub use query::{Cursor, KeyCursor, Query, Selection, Sort, SortField};
pub use resolve::{named, resolve};
pub use snapshot::Snapshot;
#[cfg(test)]
pub(crate) use sqlite::SqliteKeyring;
pub use sqlite::{OpenedBackup, Place, describe as describe_backup};
pub use tombstone::Tombstone;

use crate::{
    error::{Code, Error, Result},
    key::{Bearer, Key, KeyId, KeyView, Lookup, Material, Name, Owner, SecretHash, Time, UsageLevel},
};
use std::time::Duration;
use uuid::Uuid;

/// What an owner is entitled to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// Who.
    pub owner: Owner,
    /// To what, in the service's own words.
    pub usage_level: UsageLevel,
    /// Since when.
    pub changed_at: Time,
}

/// A key that was used, as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviousUse {
    /// When it was last used.
    pub last_used: Option<Time>,
    /// The key it took over from.
    pub rotated_from: Option<KeyId>,
}

/// Many keys, made one by one when they are asked for: a hundred thousand of them need not be there at once. The same index
/// gives the same key every time, in whatever thread.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    /// How many.
    pub count: usize,
    /// Each of them.
    pub key: &'a (dyn Fn(usize) -> Key + Sync),
}

impl Batch<'_> {
    /// One of them.
    #[must_use]
    pub fn key(&self, index: usize) -> Key {
        (self.key)(index)
    }
}

/// Reading single keys. Every key that is read whole is read to be acted on, so its row's digest is checked.
pub trait Keys {
    /// The keys that a look-up finds, those that are not over first and the newest first among them, at most `limit`.
    ///
    /// # Errors
    /// `keyring_corrupt` when a row's digest does not match, and what the store reports.
    fn find(&self, lookup: &Lookup, now: Time, limit: usize) -> Result<Vec<Key>>;

    /// The key with an id.
    ///
    /// # Errors
    /// As [`Keys::find`].
    fn key(&self, id: KeyId, now: Time) -> Result<Option<Key>> {
        Ok(self.find(&Lookup::Ids(id, id), now, 1)?.pop())
    }

    /// Shows the first key that a look-up finds, with the hash of its secret if that is a string, and says whether there is
    /// one. As [`Keys::find`], but nothing is built: whoever verifies asks a hundred thousand times a second.
    ///
    /// # Errors
    /// As [`Keys::find`].
    fn peek(&self, lookup: &Lookup, now: Time, see: &mut dyn FnMut(&KeyView<'_>, Option<&SecretHash>)) -> Result<bool>;

    /// The bearer token that has a hash.
    ///
    /// # Errors
    /// As [`Keys::find`].
    fn bearer(&self, hash: &SecretHash) -> Result<Option<Bearer>>;

    /// The contract that the keyring is under, as text; `None` is the default one.
    ///
    /// # Errors
    /// What the store reports.
    fn contract(&self) -> Result<Option<String>>;

    /// Whether a signature was accepted before and is still remembered: see [`Transaction::record_signature`].
    ///
    /// # Errors
    /// What the store reports.
    fn has_signature(&self, signature: &[u8; 32]) -> Result<bool>;

    /// The keys in a closed range of ids that the audit log is about, those that are gone too, at most `limit`.
    ///
    /// # Errors
    /// What the store reports.
    fn audited_ids(&self, low: KeyId, high: KeyId, limit: usize) -> Result<Vec<KeyId>>;

    /// Whether there is a tombstone of a key.
    ///
    /// # Errors
    /// What the store reports.
    fn has_tombstone(&self, id: KeyId) -> Result<bool>;

    /// Returns the tombstone of a purged key that had this id, this public key or this secret.
    ///
    /// # Errors
    /// What the store reports.
    fn tombstone(&self, id: KeyId, material: &Material) -> Result<Option<Tombstone>>;

    /// What owners are entitled to: everyone of whom that is known, or one of them.
    ///
    /// # Errors
    /// What the store reports.
    fn entitlements(&self, owner: Option<&Owner>) -> Result<Vec<Entitlement>>;

    /// Whether any key, of whatever status, has a name that is not before one and not after another, byte by byte.
    ///
    /// # Errors
    /// What the store reports.
    fn has_names_between(&self, low: &Name, high: &Name) -> Result<bool>;

    /// When the `n`th newest of an owner's keys was made, of those that were made after a time; times that lie ahead
    /// count too. A key that takes over from another is no new one.
    ///
    /// # Errors
    /// What the store reports.
    fn nth_newest(&self, owner: &Owner, since: Time, n: u32) -> Result<Option<Time>>;
}

/// A keyring that is open.
pub trait Keyring: Keys + Send {
    /// The organisation that the keyring belongs to.
    fn org_id(&self) -> Uuid;

    /// Visits the next keys of a list, and says whether more may follow. A page is one consistent read; between pages
    /// nothing is held, so that a reader who takes an hour never keeps a writer waiting.
    ///
    /// # Errors
    /// What the visitor returns, and what the store reports.
    fn page(
        &self,
        query: &Query,
        cursor: &mut Cursor,
        visit: &mut dyn FnMut(&KeyView<'_>) -> Result<()>,
    ) -> Result<bool>;

    /// How many keys a selection holds, counted no further than `cap`.
    ///
    /// # Errors
    /// What the store reports.
    fn count(&self, selection: &Selection, cap: u64) -> Result<u64>;

    /// Visits the next rows of the audit log, the newest first, and says whether more may follow. As with
    /// [`Keyring::page`], nothing is held between pages.
    ///
    /// # Errors
    /// What the visitor returns, and what the store reports.
    fn audit(
        &self,
        query: &AuditQuery,
        cursor: &mut AuditCursor,
        visit: &mut dyn FnMut(&AuditRow<'_>) -> Result<()>,
    ) -> Result<bool>;

    /// Walks the whole audit log, the oldest row first, works every hash out anew, and looks for the row that has one. Holds
    /// nothing for longer than some thousand rows take, so that writers get on.
    ///
    /// # Errors
    /// What the store reports; a log that is not what was written is no error here.
    fn verify_chain(&self, sought: Option<RowHash>) -> Result<Chain>;

    /// The keys whose rows the audit log or a tombstone contradicts, at most `limit` of each kind.
    ///
    /// # Errors
    /// What the store reports.
    fn contradictions(&self, limit: usize) -> Result<Vec<Contradiction>>;

    /// The next keys, whole, in the order in which they came; none when there are no more.
    ///
    /// # Errors
    /// As [`Keys::find`].
    fn all_keys(&self, cursor: &mut KeyCursor) -> Result<Vec<Key>>;

    /// What is left of keys that were purged, by id; none when there are no more.
    ///
    /// # Errors
    /// What the store reports.
    fn tombstones(&self, after: Option<KeyId>) -> Result<Vec<Tombstone>>;

    /// Which state this is.
    ///
    /// # Errors
    /// What the store reports.
    fn snapshot(&self) -> Result<Snapshot>;

    /// Hands out the bytes of a whole keyring, a file as it would be opened, in order, and says which state it is. Nobody
    /// can commit a change meanwhile, so `put` is not to wait for anything slow.
    ///
    /// # Errors
    /// What `put` returns, and what the store reports.
    fn copy(&self, put: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<Snapshot>;

    /// Runs one durable transaction. Everything that `work` does is kept, or, if it fails, nothing is. An error after `work` has
    /// returned comes from the commit, whose outcome is then unknown. Waits at most `wait` for the writes of other processes.
    ///
    /// An engine may run `work` again, from the beginning, when the transaction conflicted with another one. So `work` must have
    /// no effect outside the transaction other than setting results, which the last run overwrites.
    ///
    /// # Errors
    /// Returns the errors of `work` and of the engine; `keyring_locked` when other processes write for longer than `wait`.
    fn transact(
        &mut self,
        entry: &Entry,
        wait: Duration,
        work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>,
    ) -> Result<()>;

    /// Runs reads that all see one state of the keyring. The state includes every change that was acknowledged before the first
    /// of these reads. Other processes may commit changes meanwhile, or may have to wait, depending on the engine, so keep it
    /// short.
    ///
    /// `verify --batch` needs more: a revocation that was acknowledged before a line was read must count for that line. So it
    /// reads the lines that it answers together before the first of these reads.
    ///
    /// # Errors
    /// Returns the errors of `work` and of the engine.
    fn consistent_read(&self, work: &mut dyn FnMut(&dyn Keys) -> Result<()>) -> Result<()>;

    /// Whether [`Keyring::transact`] has a chance, without trying.
    ///
    /// # Errors
    /// `keyring_read_only` when it has none.
    fn check_writable(&self) -> Result<()>;
}

/// One transaction in progress: every change of state comes with its audit row.
pub trait Transaction: Keys {
    /// Adds a key.
    ///
    /// # Errors
    /// What the store reports.
    fn insert(&mut self, key: &Key, action: Action) -> Result<()>;

    /// Adds many keys, each with its audit row.
    ///
    /// # Errors
    /// What the store reports.
    fn insert_many(&mut self, keys: Batch<'_>, action: Action) -> Result<()>;

    /// Makes keys active that are as they were added; one audit row tells of all.
    ///
    /// # Errors
    /// `wrong_state` when one is not, and what the store reports.
    fn activate_many(&mut self, keys: Batch<'_>) -> Result<()>;

    /// Removes those of many keys that are pending; one audit row tells of all.
    ///
    /// # Errors
    /// What the store reports.
    fn delete_many(&mut self, ids: &[KeyId], action: Action) -> Result<()>;

    /// Replaces the facts of a key that is there.
    ///
    /// # Errors
    /// `internal` when it is not, and what the store reports.
    fn update(&mut self, old: &Key, new: &Key, action: Action) -> Result<()>;

    /// Notes that a key authenticated, and returns how it was before; `None` when it is gone. A use is no change of state,
    /// so it has no audit row.
    ///
    /// # Errors
    /// As [`Keys::find`].
    fn record_use(&mut self, id: KeyId, at: Time) -> Result<Option<PreviousUse>>;

    /// Adds a bearer token, and forgets those that have expired.
    ///
    /// # Errors
    /// What the store reports.
    fn insert_bearer(&mut self, bearer: &Bearer) -> Result<()>;

    /// Removes a bearer token that never was with anybody.
    ///
    /// # Errors
    /// What the store reports.
    fn delete_bearer(&mut self, bearer: &Bearer) -> Result<()>;

    /// Remembers, until a time, that a signature was accepted; `false` when it was before.
    ///
    /// # Errors
    /// What the store reports.
    fn record_signature(&mut self, signature: &[u8; 32], until: Time) -> Result<bool>;

    /// Removes a key that never was with anybody; its audit rows stay.
    ///
    /// # Errors
    /// `internal` when it is not there, and what the store reports.
    fn delete(&mut self, key: &Key, action: Action) -> Result<()>;

    /// Removes a key that is over, with what was lent on it; its audit rows stay, and a [`Tombstone`].
    ///
    /// # Errors
    /// `internal` when it is not there or not over, and what the store reports.
    fn purge(&mut self, key: &Key) -> Result<()>;

    /// Adds the tombstone of a key that is not here.
    ///
    /// # Errors
    /// What the store reports.
    fn insert_tombstone(&mut self, of: &Tombstone) -> Result<()>;

    /// Adds an audit row that is about no key.
    ///
    /// # Errors
    /// What the store reports.
    fn append_audit(&mut self, action: Action, facts: &str) -> Result<()>;

    /// Puts the keyring under another contract; `changes` is what the audit row tells.
    ///
    /// # Errors
    /// What the store reports.
    fn set_contract(&mut self, contract: &str, changes: &str) -> Result<()>;

    /// Adds or replaces what an owner is entitled to.
    ///
    /// # Errors
    /// What the store reports.
    fn set_entitlement(&mut self, new: &Entitlement) -> Result<()>;

    /// The keys that are `pending` since before a time.
    ///
    /// # Errors
    /// What the store reports.
    fn pending_since_before(&self, time: Time) -> Result<Vec<Key>>;
}

/// The time that a command waits for the writes of other processes.
pub const WAIT: Duration = Duration::from_secs(10);

/// Runs one transaction that returns a value, and waits at most [`WAIT`].
///
/// # Errors
/// As [`Keyring::transact`].
pub fn transact<T>(
    keyring: &mut dyn Keyring,
    entry: &Entry,
    work: impl FnMut(&mut dyn Transaction) -> Result<T>,
) -> Result<T> {
    transact_within(WAIT, keyring, entry, work)
}

/// Runs one transaction that returns a value, and waits at most `wait`.
///
/// # Errors
/// As [`Keyring::transact`].
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
