//! The options of `update`.

use super::{Given, KeyOrSecret};
use crate::key::{Label, LabelKey, Name, Note, Owner, RateLimit, Scope, When};
use clap::Args;

/// `update`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright update ci --add-scope deploy --remove-scope admin
  keywright update web --expires 90d --owner acme --label tier=gold
  keywright update db --rate-limit 600/min --no-note --dry-run")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Update {
    /// The key; `-` for a secret on standard input
    #[arg(value_name = "KEY")]
    pub key: KeyOrSecret,
    /// Its new name
    #[arg(short, long, value_name = "NAME")]
    pub name: Option<Given<Name>>,
    /// Who holds it from now on
    #[arg(long, value_name = "OWNER")]
    pub owner: Option<Given<Owner>>,
    /// It has no owner
    #[arg(long, conflicts_with = "owner")]
    pub no_owner: bool,
    /// What it may be used for as well; repeat for more
    #[arg(long = "add-scope", value_name = "SCOPE")]
    pub add_scopes: Vec<Given<Scope>>,
    /// What it may not be used for any more; repeat for more
    #[arg(long = "remove-scope", value_name = "SCOPE")]
    pub remove_scopes: Vec<Given<Scope>>,
    /// When it ends: 90d from now, 2027-01-31 (the end of that day, UTC), RFC 3339, or never
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub expires: Option<Given<When>>,
    /// How often it may be used, for example 60/min; windows that are not named stay
    #[arg(long, value_name = "LIMITS", allow_hyphen_values = true)]
    pub rate_limit: Option<Given<RateLimit>>,
    /// It may be used as often as one likes
    #[arg(long, conflicts_with = "rate_limit")]
    pub no_rate_limit: bool,
    /// A label to set; repeat for more
    #[arg(long = "label", value_name = "KEY=VALUE")]
    pub labels: Vec<Given<Label>>,
    /// A label to take away; repeat for more
    #[arg(long = "remove-label", value_name = "KEY")]
    pub remove_labels: Vec<Given<LabelKey>>,
    /// A remark
    #[arg(long, value_name = "TEXT")]
    pub note: Option<Given<Note>>,
    /// It has no remark
    #[arg(long, conflicts_with = "note")]
    pub no_note: bool,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl Update {
    /// Whether nothing is named that should change.
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
            && self.labels.is_empty()
            && self.remove_labels.is_empty()
            && self.note.is_none()
            && !self.no_note
    }
}
