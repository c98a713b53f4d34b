//! The options of `purge`.

use super::Filter;
use crate::key::Past;
use clap::Args;

/// The options of `purge`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright purge --ended-before 90d --dry-run
  keywright purge --ended-before 1y --env test --yes
  keywright purge --ended-before 2026-01-01 --owner acme")]
pub struct Purge {
    /// Delete keys that ended before WHEN: a duration before now (`90d`), a date (the start of that day, UTC) or an RFC 3339 time
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub ended_before: Past,
    /// List the keys that would be deleted, but delete nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The filter that selects the keys.
    #[command(flatten)]
    pub filter: Filter,
}
