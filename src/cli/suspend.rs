//! The options of `disable` and `enable`.

use super::{Filter, KeyOrSecret};
use clap::Args;

/// The options of `disable`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright disable ci web
  keywright disable --owner acme --env live --dry-run")]
pub struct Disable {
    /// The keys to disable.
    #[command(flatten)]
    pub keys: Suspend,
}

/// The options of `enable`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright enable ci web
  keywright enable --owner acme --env live --dry-run")]
pub struct Enable {
    /// The keys to enable.
    #[command(flatten)]
    pub keys: Suspend,
}

/// The options that `disable` and `enable` share.
#[derive(Args)]
pub struct Suspend {
    /// Keys to change; `-` for the key whose secret is on standard input
    #[arg(value_name = "KEY")]
    pub keys: Vec<KeyOrSecret>,
    /// Show what would change, but change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The filter that selects the keys if none are named.
    #[command(flatten)]
    pub filter: Filter,
}
