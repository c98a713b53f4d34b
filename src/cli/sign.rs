//! The options of `sign`.

use super::{
    OutputFormat,
    values::parse_audience,
    words::{JWK_ALGORITHMS, REQUEST_FORMS, words},
};
use crate::{
    key::{Audience, Period},
    keypair::JwkAlgorithm,
    signing::request::{HeaderLine, RequestTarget, Timestamp},
};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `sign`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright sign --private-key ci.pem --scheme http-message-signatures \\
    --method GET --path https://api.example.com/orders
  keywright sign --private-key ci.pem --key-id \"$ID\" --scheme kalshi \\
    --method GET --path \"$URL\" --format curl
  keywright sign --private-key ci.pem --key-id \"$ID\" --scheme jwt \\
    --audience https://api.example.com/token")]
pub struct Sign {
    /// Read the private key from FILE: PKCS#8, or PKCS#1 for RSA, in PEM or DER; `-` for standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub private_key: PathBuf,
    /// Id of the key at the service [default: the JWK thumbprint of the key, for http-message-signatures]
    #[arg(long, value_name = "ID")]
    pub key_id: Option<String>,
    /// Signing scheme: http-message-signatures, kalshi, binance, robinhood, jwt, or a file with a contract or a scheme
    /// [default: that of the keyring, or else kalshi]
    #[arg(long, value_name = "NAME|FILE", value_hint = ValueHint::FilePath)]
    pub scheme: Option<PathBuf>,
    /// HTTP method, which is signed in uppercase
    #[arg(long, value_name = "METHOD", help_heading = "Request")]
    pub method: Option<String>,
    /// Absolute path or full URL
    #[arg(long, value_name = "PATH|URL", help_heading = "Request")]
    pub path: Option<RequestTarget>,
    /// Header of the request, as `NAME: VALUE` (repeatable)
    #[arg(long = "header", value_name = "HEADER", help_heading = "Request")]
    pub headers: Vec<HeaderLine>,
    /// Read the body of the request from FILE; `-` for standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Request")]
    pub body: Option<PathBuf>,
    /// Audience of the JWT, such as the URL of the token endpoint
    #[arg(long, value_name = "URL", value_parser = parse_audience, help_heading = "JWT")]
    pub audience: Option<Audience>,
    /// Algorithm of the JWT [default: `EdDSA` for an Ed25519 key, `PS256` for an RSA key]
    #[arg(long = "alg", value_name = "ALG", value_parser = words(&JWK_ALGORITHMS), help_heading = "JWT")]
    pub algorithm: Option<JwkAlgorithm>,
    /// Time of the signature in milliseconds since 1970 [default: now]
    #[arg(long, value_name = "MS", allow_hyphen_values = true)]
    pub timestamp: Option<Timestamp>,
    /// Time to live of the signature [default: not stated in the signature of a request, 5m for a JWT]
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub ttl: Option<Period>,
    /// Accept a private key file that other users can access
    #[arg(long)]
    pub insecure_permissions: bool,
    /// Output format
    #[arg(long = "format", id = "format", value_name = "FORMAT", default_value = "headers", value_parser = words(&REQUEST_FORMS))]
    pub format: OutputFormat,
}
