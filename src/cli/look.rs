//! `list` and `show`: which keys there are.

use super::words::{ENVS, STATUSES, TYPES, parse_sort, words};
use crate::{
    error::Error,
    key::{Env, KeyType, LabelFilter, Owner, Pattern, Period, Reference, Scope, Status},
    keyring::Sort,
};
use clap::Args;
use std::str::FromStr;

/// Which keys, for every command that takes conditions.
#[derive(Args, Default)]
#[command(next_help_heading = "Which keys")]
pub struct Filter {
    /// Of this type; repeat for more
    #[arg(short = 't', long = "type", value_name = "TYPE", value_parser = words(&TYPES))]
    pub types: Vec<KeyType>,
    /// Of this environment; repeat for both
    #[arg(short, long = "env", value_name = "ENV", value_parser = words(&ENVS))]
    pub envs: Vec<Env>,
    /// With this scope; all of them if repeated
    #[arg(short, long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<Scope>,
    /// Held by
    #[arg(long, value_name = "OWNER")]
    pub owner: Option<Owner>,
    /// With a name that matches: * ? [abc]
    #[arg(short, long, value_name = "GLOB")]
    pub name: Option<Pattern>,
    /// With this label; all of them if repeated
    #[arg(long = "label", value_name = "KEY[=VALUE]")]
    pub labels: Vec<LabelFilter>,
    /// That expire within a time from now
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub expiring_within: Option<Period>,
    /// Not used for so long; a key that was never used counts from its making
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub unused_for: Option<Period>,
    /// Never used
    #[arg(long)]
    pub never_used: bool,
}

impl Filter {
    /// Whether no condition is set.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.types.is_empty()
            && self.envs.is_empty()
            && self.scopes.is_empty()
            && self.owner.is_none()
            && self.name.is_none()
            && self.labels.is_empty()
            && self.expiring_within.is_none()
            && self.unused_for.is_none()
            && !self.never_used
    }
}

/// `list`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright list --env live --expiring-within 30d
  keywright list --owner acme --format json
  keywright list --all --sort -expires_at --limit 20")]
pub struct List {
    /// Conditions.
    #[command(flatten)]
    pub filter: Filter,
    /// With this status; repeat for more
    #[arg(long = "status", value_name = "STATUS", value_parser = words(&STATUSES), help_heading = "Which keys")]
    pub statuses: Vec<Status>,
    /// Those that are over too
    #[arg(short, long, conflicts_with = "statuses", help_heading = "Which keys")]
    pub all: bool,
    /// Order by a field; with a minus in front, largest first [default: newest first]
    #[arg(long, value_name = "[-]FIELD", allow_hyphen_values = true, value_parser = parse_sort, help_heading = "Order and pages")]
    pub sort: Option<Sort>,
    /// At most so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Order and pages")]
    pub limit: Option<u64>,
    /// Continue after this key, in the same order
    #[arg(long, value_name = "KEY", help_heading = "Order and pages")]
    pub after: Option<Reference>,
}

/// `show`.
#[derive(Args)]
#[command(after_help = "Examples:
  keywright show ci --format json
  keywright show - < found.token")]
pub struct Show {
    /// The key; `-` for a secret on standard input
    #[arg(value_name = "KEY")]
    pub key: Target,
}

/// A KEY, or `-` for the secret of one on standard input.
#[derive(Clone, Debug)]
pub enum Target {
    /// Named.
    Key(Reference),
    /// By its secret.
    Secret,
}

impl FromStr for Target {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "-" { Ok(Self::Secret) } else { text.parse().map(Self::Key) }
    }
}
