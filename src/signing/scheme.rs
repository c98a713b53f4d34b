//! The signing scheme of a service, as its contract states it.

use super::{
    Concatenation, HttpRequest, MessageSignatures, PresentedSignature, RequestFlaw, SignedParts, Signer,
    concatenation::Confusion, skew_millis,
};
use crate::{
    error::Result,
    key::{KeyId, Lookup},
    keypair::SignatureAlgorithm,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

/// The built-in schemes and their descriptions in JSON.
const BUILT_IN: [(&str, &str); 4] = [
    ("http-message-signatures", r#"{"scheme":"http-message-signatures"}"#),
    ("kalshi", include_str!("builtin/kalshi.json")),
    ("binance", include_str!("builtin/binance.json")),
    ("robinhood", include_str!("builtin/robinhood.json")),
];

/// The signing scheme of a service. In JSON, it is the name of a built-in scheme, or an object with the member `scheme`
/// and the members of that scheme.
#[derive(Clone, Debug)]
pub struct Signing {
    /// The name, if the scheme is built in.
    name: Option<&'static str>,
    scheme: Scheme,
}

/// A family of schemes with its settings.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "scheme", rename_all = "kebab-case")]
pub enum Scheme {
    /// A concatenation of parts of the request.
    Concatenation(Concatenation),
    /// HTTP message signatures (RFC 9421).
    HttpMessageSignatures(MessageSignatures),
}

impl Signing {
    /// Returns an iterator over the names of the built-in schemes.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// Returns the built-in scheme with the given name, or `None` if there is no such scheme.
    #[must_use]
    pub fn built_in(name: &str) -> Option<Self> {
        let (name, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        let Self { scheme, .. } = serde_json::from_str(text).ok()?;
        Some(Self { name: Some(name), scheme })
    }

    /// Returns the scheme of contracts that state none, which is that of Kalshi.
    ///
    /// # Panics
    /// Never: a test parses the built-in schemes.
    #[must_use]
    pub fn unstated() -> Self {
        Self::built_in("kalshi").unwrap_or_else(|| unreachable!("the built-in scheme is valid"))
    }

    /// Returns the name of the scheme if it is built in.
    #[must_use]
    pub const fn name(&self) -> Option<&'static str> {
        self.name
    }

    /// Returns the family of the scheme with its settings.
    #[must_use]
    pub const fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Checks the scheme for contradictions and weaknesses.
    ///
    /// # Errors
    /// Returns a description of the mistake.
    pub fn validate(&self) -> Result<(), String> {
        match &self.scheme {
            Scheme::Concatenation(scheme) => scheme.validate(),
            Scheme::HttpMessageSignatures(scheme) => scheme.validate(),
        }
    }

    /// Returns the boundaries of the signed message that can be moved without changing the message.
    #[must_use]
    pub fn confusions(&self) -> Vec<Confusion<'_>> {
        match &self.scheme {
            Scheme::Concatenation(scheme) => scheme.confusions(),
            Scheme::HttpMessageSignatures(_) => Vec::new(),
        }
    }

    /// Returns the names of the parts of a request that every signature should cover and this scheme does not require.
    #[must_use]
    pub fn uncovered(&self) -> Vec<&'static str> {
        match &self.scheme {
            Scheme::Concatenation(scheme) => scheme.uncovered(),
            Scheme::HttpMessageSignatures(scheme) => scheme.uncovered(),
        }
    }

    /// Returns `true` if a signature covers the body of a request.
    #[must_use]
    pub fn covers_body(&self) -> bool {
        match &self.scheme {
            Scheme::Concatenation(scheme) => scheme.covers_body(),
            Scheme::HttpMessageSignatures(_) => true,
        }
    }

    /// Returns the maximum difference between the time of a signature and the current time, in milliseconds.
    #[must_use]
    pub fn max_skew(&self) -> u64 {
        let skew = match &self.scheme {
            Scheme::Concatenation(scheme) => &scheme.max_skew,
            Scheme::HttpMessageSignatures(scheme) => &scheme.max_skew,
        };
        skew_millis(skew).unwrap_or_default()
    }

    /// Returns `true` if a request carries a key id, a timestamp and a signature, each on its own.
    #[must_use]
    pub const fn has_separate_parts(&self) -> bool {
        matches!(self.scheme, Scheme::Concatenation(_))
    }

    /// Returns `true` if a signature covers the query of a request.
    #[must_use]
    pub fn covers_query(&self) -> bool {
        match &self.scheme {
            Scheme::Concatenation(scheme) => scheme.covers_query(),
            Scheme::HttpMessageSignatures(_) => true,
        }
    }

    /// Returns the lookup of the key that a signature names: by its id or, in an HTTP message signature, also by its JWK
    /// thumbprint (RFC 7638). Returns `None` if the name is neither.
    #[must_use]
    pub fn key_named(&self, name: &str) -> Option<Lookup> {
        let id = name.parse::<KeyId>().map(Lookup::from);
        match &self.scheme {
            Scheme::Concatenation(_) => id.ok(),
            Scheme::HttpMessageSignatures(_) => id.or_else(|_| name.parse().map(Lookup::Thumbprint)).ok(),
        }
    }

    /// Returns the accepted algorithms.
    #[must_use]
    pub fn algorithms(&self) -> Vec<SignatureAlgorithm> {
        match &self.scheme {
            Scheme::Concatenation(scheme) => scheme.algorithms().collect(),
            Scheme::HttpMessageSignatures(scheme) => scheme.algorithms.clone(),
        }
    }

    /// Returns the signatures in a request that meet the requirements of the scheme. The list is not empty.
    ///
    /// # Errors
    /// Returns the flaw of the request if it has no such signature.
    pub fn presented(&self, request: &HttpRequest) -> Result<Vec<PresentedSignature>, RequestFlaw> {
        match &self.scheme {
            Scheme::Concatenation(scheme) => scheme.presented(request).map(|presented| vec![presented]),
            Scheme::HttpMessageSignatures(scheme) => scheme.presented(request),
        }
    }

    /// Signs a request and returns the parts to add to it.
    ///
    /// # Errors
    /// - `invalid_request` if the request is malformed, or lacks a part that is signed
    /// - `invalid_secret` if the key cannot sign with any of the scheme's algorithms
    /// - `internal` if the operating system provides no random bytes, or if the computation fails
    pub fn sign(&self, request: &HttpRequest, signer: &Signer<'_>) -> Result<SignedParts> {
        match &self.scheme {
            Scheme::Concatenation(scheme) => scheme.sign(request, signer),
            Scheme::HttpMessageSignatures(scheme) => scheme.sign(request, signer),
        }
    }
}

impl<'de> Deserialize<'de> for Signing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(name) if name.to_ascii_lowercase().contains("hmac") => Err(de::Error::custom(
                "HMAC is not supported: to verify it, the keyring would have to hold the secrets of all clients",
            )),
            Value::String(name) => Self::built_in(&name).ok_or_else(|| {
                let known: Vec<_> = Self::built_in_names().collect();
                de::Error::custom(format_args!(
                    "the scheme is unknown; choose from {}, or pass an object with the member `scheme`",
                    known.join(", ")
                ))
            }),
            Value::Object(mut members) => {
                let family = members.remove("scheme");
                let scheme = match family.as_ref().and_then(Value::as_str) {
                    Some("concatenation") => members_of(members).map(Scheme::Concatenation),
                    Some("http-message-signatures") => members_of(members).map(Scheme::HttpMessageSignatures),
                    _ => Err("scheme: the family must be concatenation or http-message-signatures".to_owned()),
                };
                Ok(Self { name: None, scheme: scheme.map_err(de::Error::custom)? })
            }
            _ => Err(de::Error::custom("the scheme must be a name or an object")),
        }
    }
}

/// Parses the members of a family. The error starts with the path of the wrong member.
fn members_of<T: for<'de> Deserialize<'de>>(members: Map<String, Value>) -> Result<T, String> {
    serde_path_to_error::deserialize(Value::Object(members)).map_err(|error| match error.path().to_string() {
        path if path == "." => error.inner().to_string(),
        path => format!("{path}: {}", error.inner()),
    })
}

impl Serialize for Signing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.name {
            Some(name) => serializer.serialize_str(name),
            None => self.scheme.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_schemes_are_valid() {
        for name in Signing::built_in_names() {
            let signing = Signing::built_in(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!((signing.name(), signing.validate()), (Some(name), Ok(())));
            assert_eq!(serde_json::to_value(&signing).unwrap(), name);
        }
        assert_eq!(Signing::unstated().max_skew(), 30_000);
    }
}
