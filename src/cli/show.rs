//! The options of `show`.

use super::KeyOrSecret;
use clap::Args;

/// The options of `show`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright show ci --format json
  keywright show - < found.token")]
pub struct Show {
    /// Key to show; `-` for the key whose secret is on standard input
    #[arg(value_name = "KEY")]
    pub key: KeyOrSecret,
}
