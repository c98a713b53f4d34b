//! `activate`, `update`, `disable`, `enable`, `revoke` and `purge`: what happens to keys that are there.

use super::{
    Filter, Given, Target,
    words::{REASONS, words},
};
use crate::key::{
    Label, LabelKey, Name, Note, Owner, Past, Period, RateLimit, Reference, RevocationReason, Scope, Time, When,
};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `activate`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright activate crashed --private-key crashed.pem
  keywright activate gh --private-key - < gh.token
  keywright activate --from devices.jsonl")]
pub struct Activate {
    /// The pending key
    #[arg(value_name = "KEY", required_unless_present = "from", requires = "private_key")]
    pub key: Option<Reference>,
    /// The file with its secret, whatever its type; `-` for standard input
    #[arg(long, visible_alias = "secret", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub private_key: Option<PathBuf>,
    /// Activate every key whose secret is in a file, all or none, one JSON document a line, as `generate --count` and
    /// `generate --from` deliver them; `-` for standard input
    #[arg(
        long,
        value_name = "FILE.jsonl",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["key", "private_key"]
    )]
    pub from: Option<PathBuf>,
    /// Check the proof, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

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
    pub key: Target,
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

/// `disable`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright disable ci web
  keywright disable --owner acme --env live --dry-run")]
pub struct Disable {
    /// Which.
    #[command(flatten)]
    pub keys: Suspend,
}

/// `enable`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright enable ci web
  keywright enable --owner acme --env live --dry-run")]
pub struct Enable {
    /// Which.
    #[command(flatten)]
    pub keys: Suspend,
}

/// What `disable` and `enable` take.
#[derive(Args)]
pub struct Suspend {
    /// The keys; `-` for a secret on standard input
    #[arg(value_name = "KEY")]
    pub keys: Vec<Target>,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Conditions, instead of KEYs.
    #[command(flatten)]
    pub filter: Filter,
}

/// `revoke`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright revoke ci --reason superseded
  keywright revoke - --reason key-compromise --yes < leaked.token
  keywright revoke --owner acme --unused-for 90d --dry-run")]
pub struct Revoke {
    /// The keys; `-` for a leaked secret on standard input
    #[arg(value_name = "KEY")]
    pub keys: Vec<Target>,
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

/// `purge`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright purge --ended-before 90d --dry-run
  keywright purge --ended-before 1y --env test --yes
  keywright purge --ended-before 2026-01-01 --owner acme")]
pub struct Purge {
    /// Only keys that could not authenticate before then: a time ago (90d), a day (its beginning, UTC) or RFC 3339
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub ended_before: Past,
    /// List what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
    /// More conditions.
    #[command(flatten)]
    pub filter: Filter,
}
