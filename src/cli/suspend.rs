//! The options of `disable` and `enable`.

use super::{Filter, KeyOrSecret};
use clap::Args;

/// `disable`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright disable ci web
  keywright disable --owner acme --env live --dry-run")]
pub struct Disable {
    /// Which.
    #[command(flatten)]
    pub keys: Suspend,
}

/// `enable`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright enable ci web
  keywright enable --owner acme --env live --dry-run")]
pub struct Enable {
    /// Which.
    #[command(flatten)]
    pub keys: Suspend,
}

/// What `disable` and `enable` take.
#[derive(Args)]
pub struct Suspend {
    /// The keys; `-` for a secret on standard input
    #[arg(value_name = "KEY")]
    pub keys: Vec<KeyOrSecret>,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Conditions, instead of KEYs.
    #[command(flatten)]
    pub filter: Filter,
}
