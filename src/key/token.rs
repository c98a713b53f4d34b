//! Tokens and pairs, whose secrets are strings.
//!
//! A token has the form `<prefix>_<env>_<key id, 22 base62>_<secret, 43 base62><CRC-32, 6 base62>`:
//!
//! - Underscores are the only separators, so that a double click selects the whole token.
//! - The token contains the id of its key, so that the key can be looked up by primary key.
//! - The checksum distinguishes a typo from an unknown key without access to the keyring.
//!
//! Only the SHA-256 hash of the whole token is stored. The secret has 256 random bits, so a slower hash is not needed
//! (NIST SP 800-63B, section 5.1.1.2, requires one only for secrets that people choose).
//!
//! A bearer token has the form `<prefix>_bearer_<key id, 22 base62>_<secret, 43 base62><CRC-32, 6 base62>`.

use super::{Env, KeyId, Secret, base62};
use crate::error::{Code, Error, Result};
use sha2::{Digest, Sha256};
use std::{borrow::Cow, fmt, str::FromStr};
use zeroize::{Zeroize, Zeroizing};

/// The number of base62 digits that encode 256 random bits.
const SECRET_DIGITS: usize = 43;
/// The number of base62 digits that encode a CRC-32 checksum.
const CHECK_DIGITS: usize = 6;
/// The number of characters in an `api_secret`, including the checksum.
const API_SECRET_DIGITS: usize = 64;
/// The number of base62 digits in an `api_key` without an environment, including the digits of the id.
const PLAIN_DIGITS: usize = 48;
/// The number of base62 digits of the id that a display prefix contains. Eight digits encode 47 bits, which is enough
/// to distinguish a million keys.
const SHOWN_DIGITS: usize = 8;
/// The word that takes the place of the environment in a bearer token.
const BEARER: &str = "bearer";
/// The maximum number of characters in a token prefix.
const PREFIX_MAX: usize = 16;

/// The prefix with which the tokens of a service start, such as `kw`: 1 to 16 lowercase ASCII letters and digits,
/// starting with a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPrefix(String);

impl TokenPrefix {
    /// Returns the prefix as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TokenPrefix {
    fn default() -> Self {
        Self("kw".into())
    }
}

impl FromStr for TokenPrefix {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let rest = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let ok =
            text.len() <= PREFIX_MAX && text.bytes().all(rest) && text.starts_with(|c: char| c.is_ascii_lowercase());
        if !ok {
            return Err(Error::new(
                Code::InvalidPrefix,
                "the token prefix is empty, is too long, or contains a character that is not allowed",
                format!(
                    "use 1 to {PREFIX_MAX} lowercase letters and digits, starting with a letter, for example `acme`"
                ),
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// The SHA-256 hash of a secret, which is stored in place of the secret.
#[derive(Clone, Copy, Debug)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Computes the hash of a secret.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Creates a hash from its stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes of the hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns `true` if the hash is that of `secret`. The hashes are compared in constant time.
    #[must_use]
    pub fn matches(&self, secret: &[u8]) -> bool {
        Self::of(secret) == *self
    }
}

/// Compares hashes in constant time.
impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq;
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretHash {}

/// Returns the display prefix `<prefix>_<env>_<first digits of the id>`, which is safe to show in logs and tables.
#[must_use]
pub fn display_prefix(prefix: &TokenPrefix, env: Env, id: KeyId) -> String {
    let mut text = public_part(prefix, env, id);
    text.truncate(text.len() - (KeyId::DIGITS - SHOWN_DIGITS));
    text
}

/// Returns an `api_key` without an environment: `<prefix>_` and 48 base62 digits. The first 22 digits encode the id,
/// and the last 26 digits are derived from 32 random bytes.
#[must_use]
pub fn plain_api_key(prefix: &TokenPrefix, id: KeyId, random: &[u8; 32]) -> String {
    let mut digits = [b'0'; PLAIN_DIGITS];
    base62::encode_u128(id.as_u128(), &mut digits[..KeyId::DIGITS]);
    let mut limbs = [0u32; 8];
    for (limb, bytes) in limbs.iter_mut().zip(random.chunks_exact(4)) {
        *limb = bytes.iter().fold(0, |acc, b| (acc << 8) | u32::from(*b));
    }
    base62::encode(&mut limbs, &mut digits[KeyId::DIGITS..]);
    format!("{prefix}_{}", str::from_utf8(&digits).unwrap_or_default())
}

/// Returns the display prefix of a [`plain_api_key`], which is safe to show in logs and tables.
#[must_use]
pub fn plain_display_prefix(prefix: &TokenPrefix, api_key: &str) -> String {
    api_key[..prefix.as_str().len() + 1 + SHOWN_DIGITS].to_owned()
}

/// Returns `<prefix>_<env>_<id>`, which is the `api_key` of a pair and the public start of a token.
#[must_use]
pub fn public_part(prefix: &TokenPrefix, env: Env, id: KeyId) -> String {
    joined(prefix, env.word(), id)
}

fn joined(prefix: &TokenPrefix, word: &str, id: KeyId) -> String {
    let mut digits = [0; KeyId::DIGITS];
    base62::encode_u128(id.as_u128(), &mut digits);
    [&prefix.0, "_", word, "_", str::from_utf8(&digits).unwrap_or_default()].concat()
}

/// Generates a token from 32 random bytes, and wipes the bytes.
#[must_use]
pub fn make_token(prefix: &TokenPrefix, env: Env, id: KeyId, random: &mut [u8; 32]) -> Secret {
    with_secret(&public_part(prefix, env, id), random)
}

/// Generates a bearer token for a key from 32 random bytes, and wipes the bytes.
#[must_use]
pub fn make_bearer(prefix: &TokenPrefix, id: KeyId, random: &mut [u8; 32]) -> Secret {
    with_secret(&joined(prefix, BEARER, id), random)
}

/// Returns the public part followed by `_`, the base62 digits of the random bytes, and the checksum. Wipes the random
/// bytes.
fn with_secret(public: &str, random: &mut [u8; 32]) -> Secret {
    // Reserve the full capacity, because a buffer that grows leaves copies of the secret behind.
    let mut token = Zeroizing::new(Vec::with_capacity(public.len() + 1 + SECRET_DIGITS + CHECK_DIGITS));
    token.extend_from_slice(public.as_bytes());
    token.push(b'_');
    let mut limbs = Zeroizing::new([0u32; 8]);
    for (limb, bytes) in limbs.iter_mut().zip(random.chunks_exact(4)) {
        *limb = bytes.iter().fold(0, |acc, b| (acc << 8) | u32::from(*b));
    }
    random.zeroize();
    let start = token.len();
    token.resize(start + SECRET_DIGITS, b'0');
    base62::encode(&mut limbs, &mut token[start..]);
    append_check(&mut token);
    Secret::new(token)
}

/// Generates an `api_secret` from 64 random bytes, and wipes the bytes. The secret consists of 58 base62 digits (345
/// bits) derived from the random bytes, and the checksum of these digits.
#[must_use]
pub fn make_api_secret(random: &mut [u8; 64]) -> Secret {
    let mut limbs = Zeroizing::new([0u32; 16]);
    for (limb, bytes) in limbs.iter_mut().zip(random.chunks_exact(4)) {
        *limb = bytes.iter().fold(0, |acc, b| (acc << 8) | u32::from(*b));
    }
    random.zeroize();
    let mut secret = Zeroizing::new(Vec::with_capacity(API_SECRET_DIGITS));
    secret.resize(API_SECRET_DIGITS - CHECK_DIGITS, b'0');
    // The digits encode the random number modulo 62^58. Because it has 512 bits, the probabilities of two results
    // differ by a factor of at most 1 + 2^-166.
    base62::encode(&mut limbs, &mut secret);
    append_check(&mut secret);
    Secret::new(secret)
}

fn append_check(text: &mut Zeroizing<Vec<u8>>) {
    let check = crc32fast::hash(text);
    let start = text.len();
    text.resize(start + CHECK_DIGITS, b'0');
    base62::encode(&mut [check], &mut text[start..]);
}

fn check_holds(text: &str) -> bool {
    let (body, check) = text.split_at(text.len() - CHECK_DIGITS);
    let mut expected = [0; CHECK_DIGITS];
    base62::encode(&mut [crc32fast::hash(body.as_bytes())], &mut expected);
    expected == check.as_bytes()
}

/// The parts of a string that has the form of a token. Only the hash can prove that the string is the token of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenForm {
    /// The prefix of the token.
    pub prefix: TokenPrefix,
    /// The environment of the token.
    pub env: Env,
    /// The key id in the token.
    pub id: KeyId,
}

impl TokenForm {
    /// Parses a complete token. Returns `None` if the form or the checksum is wrong.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::parse_public(before_secret(text).filter(|_| check_holds(text))?)
    }

    /// Parses the public part of a token, `<prefix>_<env>_<id>`. Returns `None` if the form is wrong.
    #[must_use]
    pub fn parse_public(text: &str) -> Option<Self> {
        let (prefix, env, digits) = split_public(text)?;
        if digits.len() != KeyId::DIGITS {
            return None;
        }
        Some(Self { prefix, env, id: KeyId::from_u128(base62::decode_u128(digits)?) })
    }
}

/// The parts of a string that has the form of a bearer token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BearerForm {
    /// The key id in the token.
    pub id: KeyId,
}

impl BearerForm {
    /// Parses a bearer token. Returns `None` if the form or the checksum is wrong.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = split_bearer(before_secret(text).filter(|_| check_holds(text))?)?;
        Some(Self { id: KeyId::from_u128(base62::decode_u128(digits)?) })
    }
}

/// Returns the part of a token or bearer token before its secret, or `None` if the text does not end with a secret and
/// a checksum. The checksum is not verified.
fn before_secret(text: &str) -> Option<&str> {
    let (public, tail) = text.rsplit_once('_')?;
    (tail.len() == SECRET_DIGITS + CHECK_DIGITS && base62::is_base62(tail)).then_some(public)
}

/// Returns the digits of the id in `<prefix>_bearer_<id>`, or `None` if the text has another form.
fn split_bearer(public: &str) -> Option<&str> {
    let mut parts = public.splitn(3, '_');
    parts.next()?.parse::<TokenPrefix>().ok()?;
    let digits = (parts.next()? == BEARER).then(|| parts.next())??;
    (digits.len() == KeyId::DIGITS && base62::is_base62(digits)).then_some(digits)
}

/// Returns the id that an `api_key` contains, or `None` if the text is not an `api_key`. The `api_key` may be in either
/// form, with or without an environment.
#[must_use]
pub fn api_key_id(text: &str) -> Option<KeyId> {
    let whole = |digits: &&str| digits.len() == KeyId::DIGITS;
    let env = split_public(text).map(|(_, _, digits)| digits).filter(whole);
    let plain = || split_plain(text).filter(|_| text.split_once('_').is_some_and(|(_, d)| d.len() == PLAIN_DIGITS));
    Some(KeyId::from_u128(base62::decode_u128(env.or_else(plain)?)?))
}

/// Returns `true` if the text has the form of an `api_secret` and its checksum is correct.
#[must_use]
pub fn is_api_secret(text: &str) -> bool {
    text.len() == API_SECRET_DIGITS && base62::is_base62(text) && check_holds(text)
}

/// Splits `<prefix>_<env>_<digits>` into its parts, or returns `None` if the text has another form. The digits may be a
/// whole id or the start of one.
pub(super) fn split_public(text: &str) -> Option<(TokenPrefix, Env, &str)> {
    let mut parts = text.splitn(3, '_');
    let prefix = parts.next()?.parse().ok()?;
    let env = Env::from_word(parts.next()?)?;
    let digits = parts.next()?;
    (!digits.is_empty() && digits.len() <= KeyId::DIGITS && base62::is_base62(digits)).then_some((prefix, env, digits))
}

/// Returns the digits of the id in a [`plain_api_key`] or in the start of one: 8 to 22 digits, depending on the length
/// of the text. Returns `None` if the text has another form.
pub(super) fn split_plain(text: &str) -> Option<&str> {
    let (prefix, digits) = text.split_once('_')?;
    prefix.parse::<TokenPrefix>().ok()?;
    let fits = (SHOWN_DIGITS..=PLAIN_DIGITS).contains(&digits.len()) && base62::is_base62(digits);
    fits.then(|| &digits[..digits.len().min(KeyId::DIGITS)])
}

/// Returns the inclusive range of the ids whose base62 form starts with the given digits, or `None` if no id does.
pub(super) fn id_range(digits: &str) -> Option<(KeyId, KeyId)> {
    let missing = KeyId::DIGITS.checked_sub(digits.len())?;
    let low = base62::decode_u128(&format!("{digits}{}", "0".repeat(missing)))?;
    let step = (0..missing).try_fold(1u128, |acc, _| acc.checked_mul(62)).unwrap_or(u128::MAX);
    Some((KeyId::from_u128(low), KeyId::from_u128(low.saturating_add(step - 1))))
}

/// Returns `true` if the text looks like an `api_key` or a display prefix, or may be a secret.
pub(super) fn looks_issued(text: &str) -> bool {
    // Without an environment, only a complete `api_key` counts, because `web_production` is an acceptable name.
    let plain =
        text.split_once('_').is_some_and(|(_, digits)| digits.len() == PLAIN_DIGITS) && split_plain(text).is_some();
    plain || split_public(text).is_some_and(|(_, _, digits)| digits.len() >= SHOWN_DIGITS) || looks_secret(text)
}

/// Returns `true` if the text may be a secret: a token or bearer token, even with a wrong checksum, an `api_secret`, or
/// a private key in PEM. Such text must not be printed or accepted as a command-line argument. Tokens from other
/// systems are not recognized.
#[must_use]
pub fn looks_secret(text: &str) -> bool {
    let token =
        before_secret(text).is_some_and(|public| split_public(public).is_some() || split_bearer(public).is_some());
    token || is_api_secret(text) || text.contains("PRIVATE KEY-----")
}

/// Returns the words of a text. Like a token, a word consists of ASCII letters, digits and underscores. A word may be
/// empty.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
}

/// Returns the secrets in a text: the secrets of tokens and bearer tokens, even if they are incomplete, and the
/// `api_secret`s, with the letters and digits that follow them. Letters, digits and underscores before a secret do not
/// hide it, and neither does an underscore that is escaped as in JSON, a URL, HTML or Markdown.
#[must_use]
pub fn secret_parts(text: &str) -> Vec<String> {
    const ESCAPED: [&str; 5] = ["%5F", "%5f", "\\u005f", "\\u005F", "&#95;"];
    let mut text = Cow::Borrowed(text);
    for escaped in ESCAPED.into_iter().chain(["\\_"]) {
        if text.contains(escaped) {
            text = text.replace(escaped, "_").into();
        }
    }
    words(&text)
        .filter_map(|word| token_secret(word).or_else(|| embedded_api_secret(word)))
        .map(str::to_owned)
        .collect()
}

/// The minimum number of digits of an incomplete secret to recognize. A name with fewer may only resemble a token.
const TELLING_DIGITS: usize = 8;

/// Returns the part of a word from the secret of a token or bearer token on, or `None` if the word contains no such
/// secret.
fn token_secret(word: &str) -> Option<&str> {
    let mut offset = 0;
    let mut parts = word.split('_').map(|part| {
        let start = offset;
        offset += part.len() + 1;
        (start, part)
    });
    let mut before = [(0, ""), (0, "")];
    parts.find_map(|part| {
        let [(_, env), (_, digits)] = before;
        before = [before[1], part];
        let is_public = (env == BEARER || Env::from_word(env).is_some())
            && digits.len() == KeyId::DIGITS
            && base62::is_base62(digits);
        (is_public && word.len() - part.0 >= TELLING_DIGITS).then(|| &word[part.0..])
    })
}

/// Returns the part of a word from the first `api_secret` on, or `None` if the word contains none.
fn embedded_api_secret(word: &str) -> Option<&str> {
    let runs = word.split('_').filter(|run| run.len() >= API_SECRET_DIGITS);
    runs.flat_map(|run| (0..=run.len() - API_SECRET_DIGITS).map(move |at| &run[at..]))
        .find(|rest| check_holds(&rest[..API_SECRET_DIGITS]))
}

impl fmt::Display for TokenPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
