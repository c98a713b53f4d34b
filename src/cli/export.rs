//! `export`: keys for those who verify elsewhere.

use super::{
    Filter, OutputFormat,
    words::{EXPORT_FORMS, words},
};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `export`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright export --env live --out jwks.json
  keywright export --format pem > keys.pem
  keywright export --format revocations --out revoked.json")]
pub struct Export {
    /// Conditions.
    #[command(flatten)]
    pub filter: Filter,
    /// Not only those that are active; of revocations, those that are planned too
    #[arg(short, long, help_heading = "Which keys")]
    pub all: bool,
    /// Write to a file; one that is there is replaced at once
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Print")]
    pub out: Option<PathBuf>,
    /// What to print
    #[arg(long = "format", id = "format", value_name = "FORMAT", default_value = "jwks", value_parser = words(&EXPORT_FORMS), help_heading = "Print")]
    pub format: OutputFormat,
}
