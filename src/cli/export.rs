//! The options of `export`.

use super::{
    Filter, OutputFormat,
    words::{EXPORT_FORMS, JWK_ALGORITHMS, words},
};
use crate::keypair::JwkAlgorithm;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `export`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright export --env live --alg PS256 --out jwks.json
  keywright export --format pem > keys.pem
  keywright export --format revocations --out revoked.json")]
pub struct Export {
    /// The filter that selects the keys.
    #[command(flatten)]
    pub filter: Filter,
    /// Include keys that are not active; with --format revocations, include scheduled revocations
    #[arg(short, long, help_heading = "Select keys")]
    pub all: bool,
    /// Write to FILE, replacing an existing file atomically; `-` for standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// Algorithm to state in JWKs (repeatable) [default: only the algorithm of keys that have a single one]
    #[arg(id = "algorithms", long = "alg", value_name = "ALG", value_parser = words(&JWK_ALGORITHMS), help_heading = "Output")]
    pub algorithms: Vec<JwkAlgorithm>,
    /// Output format
    #[arg(long = "format", id = "format", value_name = "FORMAT", default_value = "jwks", value_parser = words(&EXPORT_FORMS), help_heading = "Output")]
    pub format: OutputFormat,
}
