//! The options of `verify`.

use super::words::{ENVS, words};
use crate::key::{Env, Scope, Time};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `verify`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright verify --scope orders:read < presented.txt
  keywright verify --token-file web.token --at 2027-01-31 --format json
  keywright verify --batch < questions.jsonl

A line of --batch is {\"token\":\"…\"}, {\"api_key\":\"…\",\"api_secret\":\"…\"} or {\"request\":{…}} as verify-request reads it, with \"id\", \"scopes\" and \"env\" if \
wanted; each line gets one line as answer, in order.")]
pub struct Verify {
    /// The file with the token or the pair [default: standard input]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub token_file: Option<PathBuf>,
    /// Whether it has this scope; all of them if repeated
    #[arg(short, long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<Scope>,
    /// Whether it is for this environment
    #[arg(short, long, value_name = "ENV", value_parser = words(&ENVS))]
    pub env: Option<Env>,
    /// Whether it is valid at a time: a date or an RFC 3339 time; is not noted as a use
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<Time>,
    /// Do not note the use
    #[arg(long)]
    pub no_touch: bool,
    /// Answer one JSON line on standard output for each on standard input, to its end
    #[arg(long, conflicts_with_all = ["token_file", "scopes", "env", "at"])]
    pub batch: bool,
}
