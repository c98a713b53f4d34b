//! The options that select keys.

use super::{
    values::parse_glob,
    words::{ENVS, TYPES, words},
};
use crate::key::{Env, KeyType, LabelFilter, Owner, Pattern, Period, Scope};
use clap::Args;

/// The options that select keys, for every command that takes a filter.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Select keys")]
pub struct Filter {
    /// Keys of this type (repeatable, or separated by commas)
    #[arg(short = 't', long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = words(&TYPES), hide_short_help = true)]
    pub types: Vec<KeyType>,
    /// Keys in this environment (repeatable, or separated by commas)
    #[arg(short, long = "env", value_name = "ENV", value_delimiter = ',', value_parser = words(&ENVS))]
    pub envs: Vec<Env>,
    /// Keys with this scope (repeatable, or separated by commas; all must match)
    #[arg(short, long = "scope", value_name = "SCOPE", value_delimiter = ',', hide_short_help = true)]
    pub scopes: Vec<Scope>,
    /// Keys that belong to this owner
    #[arg(long, value_name = "OWNER")]
    pub owner: Option<Owner>,
    /// Keys whose name matches GLOB, which can contain `*`, `?` and `[abc]`
    #[arg(short, long, value_name = "GLOB", value_parser = parse_glob)]
    pub name: Option<Pattern>,
    /// Keys with this label (repeatable; all must match)
    #[arg(long = "label", value_name = "KEY[=VALUE]", hide_short_help = true)]
    pub labels: Vec<LabelFilter>,
    /// Keys that expire within this time
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub expiring_within: Option<Period>,
    /// Keys that have not been used for at least this long, counted from their creation if they have never been used
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, hide_short_help = true)]
    pub unused_for: Option<Period>,
    /// Keys that have never been used
    #[arg(long, hide_short_help = true)]
    pub never_used: bool,
}

impl Filter {
    /// Returns the environment if a single environment is the only option that is given. A command that also gets a key
    /// uses the environment to choose among keys with the same name.
    #[must_use]
    pub fn only_env(&self) -> Option<Env> {
        let [env] = self.envs.as_slice() else { return None };
        Self { envs: Vec::new(), ..self.clone() }.is_empty().then_some(*env)
    }

    /// Returns `true` if none of the filter options is given.
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
