//! The options of `man`.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `man`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright man generate | man -l -
  keywright man --out-dir man1")]
pub struct Man {
    /// Command whose page to print, such as `policy-set` [default: keywright itself]
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
    /// Write all pages to DIR, and replace those that are already there
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "command")]
    pub out_dir: Option<PathBuf>,
}
