//! The options of `activate`.

use crate::key::Reference;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `activate`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright activate crashed --private-key crashed.pem
  keywright activate gh --private-key - < gh.token
  keywright activate --from devices.jsonl")]
pub struct Activate {
    /// The pending key
    #[arg(value_name = "KEY", required_unless_present = "from", requires = "private_key")]
    pub key: Option<Reference>,
    /// The file with its secret, whatever its type; `-` for standard input
    #[arg(long, visible_alias = "secret", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub private_key: Option<PathBuf>,
    /// Activate every key whose secret is in a file, all or none, one JSON document a line, as `generate --count` and
    /// `generate --from` deliver them; `-` for standard input
    #[arg(
        long,
        value_name = "FILE.jsonl",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["key", "private_key"]
    )]
    pub from: Option<PathBuf>,
    /// Check the proof, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}
