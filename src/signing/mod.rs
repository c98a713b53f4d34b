//! Request signing schemes: the message that is signed for a request, and the parts of the request that carry the
//! signature. This module finds no keys and verifies no signatures.
//!
//! - [`Signing`] is the scheme of a service, which is part of its contract.
//! - [`HttpRequest`] is a request as it was sent.
//! - [`PresentedSignature`] is a signature in a request, with the message that it must match.
//! - [`Signer`] signs a request, and [`SignedParts`] are the parts to add to the request.

mod authority;
pub mod concatenation;
mod explanation;
mod http_request;
pub mod message_signatures;
pub mod request;
mod request_body;
mod scheme;

pub use crate::key::Mistake;
pub use concatenation::Concatenation;
pub use explanation::Explanation;
pub use http_request::HttpRequest;
pub use message_signatures::MessageSignatures;
pub use scheme::{Scheme, Signing};

use crate::{
    error::{Code, Error, Result},
    key::{Period, Time, Verbatim},
    keypair::{KeyPair, SignatureAlgorithm},
    random,
};
use base64ct::{Base64UrlUnpadded, Encoding};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use request::Timestamp;
use std::{borrow::Cow, time::Duration};

/// The maximum value of `max_skew`: signatures are kept on record for twice as long.
const LONGEST_SKEW: Duration = Duration::from_secs(24 * 60 * 60);

/// The characters that are percent-encoded in a query: all but the unreserved ones (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A signature in a request, and the message that it must match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedSignature {
    /// The text that names the key.
    pub key: String,
    /// The algorithm of the signature. `None` if the request does not state it, so that it depends on the key.
    pub algorithm: Option<SignatureAlgorithm>,
    /// The time of the signature.
    pub timestamp: Timestamp,
    /// The time from which the signature is no longer valid, or `None` if the request states none.
    pub expires: Option<Timestamp>,
    /// The signature.
    pub signature: Vec<u8>,
    /// The message that was signed if the signature is valid.
    pub message: Vec<u8>,
}

/// The reason why a scheme finds no acceptable signature in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestFlaw {
    /// The kind of the flaw.
    pub kind: FlawKind,
    /// The description of the flaw for people.
    pub message: Cow<'static, str>,
    /// The text in the request that names the key, or `None` if it was not found.
    pub key: Option<String>,
}

impl RequestFlaw {
    /// Creates a flaw in a request that names no key.
    pub fn new(kind: FlawKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), key: None }
    }
}

/// The kind of a flaw, which determines the verdict code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlawKind {
    /// The request is malformed, or a part of it is missing or repeated.
    Request,
    /// The time of the signature is malformed.
    Timestamp,
    /// The method is malformed.
    Method,
    /// The path is malformed.
    Path,
    /// The signature is malformed.
    Signature,
    /// The field `signature-input`, or a parameter of a signature in it, is missing or malformed.
    SignatureInput,
    /// A signature covers a component that is unknown or not in the request, or covers a component twice.
    Component,
    /// A signature does not cover a component that it must cover.
    NotCovered,
    /// The digest of the body is malformed or is the digest of another body, or the body is unknown.
    Digest,
    /// The algorithm of a signature is not allowed.
    Algorithm,
    /// The tag of a signature is malformed, or is not the expected tag.
    Tag,
    /// The request has too many signatures, or covering their components would take too much memory.
    TooMany,
}

/// The key and the time with which a request is signed.
pub struct Signer<'a> {
    /// The private key.
    pub pair: &'a KeyPair,
    /// The id of the key at the service.
    pub key_id: &'a str,
    /// The time of the signature.
    pub timestamp: Timestamp,
    /// The time from which the signature is no longer valid, or `None` to state none.
    pub expires: Option<Time>,
}

/// The parts that have to be added to a request to sign it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignedParts {
    /// The names and the values of header fields.
    pub headers: Vec<(String, String)>,
    /// The names and the values, before percent-encoding, of query parameters.
    pub query: Vec<(String, String)>,
}

impl SignedParts {
    /// Returns a URL or a path with a query, with the parameters added to it.
    #[must_use]
    pub fn url(&self, target: &str) -> String {
        let (target, fragment) = target.split_at(target.find('#').unwrap_or(target.len()));
        let mut url = target.to_owned();
        for (name, value) in &self.query {
            let separator = if url.contains('?') { "&" } else { "?" };
            let value = utf8_percent_encode(value, RESERVED);
            url.extend([separator, name, "="]);
            url.extend(value);
        }
        url.push_str(fragment);
        url
    }
}

impl Signer<'_> {
    /// Returns the first algorithm that fits the key.
    ///
    /// # Errors
    /// Returns `invalid_secret` if the key fits none of the algorithms.
    pub fn algorithm(&self, algorithms: impl Iterator<Item = SignatureAlgorithm>) -> Result<SignatureAlgorithm> {
        let own = self.pair.algorithm();
        let algorithms: Vec<_> = algorithms.collect();
        let found = algorithms.iter().find(|algorithm| self.pair.supports(**algorithm));
        found.copied().ok_or_else(|| {
            let fits = algorithms.iter().any(|algorithm| algorithm.of_keys() == own);
            let message = if fits {
                "the key is restricted to other algorithms than those of the scheme".to_owned()
            } else {
                format!("the scheme does not accept signatures of {} keys", own.name())
            };
            let words: Vec<_> = algorithms.iter().map(|algorithm| algorithm.word()).collect();
            let hint = format!("use a key for one of the allowed algorithms: {}", words.join(", "));
            Error::new(Code::InvalidSecret, message, hint)
        })
    }
}

/// Returns 16 random bytes in base64url, which make a signed text unique.
///
/// # Errors
/// Returns `system_limit` if the operating system provides no random bytes.
pub(crate) fn random_text() -> Result<String> {
    let mut bytes = [0; 16];
    random::fill(&mut bytes)?;
    Ok(Base64UrlUnpadded::encode_string(&bytes))
}

/// Returns the length of a `max_skew` in milliseconds.
///
/// # Errors
/// Returns a description of the mistake if the value is less than one second or more than a day.
fn skew_millis(skew: &Verbatim<Period>) -> Result<u64, String> {
    // The length of a month depends on the date, but a month is too long anyway.
    let start = Time::from_seconds(1_700_000_000);
    let seconds = skew.value().after(start).map_or(i64::MAX, |end| end.seconds() - start.seconds());
    match u64::try_from(seconds) {
        Ok(seconds) if (1..=LONGEST_SKEW.as_secs()).contains(&seconds) => Ok(seconds * 1000),
        _ => Err("max_skew: the value is not between 1s and 1d".to_owned()),
    }
}

/// Returns the default value of `max_skew`.
fn default_skew() -> Verbatim<Period> {
    Verbatim::from(Period::of_seconds(30))
}
