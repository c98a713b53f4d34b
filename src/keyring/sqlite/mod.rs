//! The SQLite storage engine.
//!
//! A keyring is a single file with a rollback journal and `synchronous = EXTRA`, so an acknowledged commit survives a
//! power failure. With `FULL`, the removal of the journal would not be durable, and the last commit could be undone.
//! While there is no journal, the file can be read from a read-only directory, and it can be copied.

mod audit;
mod backup_file;
mod backup_writer;
mod batch;
mod batch_rows;
mod batch_state;
mod bearer;
mod connection;
mod contradictions;
mod copy;
mod default_place;
mod engine;
mod error;
mod exposure;
mod inspect;
mod keyring;
mod list;
mod lock_probe;
mod many;
mod migrations;
mod packed;
mod place;
mod policy;
mod purge;
mod ranges;
mod read;
mod replay;
mod rotation_lock;
mod row;
mod schema;
mod schema_check;
mod selected;
mod stale_journal;
#[cfg(test)]
mod tests;
mod thumbprint;
mod upgrade;
mod usage;
mod values;
mod write;
mod writer;

pub use backup_file::{OpenedBackup, open_written, page_problem};
pub use backup_writer::write_backup;
#[cfg(test)]
pub(crate) use keyring::SqliteKeyring;
pub use place::Place;
