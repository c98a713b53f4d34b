//! The options of `audit`.

use super::{key_or_secret::KeyOrSecret, values::parse_limit, words::words};
use crate::{
    key::Past,
    keyring::{Action, RowHash},
};
use clap::{Args, Subcommand};

/// The options of `audit`.
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
    /// The subcommand, or `None` to print the log.
    #[command(subcommand)]
    pub command: Option<AuditCommand>,
    /// Show only rows about KEY; for a deleted key, give at least the first 6 characters of its id; `-` for the key whose
    /// secret is on standard input
    #[arg(value_name = "KEY")]
    pub key: Option<KeyOrSecret>,
    /// Show only rows since WHEN: a duration before now (`7d`), a date (the start of that day, UTC) or an RFC 3339 time
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub since: Option<Past>,
    /// Show only rows until WHEN: a duration before now, a date (the end of that day, UTC) or an RFC 3339 time
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub until: Option<Past>,
    /// Show only rows with this action (repeatable)
    #[arg(long = "action", value_name = "ACTION", value_parser = words(Action::ALL))]
    pub actions: Vec<Action>,
    /// Show only rows that this user caused
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,
    /// Show only the newest N rows
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = parse_limit)]
    pub limit: Option<u64>,
    /// Continue after the row with this number, with older rows
    #[arg(long, value_name = "ROW")]
    pub after: Option<i64>,
}

/// The subcommands of `audit`.
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Verify that the log was not altered, and print the hash of its newest row
    #[command(after_help = "Examples:
  keywright audit verify
  keywright audit verify --format json
  keywright audit verify --head 62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a")]
    Verify {
        /// Also check that the log still has the row with this hash, which an earlier run printed
        #[arg(long, value_name = "HASH")]
        head: Option<RowHash>,
    },
    /// Accept the time of the system clock although the keyring has later changes
    #[command(after_help = "Examples:
  keywright audit accept-clock --dry-run
  keywright audit accept-clock --yes")]
    AcceptClock {
        /// Show what would change, but change nothing
        #[arg(long)]
        dry_run: bool,
    },
}
