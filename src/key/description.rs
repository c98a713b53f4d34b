//! The fields of a key that users choose: its name, purpose and limits.

use super::{AllowedIps, Env, Labels, Name, Note, Owner, RateLimit, Scopes};

/// The fields of a key that users choose. `rotate` copies them to the successor, and `update` changes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The name of the key.
    pub name: Name,
    /// The environment in which the key is valid.
    pub env: Env,
    /// The owner of the key: a customer, a team or a service.
    pub owner: Option<Owner>,
    /// The scopes that the key grants.
    pub scopes: Scopes,
    /// The labels, which external tools can read.
    pub labels: Labels,
    /// The note about the key.
    pub note: Option<Note>,
    /// The maximum number of requests that the key may make.
    pub rate_limit: RateLimit,
    /// The networks from which the key may be used; if there are none, it may be used from any address.
    pub allowed_ips: AllowedIps,
}

impl Description {
    /// Creates a description in which only the name and the environment are set.
    #[must_use]
    pub fn new(name: Name, env: Env) -> Self {
        Self {
            name,
            env,
            owner: None,
            scopes: Scopes::default(),
            labels: Labels::default(),
            note: None,
            rate_limit: RateLimit::default(),
            allowed_ips: AllowedIps::default(),
        }
    }
}
