//! The options of `purge`.

use super::Filter;
use crate::key::Past;
use clap::Args;

/// `purge`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright purge --ended-before 90d --dry-run
  keywright purge --ended-before 1y --env test --yes
  keywright purge --ended-before 2026-01-01 --owner acme")]
pub struct Purge {
    /// Only keys that could not authenticate before then: a time ago (90d), a day (its beginning, UTC) or RFC 3339
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub ended_before: Past,
    /// List what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
    /// More conditions.
    #[command(flatten)]
    pub filter: Filter,
}
