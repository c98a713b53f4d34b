//! The options of `update`.

use super::{Given, KeyOrSecret};
use crate::key::{Label, LabelKey, Name, Network, Note, Owner, RateLimit, Scope, When};
use clap::Args;

/// The options of `update`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright update ci --add-scope deploy --remove-scope admin
  keywright update web --expires 90d --owner acme --label tier=gold
  keywright update db --rate-limit 600/min --no-note --dry-run")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Update {
    /// Key to change; `-` for the one whose secret is on standard input
    #[arg(value_name = "KEY")]
    pub key: KeyOrSecret,
    /// New name
    #[arg(short, long, value_name = "NAME")]
    pub name: Option<Given<Name>>,
    /// New owner
    #[arg(long, value_name = "OWNER")]
    pub owner: Option<Given<Owner>>,
    /// Remove the owner
    #[arg(long, conflicts_with = "owner")]
    pub no_owner: bool,
    /// Scope to add (repeatable)
    #[arg(long = "add-scope", value_name = "SCOPE")]
    pub add_scopes: Vec<Given<Scope>>,
    /// Scope to remove (repeatable)
    #[arg(long = "remove-scope", value_name = "SCOPE")]
    pub remove_scopes: Vec<Given<Scope>>,
    /// New expiry: a duration such as `90d`, a date such as 2027-01-31 (end of day, UTC), an RFC 3339 time, or never
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub expires: Option<Given<When>>,
    /// New rate limit, such as `60/min`; windows that are not named do not change
    #[arg(long, value_name = "LIMITS", allow_hyphen_values = true)]
    pub rate_limit: Option<Given<RateLimit>>,
    /// Remove the rate limit
    #[arg(long, conflicts_with = "rate_limit")]
    pub no_rate_limit: bool,
    /// Address or network to allow (repeatable)
    #[arg(long = "allow-ip", value_name = "CIDR", value_delimiter = ',')]
    pub allow_ips: Vec<Given<Network>>,
    /// Address or network to remove (repeatable)
    #[arg(long = "remove-ip", value_name = "CIDR", value_delimiter = ',')]
    pub remove_ips: Vec<Given<Network>>,
    /// Allow every address again
    #[arg(long, conflicts_with_all = ["allow_ips", "remove_ips"])]
    pub no_allow_ip: bool,
    /// Label to set (repeatable)
    #[arg(long = "label", value_name = "KEY=VALUE")]
    pub labels: Vec<Given<Label>>,
    /// Label to remove (repeatable)
    #[arg(long = "remove-label", value_name = "KEY")]
    pub remove_labels: Vec<Given<LabelKey>>,
    /// New note
    #[arg(long, value_name = "TEXT")]
    pub note: Option<Given<Note>>,
    /// Remove the note
    #[arg(long, conflicts_with = "note")]
    pub no_note: bool,
    /// Show what would change, but change nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl Update {
    /// Returns `true` if no option that changes the key is given.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.owner.is_none()
            && !self.no_owner
            && self.add_scopes.is_empty()
            && self.remove_scopes.is_empty()
            && self.expires.is_none()
            && self.rate_limit.is_none()
            && !self.no_rate_limit
            && self.allow_ips.is_empty()
            && self.remove_ips.is_empty()
            && !self.no_allow_ip
            && self.labels.is_empty()
            && self.remove_labels.is_empty()
            && self.note.is_none()
            && !self.no_note
    }
}
