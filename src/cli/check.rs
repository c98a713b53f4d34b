//! The options of `check`.

use super::words::words;
use crate::{health::Kind, key::Period};
use clap::Args;

/// The options of `check`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright check --skip never-used
  keywright check --only expiring --expiring-within 14d --format json
  keywright check --only expired --format id")]
pub struct Check {
    /// Report keys that expire within this time
    #[arg(long, value_name = "DURATION", default_value = "30d", allow_hyphen_values = true)]
    pub expiring_within: Period,
    /// Report keys that have not been used for this long
    #[arg(long, value_name = "DURATION", default_value = "90d", allow_hyphen_values = true)]
    pub unused_for: Period,
    /// Report keys that have been pending for this long
    #[arg(long, value_name = "DURATION", default_value = "1h", allow_hyphen_values = true)]
    pub pending_for: Period,
    /// Report only findings of this kind (repeatable, or separated by commas)
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = words(&Kind::ALL))]
    pub only: Vec<Kind>,
    /// Do not report findings of this kind (repeatable, or separated by commas)
    #[arg(long, value_name = "KIND", conflicts_with = "only", value_delimiter = ',', value_parser = words(&Kind::ALL))]
    pub skip: Vec<Kind>,
}
