//! The options of `whoami`.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `whoami`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright whoami < found.txt
  keywright whoami --token-file ci.pem --format json")]
pub struct Whoami {
    /// The file with the secret: a token, a bearer token, a pair or its secret half, a private key [default: standard input]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub token_file: Option<PathBuf>,
}
