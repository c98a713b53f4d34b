//! Parsing presented secrets: strict about the secret itself, lenient about text that files and shells add around it.

use crate::key::{BearerForm, KeyId, Mistake, SecretFields, SecretInput, SecretText, TokenForm, token};
use serde::{Deserialize, Deserializer, de};
use std::{borrow::Cow, fmt};
use zeroize::Zeroize;

/// A presented secret, with the id of its key if it contains one. [`verify`](super::verify) checks the secret against
/// the keyring.
pub enum PresentedSecret<'a> {
    /// A token, which contains the id of its key.
    Token(KeyId, Text<'a>),
    /// A bearer token, which contains the id of the key that it was issued for.
    Bearer(KeyId, Text<'a>),
    /// A pair: a public `api_key` and its secret `api_secret`.
    Pair {
        /// The id in the `api_key`, or `None` if the `api_key` is from another system.
        id: Option<KeyId>,
        /// The public half, which is the `api_key`.
        api_key: Text<'a>,
        /// The secret half, which is the `api_secret`.
        api_secret: Text<'a>,
    },
    /// Text that may be a token from another system.
    Opaque(Text<'a>),
}

/// The text of a presented secret: borrowed if possible, otherwise a copy that is wiped when it is dropped.
pub struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text without white space around it.
    #[must_use]
    pub fn trimmed(self) -> Self {
        match &self.0 {
            Cow::Borrowed(text) => text.trim().into(),
            Cow::Owned(text) if text.trim().len() < text.len() => text.trim().to_owned().into(),
            Cow::Owned(_) => self,
        }
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<SecretText> for Text<'_> {
    fn from(mut text: SecretText) -> Self {
        std::mem::take(&mut *text).into()
    }
}

/// Borrows a string without escapes. A derived implementation for `Option<Cow<str>>` would always copy.
impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(text.into())
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(text.to_owned().into())
            }
        }

        deserializer.deserialize_str(Visitor)
    }
}

impl Drop for Text<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(text) = &mut self.0 {
            text.zeroize();
        }
    }
}

const CHECKSUM: &str = "the checksum of the secret is wrong: a character is missing or mistyped";
const NO_API_KEY: &str =
    "the input contains an `api_secret` without its `api_key`; present both the `api_key` and the `api_secret`";
const NO_API_SECRET: &str =
    "the input contains an `api_key` without its `api_secret`; present both the `api_key` and the `api_secret`";
const WRONG_ORDER: &str = "the pair is in the wrong order; the `api_key` comes first";
const SEVERAL: &str = "the input contains more than one secret; present one secret at a time";
const PRIVATE_KEY: &str =
    "the input contains a private key, which must never be presented; sign a request with the key instead";
const PUBLIC_KEY: &str =
    "the input is a public key or a certificate, not a secret; present a token, or an `api_key` and its `api_secret`";
const NOTHING: &str = "the input is empty";
const UNKNOWN_WORDS: &str =
    "the words in the input are not a pair; present one token, or an `api_key` and its `api_secret`";

impl<'a> PresentedSecret<'a> {
    /// Parses a token, a bearer token or a pair, in any form that [`SecretInput::read`] recognizes. In plain text, a
    /// pair is two words or `api_key:api_secret`. Any other single word is taken for a token from another system.
    ///
    /// # Errors
    /// Returns a description of the mistake if the input has none of these forms, or if it contains more than one
    /// secret.
    pub fn read(bytes: &[u8]) -> Result<Self, Mistake> {
        let mut words = match SecretInput::read(bytes)? {
            SecretInput::PrivateKey(_) => return Err(PRIVATE_KEY.into()),
            SecretInput::PublicKey => return Err(PUBLIC_KEY.into()),
            SecretInput::Fields(SecretFields { token, bearer, api_key, api_secret }) => {
                let [token, bearer, api_key, api_secret] =
                    [token, bearer, api_key, api_secret].map(|text| text.map(Text::from));
                return Self::from_parts(token, bearer, api_key, api_secret);
            }
            SecretInput::Words(words) if words.len() > 2 => {
                let several = words.iter().filter(|word| token::looks_secret(word)).count() > 1;
                return Err(if several { SEVERAL } else { UNKNOWN_WORDS }.into());
            }
            SecretInput::Words(words) => words.into_iter().map(Text::from),
        };
        match (words.next(), words.next()) {
            (None, _) => Err(NOTHING.into()),
            (Some(word), None) => Self::of_word(word),
            (Some(first), Some(second)) => Self::of_pair(first, second),
        }
    }

    /// Parses separate fields that contain a token, a bearer token, or both halves of a pair.
    ///
    /// # Errors
    /// Returns a description of the mistake if the fields do not contain exactly one secret.
    pub fn from_parts(
        token: Option<Text<'a>>,
        bearer: Option<Text<'a>>,
        api_key: Option<Text<'a>>,
        api_secret: Option<Text<'a>>,
    ) -> Result<Self, Mistake> {
        match (token, bearer, api_key, api_secret) {
            (None, None, None, None) => Err("the input contains neither a token nor a pair".into()),
            (Some(token), None, None, None) | (None, Some(token), None, None) => Self::of_word(token),
            (None, None, Some(api_key), Some(api_secret)) => Self::of_pair(api_key, api_secret),
            (None, None, Some(_), None) => Err(NO_API_SECRET.into()),
            (None, None, None, Some(_)) => Err(NO_API_KEY.into()),
            _ => Err(SEVERAL.into()),
        }
    }

    /// Parses a single word as a token, a bearer token, a pair in the form `api_key:api_secret`, or a token from
    /// another system.
    fn of_word(word: Text<'a>) -> Result<Self, Mistake> {
        let text = word.as_str();
        if let Some(form) = TokenForm::parse(text) {
            return Ok(Self::Token(form.id, word));
        }
        if let Some(form) = BearerForm::parse(text) {
            return Ok(Self::Bearer(form.id, word));
        }
        if token::is_api_secret(text) {
            return Err(NO_API_KEY.into());
        }
        if token::looks_secret(text) {
            return Err(CHECKSUM.into());
        }
        if token::api_key_id(text).is_some() {
            return Err(NO_API_SECRET.into());
        }
        if let Some((first, second)) = text.split_once(':')
            && [first, second].iter().any(|half| token::api_key_id(half).is_some())
        {
            return Self::of_pair(first.to_owned().into(), second.to_owned().into());
        }
        if text.is_empty() { Err(NOTHING.into()) } else { Ok(Self::Opaque(word)) }
    }

    /// Parses two words as a pair.
    fn of_pair(first: Text<'a>, second: Text<'a>) -> Result<Self, Mistake> {
        let (api_key, api_secret) = (first.as_str(), second.as_str());
        let id = token::api_key_id(api_key);
        if id.is_none() && token::api_key_id(api_secret).is_some() {
            return Err(WRONG_ORDER.into());
        }
        if [api_key, api_secret].iter().all(|word| token::looks_secret(word)) {
            return Err(SEVERAL.into());
        }
        if token::looks_secret(api_key) || api_key.is_empty() || api_secret.is_empty() {
            return Err(UNKNOWN_WORDS.into());
        }
        if id.is_some() && token::api_key_id(api_secret).is_some() {
            return Err(NO_API_SECRET.into());
        }
        if id.is_some() && !token::is_api_secret(api_secret) {
            return Err(CHECKSUM.into());
        }
        Ok(Self::Pair { id, api_key: first, api_secret: second })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Env, TokenPrefix};

    fn id() -> KeyId {
        KeyId::from_random([3; 16])
    }

    fn text(secret: &crate::key::Secret) -> String {
        String::from_utf8(secret.expose().to_vec()).unwrap()
    }

    fn secrets() -> (String, String, String, String) {
        let prefix = TokenPrefix::default();
        (
            text(&token::make_token(&prefix, Env::Live, id(), &mut [5; 32])),
            text(&token::make_bearer(&prefix, id(), &mut [5; 32])),
            token::public_part(&prefix, Env::Live, id()),
            text(&token::make_api_secret(&mut [6; 64])),
        )
    }

    /// Parses a secret and returns a description of it that includes its texts.
    fn read(text: &str) -> Result<String, Mistake> {
        PresentedSecret::read(text.as_bytes()).map(|claim| match &claim {
            PresentedSecret::Token(found, text) => {
                assert_eq!(*found, id());
                format!("token {}", text.as_str())
            }
            PresentedSecret::Bearer(found, text) => {
                assert_eq!(*found, id());
                format!("bearer {}", text.as_str())
            }
            PresentedSecret::Pair { id: found, api_key, api_secret } => {
                assert!(found.is_none_or(|found| found == id()));
                format!("pair {} {}", api_key.as_str(), api_secret.as_str())
            }
            PresentedSecret::Opaque(text) => format!("opaque {}", text.as_str()),
        })
    }

    #[test]
    fn text_that_files_and_shells_put_around_a_secret_is_ignored() {
        let (token, bearer, api_key, secret) = secrets();
        for (bare, kind) in [(&token, "token"), (&bearer, "bearer"), (&"sk_live_4242+/=:x".to_owned(), "opaque")] {
            for around in ["{}", "{}\n", "{}\r\n", "  {}\t\n\n", "\u{feff}{}\r\n"] {
                assert_eq!(read(&around.replace("{}", bare)), Ok(format!("{kind} {bare}")), "{around:?}");
            }
        }
        let pair = Ok(format!("pair {api_key} {secret}"));
        for form in [
            format!("{api_key} {secret}\n"),
            format!("{api_key}\r\n{secret}\r\n"),
            format!("{api_key}:{secret}"),
            format!("{{\"api_key\": \"{api_key}\", \"api_secret\": \"{secret}\", \"more\": {{}}}}"),
            format!("{{\"api_secret\":\"{secret}\",\"api_key\":\"{api_key}\",\"token\":null}}"),
            format!("\u{feff}API_KEY_ID=\"x\"\r\nAPI_KEY=\"{api_key}\"\r\nAPI_SECRET=\"{secret}\"\r\n"),
            format!("# web\nexport API_KEY='{api_key}'\n\nOTHER=1\nAPI_SECRET={secret}\n"),
        ] {
            assert_eq!(read(&form), pair, "{form}");
        }
        assert_eq!(read(&format!("API_TOKEN=\"{token}\"\n")), Ok(format!("token {token}")));
        assert_eq!(read(&format!("{{\"token\":\"{token}\"}}")), Ok(format!("token {token}")));
        let answer = format!("{{\"access_token\":\"{bearer}\",\"token_type\":\"Bearer\",\"expires_in\":3600}}");
        assert_eq!(read(&answer), Ok(format!("bearer {bearer}")));
        assert_eq!(read("{\"token\":\"sk\\/live\"}"), Ok("opaque sk/live".to_owned()), "escaped");
        assert_eq!(read("ak_1 s3cret"), Ok("pair ak_1 s3cret".to_owned()), "of another system");
    }

    #[test]
    fn a_mistake_is_named_without_repeating_the_secret() {
        let (token, bearer, api_key, secret) = secrets();
        let plain = token::plain_api_key(&TokenPrefix::default(), id(), &[1; 32]);
        for (presented, mistake) in [
            (String::new(), NOTHING),
            (" \r\n".to_owned(), NOTHING),
            (token.replace("_live_", "_test_"), CHECKSUM),
            (format!("{token} \0"), "the input contains a NUL character"),
            (format!("{token}\n{token}"), SEVERAL),
            (format!("{token} {bearer} {secret}"), SEVERAL),
            (format!("{secret} {secret}"), SEVERAL),
            (secret.clone(), NO_API_KEY),
            (api_key.clone(), NO_API_SECRET),
            (plain.clone(), NO_API_SECRET),
            (format!("{api_key} {plain}"), NO_API_SECRET),
            (format!("{secret} {api_key}"), WRONG_ORDER),
            (format!("{secret}:{plain}"), WRONG_ORDER),
            (format!("{api_key} {}", &secret[1..]), CHECKSUM),
            (format!("{api_key}:"), UNKNOWN_WORDS),
            (format!("{token} x"), UNKNOWN_WORDS),
            ("one two three".to_owned(), UNKNOWN_WORDS),
            ("{\"api_key\":".to_owned(), "the input is not valid JSON, or a field of the secret is not a string"),
            ("{\"token\":1}".to_owned(), "the input is not valid JSON, or a field of the secret is not a string"),
            ("{}".to_owned(), "the input contains neither a token nor a pair"),
            (format!("{{\"api_key\":\"{api_key}\"}}"), NO_API_SECRET),
            (format!("{{\"api_secret\":\"{secret}\"}}"), NO_API_KEY),
            (format!("{{\"api_secret\":\"{secret}\",\"token\":\"{token}\"}}"), SEVERAL),
            (format!("API_KEY={api_key}\n"), NO_API_SECRET),
            (format!("API_TOKEN={token}\nAPI_TOKEN={token}\n"), "lines 1 and 2 both set API_TOKEN; remove one of them"),
            ("API_PRIVATE_KEY=\"x\"\n".to_owned(), PRIVATE_KEY),
            ("-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n".to_owned(), PRIVATE_KEY),
        ] {
            assert_eq!(read(&presented), Err(mistake.into()), "{presented:?}");
        }
        let mistake = |bytes: &[u8]| PresentedSecret::read(bytes).err().unwrap();
        assert_eq!(mistake(b"kw_\xff"), "the input is not UTF-8 text");
        let utf16: Vec<u8> = token.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(mistake(&utf16), "the input contains a NUL character");
    }
}
