//! The documents of a service, and the fields that each document may contain.

use super::{Rules, Template, invalid};
use crate::{
    error::Result,
    key::{KeyDocument, KeyType},
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The operation for which a document is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Generating a key. The document contains the secret of the key.
    Generate,
    /// Registering a public key.
    Create,
    /// Showing a single key.
    Show,
    /// Listing keys.
    List,
    /// Revoking keys.
    Revoke,
    /// Exchanging a pair for a bearer token.
    Exchange,
    /// Reporting the failure of any operation.
    Error,
}

/// The templates for the documents of a service, by operation. If a template is `null`, nothing is printed. If an
/// operation has no template, keywright prints its own JSON. In a template, each string of the form `{field}` is
/// replaced by the value of the field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Documents {
    /// The template for the output of `generate`, which must contain the secret of each allowed key type.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub generate: Option<Value>,
    /// The template for the output of `create`, which describes the registered key.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub create: Option<Value>,
    /// The template for the output of `show`, which describes one key.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub show: Option<Value>,
    /// The template for the output of `list`, which contains an array with a single object that is repeated for each
    /// key.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub list: Option<Value>,
    /// The template for the output of `revoke`, which can contain an array with a single object that is repeated for
    /// each key.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub revoke: Option<Value>,
    /// The template for the output of `exchange`, which must contain the bearer token.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Value>,
    /// The template for the error of a failed operation.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
}

/// Deserializes a template that is present. A template that is `null` becomes `Some`, which distinguishes it from a
/// template that is absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

const RATES: [&str; 3] =
    ["rate_limit.requests_per_minute", "rate_limit.requests_per_hour", "rate_limit.requests_per_day"];

fn of_key(field: &str) -> bool {
    field.parse().is_ok_and(|field| KeyDocument::FIELDS.contains(&field))
        || RATES.contains(&field)
        || field.starts_with("labels.")
}

/// Returns `true` if the name is a field of a key whose value can differ from key to key.
fn of_one_key(field: &str) -> bool {
    of_key(field) && field != "org_id"
}

fn of_detail(field: &str) -> bool {
    matches!(field, "loc" | "msg" | "type" | "field")
}

fn is_secret(field: &str) -> bool {
    KeyType::ALL.iter().any(|key_type| key_type.names().secret_field == field)
}

impl Documents {
    /// Returns the compiled template for an operation, or `None` if the contract has none.
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

    /// Rejects templates with fields that are not available for their operation, templates that lack a required secret,
    /// and templates whose repeated part is missing or ambiguous.
    ///
    /// # Errors
    /// Returns `contract_invalid` with the path of the template and the reason if a template is rejected.
    pub(super) fn validate(&self, rules: &Rules) -> Result<()> {
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
                operation.validate(&template, rules)?;
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

    fn validate(self, template: &Template, rules: &Rules) -> Result<()> {
        let wrong = |reason: &str| Err(invalid(&format!("documents.{}", self.word()), reason));
        let fields = template.fields();
        for (field, repeated) in &fields {
            if self.allows(field, *repeated) {
                continue;
            }
            if is_secret(field) {
                return wrong(&format!("the secret `{{{field}}}` is available only in documents.generate"));
            }
            if of_key(field) && matches!(self, Self::List | Self::Revoke) {
                return wrong(&format!(
                    "`{{{field}}}` must be in an array with exactly one object, which is the template for each key"
                ));
            }
            return wrong(&format!("there is no field `{{{field}}}` in this document"));
        }
        if template.repeated() > 1 {
            return wrong("more than one array contains an object that is repeated for each key");
        }
        if self == Self::List && template.repeated() == 0 && !template.is_nothing() {
            return wrong("an array with exactly one object is required; the object is the template for each key");
        }
        if self == Self::Exchange && fields.iter().all(|(field, _)| *field != "access_token") {
            return wrong("the field `{access_token}` is missing, which is replaced with the bearer token");
        }
        if self == Self::Generate {
            for key_type in &rules.types {
                let secret = key_type.value().names().secret_field;
                if fields.iter().all(|(field, _)| *field != secret) {
                    return wrong(&format!(
                        "the field `{{{secret}}}` is missing, which is replaced with the secret of a key of type {}",
                        key_type.text()
                    ));
                }
            }
        }
        Ok(())
    }
}
