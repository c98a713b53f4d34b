//! The options of `status`.

use clap::Args;

/// The options of `status`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright status
  keywright status --format json")]
pub struct ShowStatus {}
