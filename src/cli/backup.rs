//! The options of `backup`.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `backup`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright backup keyring.backup
  keywright backup \"keyring-$(date +%F).backup\" --format json")]
pub struct Backup {
    /// A new file, with mode 0600; never overwrites
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}
