//! The values that the rules supply for a new key.

use super::{OwnPublicKey, Rules, Verbatim};
use crate::key::{Env, KeyType, RateLimit, TokenPrefix};

impl Rules {
    /// Returns the default type.
    #[must_use]
    pub fn default_type(&self) -> KeyType {
        self.types.first().map(|first| *first.value()).unwrap_or_default()
    }

    /// Returns the default environment.
    #[must_use]
    pub fn default_env(&self) -> Env {
        self.environments.first().map(|first| *first.value()).unwrap_or_default()
    }

    /// Returns the prefix of tokens in an environment, if the rules fix one.
    #[must_use]
    pub fn prefix(&self, env: Env) -> Option<&TokenPrefix> {
        let prefix = match env {
            Env::Test => &self.prefix.test,
            Env::Live => &self.prefix.live,
        };
        prefix.as_ref().map(Verbatim::value)
    }

    /// Returns a rate limit with the default in each window that is not given.
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

    /// Returns `true` if a key must have an owner because a rule counts or permits by owner.
    #[must_use]
    pub const fn by_owner(&self) -> bool {
        self.issue_limit.is_some() || matches!(self.own_public_key, OwnPublicKey::Levels(_))
    }
}
