//! Taking and restoring backups.
//!
//! A key that has ended in an existing keyring stays ended after a restore into that keyring:
//!
//! - If a key is in both the backup and the keyring, the earlier revocation and the earlier expiry win.
//! - A key that was deleted after the backup was taken is not restored.
//!
//! The keyring keeps its own audit log, to which a row is appended for every key that is added or changed.

mod backup;
mod merge;
mod reconcile;
mod restore;
mod signatures;
#[cfg(test)]
mod tests;
mod verify;

pub use backup::{WrittenBackup, back_up};
pub use merge::merged;
pub use restore::{Effect, RestorePlan, Step, log_restore, plan, restore};
pub use verify::{BackupUse, verify};
