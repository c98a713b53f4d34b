//! The options of `import`.

use super::words::{ENVS, words};
use crate::{
    import,
    key::{Env, Label, Owner, Scope, When},
};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `import`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright import exported.jsonl --dry-run
  keywright import tokens.jsonl --owner acme --env live
  keywright import partners --scope orders:read --expires 1y")]
pub struct Import {
    /// JSON lines, from `export --format jsonl` or of tokens of another system; public keys, one or a bundle; or a directory of
    /// them; `-` for standard input
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub file: PathBuf,
    /// Say what would come in, and take nothing in
    #[arg(long)]
    pub dry_run: bool,
    /// Who holds the keys
    #[arg(long, value_name = "OWNER", help_heading = "Where a key does not say it")]
    pub owner: Option<Owner>,
    /// The environment they are for [default: the contract's first]
    #[arg(short, long, value_name = "ENV", value_parser = words(&ENVS), help_heading = "Where a key does not say it")]
    pub env: Option<Env>,
    /// What they may be used for; repeat for more
    #[arg(short, long = "scope", value_name = "SCOPE", help_heading = "Where a key does not say it")]
    pub scopes: Vec<Scope>,
    /// A fact for your own tools; repeat for more
    #[arg(long = "label", value_name = "KEY=VALUE", help_heading = "Where a key does not say it")]
    pub labels: Vec<Label>,
    /// When they end: 90d, 1y, 2027-01-31, RFC 3339, or never
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true, help_heading = "Where a key does not say it")]
    pub expires: Option<When>,
    /// What the tokens of the other system begin with, for tables and logs
    #[arg(long, value_name = "PREFIX", value_parser = import::prefix, help_heading = "Where a key does not say it")]
    pub prefix: Option<String>,
}
