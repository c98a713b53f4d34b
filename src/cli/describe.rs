//! The options that describe a key.

use super::{
    Given,
    words::{ENVS, any_word},
};
use crate::key::{Env, Label, Name, Network, Note, Owner, RateLimit, Scope, When};
use clap::Args;

/// The options that describe a key, for `generate` and `create`.
///
/// The parser accepts any value: the command reports everything that is wrong with a description at once, broken rules of
/// the contract included.
#[derive(Args, Clone)]
#[command(next_help_heading = "Describe the key")]
pub struct Describe {
    /// Name of the key; required unless the contract has a default name
    #[arg(short, long, value_name = "NAME")]
    pub name: Option<Given<Name>>,
    /// Scope to grant (repeatable)
    #[arg(short, long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<Given<Scope>>,
    /// Environment of the key [default: the contract's first, or test]
    #[arg(short, long, value_name = "ENV", value_parser = any_word::<Env, _>(&ENVS))]
    pub env: Option<Given<Env>>,
    /// Owner of the key: a customer, a team or a service
    #[arg(long, value_name = "OWNER")]
    pub owner: Option<Given<Owner>>,
    /// Expiry: a duration such as `90d` or `1y`, a date such as 2027-01-31 (end of day, UTC), an RFC 3339 time, or never
    /// [default: the contract's, or never]
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub expires: Option<Given<When>>,
    /// Rate limit, such as `60/min,3000/hour,50000/day`
    #[arg(long, value_name = "LIMITS", allow_hyphen_values = true)]
    pub rate_limit: Option<Given<RateLimit>>,
    /// Address or network from which the key may be used, such as 192.0.2.0/24 (repeatable) [default: any address]
    #[arg(long = "allow-ip", value_name = "CIDR", value_delimiter = ',')]
    pub allowed_ips: Vec<Given<Network>>,
    /// Label for your own tools (repeatable)
    #[arg(long = "label", value_name = "KEY=VALUE")]
    pub labels: Vec<Given<Label>>,
    /// Note about the key
    #[arg(long, value_name = "TEXT")]
    pub note: Option<Given<Note>>,
}
