//! Tokens and pairs: secrets that are strings.
//!
//! A token is `<prefix>_<env>_<key id, 22 base62>_<secret, 43 base62><CRC-32, 6 base62>`. Only underscores, so that a
//! double click selects all of it. With the id inside, the lookup uses the primary key; the checksum distinguishes a typo
//! from an unknown key without access to the keyring. Only the SHA-256 of the whole token is stored: the secret has 256
//! random bits, so a slower hash is not needed (NIST SP 800-63B, section 5.1.1.2, is about secrets that people choose).
//!
//! A bearer token is `<prefix>_bearer_<key id, 22 base62>_<secret, 43 base62><CRC-32, 6 base62>`.

use super::{Env, KeyId, Secret, base62};
use crate::error::{Code, Error, Result};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};
use zeroize::{Zeroize, Zeroizing};

/// The number of base62 digits of 256 random bits.
const SECRET_DIGITS: usize = 43;
/// The number of base62 digits of a CRC-32.
const CHECK_DIGITS: usize = 6;
/// The number of characters of an `api_secret`, including the checksum.
const API_SECRET_DIGITS: usize = 64;
/// The number of base62 digits of a public half without an environment, including those of the id.
const PLAIN_DIGITS: usize = 48;
/// The number of digits of the id in a display prefix: 47 bits, enough to distinguish a million keys.
const SHOWN_DIGITS: usize = 8;
/// The word in a bearer token in the place of the environment of a token.
const BEARER: &str = "bearer";
/// The maximum length of a token prefix.
const PREFIX_MAX: usize = 16;

/// The start of the tokens of a service, such as `kw`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPrefix(String);

impl TokenPrefix {
    /// Returns the text.
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
                "that cannot begin a token",
                format!("give 1 to {PREFIX_MAX} lower-case letters and digits, a letter first, for example `acme`"),
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// The SHA-256 of a secret, as it is stored.
#[derive(Clone, Copy, Debug)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Returns the hash of a secret.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Returns a hash from its stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns `true` if this is the hash of a secret. The comparison takes constant time.
    #[must_use]
    pub fn matches(&self, secret: &[u8]) -> bool {
        Self::of(secret) == *self
    }
}

/// Compares in constant time.
impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq;
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretHash {}

/// Returns `<prefix>_<env>_<first digits of the id>`, which is safe in logs and tables.
#[must_use]
pub fn display_prefix(prefix: &TokenPrefix, env: Env, id: KeyId) -> String {
    let mut text = public_part(prefix, env, id);
    text.truncate(text.len() - (KeyId::DIGITS - SHOWN_DIGITS));
    text
}

/// Returns `<prefix>_` and 48 base62 digits: a public half without an environment. It starts with the id; the rest is made
/// from 32 random bytes.
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

/// Returns the start of a [`plain_api_key`], which is safe in logs and tables.
#[must_use]
pub fn plain_display_prefix(prefix: &TokenPrefix, api_key: &str) -> String {
    api_key[..prefix.as_str().len() + 1 + SHOWN_DIGITS].to_owned()
}

/// Returns `<prefix>_<env>_<id>`: the public half of a pair, and the start of a token.
#[must_use]
pub fn public_part(prefix: &TokenPrefix, env: Env, id: KeyId) -> String {
    joined(prefix, env.word(), id)
}

fn joined(prefix: &TokenPrefix, word: &str, id: KeyId) -> String {
    let mut digits = [0; KeyId::DIGITS];
    base62::encode_u128(id.as_u128(), &mut digits);
    [&prefix.0, "_", word, "_", str::from_utf8(&digits).unwrap_or_default()].concat()
}

/// Returns a token made from 32 random bytes, and wipes them.
#[must_use]
pub fn make_token(prefix: &TokenPrefix, env: Env, id: KeyId, random: &mut [u8; 32]) -> Secret {
    with_secret(&public_part(prefix, env, id), random)
}

/// Returns a bearer token of a key made from 32 random bytes, and wipes them.
#[must_use]
pub fn make_bearer(prefix: &TokenPrefix, id: KeyId, random: &mut [u8; 32]) -> Secret {
    with_secret(&joined(prefix, BEARER, id), random)
}

/// Returns the public part, the digits of the secret, and the checksum.
fn with_secret(public: &str, random: &mut [u8; 32]) -> Secret {
    // The capacity is reserved in full, because a buffer that grows leaves copies behind.
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

/// Returns an `api_secret` made from 64 random bytes, and wipes them: 58 digits (345 bits) of the number that they encode, and
/// the checksum of the digits.
#[must_use]
pub fn make_api_secret(random: &mut [u8; 64]) -> Secret {
    let mut limbs = Zeroizing::new([0u32; 16]);
    for (limb, bytes) in limbs.iter_mut().zip(random.chunks_exact(4)) {
        *limb = bytes.iter().fold(0, |acc, b| (acc << 8) | u32::from(*b));
    }
    random.zeroize();
    let mut secret = Zeroizing::new(Vec::with_capacity(API_SECRET_DIGITS));
    secret.resize(API_SECRET_DIGITS - CHECK_DIGITS, b'0');
    // The number modulo 62^58: with 512 bits, the probabilities of two values differ by at most 2^-166.
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

/// The parts of text that has the form of a token. Only the hash shows whether the token belongs to the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenForm {
    /// The prefix in the token.
    pub prefix: TokenPrefix,
    /// The environment in the token.
    pub env: Env,
    /// The id in the token.
    pub id: KeyId,
}

impl TokenForm {
    /// Reads a token. Returns `None` if the form or the checksum is wrong.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::parse_public(before_secret(text).filter(|_| check_holds(text))?)
    }

    /// Reads `<prefix>_<env>_<id>`.
    #[must_use]
    pub fn parse_public(text: &str) -> Option<Self> {
        let (prefix, env, digits) = split_public(text)?;
        if digits.len() != KeyId::DIGITS {
            return None;
        }
        Some(Self { prefix, env, id: KeyId::from_u128(base62::decode_u128(digits)?) })
    }
}

/// The parts of text that has the form of a bearer token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BearerForm {
    /// The id in the token.
    pub id: KeyId,
}

impl BearerForm {
    /// Reads a bearer token. Returns `None` if the form or the checksum is wrong.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = split_bearer(before_secret(text).filter(|_| check_holds(text))?)?;
        Some(Self { id: KeyId::from_u128(base62::decode_u128(digits)?) })
    }
}

/// Returns the text before the secret of a token or bearer token, if the rest has the form of a secret. The checksum is not
/// compared.
fn before_secret(text: &str) -> Option<&str> {
    let (public, tail) = text.rsplit_once('_')?;
    (tail.len() == SECRET_DIGITS + CHECK_DIGITS && base62::is_base62(tail)).then_some(public)
}

/// Splits `<prefix>_bearer_<id>`.
fn split_bearer(public: &str) -> Option<&str> {
    let mut parts = public.splitn(3, '_');
    parts.next()?.parse::<TokenPrefix>().ok()?;
    let digits = (parts.next()? == BEARER).then(|| parts.next())??;
    (digits.len() == KeyId::DIGITS && base62::is_base62(digits)).then_some(digits)
}

/// Returns the id in the public half of a pair, in either form.
#[must_use]
pub fn api_key_id(text: &str) -> Option<KeyId> {
    let whole = |digits: &&str| digits.len() == KeyId::DIGITS;
    let env = split_public(text).map(|(_, _, digits)| digits).filter(whole);
    let plain = || split_plain(text).filter(|_| text.split_once('_').is_some_and(|(_, d)| d.len() == PLAIN_DIGITS));
    Some(KeyId::from_u128(base62::decode_u128(env.or_else(plain)?)?))
}

/// Returns `true` if text has the length, digits and checksum of an `api_secret`.
#[must_use]
pub fn is_api_secret(text: &str) -> bool {
    text.len() == API_SECRET_DIGITS && base62::is_base62(text) && check_holds(text)
}

/// Splits `<prefix>_<env>_<digits>`; the digits may be the start of an id.
pub(super) fn split_public(text: &str) -> Option<(TokenPrefix, Env, &str)> {
    let mut parts = text.splitn(3, '_');
    let prefix = parts.next()?.parse().ok()?;
    let env = Env::from_word(parts.next()?)?;
    let digits = parts.next()?;
    (!digits.is_empty() && digits.len() <= KeyId::DIGITS && base62::is_base62(digits)).then_some((prefix, env, digits))
}

/// Splits `<prefix>_<digits>` as in [`plain_api_key`]: the digits of the id, or the start of them.
pub(super) fn split_plain(text: &str) -> Option<&str> {
    let (prefix, digits) = text.split_once('_')?;
    prefix.parse::<TokenPrefix>().ok()?;
    let fits = (SHOWN_DIGITS..=PLAIN_DIGITS).contains(&digits.len()) && base62::is_base62(digits);
    fits.then(|| &digits[..digits.len().min(KeyId::DIGITS)])
}

/// Returns the closed range of the ids whose base62 form starts with the digits.
pub(super) fn id_range(digits: &str) -> Option<(KeyId, KeyId)> {
    let missing = KeyId::DIGITS.checked_sub(digits.len())?;
    let low = base62::decode_u128(&format!("{digits}{}", "0".repeat(missing)))?;
    let step = (0..missing).try_fold(1u128, |acc, _| acc.checked_mul(62)).unwrap_or(u128::MAX);
    Some((KeyId::from_u128(low), KeyId::from_u128(low.saturating_add(step - 1))))
}

/// Returns `true` if text looks like a token, the public half of a pair, or a display prefix.
pub(super) fn looks_issued(text: &str) -> bool {
    // Only whole plain public halves count: `web_production` is a good name.
    let plain =
        text.split_once('_').is_some_and(|(_, digits)| digits.len() == PLAIN_DIGITS) && split_plain(text).is_some();
    plain || split_public(text).is_some_and(|(_, _, digits)| digits.len() >= SHOWN_DIGITS) || looks_secret(text)
}

/// Returns `true` if text has the form of a secret, whatever its checksum. Such text must not be printed or be an argument.
#[must_use]
pub fn looks_secret(text: &str) -> bool {
    let token =
        before_secret(text).is_some_and(|public| split_public(public).is_some() || split_bearer(public).is_some());
    token || is_api_secret(text) || text.contains("PRIVATE KEY")
}

impl fmt::Display for TokenPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
