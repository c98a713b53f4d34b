//! Taking backups, and restoring them.
//!
//! A restore never undoes an end: if a key is in both the backup and the keyring, the earlier end counts; a key that was deleted
//! after the backup was taken stays away; and the audit log of the keyring goes on, with a row for every key that changes.

mod backup;
mod merge;
mod reconcile;
mod restore;
#[cfg(test)]
mod tests;
mod verify;

pub use backup::{WrittenBackup, back_up};
pub use merge::merged;
pub use restore::{Effect, RestorePlan, Step, log_restore, plan, restore};
pub use verify::verify;
