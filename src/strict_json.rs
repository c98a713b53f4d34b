//! Strict JSON (RFC 8259): no object may have two members with the same name, at any depth. Parsers disagree about
//! which of two such members counts (section 4 of the RFC), so a document with repeated members is refused.

use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};
use std::{fmt, str::FromStr};

/// The maximum number of characters of a member's name that an error quotes. The name is untrusted text.
const SHOWN: usize = 24;

/// The start of the parser's message about a repeated member, which [`JsonProblem`] recognizes.
const REPEATED: &str = "repeated field `";

/// The reason why text could not be parsed as strict JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonProblem {
    /// An object has two members with this name, without control characters and backticks. A name with more than 24
    /// characters is replaced by `(a long name)`.
    Repeated(String),
    /// The text is not JSON, or not a value of the expected type.
    Invalid,
}

impl JsonProblem {
    /// Returns the problem that an error of the parser describes.
    #[must_use]
    pub fn of(error: &serde_json::Error) -> Self {
        let message = error.to_string();
        let name = message.strip_prefix(REPEATED).and_then(|rest| rest.split_once('`'));
        name.map_or(Self::Invalid, |(name, _)| Self::Repeated(name.to_owned()))
    }

    /// Returns a description of a repeated member, or `invalid` for any other problem.
    #[must_use]
    pub fn describe(&self, invalid: &str) -> String {
        match self {
            Self::Repeated(name) => format!("the field `{name}` is repeated"),
            Self::Invalid => invalid.to_owned(),
        }
    }
}

/// Parses text that contains a single JSON value.
///
/// # Errors
/// Returns the problem if the text is not strict JSON.
pub fn parse(text: &[u8]) -> Result<Value, JsonProblem> {
    serde_json::from_slice(text).map(|Distinct(value)| value).map_err(|error| JsonProblem::of(&error))
}

/// A JSON value in which no object has two members with the same name.
#[derive(Clone, Debug)]
pub struct Distinct(pub Value);

impl FromStr for Distinct {
    type Err = JsonProblem;

    fn from_str(text: &str) -> Result<Self, JsonProblem> {
        parse(text.as_bytes()).map(Self)
    }
}

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DistinctVisitor)
    }
}

/// A JSON object without repeated member names, at any depth.
#[derive(Clone, Debug)]
pub struct DistinctObject(pub Map<String, Value>);

impl<'de> Deserialize<'de> for DistinctObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Distinct::deserialize(deserializer)? {
            Distinct(Value::Object(members)) => Ok(Self(members)),
            _ => Err(de::Error::custom("the value is not an object")),
        }
    }
}

struct DistinctVisitor;

impl<'de> de::Visitor<'de> for DistinctVisitor {
    type Value = Distinct;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Distinct, E> {
        Ok(Distinct(Value::Null))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Distinct, E> {
        Ok(Distinct(value.into()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Distinct, E> {
        Ok(Distinct(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Distinct, E> {
        Ok(Distinct(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Distinct, E> {
        Ok(Distinct(value.into()))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Distinct, E> {
        Ok(Distinct(value.into()))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut access: A) -> Result<Distinct, A::Error> {
        let mut elements = Vec::new();
        while let Some(Distinct(value)) = access.next_element()? {
            elements.push(value);
        }
        Ok(Distinct(Value::Array(elements)))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut access: A) -> Result<Distinct, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(de::Error::custom(format_args!("{REPEATED}{}`", shown(&name))));
            }
            let Distinct(value) = access.next_value()?;
            members.insert(name, value);
        }
        Ok(Distinct(Value::Object(members)))
    }
}

/// Returns a name without control characters and backticks, or `(a long name)` if it has more than [`SHOWN`] characters. A
/// part of a longer name could be a part of a secret.
fn shown(name: &str) -> String {
    let shown: String = name.chars().filter(|c| !c.is_control() && *c != '`').take(SHOWN + 1).collect();
    if shown.chars().count() > SHOWN { "(a long name)".to_owned() } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_member_is_refused_at_any_depth_and_named() {
        for (text, name) in [
            (r#"{"a":1,"a":1}"#, "a"),
            (r#"{"x":{"y":[1,{"b":1,"c":2,"b":3}]}}"#, "b"),
            (r#"[{"a":{}},{"d":null,"d":null}]"#, "d"),
            (r#"{"e":1,"\u0065":2}"#, "e"),
            ("{\"\\u001b`f\":1,\"\\u001b`f\":2}", "f"),
            (r#"{"":1,"":2}"#, ""),
        ] {
            assert_eq!(parse(text.as_bytes()), Err(JsonProblem::Repeated(name.into())), "{text}");
        }
        let long = "n".repeat(1000);
        let text = format!("{{\"{long}\":1,\"{long}\":2}}");
        assert_eq!(parse(text.as_bytes()), Err(JsonProblem::Repeated("(a long name)".into())));
    }

    #[test]
    fn other_json_is_read_as_by_serde_json() {
        for text in [
            "null",
            "true",
            "-1",
            "1e3",
            "18446744073709551615",
            r#""a\n""#,
            "[]",
            r#"[{"a":{"a":{}}},{"a":1}]"#,
            " {} ",
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap(), "{text}");
        }
        for text in ["", "x", "{", "{} {}", "[1,]", r#"{"a"}"#, "repeated field `a`", r#""repeated field `a`"#] {
            assert_eq!(parse(text.as_bytes()), Err(JsonProblem::Invalid), "{text}");
        }
        assert_eq!(parse("[".repeat(100_000).as_bytes()), Err(JsonProblem::Invalid), "the depth is limited");
    }
}
