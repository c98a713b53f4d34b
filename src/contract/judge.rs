//! What the rules say of a key, and what they add to one.

use super::{Everyone, OwnPublicKey, Rules, Written, consistent::exceeds};
use crate::{
    error::{Code, Error, Problems},
    key::{Env, Key, KeyType, Material, RateLimit, TokenPrefix},
};

impl Rules {
    /// The type of a key that none is given for.
    #[must_use]
    pub fn default_type(&self) -> KeyType {
        self.types.first().map(|first| *first.value()).unwrap_or_default()
    }

    /// The environment of a key that none is given for.
    #[must_use]
    pub fn default_env(&self) -> Env {
        self.environments.first().map(|first| *first.value()).unwrap_or_default()
    }

    /// What tokens of an environment begin with.
    #[must_use]
    pub fn prefix(&self, env: Env) -> Option<&TokenPrefix> {
        let prefix = match env {
            Env::Test => &self.prefix.test,
            Env::Live => &self.prefix.live,
        };
        prefix.as_ref().map(Written::value)
    }

    /// A rate limit with the defaults in the windows that are not given.
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

    /// Whether a key must have an owner, because something is counted or allowed by owner.
    #[must_use]
    pub const fn by_owner(&self) -> bool {
        self.issue_limit.is_some() || matches!(self.own_public_key, OwnPublicKey::Levels(_))
    }

    /// Every rule that a key breaks.
    #[must_use]
    pub fn judge(&self, key: &Key) -> Vec<Error> {
        let mut broken = Vec::new();
        self.judge_kind(key, &mut broken);
        self.judge_name(key, &mut broken);
        self.judge_scopes(key, &mut broken);
        self.judge_lifetime(key, &mut broken);
        if let Some(most) = &self.rate_limit.most
            && exceeds(key.rate_limit, *most.value())
        {
            broken.push(refused(
                Code::RateLimitRefused,
                "--rate-limit",
                format!("more than {} is not allowed (rule rate_limit.most)", most.text()),
                "give a limit for each of these windows that is not over it",
            ));
        }
        broken
    }

    /// Refuses a key that breaks a rule.
    ///
    /// # Errors
    /// One error for every rule that the key breaks.
    pub fn check_key(&self, key: &Key) -> Result<(), Error> {
        self.judge(key).into_iter().collect::<Problems>().into_result()
    }

    fn judge_kind(&self, key: &Key, broken: &mut Vec<Error>) {
        let key_type = key.material.key_type();
        if self.types.iter().all(|known| *known.value() != key_type) {
            let hint = format!("choose one of {}", list(&self.types));
            let message = format!("keys of type {key_type} are not issued here (rule types)");
            broken.push(refused(Code::TypeRefused, "--type", message, &hint));
        }
        if self.environments.iter().all(|known| *known.value() != key.env) {
            let hint = format!("choose one of {}", list(&self.environments));
            let message = format!("there is no environment {} here (rule environments)", key.env);
            broken.push(refused(Code::EnvRefused, "--env", message, &hint));
        }
        match &key.material {
            Material::Rsa { bits, .. } if *bits < self.rsa.smallest => {
                let smallest = self.rsa.smallest;
                let message = format!("the key has {bits} bits; {smallest} is the least (rule rsa.smallest)");
                let hint = format!("make or give a key of {smallest} bits or more");
                broken.push(refused(Code::KeySizeRefused, "--bits", message, &hint));
            }
            Material::Token { prefix, .. } | Material::Pair { prefix, .. } => {
                if let Some(required) = self.prefix(key.env)
                    && prefix.split('_').next() != Some(required.as_str())
                {
                    let message = format!("tokens begin with `{required}` here (rule prefix.{})", key.env);
                    broken.push(refused(Code::PrefixRefused, "--prefix", message, "leave --prefix out"));
                }
            }
            // A token that another system made begins as that system wanted it.
            Material::Opaque { .. } | Material::Rsa { .. } => {}
        }
    }

    fn judge_name(&self, key: &Key, broken: &mut Vec<Error>) {
        let rules = &self.name;
        let length = key.name.as_str().chars().count();
        if !(rules.min..=rules.max).contains(&length) {
            let (rule, bound) = if length < rules.min {
                ("min", format!("{} is the least", rules.min))
            } else {
                ("max", format!("{} is the most", rules.max))
            };
            let hint = format!("give {} to {} printable characters", rules.min, rules.max);
            let characters = if length == 1 { "character" } else { "characters" };
            let message = format!("the name has {length} {characters}; {bound} (rule name.{rule})");
            broken.push(refused(Code::InvalidName, "--name", message, &hint));
        }
        if let Some(pattern) = &rules.pattern
            && !pattern.value().matches(key.name.as_str())
        {
            let hint = "choose a name that matches it; `*` stands for anything, `?` for one character";
            let message = format!("names match `{}` here (rule name.pattern)", pattern.text());
            broken.push(refused(Code::NameRefused, "--name", message, hint));
        }
    }

    fn judge_scopes(&self, key: &Key, broken: &mut Vec<Error>) {
        let rules = &self.scopes;
        if rules.required && key.scopes.as_str().is_empty() {
            let message = "a key must have a scope (rule scopes.required)";
            broken.push(refused(
                Code::ScopeRequired,
                "--scope",
                message,
                "say what the key may be used for with --scope",
            ));
        }
        for scope in key.scopes.iter().filter(|scope| !self.knows_scope(scope)) {
            let known = rules.known.as_deref().unwrap_or_default();
            let message = format!("`{scope}` is not a scope here (rule scopes.known)");
            let hint = format!("choose from {}", list(known));
            broken.push(refused(Code::ScopeUnknown, "--scope", message, &hint));
        }
        for (scope, needed) in &rules.needs {
            let has = |wanted: &str| key.scopes.iter().any(|scope| scope == wanted);
            for missing in needed.iter().filter(|needed| has(scope) && !has(needed.text())) {
                let message = format!("`{scope}` is only given together with `{}` (rule scopes.needs)", missing.text());
                let hint = format!("add --scope {}", missing.text());
                broken.push(refused(Code::ScopeNeeds, "--scope", message, &hint));
            }
        }
    }

    fn judge_lifetime(&self, key: &Key, broken: &mut Vec<Error>) {
        let rules = &self.expiry;
        let life = key.lifecycle;
        if rules.required_live && key.env == Env::Live && life.expires.is_none() {
            let message = "live keys must expire (rule expiry.required_live)";
            broken.push(refused(Code::ExpiryRequired, "--expires", message, "say when, for example --expires 90d"));
            return;
        }
        let Some(longest) = &rules.longest else { return };
        // What lies after the year 9999 bounds nothing.
        let Ok(end) = longest.value().after(life.created) else { return };
        if life.expires.is_none_or(|expires| expires > end) {
            let message = format!("a key lives {} at most (rule expiry.longest)", longest.text());
            let hint = format!("end it by {end}");
            broken.push(refused(Code::LifetimeTooLong, "--expires", message, &hint));
        }
    }

    /// Whether scopes are all that there are: every scope that is known, a pattern by itself or by the scope above it. Where
    /// any scope will do, that is what `*` stands for.
    #[must_use]
    pub fn grants_everything(&self, scopes: &str) -> bool {
        let has = |wanted: &str| scopes.split(' ').any(|scope| scope == wanted);
        match self.scopes.known.as_deref() {
            // Where there is one scope, having it says nothing.
            Some(known) => {
                known.len() > 1
                    && known.iter().all(|known| {
                        let above = known.text().trim_end_matches('*').trim_end_matches([':', '.', '/', '-', '_']);
                        has(known.text()) || (above.len() < known.text().len() && has(above))
                    })
            }
            None => has("*"),
        }
    }

    /// Whether an owner of a usage level may register a public key of their own.
    ///
    /// # Errors
    /// `own_key_refused` or `usage_level_insufficient`.
    pub fn judge_own_key(&self, owner: &str, level: Option<&str>) -> Result<(), Error> {
        match &self.own_public_key {
            OwnPublicKey::All(Everyone::Anyone) => Ok(()),
            OwnPublicKey::All(Everyone::Nobody) => Err(refused(
                Code::OwnKeyRefused,
                "--public-key",
                "public keys of others are not registered here (rule own_public_key)",
                "let `keywright generate` make the key",
            )),
            OwnPublicKey::Levels(levels) if levels.iter().any(|known| Some(known.text()) == level) => Ok(()),
            OwnPublicKey::Levels(levels) => {
                let has = level.map_or_else(|| "no usage level".to_owned(), |level| format!("the usage level {level}"));
                let message = format!(
                    "the owner `{owner}` has {has}; registering a public key takes one of {} (rule own_public_key)",
                    list(levels)
                );
                let hint = "let `keywright generate` make the key, or raise the level with `keywright owner set`";
                Err(refused(Code::UsageLevelInsufficient, "--owner", message, hint))
            }
        }
    }
}

fn list<T>(words: &[Written<T>]) -> String {
    words.iter().map(Written::text).collect::<Vec<_>>().join(", ")
}

fn refused(code: Code, option: &str, message: impl Into<String>, hint: &str) -> Error {
    Error::new(code, message, hint).in_option(option)
}
