//! Finding the signature in a request, and the message that it must match.

use super::{Carrier, Concatenation, MessagePart, SignatureEncoding, TimestampUnit};
use crate::key::KeyId;
use crate::signing::{
    FlawKind, HttpRequest, PresentedSignature, RequestFlaw,
    concatenation::part::{is_host_byte, is_target_byte},
    request::{Method, Path, Timestamp},
    request_body::RequestBody,
};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// The names of the key id, the timestamp and the signature in a request in JSON.
const KEY: &[&str] = &["key_id", "api_key_id"];
const TIMESTAMP: &[&str] = &["timestamp"];
const SIGNATURE: &[&str] = &["signature"];

impl Concatenation {
    /// Returns the signature in a request.
    ///
    /// # Errors
    /// Returns the first flaw of the request, in this order: a missing or repeated part, the timestamp, the method, the
    /// path, the signature, and the other parts of the message.
    pub fn presented(&self, request: &HttpRequest) -> Result<PresentedSignature, RequestFlaw> {
        let sent = self.sent(request)?;
        let found = self.presented_parts(request, &sent);
        found.map_err(|flaw| RequestFlaw { key: Some(sent.key.into_owned()), ..flaw })
    }

    /// Returns the key id, the timestamp and the signature of a request as they were sent.
    ///
    /// # Errors
    /// Returns the flaw of the first part that is missing, repeated or not text.
    pub fn sent<'a>(&self, request: &'a HttpRequest) -> Result<SentParts<'a>, RequestFlaw> {
        self.check_query(request)?;
        let key = self.value(request, &self.headers.key, KEY)?;
        // Outside the message, a parameter with the timestamp is only covered as part of the query.
        let covered_in_query =
            matches!(self.headers.timestamp, Carrier::Query(_)) && !self.has(&MessagePart::Timestamp);
        let names = if covered_in_query { &[] } else { TIMESTAMP };
        let timestamp = self.value(request, &self.headers.timestamp, names)?;
        let signature = self.value(request, &self.headers.signature, SIGNATURE)?;
        Ok(SentParts { key, timestamp, signature })
    }

    fn presented_parts(&self, request: &HttpRequest, sent: &SentParts<'_>) -> Result<PresentedSignature, RequestFlaw> {
        let SentParts { key, timestamp, signature } = sent;
        let flaw = |kind| move |error: crate::error::Error| RequestFlaw::new(kind, error.message());
        let time = self.timestamp.parse(timestamp).map_err(flaw(FlawKind::Timestamp))?;
        let method: Method = request.method.parse().map_err(flaw(FlawKind::Method))?;
        let (path, query) = self.target(request);
        let path: Path = path.parse().map_err(flaw(FlawKind::Path))?;
        if self.has(&MessagePart::Key) && key.parse::<KeyId>().is_ok() && key.len() != KeyId::LENGTH {
            // The message would no longer have a single grammar.
            return Err(RequestFlaw::new(FlawKind::Request, "the key id is not written with 36 characters"));
        }
        let signature =
            self.encoding.decode(signature).map_err(|problem| RequestFlaw::new(FlawKind::Signature, problem))?;
        let parts = RequestParts { key, timestamp, method: method.as_str(), path: path.as_str(), query };
        let message = self.message(request, &parts)?;
        Ok(PresentedSignature {
            key: key.to_string(),
            algorithm: None,
            timestamp: time,
            expires: None,
            signature,
            message,
        })
    }

    /// Returns the path and the query of a request. The member `path` of JSON may contain a query if the scheme covers it.
    pub(super) fn target<'a>(&self, request: &'a HttpRequest) -> (&'a str, &'a str) {
        match request.path.find('?') {
            Some(at) if request.query.is_empty() && self.reads_query() => request.path.split_at(at),
            _ => (&request.path, &request.query),
        }
    }

    /// Checks the query if it matters. A fragment is refused, because clients never send it (RFC 9110, section 7.1). Other
    /// bytes that no query has are refused, because the message would no longer have a single grammar.
    pub(super) fn check_query(&self, request: &HttpRequest) -> Result<(), RequestFlaw> {
        if !self.reads_query() {
            return Ok(());
        }
        let (path, query) = self.target(request);
        if query.contains('#') || path.contains('#') {
            return Err(RequestFlaw::new(FlawKind::Path, "the request has a fragment, which is never sent; omit it"));
        }
        if !query.bytes().all(is_target_byte) {
            return Err(RequestFlaw::new(FlawKind::Path, "the query has a space or a control character"));
        }
        Ok(())
    }

    /// Returns `true` if the query of a request matters, because the message or a carrier refers to it.
    fn reads_query(&self) -> bool {
        let carriers = [&self.headers.key, &self.headers.timestamp, &self.headers.signature];
        self.covers_query() || carriers.iter().any(|carrier| matches!(carrier, Carrier::Query(_)))
    }

    /// Returns the value of a carrier, or of the member of the JSON object with one of the given names.
    fn value<'a>(
        &self,
        request: &'a HttpRequest,
        carrier: &Carrier,
        names: &[&str],
    ) -> Result<Cow<'a, str>, RequestFlaw> {
        let name = carrier.name();
        let is_header = matches!(carrier, Carrier::Header(_));
        let members = request
            .members
            .iter()
            .filter(|(known, _)| names.contains(&known.as_str()) || (is_header && known.eq_ignore_ascii_case(name)));
        let members = members.map(|(_, value)| Cow::Borrowed(value.as_str()));
        let mut found: Vec<Cow<'a, str>> = members.collect();
        match carrier {
            Carrier::Header(name) => {
                let fields = request.fields.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
                found.extend(fields.map(|(_, value)| Cow::Borrowed(value.as_str())));
            }
            Carrier::Query(name) => {
                let (_, query) = self.target(request);
                for (_, value) in parameters(query).filter(|(known, _)| known == name) {
                    let value = percent_decode_str(value).decode_utf8();
                    found.push(value.map_err(|_| {
                        RequestFlaw::new(FlawKind::Request, format!("the parameter {name} is not UTF-8"))
                    })?);
                }
            }
        }
        let place = if is_header { "header" } else { "parameter" };
        let json = names.first().map_or_else(String::new, |json| format!(", or in JSON the field `{json}`,"));
        let problem = match (found.pop(), found.is_empty()) {
            (Some(value), true) => return Ok(value),
            (None, _) => "is missing",
            (Some(_), false) => "is repeated",
        };
        Err(RequestFlaw::new(FlawKind::Request, format!("the {place} {name}{json} {problem}")))
    }

    /// Returns the message for the given parts of a request.
    ///
    /// # Errors
    /// Returns the flaw of a part that the message needs and the request does not have.
    pub(super) fn message(&self, request: &HttpRequest, parts: &RequestParts<'_>) -> Result<Vec<u8>, RequestFlaw> {
        let mut message = Vec::new();
        for part in self.parts() {
            message.extend_from_slice(&self.part(part, request, parts)?);
        }
        Ok(message)
    }

    /// Returns the value of one part of the message.
    pub(super) fn part<'a>(
        &self,
        part: &'a MessagePart,
        request: &'a HttpRequest,
        parts: &RequestParts<'a>,
    ) -> Result<Cow<'a, [u8]>, RequestFlaw> {
        let text = |text: &'a str| Ok(Cow::Borrowed(text.as_bytes()));
        match part {
            MessagePart::Timestamp => text(parts.timestamp),
            MessagePart::Method => text(parts.method),
            MessagePart::Path => text(parts.path),
            MessagePart::Key => text(parts.key),
            MessagePart::Literal(literal) => text(literal),
            MessagePart::Host => host(request).map(|host| Cow::Owned(host.into_bytes())),
            MessagePart::Query => {
                let params = self.params(parts.query);
                Ok(if params.is_empty() { Cow::Borrowed(&[]) } else { Cow::Owned(format!("?{params}").into_bytes()) })
            }
            MessagePart::Params => Ok(Cow::Owned(self.params(parts.query).into_bytes())),
            MessagePart::Body => body(request).map(Cow::Borrowed),
            MessagePart::BodySha256 => {
                body(request).map(|body| Cow::Owned(base16ct::lower::encode_string(&Sha256::digest(body)).into_bytes()))
            }
            MessagePart::Header(name) => {
                let mut values = request.field_values(name);
                match (values.next(), values.next()) {
                    (Some(value), None) if value.bytes().all(|b| b == b'\t' || !b.is_ascii_control()) => text(value),
                    (Some(_), None) => Err(RequestFlaw::new(
                        FlawKind::Request,
                        format!("the header {name} contains a control character"),
                    )),
                    (Some(_), Some(_)) => {
                        Err(RequestFlaw::new(FlawKind::Request, format!("the header {name} is repeated")))
                    }
                    (None, _) => Err(RequestFlaw::new(FlawKind::Request, format!("the header {name} is missing"))),
                }
            }
        }
    }

    /// Returns the query without the leading `?` and without the parameter that carries the signature.
    fn params(&self, query: &str) -> String {
        let query = query.strip_prefix('?').unwrap_or(query);
        let Carrier::Query(signature) = &self.headers.signature else { return query.to_owned() };
        let kept = query.split('&').filter(|parameter| name_of(parameter) != signature);
        kept.collect::<Vec<_>>().join("&")
    }
}

/// The key id, the timestamp and the signature of a request as they were sent.
pub struct SentParts<'a> {
    /// The id of the key.
    pub key: Cow<'a, str>,
    /// The timestamp.
    pub timestamp: Cow<'a, str>,
    /// The encoded signature.
    pub signature: Cow<'a, str>,
}

/// The parts of a request that have been validated, as they were sent.
pub(super) struct RequestParts<'a> {
    pub(super) key: &'a str,
    pub(super) timestamp: &'a str,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
}

impl TimestampUnit {
    /// Parses a timestamp.
    ///
    /// # Errors
    /// Returns `invalid_request` if the text does not have exactly the digits of the unit.
    pub fn parse(self, text: &str) -> crate::error::Result<Timestamp> {
        match self {
            Self::Milliseconds => text.parse(),
            Self::Seconds => Timestamp::from_seconds_text(text),
        }
    }

    /// Returns the text of a timestamp in this unit. Seconds are rounded down.
    #[must_use]
    pub fn text(self, timestamp: Timestamp) -> String {
        match self {
            Self::Milliseconds => timestamp.to_string(),
            Self::Seconds => format!("{:010}", timestamp.millis() / 1000),
        }
    }
}

impl SignatureEncoding {
    /// Returns the text of a signature.
    #[must_use]
    pub fn encode(self, signature: &[u8]) -> String {
        match self {
            Self::Base64 => Base64::encode_string(signature),
            Self::Base64url => Base64UrlUnpadded::encode_string(signature),
            Self::Hex => base16ct::lower::encode_string(signature),
        }
    }

    /// Decodes a signature, which must be on one line.
    ///
    /// # Errors
    /// Returns a description of the mistake if the text has another form.
    pub fn decode(self, text: &str) -> Result<Vec<u8>, &'static str> {
        match self {
            Self::Base64 => Base64::decode_vec(text).map_err(|_| match text {
                _ if text.contains(['-', '_']) => "the signature is in URL-safe base64; use the standard alphabet",
                _ if text.contains(char::is_whitespace) => {
                    "the signature contains whitespace; encode it on one line, for example with `base64 -w0`"
                }
                _ if !text.len().is_multiple_of(4) => "the signature is truncated, or its padding is missing or wrong",
                _ => "the signature is not base64",
            }),
            Self::Base64url => Base64UrlUnpadded::decode_vec(text).map_err(|_| match text {
                _ if text.contains(['+', '/', '=']) => {
                    "the signature is in standard base64; use base64url without padding"
                }
                _ => "the signature is not base64url without padding",
            }),
            Self::Hex => base16ct::mixed::decode_vec(text).map_err(|_| "the signature is not hexadecimal"),
        }
    }
}

/// Returns the authority of a request in lowercase.
fn host(request: &HttpRequest) -> Result<String, RequestFlaw> {
    let host = request.authority().map(str::to_ascii_lowercase);
    let host = host.ok_or_else(|| RequestFlaw::new(FlawKind::Request, "the request has no host, or more than one"))?;
    if host.is_empty() || !host.bytes().all(is_host_byte) {
        return Err(RequestFlaw::new(FlawKind::Request, "the host of the request is malformed"));
    }
    Ok(host)
}

fn body(request: &HttpRequest) -> Result<&[u8], RequestFlaw> {
    let message = match (RequestBody::of(request), &request.body) {
        (RequestBody::Known(body), _) => return Ok(body),
        (_, Some(_)) => "the signature covers the body, but only the head of the request is given; send the body too",
        (_, None) => "the signature covers the body, which is missing; send it in the field `body` or `body_base64`",
    };
    Err(RequestFlaw::new(FlawKind::Request, message))
}

/// Returns an iterator over the names and the raw values of the parameters in a query.
pub(super) fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let query = query.strip_prefix('?').unwrap_or(query);
    query.split('&').map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
}

fn name_of(parameter: &str) -> &str {
    parameter.split_once('=').map_or(parameter, |(name, _)| name)
}
