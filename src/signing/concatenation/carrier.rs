//! The places in a request that carry the key id, the timestamp and the signature.

use super::part::header_name;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeStruct as _};

/// The places of the key id, the timestamp and the signature in a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carriers {
    /// The place of the key id.
    pub key: Carrier,
    /// The place of the timestamp.
    pub timestamp: Carrier,
    /// The place of the signature.
    pub signature: Carrier,
}

/// A place in a request: a header, or a parameter of the query. In JSON, a header is written as its name, and a
/// parameter as `{"in": "query", "name": "…"}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A header with the given name, in the letter case in which it is sent.
    Header(String),
    /// A parameter of the query with the given name.
    Query(String),
}

impl Carrier {
    /// Returns the name of the header or parameter.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Header(name) | Self::Query(name) => name,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCarrier {
    r#in: In,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum In {
    Header,
    Query,
}

impl<'de> Deserialize<'de> for Carrier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let place = match value {
            serde_json::Value::String(name) => WrittenCarrier { r#in: In::Header, name },
            value => serde_json::from_value(value).map_err(|_| {
                de::Error::custom(r#"a place is the name of a header, or {"in": "header" or "query", "name": "NAME"}"#)
            })?,
        };
        header_name(&place.name).map_err(|error| de::Error::custom(format_args!("{error} ({})", error.hint())))?;
        let is_unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        // A name that needs percent-encoding could be written in several ways.
        if matches!(place.r#in, In::Query) && !place.name.bytes().all(is_unreserved) {
            return Err(de::Error::custom(
                "the name of a parameter has other characters than letters, digits and -._~",
            ));
        }
        let is_taken = |name: &&str| place.name.eq_ignore_ascii_case(name);
        if matches!(place.r#in, In::Header)
            && ["host", "content-length", "transfer-encoding", "connection"].iter().any(is_taken)
        {
            return Err(de::Error::custom("this header has another meaning (RFC 9110); choose another name"));
        }
        Ok(match place.r#in {
            In::Header => Self::Header(place.name),
            In::Query => Self::Query(place.name),
        })
    }
}

impl Serialize for Carrier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Header(name) => serializer.serialize_str(name),
            Self::Query(name) => {
                let mut place = serializer.serialize_struct("Carrier", 2)?;
                place.serialize_field("in", "query")?;
                place.serialize_field("name", name)?;
                place.end()
            }
        }
    }
}
