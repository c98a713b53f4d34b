//! The options of `whoami`.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `whoami`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright whoami < found.txt
  keywright whoami --token-file ci.pem --format json")]
pub struct Whoami {
    /// Read the secret from FILE: a token, a bearer token, a pair, the secret half of a pair, or a private key [default: standard input]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub token_file: Option<PathBuf>,
}
