//! The options of `activate`.

use crate::key::Reference;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `activate`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright activate --private-key crashed.pem
  keywright activate gh --private-key - < gh.token
  keywright activate --from devices.jsonl")]
pub struct Activate {
    /// Pending key to activate [default: the key that the secret belongs to]
    #[arg(value_name = "KEY", requires = "private_key")]
    pub key: Option<Reference>,
    /// Read the secret of the key from FILE: a private key, a token or an `api_secret`; `-` for standard input
    #[arg(long, visible_alias = "secret", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub private_key: Option<PathBuf>,
    /// Activate all keys whose secrets are in FILE, all or none; FILE has one JSON object per line, as written by
    /// `generate --count` and `generate --from`; `-` for standard input
    #[arg(
        long,
        value_name = "FILE.jsonl",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["key", "private_key"]
    )]
    pub from: Option<PathBuf>,
    /// Check the secrets, but change nothing
    #[arg(long)]
    pub dry_run: bool,
}
