//! The options of `exchange`.

use crate::key::{Period, Scope};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `exchange`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright exchange --token-file web.env
  keywright exchange --scope orders:read --ttl 10m --out access.json < pair.txt")]
pub struct Exchange {
    /// The file with the pair [default: standard input]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub token_file: Option<PathBuf>,
    /// A scope of the bearer token; repeat for more [default: all that the key has]
    #[arg(short, long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<Scope>,
    /// How long it lives [default: what the contract allows at most]
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub ttl: Option<Period>,
    /// Write the answer to a new file with mode 0600; never overwrites
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Say what would be issued, and issue nothing
    #[arg(long)]
    pub dry_run: bool,
}
