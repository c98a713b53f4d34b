//! The options of `show`.

use super::KeyOrSecret;
use clap::Args;

/// `show`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright show ci --format json
  keywright show - < found.token")]
pub struct Show {
    /// The key; `-` for a secret on standard input
    #[arg(value_name = "KEY")]
    pub key: KeyOrSecret,
}
