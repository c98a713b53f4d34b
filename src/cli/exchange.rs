//! The options of `exchange`.

use super::values::{parse_address, parse_audience};
use crate::key::{Audience, Period, Scope};
use clap::{Args, ValueHint};
use std::{net::IpAddr, path::PathBuf};

/// The options of `exchange`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright exchange --token-file web.env
  keywright exchange --scope orders:read --ttl 10m --out access.json < pair.txt
  keywright exchange --audience https://api.example.com/token < assertion.jwt")]
pub struct Exchange {
    /// Read the pair or the assertion from FILE [default: standard input]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub token_file: Option<PathBuf>,
    /// Scope of the bearer token (repeatable, or separated by commas) [default: all scopes of the key]
    #[arg(short, long = "scope", value_name = "SCOPE", value_delimiter = ',')]
    pub scopes: Vec<Scope>,
    /// Required audience of an assertion, compared exactly [default: the rule `bearer_audience`]
    #[arg(long, value_name = "URL", value_parser = parse_audience)]
    pub audience: Option<Audience>,
    /// Address from which the key is used; required if the key is restricted to specific networks
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    pub ip: Option<IpAddr>,
    /// Time to live of the bearer token, such as `10m` [default: the contract's maximum]
    #[arg(id = "expires_at", long = "ttl", value_name = "DURATION", allow_hyphen_values = true)]
    pub ttl: Option<Period>,
    /// Write the bearer token to a new FILE with mode 0600; an existing file is never overwritten; `-` for standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Show what would be issued, but issue nothing
    #[arg(long)]
    pub dry_run: bool,
}
