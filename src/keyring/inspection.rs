//! Inspecting keyrings, including damaged, exposed and outdated ones.

use super::{Chain, Contradiction};
use crate::{
    error::Result,
    key::{KeyId, KeyView},
};
use std::path::PathBuf;

/// A keyring that is open for inspection. It may be damaged, writable by other users, or have an older schema.
///
/// No method writes. Every method opens its own connection, so several threads can call them at the same time.
pub trait Inspection: Sync {
    /// Returns the contract of the keyring as JSON text, or `None` for the default contract.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the contract cannot be read.
    fn contract(&self) -> Result<Option<String>>;

    /// Calls `visit` for every key in the order of creation. If the row of a key is damaged, `visit` receives the
    /// damage instead.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the rows cannot be read.
    fn each_key(&self, visit: &mut dyn FnMut(Result<&KeyView<'_>, Damage>)) -> Result<()>;

    /// Calls `visit` for each damaged row of the other tables: bearer tokens that do not match their digest or whose
    /// key is missing, and tombstones that keywright cannot have written.
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

    /// Returns the keys whose rows disagree with the audit log or with a tombstone, at most `limit` of each kind.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn contradictions(&self, limit: usize) -> Result<Vec<Contradiction>>;

    /// Returns descriptions of the problems that the engine finds in its own storage. The search stops after `limit`
    /// problems.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the storage cannot be checked.
    fn problems(&self, limit: usize) -> Result<Vec<String>>;

    /// Returns the files of the keyring that other users can read or write, and the directories that other users can
    /// write.
    ///
    /// # Errors
    /// - `keyring_missing` if there is no keyring
    /// - a [storage error](crate::keyring#storage-errors) if the permissions cannot be read
    fn exposures(&self) -> Result<Vec<Exposure>>;
}

/// A row with content that keywright did not write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The number of the row, if it has one.
    pub seq: Option<i64>,
    /// The id of the key that the row describes or refers to, if it is readable.
    pub id: Option<KeyId>,
    /// A description of the damage.
    pub what: &'static str,
}

/// A file or directory of a keyring that users other than its owner can access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The path of the file or directory.
    pub path: PathBuf,
    /// The permission bits of the file or directory.
    pub mode: u32,
    /// `true` if other users can write the file or directory; `false` if they can only read it.
    pub written: bool,
}
