//! The options of `check`.

use super::words::words;
use crate::{health::Kind, key::Period};
use clap::Args;

/// `check`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright check --skip never-used
  keywright check --only expiring --expiring-within 14d --format json
  keywright check --only expired --format id")]
pub struct Check {
    /// Tell what expires within a time from now
    #[arg(long, value_name = "DURATION", default_value = "30d", allow_hyphen_values = true)]
    pub expiring_within: Period,
    /// Tell what was not used for so long
    #[arg(long, value_name = "DURATION", default_value = "90d", allow_hyphen_values = true)]
    pub unused_for: Period,
    /// Tell what is pending for so long
    #[arg(long, value_name = "DURATION", default_value = "1h", allow_hyphen_values = true)]
    pub pending_for: Period,
    /// Look for this alone; repeat for more
    #[arg(long, value_name = "KIND", value_parser = words(&Kind::ALL))]
    pub only: Vec<Kind>,
    /// Do not look for this; repeat for more
    #[arg(long, value_name = "KIND", conflicts_with = "only", value_parser = words(&Kind::ALL))]
    pub skip: Vec<Kind>,
}
