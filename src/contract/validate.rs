//! Whether the rules of a contract make sense beside each other.

use super::{Rules, invalid};
use crate::{
    error::Result,
    key::{Env, RateLimit, Scope, Time},
};

/// The most minutes of a bearer token: a day.
const BEARER_MAX: u32 = 1_440;

impl Rules {
    /// Refuses rules that contradict themselves or each other.
    ///
    /// # Errors
    /// `contract_invalid` with the place and the reason.
    pub(super) fn check(&self) -> Result<()> {
        distinct("rules.types", self.types.iter().map(super::Verbatim::text))?;
        distinct("rules.environments", self.environments.iter().map(super::Verbatim::text))?;
        for (env, prefix) in [(Env::Test, &self.prefix.test), (Env::Live, &self.prefix.live)] {
            if prefix.is_some() && !self.has_env(env) {
                let reason = "there is no such environment in rules.environments";
                return Err(invalid(&format!("rules.prefix.{env}"), reason));
            }
        }
        self.check_names()?;
        self.check_scopes()?;
        self.check_rates()?;
        self.check_expiry()?;
        if !(2048..=4096).contains(&self.rsa.smallest) {
            return Err(invalid("rules.rsa.smallest", "it is not between 2048 and 4096"));
        }
        if !(1..=BEARER_MAX).contains(&self.bearer_minutes) {
            return Err(invalid("rules.bearer_minutes", &format!("it is not between 1 and {BEARER_MAX}")));
        }
        if let super::OwnPublicKey::Levels(levels) = &self.own_public_key {
            distinct("rules.own_public_key", levels.iter().map(super::Verbatim::text))?;
        }
        Ok(())
    }

    fn check_names(&self) -> Result<()> {
        let rules = &self.name;
        if !(1..=120).contains(&rules.min) || !(rules.min..=120).contains(&rules.max) {
            return Err(invalid("rules.name", "min and max are not 1 to 120, the smaller first"));
        }
        let Some(default) = &rules.default else { return Ok(()) };
        let length = default.text().chars().count();
        if !(rules.min..=rules.max).contains(&length) {
            return Err(invalid("rules.name.default", "its length is not between min and max"));
        }
        if rules.pattern.as_ref().is_some_and(|pattern| !pattern.value().matches(default.text())) {
            return Err(invalid("rules.name.default", "it does not match rules.name.pattern"));
        }
        Ok(())
    }

    fn check_scopes(&self) -> Result<()> {
        let rules = &self.scopes;
        if rules.known.as_ref().is_some_and(Vec::is_empty) {
            return Err(invalid("rules.scopes.known", "it is empty; leave it out where any scope will do"));
        }
        for scope in &rules.omitted {
            if !self.knows_scope(scope.text()) {
                let reason = format!("`{}` is not in rules.scopes.known", scope.text());
                return Err(invalid("rules.scopes.omitted", &reason));
            }
        }
        for (scope, needed) in &rules.needs {
            if let Err(error) = scope.parse::<Scope>() {
                return Err(invalid("rules.scopes.needs", &error.message()));
            }
            for each in needed.iter().map(super::Verbatim::text).chain([scope.as_str()]) {
                if !self.knows_scope(each) {
                    let reason = format!("`{each}` is not in rules.scopes.known");
                    return Err(invalid("rules.scopes.needs", &reason));
                }
            }
            let given = |scope: &str| rules.omitted.iter().any(|other| other.text() == scope);
            if given(scope)
                && let Some(missing) = needed.iter().find(|needed| !given(needed.text()))
            {
                let reason = format!("`{scope}` needs `{}`", missing.text());
                return Err(invalid("rules.scopes.omitted", &reason));
            }
        }
        Ok(())
    }

    fn check_rates(&self) -> Result<()> {
        let rules = &self.rate_limit;
        let (Some(default), Some(most)) = (&rules.default, &rules.most) else {
            return Ok(());
        };
        if exceeds(*default.value(), *most.value()) {
            return Err(invalid("rules.rate_limit.default", "it is over rules.rate_limit.most"));
        }
        Ok(())
    }

    fn check_expiry(&self) -> Result<()> {
        let rules = &self.expiry;
        // Months and years are of the calendar; compared from a day on which neither is at its shortest.
        let from = Time::from_seconds(1_700_000_000);
        let ends = |period: &Option<super::Verbatim<crate::key::Period>>, place| {
            period
                .as_ref()
                .map(|period| period.value().after(from).map_err(|e| invalid(place, &e.message())))
                .transpose()
        };
        let default = ends(&rules.default, "rules.expiry.default")?;
        let longest = ends(&rules.longest, "rules.expiry.longest")?;
        if default.zip(longest).is_some_and(|(default, longest)| default > longest) {
            return Err(invalid("rules.expiry.default", "it is longer than rules.expiry.longest"));
        }
        Ok(())
    }

    fn has_env(&self, env: Env) -> bool {
        self.environments.iter().any(|known| *known.value() == env)
    }

    /// Whether there is such a scope.
    pub(super) fn knows_scope(&self, scope: &str) -> bool {
        let known = self.scopes.known.as_ref();
        known.is_none_or(|known| known.iter().any(|pattern| pattern.value().matches(scope)))
    }
}

/// Whether a limit allows more than another in some window; no limit is more than any.
pub(super) fn exceeds(limit: RateLimit, most: RateLimit) -> bool {
    let over = |limit: Option<u32>, most: Option<u32>| most.is_some_and(|most| limit.is_none_or(|limit| limit > most));
    over(limit.minute, most.minute) || over(limit.hour, most.hour) || over(limit.day, most.day)
}

fn distinct<'a>(place: &str, words: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen: Vec<&str> = Vec::new();
    for word in words {
        if seen.contains(&word) {
            return Err(invalid(place, &format!("`{word}` stands there twice")));
        }
        seen.push(word);
    }
    if seen.is_empty() {
        return Err(invalid(place, "it is empty"));
    }
    Ok(())
}
