//! The options that select keys.

use super::words::{ENVS, TYPES, words};
use crate::key::{Env, KeyType, LabelFilter, Owner, Pattern, Period, Scope};
use clap::Args;

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
