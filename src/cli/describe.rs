//! The options that describe a key.

use super::{
    Given,
    words::{ENVS, any_word},
};
use crate::key::{Env, Label, Name, Note, Owner, RateLimit, Scope, When};
use clap::Args;

/// What describes a key, for `generate` and `create`. Nothing here is refused by the parser: which rules it breaks, the
/// contract's among them, is told all at once.
#[derive(Args, Clone)]
#[command(next_help_heading = "Describe the key")]
pub struct Describe {
    /// What the key is for; required, unless the contract has a name for keys without one
    #[arg(short, long, value_name = "NAME")]
    pub name: Option<Given<Name>>,
    /// What it may be used for; repeat for more
    #[arg(short, long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<Given<Scope>>,
    /// The environment it is for [default: the contract's first, which is test where there is no other contract]
    #[arg(short, long, value_name = "ENV", value_parser = any_word::<Env, _>(&ENVS))]
    pub env: Option<Given<Env>>,
    /// Who holds it: a customer, a team, a service
    #[arg(long, value_name = "OWNER")]
    pub owner: Option<Given<Owner>>,
    /// When it ends: 90d, 1y, 2027-01-31 (the end of that day, UTC), RFC 3339, or never [default: the contract's, or never]
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub expires: Option<Given<When>>,
    /// How often it may be used, for example 60/min,3000/hour,50000/day
    #[arg(long, value_name = "LIMITS", allow_hyphen_values = true)]
    pub rate_limit: Option<Given<RateLimit>>,
    /// A fact for your own tools; repeat for more
    #[arg(long = "label", value_name = "KEY=VALUE")]
    pub labels: Vec<Given<Label>>,
    /// A remark
    #[arg(long, value_name = "TEXT")]
    pub note: Option<Given<Note>>,
}
