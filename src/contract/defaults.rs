//! The default values that the rules of a contract supply for new keys.

use super::{OwnPublicKey, Rules};
use crate::{
    error::Result,
    key::{Description, Env, KeyType, Scopes, TokenPrefix, Verbatim},
};
use std::mem;

impl Rules {
    /// Returns the first allowed type, which is the type of a key for which no type is given.
    #[must_use]
    pub fn default_type(&self) -> KeyType {
        self.types.first().map(|first| *first.value()).unwrap_or_default()
    }

    /// Returns the first allowed type whose keys are key pairs, or `rsa` if no such type is allowed.
    #[must_use]
    pub fn key_pair_type(&self) -> KeyType {
        self.types.iter().map(|known| *known.value()).find(|known| known.is_key_pair()).unwrap_or_default()
    }

    /// Returns the first allowed environment, which is the environment of a key for which no environment is given.
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

    /// Completes the description of a new key. Sets the unset fields for which the rules have a default: the scopes,
    /// and the windows of the rate limit. Also sets whether the scopes are read with wildcards.
    ///
    /// # Errors
    /// Returns `invalid_scope` if the rules have more than 100 different default scopes.
    pub fn complete(&self, description: &mut Description) -> Result<()> {
        if let Some(default) = &self.rate_limit.default {
            description.rate_limit = description.rate_limit.or(*default.value());
        }
        description.scopes = if description.scopes.as_str().is_empty() {
            self.omitted_scopes()?
        } else {
            mem::take(&mut description.scopes).read_with(self.scopes.wildcards)
        };
        Ok(())
    }

    /// Returns the scopes of a key for which no scopes are given.
    ///
    /// # Errors
    /// Returns `invalid_scope` if the rules have more than 100 different default scopes.
    pub(super) fn omitted_scopes(&self) -> Result<Scopes> {
        let omitted: Vec<_> = self.scopes.omitted.iter().map(|scope| scope.value().clone()).collect();
        Scopes::new(&omitted, self.scopes.wildcards)
    }

    /// Returns `true` if the contract has per-owner rules: a limit on the number of keys per owner, or usage levels
    /// that an owner needs to register public keys.
    #[must_use]
    pub const fn by_owner(&self) -> bool {
        self.issue_limit.is_some() || matches!(self.own_public_key, OwnPublicKey::Levels(_))
    }
}
