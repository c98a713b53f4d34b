//! Which of our fields goes where in a service's answers.

use super::{Rules, Template, invalid};
use crate::{
    error::Result,
    key::{KeyDocument, KeyType},
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// What an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A key that was made, with its secret.
    Generate,
    /// A public key that was registered.
    Create,
    /// One key.
    Show,
    /// Keys.
    List,
    /// Keys that were revoked.
    Revoke,
    /// A bearer token.
    Exchange,
    /// A failure.
    Error,
}

/// The answers of a service: templates by operation. `null` prints nothing; for what is absent keywright's own JSON
/// stands in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Documents {
    /// The answer of `generate`.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub generate: Option<Value>,
    /// The answer of `create`.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub create: Option<Value>,
    /// The answer of `show`.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub show: Option<Value>,
    /// The answer of `list`.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub list: Option<Value>,
    /// The answer of `revoke`.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub revoke: Option<Value>,
    /// The answer to a pair that is exchanged for a bearer token.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Value>,
    /// The answer when something is wrong.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
}

/// `null` is a document too, one that prints nothing.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// The name of the secret among the fields.
#[must_use]
pub const fn secret_field(key_type: KeyType) -> &'static str {
    match key_type {
        KeyType::Rsa => "private_key",
        KeyType::Token => "token",
        KeyType::Pair => "api_secret",
    }
}

const RATES: [&str; 3] =
    ["rate_limit.requests_per_minute", "rate_limit.requests_per_hour", "rate_limit.requests_per_day"];

fn of_key(field: &str) -> bool {
    field.parse().is_ok_and(|field| KeyDocument::FIELDS.contains(&field))
        || RATES.contains(&field)
        || field.starts_with("labels.")
}

/// A field that differs from key to key.
fn of_one_key(field: &str) -> bool {
    of_key(field) && field != "org_id"
}

fn of_detail(field: &str) -> bool {
    matches!(field, "loc" | "msg" | "type" | "field")
}

fn is_secret(field: &str) -> bool {
    KeyType::ALL.iter().any(|key_type| secret_field(*key_type) == field)
}

impl Documents {
    /// The document of an operation, if there is one.
    #[must_use]
    pub fn template(&self, operation: Operation) -> Option<Template> {
        let value = match operation {
            Operation::Generate => &self.generate,
            Operation::Create => &self.create,
            Operation::Show => &self.show,
            Operation::List => &self.list,
            Operation::Revoke => &self.revoke,
            Operation::Exchange => &self.exchange,
            Operation::Error => &self.error,
        };
        let repeats: Option<fn(&str) -> bool> = match operation {
            Operation::List | Operation::Revoke => Some(of_one_key),
            Operation::Error => Some(of_detail),
            _ => None,
        };
        value.as_ref().map(|value| Template::new(value, repeats))
    }

    /// Refuses documents that cannot be filled, and secrets where there are none.
    ///
    /// # Errors
    /// `contract_invalid` with the place and the reason.
    pub(super) fn check(&self, rules: &Rules) -> Result<()> {
        for operation in [
            Operation::Generate,
            Operation::Create,
            Operation::Show,
            Operation::List,
            Operation::Revoke,
            Operation::Exchange,
            Operation::Error,
        ] {
            if let Some(template) = self.template(operation) {
                operation.check(&template, rules)?;
            }
        }
        Ok(())
    }
}

impl Operation {
    const fn word(self) -> &'static str {
        match self {
            Self::Generate => "generate",
            Self::Create => "create",
            Self::Show => "show",
            Self::List => "list",
            Self::Revoke => "revoke",
            Self::Exchange => "exchange",
            Self::Error => "error",
        }
    }

    fn allows(self, field: &str, repeated: bool) -> bool {
        match self {
            Self::Generate => of_key(field) || is_secret(field) || field == "message",
            Self::Create | Self::Show => of_key(field),
            Self::List | Self::Revoke => field == "org_id" || repeated && of_key(field),
            Self::Exchange => of_key(field) || matches!(field, "access_token" | "token_type" | "expires_in" | "scope"),
            Self::Error => matches!(field, "code" | "message" | "hint") || repeated && of_detail(field),
        }
    }

    fn check(self, template: &Template, rules: &Rules) -> Result<()> {
        let wrong = |reason: &str| Err(invalid(&format!("documents.{}", self.word()), reason));
        let fields = template.fields();
        for (field, repeated) in &fields {
            if self.allows(field, *repeated) {
                continue;
            }
            if is_secret(field) {
                return wrong(&format!("the secret `{{{field}}}` is known to generate only"));
            }
            if of_key(field) && matches!(self, Self::List | Self::Revoke) {
                return wrong(&format!(
                    "`{{{field}}}` is not in the one object of an array, which is repeated for each key"
                ));
            }
            return wrong(&format!("there is no field `{{{field}}}` here"));
        }
        if template.repeated() > 1 {
            return wrong("more than one array holds one object with fields; only one can be repeated");
        }
        if self == Self::List && template.repeated() == 0 && !template.is_nothing() {
            return wrong("no array holds one object with fields, which would be repeated for each key");
        }
        if self == Self::Exchange && fields.iter().all(|(field, _)| *field != "access_token") {
            return wrong("the bearer token is missing: `{access_token}`");
        }
        if self == Self::Generate {
            for key_type in &rules.types {
                let secret = secret_field(*key_type.value());
                if fields.iter().all(|(field, _)| *field != secret) {
                    return wrong(&format!("the secret of a {} is missing: `{{{secret}}}`", key_type.text()));
                }
            }
        }
        Ok(())
    }
}
