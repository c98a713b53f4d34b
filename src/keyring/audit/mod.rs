//! The audit log, a hash chain of rows that record changes to the keyring, each with its time, account, host and
//! command.

mod chain;
mod entry;
mod facts;
mod query;

pub use chain::{Break, Chain, Flaw, Head, RowHash};
pub(super) use chain::{Link, RowContent, close};
pub use entry::{Action, Entry};
pub(super) use facts::{bearer_summary, new_time, summary, write_summary};
pub use facts::{describe_changes, difference};
pub use query::{AuditCursor, AuditQuery, AuditRow};
