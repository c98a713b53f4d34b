//! `policy`, `owner`, `audit`, `check`, `backup`, `restore` and `import`: what a keyring is kept by.

use super::words::{ENVS, words};
use crate::{
    health::Kind,
    import,
    key::{Env, Label, Owner, Past, Period, Reference, Scope, UsageLevel, When},
    keyring::{Action, RowHash},
};
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// `policy`.
#[derive(Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:
  keywright policy set expiry.longest 90d
  keywright policy load polynode
  keywright policy show --format json"
)]
pub struct Policy {
    /// What to do.
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// The subcommands of `policy`.
#[derive(Subcommand)]
pub enum PolicyCommand {
    /// Print the rules in force; as JSON, the whole contract
    Show,
    /// Change one rule; keys that are there stay as they are
    Set {
        /// The rule, as `policy show` names it
        #[arg(value_name = "RULE")]
        rule: String,
        /// Its value: a word or JSON; null takes the rule away
        #[arg(value_name = "VALUE", allow_hyphen_values = true)]
        value: String,
        /// Say what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Put the keyring under another contract; keys that are there stay as they are
    Load {
        /// default, kalshi, polynode, yativo, imtegrate, or a contract file
        #[arg(value_name = "NAME|FILE", value_hint = ValueHint::FilePath)]
        contract: PathBuf,
        /// Say what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
}

impl PolicyCommand {
    /// Its name, as the audit log records it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Show => "policy show",
            Self::Set { .. } => "policy set",
            Self::Load { .. } => "policy load",
        }
    }
}

/// `owner`.
#[derive(Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:
  keywright owner set acme --usage-level premier
  keywright owner show acme
  keywright owner list --format json"
)]
pub struct Owners {
    /// What to do.
    #[command(subcommand)]
    pub command: OwnersCommand,
}

/// The subcommands of `owner`.
#[derive(Subcommand)]
pub enum OwnersCommand {
    /// Say what an owner is entitled to
    Set {
        /// The owner, as keys have it
        #[arg(value_name = "NAME")]
        name: Owner,
        /// The usage level, in the service's own words
        #[arg(long, value_name = "LEVEL")]
        usage_level: UsageLevel,
        /// Say what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List the owners that were set
    List,
    /// Show one owner
    Show {
        /// The owner
        #[arg(value_name = "NAME")]
        name: Owner,
    },
}

impl OwnersCommand {
    /// Its name, as the audit log records it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Set { .. } => "owner set",
            Self::List => "owner list",
            Self::Show { .. } => "owner show",
        }
    }
}

/// `audit`.
#[derive(Args)]
#[command(
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  keywright audit ci
  keywright audit --since 7d --action revoke --format jsonl
  keywright audit verify --format id > head.txt"
)]
pub struct Audit {
    /// What to do, other than to print the log.
    #[command(subcommand)]
    pub command: Option<AuditCommand>,
    /// Only what was done to this key; of one that is gone, by its id or 6 or more of its first characters
    #[arg(value_name = "KEY")]
    pub key: Option<Reference>,
    /// Not before: a time ago (7d), a day (from its beginning, UTC) or RFC 3339
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub since: Option<Past>,
    /// Not after: a time ago, a day (to its end, UTC) or RFC 3339
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub until: Option<Past>,
    /// Only this; repeat for more
    #[arg(long = "action", value_name = "ACTION", value_parser = words(Action::ALL))]
    pub actions: Vec<Action>,
    /// Only what this account did
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,
    /// At most so many, the newest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
}

/// The subcommands of `audit`.
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Check that the log is the one that was written, and print the hash of its newest row
    #[command(after_help = "Examples:
  keywright audit verify
  keywright audit verify --format json
  keywright audit verify --head 62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a")]
    Verify {
        /// Also that a row with this hash is there still: what an earlier run printed
        #[arg(long, value_name = "HASH")]
        head: Option<RowHash>,
    },
}

/// `backup`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright backup keyring.backup
  keywright backup \"keyring-$(date +%F).backup\" --format json")]
pub struct Backup {
    /// A new file, with mode 0600; never overwrites
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

/// `restore`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright restore keyring.backup --dry-run
  keywright restore keyring.backup --yes")]
pub struct Restore {
    /// What `backup` wrote; it is only read
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Say what would come back and change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

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

/// `import`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright import exported.jsonl --dry-run
  keywright import tokens.jsonl --owner acme --env live
  keywright import partners --scope orders:read --expires 1y")]
pub struct Import {
    /// JSON lines, from `export --format jsonl` or of tokens of another system; public keys, one or a bundle; or a directory of
    /// them; `-` for standard input
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub file: PathBuf,
    /// Say what would come in, and take nothing in
    #[arg(long)]
    pub dry_run: bool,
    /// Who holds the keys
    #[arg(long, value_name = "OWNER", help_heading = "Where a key does not say it")]
    pub owner: Option<Owner>,
    /// The environment they are for [default: the contract's first]
    #[arg(short, long, value_name = "ENV", value_parser = words(&ENVS), help_heading = "Where a key does not say it")]
    pub env: Option<Env>,
    /// What they may be used for; repeat for more
    #[arg(short, long = "scope", value_name = "SCOPE", help_heading = "Where a key does not say it")]
    pub scopes: Vec<Scope>,
    /// A fact for your own tools; repeat for more
    #[arg(long = "label", value_name = "KEY=VALUE", help_heading = "Where a key does not say it")]
    pub labels: Vec<Label>,
    /// When they end: 90d, 1y, 2027-01-31, RFC 3339, or never
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true, help_heading = "Where a key does not say it")]
    pub expires: Option<When>,
    /// What the tokens of the other system begin with, for tables and logs
    #[arg(long, value_name = "PREFIX", value_parser = import::prefix, help_heading = "Where a key does not say it")]
    pub prefix: Option<String>,
}
