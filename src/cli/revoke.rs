//! The options of `revoke`.

use super::{
    Filter, KeyOrSecret,
    words::{REASONS, words},
};
use crate::key::{Note, Period, RevocationReason, Time};
use clap::Args;

/// `revoke`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright revoke ci --reason superseded
  keywright revoke - --reason key-compromise --yes < leaked.token
  keywright revoke --owner acme --unused-for 90d --dry-run")]
pub struct Revoke {
    /// The keys; `-` for a leaked secret on standard input
    #[arg(value_name = "KEY")]
    pub keys: Vec<KeyOrSecret>,
    /// Conditions, instead of KEYs.
    #[command(flatten)]
    pub filter: Filter,
    /// Why (RFC 5280, section 5.3.1)
    #[arg(long, value_name = "REASON", default_value = "unspecified", value_parser = words(&REASONS), help_heading = "Revocation")]
    pub reason: RevocationReason,
    /// A remark on the revocation
    #[arg(long, value_name = "TEXT", help_heading = "Revocation")]
    pub note: Option<Note>,
    /// From then on: a time from now
    #[arg(
        long = "in",
        value_name = "DURATION",
        conflicts_with = "at",
        allow_hyphen_values = true,
        help_heading = "Revocation"
    )]
    pub delay: Option<Period>,
    /// From then on: a date or an RFC 3339 time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Revocation")]
    pub at: Option<Time>,
    /// Say what would be revoked, and revoke nothing
    #[arg(long, help_heading = "Revocation")]
    pub dry_run: bool,
}
