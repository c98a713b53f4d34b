//! Inspecting keyrings, including damaged, exposed and outdated ones.

use super::{Chain, Contradiction};
use crate::{
    error::Result,
    key::{KeyId, KeyView, Time},
};
use std::path::PathBuf;

/// A keyring that is open for inspection. The keyring may be damaged or exposed to other users, or have an older
/// schema.
///
/// No method changes the content of the keyring, but an engine may roll back a transaction that a crashed process left
/// behind. The methods do not share a connection, so several threads can call them at the same time.
pub trait Inspection: Sync {
    /// Returns the keyring's contract as JSON text, or `None` for the default contract.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the contract cannot be read.
    fn contract(&self) -> Result<Option<String>>;

    /// Calls `visit` for every key, in the order in which the keys were added to the keyring. If the row of a key is
    /// damaged, `visit` receives the damage instead of the key.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the rows cannot be read.
    fn each_key(&self, visit: &mut dyn FnMut(Result<&KeyView<'_>, Damage>)) -> Result<()>;

    /// Calls `visit` for each damaged bearer token and tombstone. A bearer token is damaged if it does not match its
    /// digest or its key does not exist, and a tombstone is damaged if keywright cannot have written it.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the rows cannot be read.
    fn each_other_damage(&self, visit: &mut dyn FnMut(Damage)) -> Result<()>;

    /// Verifies the audit log like [`Reads::verify_chain`](super::Reads::verify_chain), without looking for a
    /// particular hash.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the log cannot be read.
    fn verify_chain(&self) -> Result<Chain>;

    /// Returns the contradictions between the stored objects and the audit log or the tombstones, at most `limit` of
    /// each kind.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn contradictions(&self, limit: usize) -> Result<Vec<Contradiction>>;

    /// Returns descriptions of the problems that the engine finds in its own storage. The search for structural
    /// problems stops after `limit` of them.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the storage cannot be checked.
    fn problems(&self, limit: usize) -> Result<Vec<String>>;

    /// Returns the keyring's files that other users can read, and the files and directories through which another user
    /// can change or replace the keyring.
    ///
    /// # Errors
    /// - `keyring_missing` if there is no keyring
    /// - a [storage error](crate::keyring#storage-errors) if the permissions cannot be read, or if the location no
    ///   longer contains a keyring
    fn exposures(&self) -> Result<Vec<Exposure>>;

    /// Returns the newest time of a signed request whose signature may no longer be on record, or `None` if every
    /// accepted signature is on record.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn forgotten_requests(&self) -> Result<Option<Time>>;

    /// Returns the same value as [`Keys::accepted_skew`](super::Keys::accepted_skew).
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn accepted_skew(&self) -> Result<i64>;

    /// Returns a description of another name or a separate mount of the keyring through which changes can be lost, or
    /// `None` if there is neither.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the names cannot be determined.
    fn other_name(&self) -> Result<Option<String>>;
}

/// A row that keywright cannot have written, or that refers to a key that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The number of the row, or `None` if the rows of its table have no numbers.
    pub seq: Option<i64>,
    /// The id of the key that the row describes or refers to, or `None` if the id is unreadable.
    pub id: Option<KeyId>,
    /// A description of the damage.
    pub what: &'static str,
}

/// A file of a keyring, or a directory above the keyring, that another user can access or owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The path of the file or directory.
    pub path: PathBuf,
    /// The permission bits of the file or directory, or 0 for a directory that another user owns.
    pub mode: u32,
    /// `true` if other users can write to the file or directory, `false` if other users can only read the file.
    pub written: bool,
    /// The user id of the owner if the problem is that another user owns the file or directory, and `None` otherwise.
    pub owner: Option<u32>,
}
