//! The options of `list`.

use super::{
    Filter,
    values::parse_sort,
    words::{STATUSES, words},
};
use crate::{
    key::{Reference, Status},
    keyring::Sort,
};
use clap::Args;

/// `list`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright list --env live --expiring-within 30d
  keywright list --owner acme --format json
  keywright list --all --sort -expires_at --limit 20")]
pub struct List {
    /// Conditions.
    #[command(flatten)]
    pub filter: Filter,
    /// With this status; repeat for more
    #[arg(long = "status", value_name = "STATUS", value_parser = words(&STATUSES), help_heading = "Which keys")]
    pub statuses: Vec<Status>,
    /// Those that are over too
    #[arg(short, long, conflicts_with = "statuses", help_heading = "Which keys")]
    pub all: bool,
    /// Order by a field; with a minus in front, largest first [default: newest first]
    #[arg(long, value_name = "[-]FIELD", allow_hyphen_values = true, value_parser = parse_sort, help_heading = "Order and pages")]
    pub sort: Option<Sort>,
    /// At most so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Order and pages")]
    pub limit: Option<u64>,
    /// Continue after this key, in the same order
    #[arg(long, value_name = "KEY", help_heading = "Order and pages")]
    pub after: Option<Reference>,
}
