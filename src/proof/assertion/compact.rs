//! Parsing the compact form of a signed JWT (RFC 7515, section 7.1).

use super::{AssertionFlaw, claims::Claims, header::Header};
use crate::{
    proof::VerdictCode,
    strict_json::{self, JsonProblem},
};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Map, Value};

/// The maximum length of an assertion in bytes. An assertion with an 8192-bit RSA signature takes less than 2 KiB.
const LONGEST: usize = 8 * 1024;

/// A parsed assertion. Neither the signature nor the values of the claims have been compared with a key or the clock.
pub(super) struct Assertion<'a> {
    pub(super) header: Header,
    pub(super) claims: Claims,
    /// The text that is signed: the header, a period and the claims, both in base64url.
    pub(super) signed: &'a str,
    pub(super) signature: Vec<u8>,
}

impl<'a> Assertion<'a> {
    /// Parses an assertion of at most 8 KiB. The encoding of every part must be canonical, so that an assertion has a single
    /// text.
    pub(super) fn parse(text: &'a str) -> Result<Self, AssertionFlaw> {
        if text.len() > LONGEST {
            return Err(bad(format!("the assertion has {} bytes; at most {LONGEST} are allowed", text.len())));
        }
        let parts: Vec<&str> = text.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            return Err(match parts.len() {
                5 => bad("the assertion has five parts, so it may be encrypted; send a signed JWT in the compact form"),
                count => bad(format!("the assertion has {count} parts between periods; a signed JWT has three")),
            });
        };
        let (header, claims) = (decoded(header, "header")?, decoded(claims, "claims")?);
        let signature = decoded(signature, "signature")?;
        Ok(Self {
            header: Header::read(&object(&header, "header")?)?,
            claims: Claims::read(&object(&claims, "claims")?)?,
            signed: &text[..text.len() - parts[2].len() - 1],
            signature,
        })
    }
}

fn bad(message: impl Into<std::borrow::Cow<'static, str>>) -> AssertionFlaw {
    AssertionFlaw::new(VerdictCode::BadAssertion, message)
}

/// Decodes base64url without padding (RFC 7515, section 2) whose unused bits are zero (RFC 4648, section 3.5).
fn decoded(text: &str, name: &str) -> Result<Vec<u8>, AssertionFlaw> {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if let Some(other) = text.chars().find(|c| !is_digit(*c)) {
        let problem = match other {
            '=' => "has padding, which a JWT must not have",
            '+' | '/' => "is in standard base64; encode it as base64url",
            c if c.is_whitespace() => "contains white space",
            _ => "contains a character that is not base64url",
        };
        return Err(bad(format!("the {name} of the assertion {problem}")));
    }
    let bytes = Base64UrlUnpadded::decode_vec(text).ok();
    bytes.filter(|bytes| Base64UrlUnpadded::encode_string(bytes) == text).ok_or_else(|| {
        bad(format!("the {name} of the assertion is incomplete, or the unused bits of its base64url are not zero"))
    })
}

/// Parses a JSON object without repeated members (RFC 7519, section 4).
fn object(bytes: &[u8], name: &str) -> Result<Map<String, Value>, AssertionFlaw> {
    match strict_json::parse(bytes) {
        Ok(Value::Object(members)) => Ok(members),
        Err(problem @ JsonProblem::Repeated(_)) => {
            Err(bad(format!("in the {name} of the assertion, {}", problem.describe("the JSON is invalid"))))
        }
        Ok(_) | Err(JsonProblem::Invalid) => {
            Err(bad(format!("the decoded {name} of the assertion is not a JSON object in UTF-8")))
        }
    }
}
