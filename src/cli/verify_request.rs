//! The options of `verify-request`.

use super::words::{ENVS, words};
use crate::key::{Env, Period, Scope};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `verify-request`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright verify-request < request.http
  keywright verify-request --input request.json --scope read --format json
  keywright verify-request --explain --no-touch < other.http

Without the five options that are a request, one is read: the head of an HTTP request with its three KALSHI-ACCESS \
headers, or JSON with key_id, timestamp, method, path and signature. A query in the first line of a head is cut.")]
pub struct VerifyRequest {
    /// The file with the request [default: standard input]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "The request")]
    pub input: Option<PathBuf>,
    /// The id of the key that it is signed with
    #[arg(long, value_name = "ID", requires_all = ["timestamp", "method", "path", "signature"], conflicts_with = "input", allow_hyphen_values = true, help_heading = "The request")]
    pub key_id: Option<String>,
    /// When it was signed, in milliseconds since 1970
    #[arg(long, value_name = "MS", requires = "key_id", allow_hyphen_values = true, help_heading = "The request")]
    pub timestamp: Option<String>,
    /// The method, in upper case
    #[arg(long, value_name = "METHOD", requires = "key_id", allow_hyphen_values = true, help_heading = "The request")]
    pub method: Option<String>,
    /// The path from the host's root, without the query
    #[arg(long, value_name = "PATH", requires = "key_id", allow_hyphen_values = true, help_heading = "The request")]
    pub path: Option<String>,
    /// The signature, in standard base64
    #[arg(long, value_name = "BASE64", requires = "key_id", allow_hyphen_values = true, help_heading = "The request")]
    pub signature: Option<String>,
    /// Whether the key has this scope; all of them if repeated
    #[arg(short, long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<Scope>,
    /// Whether the key is for this environment
    #[arg(short, long, value_name = "ENV", value_parser = words(&ENVS))]
    pub env: Option<Env>,
    /// How far the timestamp may be from now
    #[arg(long, value_name = "DURATION", default_value = "30s", allow_hyphen_values = true)]
    pub max_skew: Period,
    /// Do not record the request and the use; the same request is then good again
    #[arg(long)]
    pub no_touch: bool,
    /// Say which of the usual mistakes was made, if the request is refused for its signature or its form
    #[arg(long)]
    pub explain: bool,
}
