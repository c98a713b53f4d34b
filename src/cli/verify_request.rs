//! The options of `verify-request`.

use super::Require;
use crate::key::Period;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `verify-request`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright verify-request < request.http
  keywright verify-request --input request.json --scope read --format json
  keywright verify-request --explain --no-record < other.http

Pass the request as input, or as five options if the scheme signs only the timestamp, the method and the path. The input is \
either the head of an HTTP request, followed by its body if the body is signed, or a JSON object with method, path or url, \
headers and body, or with key_id, timestamp and signature. The contract of the keyring says how requests are signed.")]
pub struct VerifyRequest {
    /// Read the request from FILE [default: standard input]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Request")]
    pub input: Option<PathBuf>,
    /// Id of the key that signed the request
    #[arg(long, value_name = "ID", requires_all = ["timestamp", "method", "path", "signature"], conflicts_with = "input", allow_hyphen_values = true, help_heading = "Request")]
    pub key_id: Option<String>,
    /// Time of the signature, as it was sent
    #[arg(long, value_name = "TIME", requires = "key_id", allow_hyphen_values = true, help_heading = "Request")]
    pub timestamp: Option<String>,
    /// HTTP method, in uppercase
    #[arg(long, value_name = "METHOD", requires = "key_id", allow_hyphen_values = true, help_heading = "Request")]
    pub method: Option<String>,
    /// Absolute path, with the query only if the scheme signs it
    #[arg(long, value_name = "PATH", requires = "key_id", allow_hyphen_values = true, help_heading = "Request")]
    pub path: Option<String>,
    /// Signature, as it was sent
    #[arg(long, value_name = "SIGNATURE", requires = "key_id", allow_hyphen_values = true, help_heading = "Request")]
    pub signature: Option<String>,
    /// The requirements that the key must meet.
    #[command(flatten)]
    pub require: Require,
    /// Maximum difference between the timestamp and the current time [default: that of the contract, or else 30s]
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub max_skew: Option<Period>,
    /// Record neither the request nor the use, so the same request can be accepted again
    #[arg(long)]
    pub no_record: bool,
    /// If the request is malformed or its signature is wrong, report the most likely mistake
    #[arg(long)]
    pub explain: bool,
}
