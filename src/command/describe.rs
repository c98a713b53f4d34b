//! Builds a key from the options that describe it and from the rules of the contract.

use super::{Context, options::OptionReader};
use crate::{
    cli::Describe,
    contract::Rules,
    error::{Code, Error, Result},
    key::{AllowedIps, Description, Env, Field, Key, KeyId, Labels, Lifecycle, Material, Name, Scopes, Time},
    process,
};

impl Describe {
    /// Returns the given environment, or the default of the contract if none is given or the given one is invalid.
    pub(super) fn env(&self, rules: &Rules) -> Env {
        let given = self.env.as_ref().and_then(|env| env.value().ok());
        given.unwrap_or_else(|| rules.default_env())
    }

    /// Returns the described key as a pending key without an id. The rules supply the defaults of omitted fields.
    ///
    /// # Errors
    /// Returns a single error that lists all invalid values and all broken rules.
    pub(super) fn draft(&self, rules: &Rules, material: Material, context: &Context) -> Result<Key> {
        let now = context.now;
        let mut options = OptionReader::new(&context.entry.command);
        let name = self.check_name(rules, &mut options)?;
        options.value(Field::Env, self.env.as_ref());
        let given = options.values(Field::Scopes, &self.scopes);
        let scopes = if self.scopes.is_empty() {
            rules.scopes.omitted.iter().map(|scope| scope.value().clone()).collect()
        } else {
            given
        };
        let scopes = options.keep(Field::Scopes, Scopes::new(&scopes)).unwrap_or_default();
        let labels = options.values(Field::Labels, &self.labels);
        let labels = options.keep(Field::Labels, Labels::new(&labels)).unwrap_or_default();
        let owner = match &self.owner {
            None if rules.by_owner() => options.keep(Field::Owner, process::account().parse()),
            given => options.value(Field::Owner, given.as_ref()),
        };
        let expires = self.expires(rules, now, &mut options);
        let rate_limit = options.value(Field::RateLimit, self.rate_limit.as_ref());
        let networks = options.values(Field::AllowedIps, &self.allowed_ips);
        let allowed_ips = options.keep(Field::AllowedIps, AllowedIps::new(&networks)).unwrap_or_default();
        let note = options.value(Field::Note, self.note.as_ref());
        let description = Description {
            name,
            env: self.env(rules),
            owner,
            scopes,
            labels,
            note,
            rate_limit: rules.filled(rate_limit),
            allowed_ips,
        };
        let key = Key::new(KeyId::from_bytes([0; 16]), description, material, Lifecycle::new(now, expires));
        // A default replaces the value of an invalid option. If that default breaks a rule, the rule is not reported.
        for violation in rules.judge(&key) {
            if options.accepts(violation.field) || violation.code == Code::ScopeUnknown {
                options.push(violation);
            }
        }
        options.into_result()?;
        Ok(key)
    }

    /// Returns the given name, or the default of the contract if no name is given. Returns `None` if the given name is
    /// invalid, or if there is neither a given name nor a default.
    pub(super) fn name(&self, rules: &Rules) -> Option<Name> {
        match &self.name {
            Some(name) => name.value().ok(),
            None => rules.name.default.as_ref().map(|name| name.value().clone()),
        }
    }

    fn check_name(&self, rules: &Rules, options: &mut OptionReader<'_>) -> Result<Name> {
        if self.name.is_none() && rules.name.default.is_none() {
            let hint = "pass --name with the purpose of the key, such as --name ci-deploy";
            let error = Error::new(Code::NameRequired, "a key needs a name", hint);
            options.push(error.in_field(Field::Name.word()));
        }
        options.value(Field::Name, self.name.as_ref());
        // Use a placeholder for a missing name, so that the other options are checked too.
        self.name(rules).map_or_else(|| "unnamed".parse(), Ok)
    }

    fn expires(&self, rules: &Rules, now: Time, options: &mut OptionReader<'_>) -> Option<Time> {
        match (&self.expires, &rules.expiry.default) {
            (Some(given), _) => {
                let time = given.value().and_then(|when| when.resolve(now));
                options.keep(Field::ExpiresAt, time).flatten()
            }
            (None, Some(default)) => options.keep(Field::ExpiresAt, default.value().after(now)),
            (None, None) => None,
        }
    }
}
