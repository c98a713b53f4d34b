//! The identifiers of components (RFC 9421, section 2).

use super::super::request::is_token;
use super::query;
use super::structured::{self, DictionaryMember, Limits, Parameters, Value};
use crate::error::{Code, Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sfv::BareItem;
use std::{borrow::Cow, fmt, str::FromStr};

/// The maximum length of a component's name in bytes.
const LONGEST_NAME: usize = 128;

/// The maximum length of a component's name in a message, in bytes.
const SHOWN: usize = 40;

/// The derived components of requests (RFC 9421, section 2.2).
const DERIVED: [&str; 8] =
    ["@method", "@target-uri", "@authority", "@scheme", "@request-target", "@path", "@query", "@query-param"];

/// The identifier of a component of a request that a signature can cover (RFC 9421, section 2): the name of a header
/// field in lowercase, or the name of a derived component, and its parameters.
///
/// In text, the name has no quotes and is followed by the parameters, as in `content-type`, `example-dict;key="a"` or
/// `@query-param;name="id"`. Two identifiers with the same parameters in a different order are equal (RFC 9421, section
/// 2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Component {
    name: String,
    /// `true` if the value is serialized as a structured field (RFC 9421, section 2.1.1).
    sf: bool,
    /// The key of a member of a dictionary (RFC 9421, section 2.1.2).
    key: Option<String>,
    /// `true` if each value of the field is encoded as a byte sequence (RFC 9421, section 2.1.3).
    bs: bool,
    /// The encoded name of a query parameter (RFC 9421, section 2.2.8).
    parameter: Option<String>,
}

impl Component {
    /// Creates the identifier of a header field or a derived component without parameters. The name is not checked.
    pub(super) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), sf: false, key: None, bs: false, parameter: None }
    }

    /// Converts an item of the inner list in `signature-input`.
    ///
    /// # Errors
    /// Returns a description of the mistake if the item identifies no component of a request.
    pub(super) fn from_item(item: &BareItem, parameters: &Parameters) -> Result<Self, Cow<'static, str>> {
        let name = item.as_string().ok_or("the name of a covered component is not a string in double quotes")?.as_str();
        let is_derived = name.starts_with('@');
        check_name(name)?;
        let mut component = Self::named(name);
        for (key, value) in parameters {
            let is_set = value.as_boolean() == Some(true);
            let text = || value.as_string().map(|text| text.as_str().to_owned());
            let wrong =
                || format!("the parameter `{}` of the component {} has the wrong type", key.as_str(), shown(name));
            match key.as_str() {
                "sf" if !is_derived && is_set => component.sf = true,
                "bs" if !is_derived && is_set => component.bs = true,
                "key" if !is_derived => component.key = Some(text().ok_or_else(wrong)?),
                "name" if name == "@query-param" => component.parameter = Some(text().ok_or_else(wrong)?),
                "sf" | "bs" if !is_derived => return Err(wrong().into()),
                "req" => {
                    return Err(format!("the component {} has `req`, which is only for responses", shown(name)).into());
                }
                "tr" => {
                    return Err(format!("the component {} is a trailer, which is not supported", shown(name)).into());
                }
                _ => return Err(format!("the component {} has an unknown parameter", shown(name)).into()),
            }
        }
        if component.bs && (component.sf || component.key.is_some()) {
            return Err(format!("the component {} has `bs` together with `sf` or `key`", shown(name)).into());
        }
        if name == "@query-param" && component.parameter.is_none() {
            return Err("the component `@query-param` has no parameter `name`".into());
        }
        Ok(component)
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn is_structured(&self) -> bool {
        self.sf
    }

    pub(super) const fn is_bytes(&self) -> bool {
        self.bs
    }

    pub(super) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    pub(super) fn parameter(&self) -> Option<&str> {
        self.parameter.as_deref()
    }

    /// Returns `true` if a signature that covers this component also covers `required`: the components are equal, or
    /// `required` is a field without parameters and this component is its complete value in another encoding.
    pub(super) fn covers(&self, required: &Self) -> bool {
        *self == *required || (self.key.is_none() && *required == Self::named(&self.name) && self.parameter.is_none())
    }

    /// Returns the identifier as it is serialized in the signature base (RFC 9421, section 2.5), with the parameters in
    /// alphabetical order.
    #[must_use]
    pub fn identifier(&self) -> String {
        format!("\"{}\"{}", self.name, self.parameters())
    }

    fn parameters(&self) -> String {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let mut text = String::new();
        if self.bs {
            text.push_str(";bs");
        }
        if let Some(key) = &self.key {
            text = text + ";key=" + &quoted(key);
        }
        if let Some(name) = &self.parameter {
            text = text + ";name=" + &quoted(name);
        }
        if self.sf {
            text.push_str(";sf");
        }
        text
    }

    /// Checks a component that a configuration requires.
    ///
    /// # Errors
    /// Returns a description of the mistake if no signature can cover the component.
    pub(super) fn check_required(&self) -> Result<(), String> {
        if matches!(self.name.as_str(), "signature" | "signature-input") {
            return Err(format!("a signature cannot cover the field `{}`", self.name));
        }
        let derived = format!("@{}", self.name);
        if DERIVED.contains(&derived.as_str()) {
            return Err(format!("components: `{}` is the name of a header; did you mean `{derived}`?", self.name));
        }
        if self.parameter.as_deref().is_some_and(|name| !query::is_encoded(name)) {
            return Err(format!("the name in `{self}` must be percent-encoded, for example a space as %20"));
        }
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), Cow<'static, str>> {
    match name {
        "" => Err("the name of a covered component is empty".into()),
        "@status" => Err("the component `@status` is only for responses".into()),
        "@signature-params" => Err("the component `@signature-params` must not be listed".into()),
        _ if name.starts_with('@') => {
            if DERIVED.contains(&name) {
                return Ok(());
            }
            Err(format!("the derived component {} is unknown", shown(name)).into())
        }
        _ if name.len() > LONGEST_NAME => Err("the name of a covered component is too long".into()),
        _ if name.bytes().any(|b| b.is_ascii_uppercase()) => {
            Err(format!("the component {} is not in lowercase", shown(name)).into())
        }
        _ if !is_token(name) => Err(format!("the component {} is not the name of a field", shown(name)).into()),
        _ => Ok(()),
    }
}

/// Returns a name in backticks, or `(a long name)` if it is long or has characters that are not printable.
pub(super) fn shown(name: &str) -> String {
    let is_plain = name.len() <= SHOWN && name.bytes().all(|b| b.is_ascii_graphic() && b != b'`');
    if is_plain { format!("`{name}`") } else { "(a long name)".to_owned() }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name, self.parameters())
    }
}

impl FromStr for Component {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let hint = "use a component such as @method, @path, content-type or @query-param;name=\"id\"";
        let invalid = |problem: Cow<'static, str>| Error::new(Code::ContractInvalid, problem, hint);
        let (name, parameters) = text.split_at(text.find(';').unwrap_or(text.len()));
        check_name(name).map_err(invalid)?;
        let limits = Limits { members: 1, items: 0 };
        match structured::parse_list(&format!("\"{name}\"{parameters}"), limits).as_deref() {
            Ok([DictionaryMember { value: Value::Item(item), parameters }]) => {
                Self::from_item(item, parameters).map_err(invalid)
            }
            _ => Err(invalid(format!("the parameters of the component {} are invalid", shown(name)).into())),
        }
    }
}

impl Serialize for Component {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Component {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error: Error| de::Error::custom(format_args!("{error} ({})", error.hint())))
    }
}
