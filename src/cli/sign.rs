//! The options of `sign`.

use super::{
    OutputFormat,
    words::{REQUEST_FORMS, words},
};
use crate::signing::request::{HeaderLine, RequestTarget, Timestamp};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `sign`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright sign --private-key ci.pem --key-id \"$ID\" --method GET --path /orders
  keywright sign --private-key ci.pem --key-id \"$ID\" --method GET \\
    --path \"$URL\" --format curl")]
pub struct Sign {
    /// Read the private key from FILE: PKCS#8, or PKCS#1 for RSA, in PEM or DER; `-` for standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub private_key: PathBuf,
    /// Id of the key at the service
    #[arg(long, value_name = "ID")]
    pub key_id: String,
    /// HTTP method, which is signed in uppercase
    #[arg(long, value_name = "METHOD")]
    pub method: String,
    /// Absolute path or full URL
    #[arg(long, value_name = "PATH|URL")]
    pub path: RequestTarget,
    /// Header of the request, as `NAME: VALUE` (repeatable)
    #[arg(long = "header", value_name = "HEADER")]
    pub headers: Vec<HeaderLine>,
    /// Read the body of the request from FILE; `-` for standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub body: Option<PathBuf>,
    /// Signing scheme: kalshi, binance, robinhood, or a contract file [default: that of the keyring, or else kalshi]
    #[arg(long, value_name = "NAME|FILE", value_hint = ValueHint::FilePath)]
    pub scheme: Option<PathBuf>,
    /// Time of the signature in milliseconds since 1970 [default: now]
    #[arg(long, value_name = "MS", allow_hyphen_values = true)]
    pub timestamp: Option<Timestamp>,
    /// Accept a private key file that other users can access
    #[arg(long)]
    pub insecure_permissions: bool,
    /// Output format
    #[arg(long = "format", id = "format", value_name = "FORMAT", default_value = "headers", value_parser = words(&REQUEST_FORMS))]
    pub format: OutputFormat,
}
