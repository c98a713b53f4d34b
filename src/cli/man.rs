//! The options of `man`.

use clap::Args;

/// `man`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright man > keywright.1
  keywright man generate > keywright-generate.1")]
pub struct Man {
    /// The command [default: keywright itself]
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}
