//! The options of `update`.

use super::{DescribeChange, KeyOrSecret};
use clap::Args;

/// The options of `update`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright update ci --add-scope deploy --remove-scope admin
  keywright update web --expires 90d --owner acme --label tier=gold
  keywright update db --rate-limit 600/min --no-note --dry-run")]
pub struct Update {
    /// Key to change; `-` for the key whose secret is on standard input
    #[arg(value_name = "KEY")]
    pub key: KeyOrSecret,
    /// The change to the description.
    #[command(flatten)]
    pub describe: DescribeChange,
    /// Show what would change, but change nothing
    #[arg(long)]
    pub dry_run: bool,
}
