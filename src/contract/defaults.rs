//! The default values that the rules of a contract supply for new keys.

use super::{OwnPublicKey, Rules, Verbatim};
use crate::key::{Env, KeyType, RateLimit, TokenPrefix};

impl Rules {
    /// Returns the type of a key for which no type is given.
    #[must_use]
    pub fn default_type(&self) -> KeyType {
        self.types.first().map(|first| *first.value()).unwrap_or_default()
    }

    /// Returns the environment of a key for which no environment is given.
    #[must_use]
    pub fn default_env(&self) -> Env {
        self.environments.first().map(|first| *first.value()).unwrap_or_default()
    }

    /// Returns the prefix that the rules require for tokens and `api_key`s in an environment, or `None` if they require
    /// none.
    #[must_use]
    pub fn prefix(&self, env: Env) -> Option<&TokenPrefix> {
        let prefix = match env {
            Env::Test => &self.prefix.test,
            Env::Live => &self.prefix.live,
        };
        prefix.as_ref().map(Verbatim::value)
    }

    /// Returns the given rate limit, with the default limit in each window for which no limit is given.
    #[must_use]
    pub fn filled(&self, given: Option<RateLimit>) -> RateLimit {
        let given = given.unwrap_or_default();
        let default = self.rate_limit.default.as_ref().map(|limit| *limit.value()).unwrap_or_default();
        RateLimit {
            minute: given.minute.or(default.minute),
            hour: given.hour.or(default.hour),
            day: given.day.or(default.day),
        }
    }

    /// Returns `true` if every key must have an owner, because the number of keys is limited per owner or the right to
    /// register public keys depends on the owner.
    #[must_use]
    pub const fn by_owner(&self) -> bool {
        self.issue_limit.is_some() || matches!(self.own_public_key, OwnPublicKey::Levels(_))
    }
}
