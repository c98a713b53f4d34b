//! The options of `export`.

use super::{
    Filter, OutputFormat,
    words::{EXPORT_FORMS, words},
};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options of `export`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright export --env live --out jwks.json
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
    /// Output format
    #[arg(long = "format", id = "format", value_name = "FORMAT", default_value = "jwks", value_parser = words(&EXPORT_FORMS), help_heading = "Output")]
    pub format: OutputFormat,
}
