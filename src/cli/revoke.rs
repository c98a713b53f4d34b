//! The options of `revoke`.

use super::{
    Filter, KeyOrSecret,
    words::{REASONS, words},
};
use crate::key::{Note, Period, RevocationReason, Time};
use clap::Args;

/// The options of `revoke`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright revoke ci --reason superseded
  keywright revoke - --reason key-compromise --yes < leaked.token
  keywright revoke --owner acme --unused-for 90d --dry-run")]
pub struct Revoke {
    /// Keys to revoke; `-` for the key whose secret is on standard input
    #[arg(value_name = "KEY")]
    pub keys: Vec<KeyOrSecret>,
    /// The filter that selects the keys if none are named.
    #[command(flatten)]
    pub filter: Filter,
    /// Reason for the revocation (RFC 5280, section 5.3.1)
    #[arg(long, value_name = "REASON", default_value = "unspecified", value_parser = words(&REASONS), help_heading = "Revocation")]
    pub reason: RevocationReason,
    /// Note on the revocation
    #[arg(long, value_name = "TEXT", help_heading = "Revocation", hide_short_help = true)]
    pub note: Option<Note>,
    /// Revoke after this duration, such as `12h` [default: now]
    #[arg(
        long = "in",
        value_name = "DURATION",
        conflicts_with = "at",
        allow_hyphen_values = true,
        help_heading = "Revocation"
    )]
    pub delay: Option<Period>,
    /// Revoke at this time: a date (the end of that day, UTC) or an RFC 3339 time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Revocation")]
    pub at: Option<Time>,
    /// Show what would be revoked, but revoke nothing
    #[arg(long, help_heading = "Revocation")]
    pub dry_run: bool,
}
