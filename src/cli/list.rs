//! The options of `list`.

use super::{
    Filter,
    values::{parse_limit, parse_sort},
    words::{STATUSES, words},
};
use crate::{
    key::{Reference, Status},
    keyring::Sort,
};
use clap::Args;

/// The options of `list`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright list --env live --expiring-within 30d
  keywright list --owner acme --format json
  keywright list --all --sort -expires_at --limit 20")]
pub struct List {
    /// The filter that selects the keys.
    #[command(flatten)]
    pub filter: Filter,
    /// Keys with this status (repeatable, or separated by commas)
    #[arg(long = "status", value_name = "STATUS", value_delimiter = ',', value_parser = words(&STATUSES), help_heading = "Select keys")]
    pub statuses: Vec<Status>,
    /// Include keys that have ended
    #[arg(short, long, conflicts_with = "statuses", help_heading = "Select keys")]
    pub all: bool,
    /// Sort by FIELD, or by -FIELD in descending order [default: newest first]
    #[arg(long, value_name = "[-]FIELD", allow_hyphen_values = true, value_parser = parse_sort, help_heading = "Sort and page")]
    pub sort: Option<Sort>,
    /// Show at most N keys
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = parse_limit, help_heading = "Sort and page")]
    pub limit: Option<u64>,
    /// List only the keys that come after KEY in the sort order
    #[arg(long, value_name = "KEY", help_heading = "Sort and page")]
    pub after: Option<Reference>,
}
