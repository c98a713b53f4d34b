//! The options of `restore`.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `restore`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright restore keyring.backup --dry-run
  keywright restore keyring.backup --yes")]
pub struct Restore {
    /// What `backup` wrote; it is only read
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Say what would come back and change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}
