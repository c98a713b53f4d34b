//! Recognizing a secret in an input: first the kind of the input, then its parts. All commands that read a token, a
//! pair or a private key use this module, so that all of them accept the same input.

mod kubernetes;

use super::{find_secrets, token};
use crate::{
    keypair::{KeyForm, key_form},
    strict_json::{self, JsonProblem},
};
use base64ct::{Base64, Base64Unpadded, Encoding};
use serde_json::{Map, Value};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// A description of the mistake in a presented secret or request, without any part of the secret.
pub type Mistake = Cow<'static, str>;

/// The text of a secret, which is wiped on drop.
pub type SecretText = Zeroizing<String>;

/// An input in which a secret is expected, by its kind.
pub enum SecretInput {
    /// Input that contains a private key, in a format that may not be supported.
    PrivateKey(Zeroizing<Vec<u8>>),
    /// A public key or a certificate, which is not a secret.
    PublicKey,
    /// The named fields of JSON, of a `.env` file or of a Kubernetes Secret.
    Fields(SecretFields),
    /// The words of other text, without quotes, header names and authentication schemes.
    Words(Vec<SecretText>),
}

/// The fields of an input that contain a secret or the public half of a pair. A field that the input lacks is `None`.
#[derive(Default)]
pub struct SecretFields {
    /// A token.
    pub token: Option<SecretText>,
    /// A bearer token.
    pub bearer: Option<SecretText>,
    /// The public half of a pair.
    pub api_key: Option<SecretText>,
    /// The secret half of a pair.
    pub api_secret: Option<SecretText>,
}

/// The maximum number of nested layers of an input, such as quotes, base64 and a Kubernetes Secret, including the
/// innermost text.
const LAYERS: usize = 4;

const NOTHING: &str = "the input is empty";
const INVALID_JSON: &str = "the input is not valid JSON, or a field of the secret is not a string";

impl SecretInput {
    /// Recognizes the kind of an input and its parts. The input is text in UTF-8, or in UTF-16 with a byte-order mark.
    /// The text may consist of words, a string in quotes, `Bearer` or `Basic` credentials, headers, JSON, the lines of
    /// a `.env` file, a Kubernetes Secret, or base64 of any of these. A private key may be in any format, with any text
    /// around the key.
    ///
    /// # Errors
    /// Returns a description of the mistake if the input is empty, is not text or has too many layers, or if its fields
    /// are malformed or ambiguous.
    pub fn read(bytes: &[u8]) -> Result<Self, Mistake> {
        read(bytes, LAYERS)
    }

    /// Returns the words or the values of the fields that may be or contain a token, a bearer token or an `api_secret`.
    /// Returns none for a private or public key.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let (words, fields) = match self {
            Self::Words(words) => (words.as_slice(), None),
            Self::Fields(fields) => (&[][..], Some([&fields.token, &fields.bearer, &fields.api_secret])),
            Self::PrivateKey(_) | Self::PublicKey => (&[][..], None),
        };
        words.iter().chain(fields.into_iter().flatten().flatten()).map(|text| text.as_str())
    }

    /// The kind of a private key, as [`SecretInput::kind`] returns it.
    pub const PRIVATE_KEY: &'static str = "a private key";
    /// The kind of a public key.
    pub const PUBLIC_KEY: &'static str = "a public key";

    /// Returns the kind of the input with an article, such as `a pair`, or `None` if the kind is not certain.
    #[must_use]
    pub fn kind(&self) -> Option<&'static str> {
        match self {
            Self::PrivateKey(_) => Some(Self::PRIVATE_KEY),
            Self::PublicKey => Some(Self::PUBLIC_KEY),
            Self::Fields(fields) if fields.api_key.is_some() || fields.api_secret.is_some() => Some("a pair"),
            Self::Fields(fields) => (fields.token.is_some() || fields.bearer.is_some()).then_some("a token"),
            Self::Words(words) if words.iter().any(|word| token::is_api_secret(word)) => Some("an `api_secret`"),
            Self::Words(words) => words.iter().any(|word| token::looks_secret(word)).then_some("a token"),
        }
    }

    /// Returns `true` if the input can be recognized with certainty: it is a private or public key, it has named fields,
    /// or one of its words looks like a secret or has an `api_key` before its first `:`.
    fn is_certain(&self) -> bool {
        match self {
            Self::Words(words) => words.iter().any(|word| {
                let half = word.split(':').next().unwrap_or_default();
                token::looks_secret(word) || token::api_key_id(half).is_some()
            }),
            _ => true,
        }
    }
}

fn read(bytes: &[u8], layers: usize) -> Result<SecretInput, Mistake> {
    if layers == 0 {
        return Err("the secret is wrapped in too many layers".into());
    }
    let form = key_form(bytes);
    if form == Some(KeyForm::Private) {
        return Ok(SecretInput::PrivateKey(Zeroizing::new(bytes.to_vec())));
    }
    let decoded = utf16(bytes);
    let text = match &decoded {
        Some(text) => text.as_str(),
        None => str::from_utf8(bytes).map_err(|_| "the input is not UTF-8 text").or_else(|mistake| match form {
            Some(_) => Ok(""),
            None => Err(mistake),
        })?,
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
    if form == Some(KeyForm::Public) && find_secrets(text).is_empty() {
        return Ok(SecretInput::PublicKey);
    }
    if text.is_empty() {
        return Err(NOTHING.into());
    }
    if text.contains('\0') {
        return Err("the input contains a NUL character".into());
    }
    if text.starts_with('{') {
        return json(text, layers);
    }
    if let Some(inner) = unquoted(text) {
        return read(inner.as_bytes(), layers - 1);
    }
    if let Some(entries) = kubernetes::entries(text) {
        return of_kubernetes(entries?, layers);
    }
    if let Some(fields) = dotenv(text) {
        return fields;
    }
    if let Some(inner) = unwrapped(text, layers) {
        return Ok(inner);
    }
    words(text)
}

/// Decodes UTF-16 text with a byte-order mark, which PowerShell writes. Returns `None` for any other text.
fn utf16(bytes: &[u8]) -> Option<SecretText> {
    let (rest, is_big) = match bytes {
        [0xff, 0xfe, rest @ ..] if rest.len() % 2 == 0 => (rest, false),
        [0xfe, 0xff, rest @ ..] if rest.len() % 2 == 0 => (rest, true),
        _ => return None,
    };
    let unit = |pair: &[u8; 2]| if is_big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    // The capacity suffices for every text, because a string that grows leaves a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(2 * rest.len()));
    for decoded in char::decode_utf16(rest.as_chunks::<2>().0.iter().map(unit)) {
        text.push(decoded.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    Some(text)
}

/// Returns the text without its single or double quotes, or `None` if the text is not in quotes. In double quotes, the
/// escapes of JSON are decoded.
fn unquoted(text: &str) -> Option<SecretText> {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    if inner('"').is_some()
        && let Ok(Value::String(unescaped)) = strict_json::parse(text.as_bytes())
    {
        return Some(unescaped.into());
    }
    let one = |quote: char| inner(quote).filter(|inner| !inner.contains([quote, '\n']));
    one('"').or_else(|| one('\'')).map(|inner| inner.to_owned().into())
}

/// Reads the JSON that keywright writes: the output of `generate` or `exchange`, or a Kubernetes Secret. Other fields
/// are ignored.
fn json(text: &str, layers: usize) -> Result<SecretInput, Mistake> {
    let mut members = match strict_json::parse(text.as_bytes()) {
        Ok(Value::Object(members)) => members,
        Ok(_) | Err(JsonProblem::Invalid) => return Err(INVALID_JSON.into()),
        Err(problem) => return Err(problem.describe(INVALID_JSON).into()),
    };
    if let Some(entries) = kubernetes::json_entries(&mut members) {
        return of_kubernetes(entries?, layers);
    }
    let mut take = |name: &str| string(&mut members, name);
    let (token, bearer) = (take("token")?, take("access_token")?);
    Ok(SecretInput::Fields(SecretFields { token, bearer, api_key: take("api_key")?, api_secret: take("api_secret")? }))
}

/// Takes the value of a member that is a string, or returns `None` if the member is missing or null.
fn string(members: &mut Map<String, Value>, name: &str) -> Result<Option<SecretText>, Mistake> {
    match members.get_mut(name).map(Value::take) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.into())),
        Some(_) => Err(INVALID_JSON.into()),
    }
}

/// Returns the secret in the entries of a Kubernetes Secret: the first private key or, if there is none, the entries
/// that keywright writes or, if there are none, the only entry.
fn of_kubernetes(mut entries: Vec<(String, Zeroizing<Vec<u8>>)>, layers: usize) -> Result<SecretInput, Mistake> {
    if let Some((_, value)) = entries.iter().find(|(_, value)| key_form(value) == Some(KeyForm::Private)) {
        return read(value, layers - 1);
    }
    let mut fields = SecretFields::default();
    let mut found = false;
    for (name, value) in &entries {
        let place = match name.as_str() {
            "token" => &mut fields.token,
            "api-key" => &mut fields.api_key,
            "api-secret" => &mut fields.api_secret,
            _ => continue,
        };
        let text = str::from_utf8(value).map_err(|_| "an entry of the Kubernetes Secret is not text")?;
        found = true;
        if place.replace(text.trim().to_owned().into()).is_some() {
            return Err(format!("the Kubernetes Secret has two entries `{name}`; remove one of them").into());
        }
    }
    match (found, entries.pop()) {
        (true, _) => Ok(SecretInput::Fields(fields)),
        (false, Some((_, value))) if entries.is_empty() => read(&value, layers - 1),
        _ => Err("the Kubernetes Secret has no entry `token`, `api-key` or `api-secret`".into()),
    }
}

/// Parses the lines of a `.env` file. The variables are `API_TOKEN`, `API_KEY`, `API_SECRET` and `API_PRIVATE_KEY` or,
/// if no line sets one of these, all variables with a value that may be a secret. Returns `None` if no line sets such a
/// variable.
fn dotenv(text: &str) -> Option<Result<SecretInput, Mistake>> {
    const NAMES: [&str; 3] = ["API_TOKEN", "API_KEY", "API_SECRET"];
    let mut values: [Option<(usize, SecretText)>; 3] = [None, None, None];
    let mut others = Vec::new();
    for (line, number) in text.lines().map(str::trim).zip(1..) {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=') else { continue };
        let (name, value) = (name.trim(), value.trim());
        let value = unquoted(value).unwrap_or_else(|| value.to_owned().into());
        if name == "API_PRIVATE_KEY" {
            return Some(Ok(SecretInput::PrivateKey(Zeroizing::new(value.as_bytes().to_vec()))));
        }
        let Some(i) = NAMES.iter().position(|known| *known == name) else {
            let is_variable = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if is_variable && token::looks_secret(&value) {
                others.push(value);
            }
            continue;
        };
        if let Some((before, _)) = values[i].replace((number, value)) {
            let problem = format!("lines {before} and {number} both set {name}; remove one of them");
            return Some(Err(problem.into()));
        }
    }
    let [token, api_key, api_secret] = values.map(|value| value.map(|(_, value)| value));
    if token.is_none() && api_key.is_none() && api_secret.is_none() {
        return (!others.is_empty()).then_some(Ok(SecretInput::Words(others)));
    }
    Some(Ok(SecretInput::Fields(SecretFields { token, bearer: None, api_key, api_secret })))
}

/// Decodes base64 text, on one line or several. Returns `None` if the result is not certainly a secret or a key,
/// because the token of another system may be valid base64.
fn unwrapped(text: &str, layers: usize) -> Option<SecretInput> {
    let inner = read(&decoded(text)?, layers - 1).ok()?;
    inner.is_certain().then_some(inner)
}

/// Decodes base64 with or without padding, ignoring white space, or returns `None` if the text is not base64.
fn decoded(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bare = Zeroizing::new(String::with_capacity(text.len()));
    bare.extend(text.chars().filter(|c| !c.is_ascii_whitespace()));
    Base64::decode_vec(&bare).or_else(|_| Base64Unpadded::decode_vec(&bare)).ok().map(Zeroizing::new)
}

/// Splits text into words. If every line is a header, only the values of the headers remain. Authentication schemes are
/// removed, and `Basic` credentials are decoded.
fn words(text: &str) -> Result<SecretInput, Mistake> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let values: Option<Vec<&str>> = lines().map(header_value).collect();
    let mut found = Vec::new();
    for value in values.unwrap_or_else(|| lines().collect()) {
        match value.split_once(char::is_whitespace) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token") => {
                found.extend(
                    rest.split_whitespace().map(|word| unquoted(word).unwrap_or_else(|| word.to_owned().into())),
                );
            }
            // The user id and the password of RFC 7617 are the halves of a pair.
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("basic") => {
                const MISTAKE: &str = "the Basic credentials are not a base64-encoded pair";
                let pair = decoded(rest).ok_or(MISTAKE)?;
                let (user, password) =
                    str::from_utf8(&pair).ok().and_then(|pair| pair.split_once(':')).ok_or(MISTAKE)?;
                found.extend([user.to_owned().into(), password.to_owned().into()]);
            }
            _ => found
                .extend(value.split_whitespace().map(|word| unquoted(word).unwrap_or_else(|| word.to_owned().into()))),
        }
    }
    Ok(SecretInput::Words(found))
}

/// Returns the value of a header (RFC 9110, section 5), or `None` if the line is not a header. A line that starts with
/// an `api_key` and a colon is a pair.
fn header_value(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':')?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let is_header = is_name && value.starts_with([' ', '\t']) && token::api_key_id(name).is_none();
    is_header.then(|| value.trim())
}

#[cfg(test)]
mod tests;
