//! The digest of the body (RFC 9530, section 2).

use super::super::{FlawKind, RequestFlaw, request_body::RequestBody};
use super::base::Message;
use super::structured::{self, Limits, Value};
use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256, Sha512};
use std::borrow::Cow;

/// The name of the field with the digest, in lowercase.
pub(super) const FIELD: &str = "content-digest";

/// The maximum length of the field in bytes.
const LONGEST: usize = 4096;

/// Returns the value of the field for a body (RFC 9530, section 2).
pub(super) fn of(body: &[u8]) -> String {
    format!("sha-256=:{}:", Base64::encode_string(&Sha256::digest(body)))
}

/// Checks every digest with a known algorithm (RFC 9530, section 5) in the field. At least one is required.
///
/// # Errors
/// Returns a flaw if the field is missing or malformed, if it has no digest with a known algorithm, if a digest does
/// not match the body, or if the body is unknown.
pub(super) fn check(message: &Message<'_>, body: RequestBody<'_>) -> Result<(), RequestFlaw> {
    let field = message.combined(FIELD).ok_or_else(|| flaw("the field `content-digest` is missing"))?;
    if field.len() > LONGEST {
        return Err(flaw("the field `content-digest` is too long"));
    }
    let members = structured::parse_dictionary(&field, Limits { members: 16, items: 0 })
        .map_err(|problem| flaw(format!("the field `content-digest` is malformed: {problem}")))?;
    let RequestBody::Known(body) = body else {
        return Err(flaw("the body of the request is unknown, so its digest cannot be checked"));
    };
    let mut is_checked = false;
    for (algorithm, member) in &members {
        let expected = match algorithm.as_str() {
            "sha-256" => Sha256::digest(body).to_vec(),
            "sha-512" => Sha512::digest(body).to_vec(),
            _ => continue,
        };
        let Value::Item(item) = &member.value else { return Err(malformed()) };
        if item.as_byte_sequence().ok_or_else(malformed)? != expected {
            return Err(flaw("the field `content-digest` has the digest of another body"));
        }
        is_checked = true;
    }
    if is_checked {
        Ok(())
    } else {
        Err(flaw("the field `content-digest` has neither a `sha-256` nor a `sha-512` digest"))
    }
}

fn malformed() -> RequestFlaw {
    flaw("a digest in the field `content-digest` is not in base64 between colons")
}

fn flaw(message: impl Into<Cow<'static, str>>) -> RequestFlaw {
    RequestFlaw::new(FlawKind::Digest, message)
}
