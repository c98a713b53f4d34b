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
    /// Returns the contract of the keyring as text, or `None` for the default contract.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn contract(&self) -> Result<Option<String>>;

    /// Visits every key in the order of creation, or the damage of its row.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn each_key(&self, visit: &mut dyn FnMut(Result<&KeyView<'_>, Damage>)) -> Result<()>;

    /// Visits the damaged rows of the other tables: bearer tokens that do not match their digest or whose key is missing,
    /// and tombstones that keywright cannot have written.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn each_other_damage(&self, visit: &mut dyn FnMut(Damage)) -> Result<()>;

    /// Verifies the audit log: see [`Reads::verify_chain`](super::Reads::verify_chain).
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn verify_chain(&self) -> Result<Chain>;

    /// Returns the keys whose rows disagree with the audit log or a tombstone: see
    /// [`Reads::contradictions`](super::Reads::contradictions).
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn contradictions(&self, limit: usize) -> Result<Vec<Contradiction>>;

    /// Returns at most `limit` problems that the engine finds in its own storage.
    ///
    /// # Errors
    /// Returns the errors of the engine.
    fn problems(&self, limit: usize) -> Result<Vec<String>>;

    /// Returns the files and directories of the keyring that other users can read or write.
    ///
    /// # Errors
    /// Returns `keyring_failed` if the permissions cannot be read.
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
    /// `true` if other users can write the file or directory, `false` if they can only read it.
    pub written: bool,
}
