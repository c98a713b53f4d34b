//! The options of `backup`.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `backup`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright backup keyring.backup
  keywright backup \"keyring-$(date +%F).backup\" --format json")]
pub struct Backup {
    /// File to create for the backup, with mode 0600; an existing file is never overwritten
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}
