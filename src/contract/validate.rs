//! Validates the rules in a contract.

use super::{Rules, invalid};
use crate::{
    error::Result,
    key::{Env, Pattern, RateLimit, Scope, Time},
};

/// The maximum value of the rule `bearer_minutes`: one day, in minutes.
const BEARER_MAX: u32 = 1_440;

impl Rules {
    /// Rejects rules that contradict each other or are out of range.
    ///
    /// # Errors
    /// Returns `contract_invalid` with the path of the rule and the reason if a rule is rejected.
    pub(super) fn validate(&self) -> Result<()> {
        distinct("rules.types", self.types.iter().map(crate::key::Verbatim::text))?;
        distinct("rules.environments", self.environments.iter().map(crate::key::Verbatim::text))?;
        for (env, prefix) in [(Env::Test, &self.prefix.test), (Env::Live, &self.prefix.live)] {
            if prefix.is_some() && !self.has_env(env) {
                let reason = "the environment is not in rules.environments";
                return Err(invalid(&format!("rules.prefix.{env}"), reason));
            }
        }
        self.validate_names()?;
        self.validate_scopes()?;
        self.validate_rates()?;
        self.validate_networks()?;
        self.validate_expiry()?;
        if !(2048..=4096).contains(&self.rsa.smallest) {
            return Err(invalid("rules.rsa.smallest", "the value is not between 2048 and 4096"));
        }
        if self.rsa.default.is_some_and(|bits| ![2048, 3072, 4096].contains(&bits)) {
            return Err(invalid("rules.rsa.default", "the value is not 2048, 3072 or 4096"));
        }
        if !(1..=BEARER_MAX).contains(&self.bearer_minutes) {
            return Err(invalid("rules.bearer_minutes", &format!("the value is not between 1 and {BEARER_MAX}")));
        }
        if let super::OwnPublicKey::Levels(levels) = &self.own_public_key {
            distinct("rules.own_public_key", levels.iter().map(crate::key::Verbatim::text))?;
        }
        Ok(())
    }

    fn validate_names(&self) -> Result<()> {
        let rules = &self.name;
        if !(1..=120).contains(&rules.min) || !(rules.min..=120).contains(&rules.max) {
            return Err(invalid("rules.name", "min and max must be between 1 and 120, and min must not exceed max"));
        }
        let Some(default) = &rules.default else { return Ok(()) };
        let length = default.text().chars().count();
        if !(rules.min..=rules.max).contains(&length) {
            return Err(invalid("rules.name.default", "the length is not between min and max"));
        }
        if rules.pattern.as_ref().is_some_and(|pattern| !pattern.value().matches(default.text())) {
            return Err(invalid("rules.name.default", "the name does not match rules.name.pattern"));
        }
        Ok(())
    }

    fn validate_scopes(&self) -> Result<()> {
        let rules = &self.scopes;
        if rules.known.as_ref().is_some_and(Vec::is_empty) {
            return Err(invalid("rules.scopes.known", "the list is empty; omit the list to allow any scope"));
        }
        for scope in &rules.omitted {
            if !self.knows_scope(scope.text(), rules.wildcards) {
                let reason = format!("`{}` matches no pattern in rules.scopes.known", scope.text());
                return Err(invalid("rules.scopes.omitted", &reason));
            }
        }
        let omitted = self.omitted_scopes().map_err(|e| invalid("rules.scopes.omitted", &e.message()))?;
        for (scope, needed) in &rules.needs {
            if let Err(error) = scope.parse::<Scope>() {
                return Err(invalid("rules.scopes.needs", &error.message()));
            }
            for each in needed.iter().map(crate::key::Verbatim::text).chain([scope.as_str()]) {
                if !self.knows_scope(each, rules.wildcards) {
                    let reason = format!("`{each}` matches no pattern in rules.scopes.known");
                    return Err(invalid("rules.scopes.needs", &reason));
                }
            }
            let given = |scope: &str| omitted.as_set().grants(scope);
            if given(scope)
                && let Some(missing) = needed.iter().find(|needed| !given(needed.text()))
            {
                let reason = format!("`{scope}` requires `{}`, which is missing", missing.text());
                return Err(invalid("rules.scopes.omitted", &reason));
            }
        }
        Ok(())
    }

    fn validate_rates(&self) -> Result<()> {
        let rules = &self.rate_limit;
        let (Some(default), Some(most)) = (&rules.default, &rules.most) else {
            return Ok(());
        };
        if exceeds(*default.value(), *most.value()) {
            return Err(invalid("rules.rate_limit.default", "the limit exceeds rules.rate_limit.most"));
        }
        Ok(())
    }

    fn validate_networks(&self) -> Result<()> {
        let rules = &self.allowed_ips;
        if rules.required_live && rules.most == Some(0) {
            return Err(invalid(
                "rules.allowed_ips.most",
                "the value is 0, but live keys must be restricted to specific networks",
            ));
        }
        Ok(())
    }

    fn validate_expiry(&self) -> Result<()> {
        let rules = &self.expiry;
        // The length of a month or a year depends on the date, so compare the periods from an arbitrary fixed date.
        let from = Time::from_seconds(1_700_000_000);
        let ends = |period: &Option<crate::key::Verbatim<crate::key::Period>>, place| {
            period
                .as_ref()
                .map(|period| period.value().after(from).map_err(|e| invalid(place, &e.message())))
                .transpose()
        };
        let default = ends(&rules.default, "rules.expiry.default")?;
        let longest = ends(&rules.longest, "rules.expiry.longest")?;
        if default.zip(longest).is_some_and(|(default, longest)| default > longest) {
            return Err(invalid("rules.expiry.default", "the lifetime exceeds rules.expiry.longest"));
        }
        Ok(())
    }

    fn has_env(&self, env: Env) -> bool {
        self.environments.iter().any(|known| *known.value() == env)
    }

    /// Returns `true` if the scope matches a known pattern or the contract does not list the known scopes. If
    /// `wildcards` is `true`, a known pattern must match every scope that the wildcards in the scope grant.
    pub(super) fn knows_scope(&self, scope: &str, wildcards: bool) -> bool {
        let matches = |pattern: &Pattern| {
            if wildcards { pattern.matches_wildcards(scope) } else { pattern.matches(scope) }
        };
        let known = self.scopes.known.as_ref();
        known.is_none_or(|known| known.iter().any(|pattern| matches(pattern.value())))
    }
}

/// Returns `true` if `limit` exceeds `most` in any window. A window without a limit exceeds every maximum.
pub(super) fn exceeds(limit: RateLimit, most: RateLimit) -> bool {
    let over = |limit: Option<u32>, most: Option<u32>| most.is_some_and(|most| limit.is_none_or(|limit| limit > most));
    over(limit.minute, most.minute) || over(limit.hour, most.hour) || over(limit.day, most.day)
}

fn distinct<'a>(place: &str, words: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen: Vec<&str> = Vec::new();
    for word in words {
        if seen.contains(&word) {
            return Err(invalid(place, &format!("`{word}` appears twice")));
        }
        seen.push(word);
    }
    if seen.is_empty() {
        return Err(invalid(place, "the list is empty"));
    }
    Ok(())
}
