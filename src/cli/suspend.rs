//! The options of `disable` and `enable`.

use super::{Filter, KeyOrSecret};
use clap::Args;

/// The options of `disable`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright disable ci web
  keywright disable --owner acme --env live --dry-run")]
pub struct Disable {
    /// The keys.
    #[command(flatten)]
    pub keys: Suspend,
}

/// The options of `enable`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright enable ci web
  keywright enable --owner acme --env live --dry-run")]
pub struct Enable {
    /// The keys.
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
    /// The filter, instead of keys.
    #[command(flatten)]
    pub filter: Filter,
}
