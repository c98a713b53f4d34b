//! The parts of a message, and the values that they can have.

use super::bytes::ByteSet;
use crate::{
    error::{Code, Error, Result},
    signing::request::is_token,
};
use std::{fmt, str::FromStr};

/// A part of the message that is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessagePart {
    /// The time of the signature, exactly as it was sent.
    Timestamp,
    /// The method.
    Method,
    /// The authority (RFC 3986, section 3.2) in lowercase.
    Host,
    /// The path, without the query.
    Path,
    /// The query with the leading `?`, or nothing if there is no query. A parameter that carries the signature is left out.
    Query,
    /// The query like [`MessagePart::Query`], but without the leading `?`.
    Params,
    /// The body.
    Body,
    /// The SHA-256 digest of the body in lowercase hex.
    BodySha256,
    /// The id of the key, exactly as it was sent.
    Key,
    /// The value of a header. The name is in lowercase.
    Header(String),
    /// Text that is the same in every message.
    Literal(String),
}

/// The placeholders of the parts that have no argument.
const PLACEHOLDERS: [(&str, MessagePart); 9] = [
    ("{timestamp}", MessagePart::Timestamp),
    ("{method}", MessagePart::Method),
    ("{host}", MessagePart::Host),
    ("{path}", MessagePart::Path),
    ("{query}", MessagePart::Query),
    ("{params}", MessagePart::Params),
    ("{body}", MessagePart::Body),
    ("{body_sha256}", MessagePart::BodySha256),
    ("{key}", MessagePart::Key),
];

impl MessagePart {
    /// Returns `true` if every value of the part has the same length, so that the end of the part is known.
    pub(super) const fn has_fixed_length(&self) -> bool {
        match self {
            Self::Timestamp | Self::BodySha256 | Self::Key | Self::Literal(_) => true,
            Self::Method | Self::Host | Self::Path | Self::Query | Self::Params | Self::Body | Self::Header(_) => false,
        }
    }

    /// Returns `true` if the part can be empty.
    pub(super) const fn can_be_empty(&self) -> bool {
        matches!(self, Self::Query | Self::Params | Self::Body | Self::Header(_))
    }

    /// Returns the bytes that the part can contain.
    pub(super) fn bytes(&self) -> ByteSet {
        match self {
            Self::Timestamp => ByteSet::of(|b| b.is_ascii_digit()),
            Self::Method => ByteSet::of(|b| b.is_ascii_uppercase()),
            Self::Host => ByteSet::of(is_host_byte),
            Self::Path => ByteSet::of(|b| is_target_byte(b) && b != b'?'),
            Self::Query | Self::Params => ByteSet::of(is_target_byte),
            Self::Body => ByteSet::of(|_| true),
            Self::BodySha256 => ByteSet::of(|b| b.is_ascii_hexdigit()),
            Self::Key => ByteSet::of(|b| b.is_ascii_hexdigit() || b == b'-'),
            Self::Header(_) => ByteSet::of(|b| b == b'\t' || !b.is_ascii_control()),
            Self::Literal(text) => ByteSet::of(|b| text.as_bytes().contains(&b)),
        }
    }

    /// Returns the bytes with which the part can begin.
    pub(super) fn first_bytes(&self) -> ByteSet {
        match self {
            Self::Path => ByteSet::of(|b| b == b'/'),
            Self::Query => ByteSet::of(|b| b == b'?'),
            Self::Literal(text) => ByteSet::of(|b| text.as_bytes().first() == Some(&b)),
            _ => self.bytes(),
        }
    }

    /// Returns the bytes with which the part can end.
    pub(super) fn last_bytes(&self) -> ByteSet {
        match self {
            Self::Literal(text) => ByteSet::of(|b| text.as_bytes().last() == Some(&b)),
            _ => self.bytes(),
        }
    }
}

/// Returns `true` for the bytes of an authority without user information (RFC 3986, sections 3.2.2 and 3.2.3).
pub(super) const fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'/' | b'?' | b'#' | b'@')
}

/// Returns `true` for the bytes of a path and a query, which contain neither spaces nor control characters.
pub(super) const fn is_target_byte(byte: u8) -> bool {
    byte > b' ' && byte != 0x7f && byte != b'#'
}

impl fmt::Display for MessagePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, PLACEHOLDERS.iter().find(|(_, part)| part == self)) {
            (_, Some((placeholder, _))) => f.write_str(placeholder),
            (Self::Header(name), _) => write!(f, "{{header:{name}}}"),
            (Self::Literal(text), _) => f.write_str(text),
            _ => Err(fmt::Error),
        }
    }
}

impl FromStr for MessagePart {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refused = |problem: &str, hint: &str| Err(Error::new(Code::ContractInvalid, problem, hint));
        if let Some((_, part)) = PLACEHOLDERS.iter().find(|(placeholder, _)| *placeholder == text) {
            return Ok(part.clone());
        }
        if let Some(name) = text.strip_prefix("{header:").and_then(|rest| rest.strip_suffix('}')) {
            return header_name(name).map(Self::Header);
        }
        if text.is_empty() {
            return refused("a part of the message is empty", "omit the part");
        }
        if text.contains(['{', '}']) {
            let known = PLACEHOLDERS.map(|(placeholder, _)| placeholder).join(", ");
            let hint = format!("use {known} or {{header:NAME}}, each in a string of its own, or text without braces");
            return refused("a part of the message is neither a placeholder nor text", &hint);
        }
        Ok(Self::Literal(text.to_owned()))
    }
}

/// Checks the name of a header (RFC 9110, section 5.1), and returns it in lowercase.
///
/// # Errors
/// Returns `contract_invalid` if the text is not a token of at most 64 characters.
pub(super) fn header_name(text: &str) -> Result<String> {
    if text.len() > 64 || !is_token(text) {
        let hint = "use 1 to 64 letters, digits and hyphens, such as X-API-KEY";
        return Err(Error::new(Code::ContractInvalid, "the name of a header is not valid", hint));
    }
    Ok(text.to_ascii_lowercase())
}
