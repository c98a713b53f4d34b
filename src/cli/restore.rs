//! The options of `restore`.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `restore`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright restore keyring.backup --dry-run
  keywright restore keyring.backup --yes")]
pub struct Restore {
    /// Backup file to restore; it is not changed
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Show what would be restored, but change nothing
    #[arg(long)]
    pub dry_run: bool,
}
