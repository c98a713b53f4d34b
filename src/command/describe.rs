//! Builds a key from the description that a user requests and from the rules of the contract.

use super::Context;
use crate::{
    cli::Describe,
    contract::Rules,
    error::{Code, Error, Problems, Result},
    key::{Description, DescriptionChange, Edit, Env, Field, Key, KeyId, Lifecycle, Material, Name, Time, When},
    process,
};

/// The valid values of the description that a user requests for a new key, and the errors in the other values.
#[derive(Default)]
pub(super) struct Request {
    /// The valid fields.
    pub(super) description: DescriptionChange,
    /// The expiry, or `None` if it is not given or not valid.
    pub(super) expires: Option<When>,
    /// The errors for the values that are not valid.
    pub(super) problems: Problems,
}

impl Request {
    /// Reads the options that describe a key.
    pub(super) fn from_options(options: &Describe) -> Self {
        let mut problems = Problems::default();
        let description = options.change(&mut problems);
        let expires = options.expires.as_ref().and_then(|given| given.read(Field::ExpiresAt, &mut problems));
        Self { description, expires, problems }
    }

    /// Returns the given environment, or the default of the contract if no valid environment is given.
    pub(super) fn env(&self, rules: &Rules) -> Env {
        self.description.env.unwrap_or_else(|| rules.default_env())
    }

    /// Returns the given name, or the default of the contract if no name is given. Returns `None` if the given name is
    /// invalid, or if there is neither a given name nor a default.
    pub(super) fn name(&self, rules: &Rules) -> Option<Name> {
        let default = || rules.name.default.as_ref().filter(|_| !self.problems.concern(Field::Name.word()));
        self.description.name.clone().or_else(|| default().map(|name| name.value().clone()))
    }

    /// Returns the described key as a pending key without an id. The rules supply the defaults of omitted fields.
    ///
    /// # Errors
    /// Returns a single error that lists all invalid values and all broken rules.
    pub(super) fn draft(mut self, rules: &Rules, material: Material, now: Time) -> Result<Key> {
        let name = self.name(rules);
        if name.is_none() && !self.problems.concern(Field::Name.word()) {
            let hint = "pass --name with the purpose of the key, such as --name ci-deploy";
            let error = Error::new(Code::NameRequired, "a key must have a name", hint);
            self.problems.push(error.in_field(Field::Name.word()));
        }
        // Without a name, use a placeholder, so that the other fields are checked too.
        let name = name.map_or_else(|| "unnamed".parse(), Ok)?;
        let empty = Description::new(name, self.env(rules));
        let mut description = self.description.apply(&empty, &mut self.problems);
        rules.complete(&mut description)?;
        if rules.by_owner() && self.description.owner == Edit::Keep && !self.problems.concern(Field::Owner.word()) {
            description.owner = self.keep(Field::Owner, process::account().parse());
        }
        let expires = self.expires(rules, now);
        let key = Key::new(KeyId::from_bytes([0; 16]), description, material, Lifecycle::new(now, expires));
        // An invalid value has been replaced by a default. Do not report a rule that only this default breaks.
        for violation in rules.judge(&key) {
            if !self.problems.concern(violation.field.word()) || violation.code == Code::ScopeUnknown {
                self.problems.push(violation.into());
            }
        }
        self.problems.into_result().map(|()| key)
    }

    fn expires(&mut self, rules: &Rules, now: Time) -> Option<Time> {
        match (self.expires, &rules.expiry.default) {
            (Some(when), _) => self.keep(Field::ExpiresAt, when.resolve(now)).flatten(),
            (None, Some(default)) if !self.problems.concern(Field::ExpiresAt.word()) => {
                self.keep(Field::ExpiresAt, default.value().after(now))
            }
            (None, _) => None,
        }
    }

    /// Returns the value of a field, or adds its error to the problems and returns `None`.
    fn keep<T>(&mut self, field: Field, value: Result<T>) -> Option<T> {
        self.problems.keep(value.map_err(|error| error.in_field(field.word())))
    }
}

impl Describe {
    /// Returns the key that the options describe, as a pending key without an id.
    ///
    /// # Errors
    /// Returns a single error that lists all invalid values and all broken rules.
    pub(super) fn draft(&self, rules: &Rules, material: Material, context: &Context) -> Result<Key> {
        Request::from_options(self).draft(rules, material, context.now())
    }
}
