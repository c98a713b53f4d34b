//! The options of `import`.

use super::DescribeImported;
use crate::import;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `import`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright import exported.jsonl --dry-run
  keywright import tokens.jsonl --owner acme --env live
  keywright import partners --scope orders:read --expires 1y")]
pub struct Import {
    /// File to import, with JSON lines (written by `export --format jsonl`, or with tokens of another system) or with
    /// public keys; a directory of files with public keys; or `-` for standard input
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub file: PathBuf,
    /// Show what would be imported, but import nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The defaults for the fields of the keys.
    #[command(flatten)]
    pub describe: DescribeImported,
    /// Public prefix of the tokens of another system, which `show` prints in place of the token
    #[arg(long, value_name = "PREFIX", value_parser = import::prefix, help_heading = "Defaults for imported keys")]
    pub prefix: Option<String>,
}
