//! The options of `verify`.

use super::Require;
use crate::key::Time;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `verify`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright verify --scope orders:read < presented.txt
  keywright verify --token-file web.token --at 2027-01-31 --format json
  keywright verify --batch < presented.jsonl

With --batch, each line of the input is {\"token\":\"…\"}, {\"api_key\":\"…\",\"api_secret\":\"…\"} or {\"request\":{…}}, where the request has the same fields as for verify-request. \
The fields \"id\", \"scopes\", \"env\" and \"ip\" are optional. The answers are printed in the order of the lines.")]
pub struct Verify {
    /// Read the token, bearer token or pair from FILE [default: standard input]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub token_file: Option<PathBuf>,
    /// The requirements that the key must meet.
    #[command(flatten)]
    pub require: Require,
    /// Verify as of this future time (a date or an RFC 3339 time); the use is not recorded
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<Time>,
    /// Do not record the use
    #[arg(long)]
    pub no_record: bool,
    /// Answer each JSON line on standard input with one JSON line on standard output
    #[arg(long, conflicts_with_all = ["token_file", "scopes", "env", "ip", "at"])]
    pub batch: bool,
}
