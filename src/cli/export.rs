//! The options of `export`.

use super::{
    Filter, OutputFormat,
    conflicts::refuse_first,
    words::{EXPORT_FORMS, JWK_ALGORITHMS, words},
};
use crate::{error::Result, keypair::JwkAlgorithm, output::ExportForm};
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

impl Export {
    /// Refuses algorithms for a format that does not state them, and several algorithms for keys of one type.
    ///
    /// # Errors
    /// Returns `usage` if the options contradict each other.
    pub fn refuse_algorithms(&self, form: ExportForm) -> Result<()> {
        refuse_first(&[
            (
                !self.algorithms.is_empty() && form != ExportForm::Jwks,
                "only JWKs state an algorithm",
                "omit --alg, or use --format jwks",
            ),
            (
                JwkAlgorithm::any_for_same_keys(&self.algorithms),
                "--alg chooses several algorithms for the same keys",
                "pass at most one of PS256 and RS256, and one of EdDSA and Ed25519",
            ),
        ])
    }
}
