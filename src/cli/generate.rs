//! The options of `generate`.

use super::{
    Deliver, Describe,
    values::parse_count,
    words::{TYPES, words},
};
use crate::key::KeyType;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `generate`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright generate --name ci > ci.pem
  keywright generate --name web --type token --env live --expires 90d --out web.token
  keywright generate --name gh --type token --scope deploy -- gh secret set API_TOKEN")]
pub struct Generate {
    /// Who and what.
    #[command(flatten)]
    pub describe: Describe,
    /// The kind of key [default: the contract's first, which is rsa where there is no other contract]
    #[arg(short = 't', long = "type", value_name = "TYPE", value_parser = words(&TYPES), help_heading = "Make")]
    pub key_type: Option<KeyType>,
    /// If a key of this name and environment is there, show it and make none
    #[arg(long, help_heading = "Make")]
    pub if_not_exists: bool,
    /// Issue so many keys, all or none, named NAME-1 and so on; their secrets leave as JSON, one key a line
    #[arg(
        long,
        value_name = "N",
        value_parser = parse_count,
        conflicts_with_all = ["if_not_exists", "from"],
        help_heading = "Make"
    )]
    pub count: Option<usize>,
    /// Issue the keys that a file describes, all or none, one JSON object a line; `-` for standard input
    #[arg(
        long,
        value_name = "FILE.jsonl",
        value_hint = ValueHint::FilePath,
        conflicts_with = "if_not_exists",
        help_heading = "Make"
    )]
    pub from: Option<PathBuf>,
    /// Say what would be made, and make nothing
    #[arg(long, help_heading = "Make")]
    pub dry_run: bool,
    /// What is made, and where its secret goes.
    #[command(flatten)]
    pub deliver: Deliver,
}
