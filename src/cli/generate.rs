//! The options of `generate`.

use super::{
    Deliver, Describe,
    values::parse_count,
    words::{TYPES, words},
};
use crate::key::KeyType;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `generate`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright generate --name ci --out ci.pem
  keywright generate --name web --type token --expires 90d --out web.token
  keywright generate --name gh --type token -- gh secret set API_TOKEN

Use --out FILE rather than `> FILE`: the shell empties FILE before keywright starts, even if it holds a private key.")]
pub struct Generate {
    /// The description of the key.
    #[command(flatten)]
    pub describe: Describe,
    /// Type of the key [default: the contract's first type, or rsa]
    #[arg(id = "type", short = 't', long = "type", value_name = "TYPE", value_parser = words(&TYPES), help_heading = "Generate")]
    pub key_type: Option<KeyType>,
    /// If the key already exists, show it instead of generating one
    #[arg(long, help_heading = "Generate")]
    pub if_not_exists: bool,
    /// Issue N keys, all or none, named NAME-1 to NAME-N; their secrets are written as JSON, one key per line
    #[arg(
        long,
        value_name = "N",
        value_parser = parse_count,
        conflicts_with_all = ["if_not_exists", "from"],
        help_heading = "Generate"
    )]
    pub count: Option<usize>,
    /// Issue the keys that FILE describes, all or none; FILE has one JSON object per line; `-` for standard input
    #[arg(
        long,
        value_name = "FILE.jsonl",
        value_hint = ValueHint::FilePath,
        conflicts_with = "if_not_exists",
        help_heading = "Generate"
    )]
    pub from: Option<PathBuf>,
    /// Show what would be generated, but generate nothing
    #[arg(long, help_heading = "Generate")]
    pub dry_run: bool,
    /// The format and the destination of the secret.
    #[command(flatten)]
    pub deliver: Deliver,
}
