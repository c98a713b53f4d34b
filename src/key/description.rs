//! The part of a key that people choose: its name, purpose and limits.

use super::{AllowedIps, Env, Labels, Name, Note, Owner, RateLimit, Scopes};

/// The description of a key. Rotation carries it over, and `update` changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The name.
    pub name: Name,
    /// The environment in which the key is valid.
    pub env: Env,
    /// The owner: a customer, a team or a service.
    pub owner: Option<Owner>,
    /// The scopes that the key grants.
    pub scopes: Scopes,
    /// The labels, for the tools of an admin.
    pub labels: Labels,
    /// The note.
    pub note: Option<Note>,
    /// The most requests that the key may make.
    pub rate_limit: RateLimit,
    /// The networks from which the key may be used.
    pub allowed_ips: AllowedIps,
}

impl Description {
    /// Returns a description with nothing set except the name and the environment.
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
