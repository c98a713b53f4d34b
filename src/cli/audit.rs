//! The options of `audit`.

use super::words::words;
use crate::{
    key::{Past, Reference},
    keyring::{Action, RowHash},
};
use clap::{Args, Subcommand};

/// `audit`.
#[derive(Args)]
#[command(
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  keywright audit ci
  keywright audit --since 7d --action revoke --format jsonl
  keywright audit verify --format id > head.txt"
)]
pub struct Audit {
    /// What to do, other than to print the log.
    #[command(subcommand)]
    pub command: Option<AuditCommand>,
    /// Only what was done to this key; of one that is gone, by its id or 6 or more of its first characters
    #[arg(value_name = "KEY")]
    pub key: Option<Reference>,
    /// Not before: a time ago (7d), a day (from its beginning, UTC) or RFC 3339
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub since: Option<Past>,
    /// Not after: a time ago, a day (to its end, UTC) or RFC 3339
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub until: Option<Past>,
    /// Only this; repeat for more
    #[arg(long = "action", value_name = "ACTION", value_parser = words(Action::ALL))]
    pub actions: Vec<Action>,
    /// Only what this account did
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,
    /// At most so many, the newest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
}

/// The subcommands of `audit`.
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Check that the log is the one that was written, and print the hash of its newest row
    #[command(after_help = "Examples:
  keywright audit verify
  keywright audit verify --format json
  keywright audit verify --head 62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a")]
    Verify {
        /// Also that a row with this hash is there still: what an earlier run printed
        #[arg(long, value_name = "HASH")]
        head: Option<RowHash>,
    },
}
