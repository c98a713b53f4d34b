//! Finding an assertion in an input.

use crate::{
    key::{KeyId, Mistake, Scope, SecretText},
    strict_json,
};
use serde_json::Value;
use zeroize::Zeroizing;

/// The value of `client_assertion_type` for a JWT (RFC 7523, section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The names of the fields and variables that contain another secret.
const SECRETS: [&str; 6] = ["token", "access_token", "api_key", "api_secret", "private_key", "client_secret"];

const ESCAPE: &str = "a field of the form is not percent-encoded correctly";
const SEVERAL: &str = "the input contains an assertion and another secret; present one of them";

/// The text of an assertion that was presented, and the id that was presented next to it.
pub struct PresentedAssertion {
    /// The assertion, which has not been parsed. The text is wiped on drop.
    pub(super) text: SecretText,
    /// The `client_id` of the request (RFC 7521, section 4.2), if there is one.
    pub(super) client: Option<String>,
    /// The `scope` of the request (RFC 6749, section 3.3), if there is one.
    pub(super) scope: Option<String>,
}

impl PresentedAssertion {
    /// Returns the assertion in an input, or `None` if the input contains none. An assertion is presented
    ///
    /// - alone, or in quotes
    /// - in the field `client_assertion` of a JSON object or of a form (RFC 7521, section 4.2)
    /// - in the variable `CLIENT_ASSERTION` of a `.env` file
    ///
    /// # Errors
    /// Returns a description of the mistake, without any part of the assertion, if the input contains another secret too, or if
    /// a field is malformed or repeated.
    pub fn read(bytes: &[u8]) -> Option<Result<Self, Mistake>> {
        let text = str::from_utf8(bytes).ok()?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
        if text.starts_with('{') {
            return json(text);
        }
        if text.contains("client_assertion=") && !text.contains(char::is_whitespace) {
            return Some(form(text));
        }
        if let Some(variables) = dotenv(text) {
            return Some(variables);
        }
        let bare = unquoted(text);
        let is_one_word = !bare.contains(char::is_whitespace) && !bare.contains(':');
        let is_assertion =
            bare.starts_with("eyJ") && bare.contains('.') || is_one_word && bare.matches('.').count() > 1;
        is_assertion.then(|| Ok(Self { text: bare.to_owned().into(), client: None, scope: None }))
    }

    /// Returns the scopes that the request asks for. Empty if it asks for none in particular.
    ///
    /// # Errors
    /// Returns a description of the mistake if a scope is malformed.
    pub fn scopes(&self) -> Result<Vec<Scope>, Mistake> {
        let words = self.scope.iter().flat_map(|scope| scope.split(' ')).filter(|word| !word.is_empty());
        words.map(str::parse).collect::<Result<_, _>>().map_err(|_| "the field `scope` has an invalid scope".into())
    }

    /// Returns `true` if no `client_id` was presented, or if it is the given issuer or names the same key.
    pub(super) fn is_of(&self, issuer: &str) -> bool {
        let same = |client: &str| {
            client == issuer || client.parse::<KeyId>().ok().is_some_and(|id| issuer.parse().ok() == Some(id))
        };
        self.client.as_deref().is_none_or(same)
    }

    fn of_fields(fields: Vec<(String, SecretText)>) -> Result<Self, Mistake> {
        let mut found = Self { text: SecretText::default(), client: None, scope: None };
        for (name, value) in fields {
            match name.as_str() {
                "client_assertion" => found.text = value,
                "client_assertion_type" if value.as_str() != ASSERTION_TYPE => {
                    return Err(format!("the `client_assertion_type` is not {ASSERTION_TYPE}").into());
                }
                "client_id" if found.client.is_some() => return Err("`client_id` is repeated".into()),
                "client_id" => found.client = Some(value.to_string()),
                "scope" if found.scope.is_some() => return Err("`scope` is repeated".into()),
                "scope" => found.scope = Some(value.to_string()),
                name if SECRETS.contains(&name) => return Err(SEVERAL.into()),
                _ => {}
            }
        }
        Ok(found)
    }
}

/// Reads a JSON object with the member `client_assertion`.
fn json(text: &str) -> Option<Result<PresentedAssertion, Mistake>> {
    let Ok(Value::Object(members)) = strict_json::parse(text.as_bytes()) else { return None };
    members.get("client_assertion").filter(|value| !value.is_null())?;
    let known = |name: &str| name.starts_with("client_") || name == "scope" || SECRETS.contains(&name);
    let fields = members.into_iter().filter(|(name, value)| known(name) && !value.is_null());
    let text = |(name, value)| match value {
        Value::String(value) => Ok((name, value.into())),
        _ => Err(Mistake::from(format!("the field `{name}` is not a string"))),
    };
    Some(fields.map(text).collect::<Result<_, _>>().and_then(PresentedAssertion::of_fields))
}

/// Reads a form (`application/x-www-form-urlencoded`, as RFC 6749, appendix B, describes).
fn form(text: &str) -> Result<PresentedAssertion, Mistake> {
    let mut fields: Vec<(String, SecretText)> = Vec::new();
    for pair in text.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (unescaped(name).ok_or(ESCAPE)?, unescaped(value).ok_or(ESCAPE)?);
        if (name.starts_with("client_") || *name == *"scope") && fields.iter().any(|(known, _)| *known == *name) {
            return Err("a field of the form is repeated".into());
        }
        fields.push((name.to_string(), value));
    }
    PresentedAssertion::of_fields(fields)
}

/// Decodes `%XX` and `+`. Returns `None` if an escape is incomplete, or if the result is not UTF-8.
fn unescaped(text: &str) -> Option<SecretText> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        bytes.push(match byte {
            b'%' => u8::try_from(digit()? << 4 | digit()?).ok()?,
            b'+' => b' ',
            other => other,
        });
    }
    str::from_utf8(&bytes).ok().map(|text| text.to_owned().into())
}

/// Reads the lines of a `.env` file with the variable `CLIENT_ASSERTION`.
fn dotenv(text: &str) -> Option<Result<PresentedAssertion, Mistake>> {
    let variable = |line: &str| {
        let (name, value) = line.trim().trim_start_matches("export ").split_once('=')?;
        let name = name.trim().to_ascii_lowercase();
        let name = name.strip_prefix("api_").filter(|name| matches!(*name, "token" | "private_key")).unwrap_or(&name);
        Some((name.to_owned(), unquoted(value.trim()).to_owned().into()))
    };
    let fields: Vec<(String, SecretText)> = text.lines().filter_map(variable).collect();
    match fields.iter().filter(|(name, _)| name == "client_assertion").count() {
        0 => None,
        1 => Some(PresentedAssertion::of_fields(fields)),
        _ => Some(Err("two lines set CLIENT_ASSERTION; remove one of them".into())),
    }
}

/// Returns the text without single or double quotes around it.
fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}
