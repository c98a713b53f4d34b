//! The options that set the requirements for the key behind a presented secret or a signed request.

use super::{
    values::parse_address,
    words::{ENVS, words},
};
use crate::key::{Env, Scope};
use clap::Args;
use std::net::IpAddr;

/// The requirements that a key must meet, besides being valid.
#[derive(Args)]
pub struct Require {
    /// Require this scope (repeatable, or separated by commas)
    #[arg(short, long = "scope", value_name = "SCOPE", value_delimiter = ',')]
    pub scopes: Vec<Scope>,
    /// Require this environment
    #[arg(short, long, value_name = "ENV", value_parser = words(&ENVS))]
    pub env: Option<Env>,
    /// Address from which the key is used; required if the key is restricted to specific networks
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    pub ip: Option<IpAddr>,
}
