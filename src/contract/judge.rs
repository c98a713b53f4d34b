//! Checks keys against the rules in a contract.

use super::{Everyone, OwnPublicKey, Rules, Violation, validate::exceeds};
use crate::{
    error::{Code, Problems, Result},
    key::{Env, Field, Key, KeyType, Material, ScopeSet, Verbatim},
};

impl Rules {
    /// Returns the key's violations of the rules that can be checked without a keyring, which excludes the uniqueness
    /// of names, the issue limit, and the right to register a public key.
    #[must_use]
    pub fn judge(&self, key: &Key) -> Vec<Violation> {
        let mut broken = Vec::new();
        self.judge_kind(key, &mut broken);
        self.judge_name(key, &mut broken);
        self.judge_scopes(key, &mut broken);
        self.judge_lifetime(key, &mut broken);
        self.judge_networks(key, &mut broken);
        if let Some(most) = &self.rate_limit.most
            && exceeds(key.description.rate_limit, *most.value())
        {
            let what = if key.description.rate_limit.is_empty() {
                "the key has no rate limit, which"
            } else {
                "the rate limit"
            };
            broken.push(Violation::new(
                Field::RateLimit,
                Code::RateLimitRefused,
                format!("{what} exceeds the maximum of {} (rule rate_limit.most)", most.text()),
                format!("set a limit that does not exceed {} in any window", most.text()),
            ));
        }
        broken
    }

    /// Checks that a key violates none of the rules that [`Rules::judge`] checks.
    ///
    /// # Errors
    /// Returns a single error that reports every violation, with the code of the most severe one.
    pub fn check_key(&self, key: &Key) -> Result<()> {
        self.judge(key).into_iter().collect::<Problems>().into_result()
    }

    fn judge_kind(&self, key: &Key, broken: &mut Vec<Violation>) {
        let key_type = key.material.key_type();
        if self.types.iter().all(|known| *known.value() != key_type) {
            let words: Vec<&str> = self.types.iter().map(Verbatim::text).chain([key_type.word()]).collect();
            let allow = format!("keywright policy set types '{}'", serde_json::json!(words));
            let hint = format!("use {}, or allow this type: `{allow}`", list(&self.types));
            let message = format!("keys of type {key_type} are not allowed (rule types)");
            broken.push(Violation::new(Field::Type, Code::TypeRefused, message, hint));
        }
        if self.environments.iter().all(|known| *known.value() != key.description.env) {
            let hint = format!("use {}", list(&self.environments));
            let message = format!("the environment {} is not allowed (rule environments)", key.description.env);
            broken.push(Violation::new(Field::Env, Code::EnvRefused, message, hint));
        }
        match &key.material {
            Material::KeyPair(public) if key_type == KeyType::Rsa && public.bits() < self.rsa.smallest => {
                let (bits, smallest) = (public.bits(), self.rsa.smallest);
                let message = format!("the key has {bits} bits; the minimum is {smallest} (rule rsa.smallest)");
                let hint = format!("use a key of at least {smallest} bits");
                broken.push(Violation::new(Field::KeyBits, Code::KeySizeRefused, message, hint));
            }
            Material::Token { prefix, .. } | Material::Pair { prefix, .. } => {
                if let Some(required) = self.prefix(key.description.env)
                    && prefix.split('_').next() != Some(required.as_str())
                {
                    let env = key.description.env;
                    let message = format!("the prefix of a {env} key must be `{required}` (rule prefix.{env})");
                    let hint = format!("omit the prefix, or use `{required}`");
                    broken.push(Violation::new(Field::Prefix, Code::PrefixRefused, message, hint));
                }
            }
            // The prefix of an imported token was chosen by the system that issued the token.
            Material::Opaque { .. } | Material::KeyPair(_) => {}
        }
    }

    fn judge_name(&self, key: &Key, broken: &mut Vec<Violation>) {
        let rules = &self.name;
        let length = key.description.name.as_str().chars().count();
        if !(rules.min..=rules.max).contains(&length) {
            let (rule, bound) = if length < rules.min {
                ("min", format!("the minimum is {}", rules.min))
            } else {
                ("max", format!("the maximum is {}", rules.max))
            };
            let hint = format!("use {} to {} printable characters", rules.min, rules.max);
            let characters = if length == 1 { "character" } else { "characters" };
            let message = format!("the name has {length} {characters}; {bound} (rule name.{rule})");
            broken.push(Violation::new(Field::Name, Code::InvalidName, message, hint));
        }
        if let Some(pattern) = &rules.pattern
            && !pattern.value().matches(key.description.name.as_str())
        {
            let hint = "choose a name that matches the pattern; `*` matches any characters, `?` matches one, `[abc]` matches one of a set";
            let message = format!("the name does not match `{}` (rule name.pattern)", pattern.text());
            broken.push(Violation::new(Field::Name, Code::NameRefused, message, hint));
        }
    }

    fn judge_scopes(&self, key: &Key, broken: &mut Vec<Violation>) {
        let rules = &self.scopes;
        if rules.required && key.description.scopes.as_str().is_empty() {
            let message = "the key has no scopes; at least one is required (rule scopes.required)";
            broken.push(Violation::new(Field::Scopes, Code::ScopeRequired, message, "choose at least one scope"));
        }
        let scopes = key.description.scopes.as_set();
        if scopes.wildcards && !rules.wildcards {
            let message = "the key has wildcard scopes, which are not allowed (rule scopes.wildcards)";
            let hint = "choose scopes without a `*` segment, or run `keywright policy set scopes.wildcards true`";
            broken.push(Violation::new(Field::Scopes, Code::WildcardRefused, message, hint));
        }
        for scope in scopes.iter().filter(|scope| !self.knows_scope(scope, scopes.wildcards)) {
            let known = rules.known.as_deref().unwrap_or_default();
            let message = format!("the contract does not define the scope `{scope}` (rule scopes.known)");
            let hint = format!("choose from {}", list(known));
            broken.push(Violation::new(Field::Scopes, Code::ScopeUnknown, message, hint));
        }
        for (scope, needed) in &rules.needs {
            for missing in needed.iter().filter(|needed| scopes.grants(scope) && !scopes.grants(needed.text())) {
                let message = format!("the scope `{scope}` requires `{}` (rule scopes.needs)", missing.text());
                let hint = format!("add the scope `{}`", missing.text());
                broken.push(Violation::new(Field::Scopes, Code::ScopeNeeds, message, hint));
            }
        }
    }

    fn judge_networks(&self, key: &Key, broken: &mut Vec<Violation>) {
        let (rules, networks) = (&self.allowed_ips, &key.description.allowed_ips);
        if rules.required_live && key.description.env == Env::Live && networks.is_empty() {
            let message = "the live key is not restricted to specific networks (rule allowed_ips.required_live)";
            let hint = "specify the networks from which the key may be used";
            broken.push(Violation::new(Field::AllowedIps, Code::AllowedIpsRequired, message, hint));
        }
        if let Some(most) = rules.most.and_then(|most| usize::try_from(most).ok())
            && networks.len() > most
        {
            let message = format!("{} networks exceed the maximum of {most} (rule allowed_ips.most)", networks.len());
            let hint = "combine neighboring networks into larger ones, or omit some";
            broken.push(Violation::new(Field::AllowedIps, Code::AllowedIpsRefused, message, hint));
        }
    }

    fn judge_lifetime(&self, key: &Key, broken: &mut Vec<Violation>) {
        let rules = &self.expiry;
        let life = key.lifecycle;
        if rules.required_live && key.description.env == Env::Live && life.expires.is_none() {
            let message = "the live key has no expiry (rule expiry.required_live)";
            let hint = "choose an expiry, for example 90d";
            broken.push(Violation::new(Field::ExpiresAt, Code::ExpiryRequired, message, hint));
            return;
        }
        let Some(longest) = &rules.longest else { return };
        // A maximum lifetime that would end after the year 9999 is no restriction.
        let Ok(end) = longest.value().after(life.created) else { return };
        if life.expires.is_none_or(|expires| expires > end) {
            let message = format!("the key would live longer than {} (rule expiry.longest)", longest.text());
            let hint = format!("choose an expiry no later than {end}");
            broken.push(Violation::new(Field::ExpiresAt, Code::LifetimeTooLong, message, hint));
        }
    }

    /// Returns `true` if the scopes grant full access.
    ///
    /// Scopes grant full access if they grant every known scope, either as its pattern (`orders:*`) or as its parent
    /// scope (`orders`). If the contract lists only one known scope, the function returns `false`. If the contract does
    /// not list the known scopes, only the scope `*` grants full access. A pattern or `*` counts only where the scopes
    /// are read with wildcards: a literal `*` grants nothing but itself.
    #[must_use]
    pub fn grants_everything(&self, scopes: &ScopeSet<'_>) -> bool {
        let has = |wanted: &str| scopes.grants(wanted) && (scopes.wildcards || !wanted.contains(['*', '?']));
        match self.scopes.known.as_deref() {
            // If there is only one known scope, having all known scopes is not worth reporting.
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

    /// Checks that an owner may register a public key. `owner` is empty if there is no owner, and `level` is `None` if
    /// the owner has no usage level.
    ///
    /// # Errors
    /// - `own_key_refused` if the contract does not allow anyone to register a public key
    /// - `usage_level_insufficient` if the contract requires a usage level, and the key has no owner or the owner has
    ///   none of the required levels
    pub fn check_own_key(&self, owner: &str, level: Option<&str>) -> Result<()> {
        match &self.own_public_key {
            OwnPublicKey::All(Everyone::Anyone) => Ok(()),
            OwnPublicKey::All(Everyone::Nobody) => {
                let message = "public keys cannot be registered (rule own_public_key)";
                let hint = "generate the key with `keywright generate`";
                Err(Violation::new(Field::PublicKey, Code::OwnKeyRefused, message, hint).into())
            }
            OwnPublicKey::Levels(levels) if levels.iter().any(|known| Some(known.text()) == level) => Ok(()),
            OwnPublicKey::Levels(levels) => {
                let levels = list(levels);
                let (message, hint) = if owner.is_empty() {
                    (
                        format!(
                            "registering a public key requires an owner with one of the usage levels {levels} (rule \
                             own_public_key)"
                        ),
                        "specify an owner with one of these usage levels, or generate the key with `keywright generate`"
                            .to_owned(),
                    )
                } else {
                    let has =
                        level.map_or_else(|| "no usage level".to_owned(), |level| format!("the usage level {level}"));
                    let quoted = owner.replace('\'', r"'\''");
                    (
                        format!(
                            "the owner `{owner}` has {has}; registering a public key requires {levels} (rule \
                             own_public_key)"
                        ),
                        format!(
                            "generate the key with `keywright generate`, or raise the level with `keywright owner set \
                             '{quoted}' --usage-level LEVEL`"
                        ),
                    )
                };
                Err(Violation::new(Field::Owner, Code::UsageLevelInsufficient, message, hint).into())
            }
        }
    }
}

fn list<T>(words: &[Verbatim<T>]) -> String {
    let words: Vec<&str> = words.iter().map(Verbatim::text).collect();
    match words.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => words.concat(),
    }
}
