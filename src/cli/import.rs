//! The options of `import`.

use super::words::{ENVS, words};
use crate::{
    import,
    key::{Env, Label, Network, Owner, Scope, When},
};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `import`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright import exported.jsonl --dry-run
  keywright import tokens.jsonl --owner acme --env live
  keywright import partners --scope orders:read --expires 1y")]
pub struct Import {
    /// File to import, or `-` for standard input: JSON lines (from `export --format jsonl`, or tokens of another system), a
    /// public key, a bundle of public keys, or a directory of such files
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub file: PathBuf,
    /// Show what would be imported, but import nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Owner of the keys
    #[arg(long, value_name = "OWNER", help_heading = "Defaults for imported keys")]
    pub owner: Option<Owner>,
    /// Environment of the keys [default: the contract's first]
    #[arg(short, long, value_name = "ENV", value_parser = words(&ENVS), help_heading = "Defaults for imported keys")]
    pub env: Option<Env>,
    /// Scope to grant (repeatable)
    #[arg(short, long = "scope", value_name = "SCOPE", help_heading = "Defaults for imported keys")]
    pub scopes: Vec<Scope>,
    /// Address or network from which the keys may be used (repeatable)
    #[arg(long = "allow-ip", value_name = "CIDR", value_delimiter = ',', help_heading = "Defaults for imported keys")]
    pub allowed_ips: Vec<Network>,
    /// Label for your own tools (repeatable)
    #[arg(long = "label", value_name = "KEY=VALUE", help_heading = "Defaults for imported keys")]
    pub labels: Vec<Label>,
    /// Expiry: a duration such as `90d`, a date (end of day, UTC), an RFC 3339 time, or never
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true, help_heading = "Defaults for imported keys")]
    pub expires: Option<When>,
    /// Prefix of the other system's tokens, shown in tables and logs
    #[arg(long, value_name = "PREFIX", value_parser = import::prefix, help_heading = "Defaults for imported keys")]
    pub prefix: Option<String>,
}
