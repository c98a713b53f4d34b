//! The options of `verify`.

use super::words::{ENVS, words};
use crate::key::{Env, Scope, Time};
use clap::{Args, ValueHint};
use std::{net::IpAddr, path::PathBuf};

/// The options of `verify`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright verify --scope orders:read < presented.txt
  keywright verify --token-file web.token --at 2027-01-31 --format json
  keywright verify --batch < questions.jsonl

A line of --batch is {\"token\":\"…\"}, {\"api_key\":\"…\",\"api_secret\":\"…\"} or {\"request\":{…}}, where the request is JSON as for verify-request. \
\"id\", \"scopes\", \"env\" and \"ip\" are optional. The answers come in the order of the lines.")]
pub struct Verify {
    /// Read the token or pair from FILE [default: standard input]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub token_file: Option<PathBuf>,
    /// Require this scope (repeatable)
    #[arg(short, long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<Scope>,
    /// Require this environment
    #[arg(short, long, value_name = "ENV", value_parser = words(&ENVS))]
    pub env: Option<Env>,
    /// Address from which the secret is used; required if the key is restricted to networks
    #[arg(long, value_name = "ADDRESS")]
    pub ip: Option<IpAddr>,
    /// Verify as of this time (a date or an RFC 3339 time); the use is not recorded
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<Time>,
    /// Do not record the use
    #[arg(long)]
    pub no_touch: bool,
    /// Answer each JSON line on standard input with one JSON line on standard output
    #[arg(long, conflicts_with_all = ["token_file", "scopes", "env", "ip", "at"])]
    pub batch: bool,
}
