//! The claims of an assertion (RFC 7519, section 4.1; RFC 7523, section 3).

use super::AssertionFlaw;
use crate::proof::VerdictCode;
use serde_json::{Map, Value};

/// The latest accepted `NumericDate`: 9999-12-31T23:59:59Z in seconds since 1970.
const LATEST: i64 = 253_402_300_799;

/// The maximum length of a `jti` in bytes.
const LONGEST_ID: usize = 256;

/// The claims of an assertion, each of which is present and has the right type.
pub(super) struct Claims {
    /// The claims `iss` and `sub`, which have the same value.
    pub(super) client: String,
    /// The only value of `aud`.
    pub(super) audience: String,
    /// The claim `iat` in seconds since 1970.
    pub(super) issued: i64,
    /// The claim `exp` in seconds since 1970, which is later than `iat`.
    pub(super) expires: i64,
    /// The claim `nbf` in seconds since 1970, if there is one.
    pub(super) not_before: Option<i64>,
    /// The claim `jti`.
    pub(super) id: String,
}

impl Claims {
    /// Checks that each required claim is present, and that each known claim has the right type. Other claims are ignored, as
    /// RFC 7519, section 4, requires.
    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, AssertionFlaw> {
        let client = text(members, "iss")?;
        if text(members, "sub")? != client {
            return Err(flaw("the `iss` and the `sub` of the assertion differ; both must be the id of the key"));
        }
        let audience = audience(members)?;
        let required = |name| date(members, name)?.ok_or_else(|| missing(name));
        let (issued, expires) = (required("iat")?, required("exp")?);
        if expires <= issued {
            return Err(flaw("the `exp` of the assertion is not later than its `iat`"));
        }
        let id = text(members, "jti")?;
        if id.is_empty() || id.len() > LONGEST_ID || id.chars().any(char::is_control) {
            let message =
                format!("the `jti` of the assertion must have 1 to {LONGEST_ID} bytes, without control characters");
            return Err(flaw(message));
        }
        let not_before = date(members, "nbf")?;
        let [client, id] = [client, id].map(str::to_owned);
        Ok(Self { client, audience: audience.to_owned(), issued, expires, not_before, id })
    }
}

fn flaw(message: impl Into<std::borrow::Cow<'static, str>>) -> AssertionFlaw {
    AssertionFlaw::new(VerdictCode::AssertionClaims, message)
}

fn missing(name: &str) -> AssertionFlaw {
    flaw(format!("the assertion has no claim `{name}`"))
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, AssertionFlaw> {
    match members.get(name) {
        None => Err(missing(name)),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(flaw(format!("the claim `{name}` of the assertion is not a string"))),
    }
}

/// Returns the only audience. An assertion for several audiences could be exchanged by any of the services that receive it.
fn audience(members: &Map<String, Value>) -> Result<&str, AssertionFlaw> {
    match members.get("aud") {
        None => Err(missing("aud")),
        Some(Value::String(audience)) => Ok(audience),
        Some(Value::Array(audiences)) => match &audiences[..] {
            [Value::String(audience)] => Ok(audience),
            _ => Err(flaw("the claim `aud` of the assertion must name exactly one audience")),
        },
        Some(_) => Err(flaw("the claim `aud` of the assertion is neither a string nor an array of one string")),
    }
}

/// Returns a `NumericDate` (RFC 7519, section 2) with a whole number of seconds from 1970 to 9999, or `None` if there is no
/// such claim.
fn date(members: &Map<String, Value>, name: &str) -> Result<Option<i64>, AssertionFlaw> {
    let Some(value) = members.get(name) else { return Ok(None) };
    let seconds = value.as_i64().or_else(|| whole(value.as_f64()?));
    match seconds.filter(|seconds| (0..=LATEST).contains(seconds)) {
        Some(seconds) => Ok(Some(seconds)),
        None => Err(flaw(format!(
            "the claim `{name}` of the assertion is not a whole number of seconds since 1970, or is out of range"
        ))),
    }
}

/// Returns a number of seconds as an integer, or `None` if the number has a fraction or is out of range.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the number is checked before")]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && (0.0..=LATEST as f64).contains(&number)).then_some(number as i64)
}
