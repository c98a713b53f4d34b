//! The options of `man`.

use clap::Args;

/// The options of `man`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright man > keywright.1
  keywright man generate > keywright-generate.1")]
pub struct Man {
    /// Command whose page to print, such as `policy-set` [default: keywright itself]
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}
