//! Tokens and pairs: secrets that are strings.
//!
//! A token is `<prefix>_<env>_<key id, 22 base62>_<secret, 43 base62><CRC-32, 6 base62>`. Only underscores, so that a
//! double click selects all of it. The id inside makes the look-up a primary-key look-up; the checksum tells a typo
//! from a key that does not exist without asking the keyring. At rest only the SHA-256 of the whole token is kept:
//! the secret has 256 random bits, so nothing slower is needed (NIST SP 800-63B, section 5.1.1.2, is about secrets
//! that people choose).
//!
//! A bearer token is `<prefix>_bearer_<key id, 22 base62>_<secret, 43 base62><CRC-32, 6 base62>`.

use super::{Env, KeyId, Secret, base62};
use crate::error::{Code, Error, Result};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};
use zeroize::{Zeroize, Zeroizing};

/// Base62 digits of 256 random bits.
const SECRET_DIGITS: usize = 43;
/// Base62 digits of a CRC-32.
const CHECK_DIGITS: usize = 6;
/// Characters of an `api_secret`, the checksum among them.
const API_SECRET_DIGITS: usize = 64;
/// Base62 digits of a public half that does not tell its environment, the id's among them.
const PLAIN_DIGITS: usize = 48;
/// How much of the id the display prefix shows: 47 bits, enough to tell a million keys apart.
const SHOWN_DIGITS: usize = 8;
/// What stands in a bearer token where a token has its environment.
const BEARER: &str = "bearer";
/// Longest token prefix.
const PREFIX_MAX: usize = 16;

/// What tokens of a service begin with, for example `kw`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPrefix(String);

impl TokenPrefix {
    /// The text.
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

/// SHA-256 of a secret, as it is kept at rest.
#[derive(Clone, Copy, Debug)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of a secret's bytes.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// A hash as it was stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether it is the hash of the secret; takes as long for a wrong secret as for the right one.
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

/// `<prefix>_<env>_<first digits of the id>`: what may stand in logs and tables.
#[must_use]
pub fn display_prefix(prefix: &TokenPrefix, env: Env, id: KeyId) -> String {
    let mut text = public_part(prefix, env, id);
    text.truncate(text.len() - (KeyId::DIGITS - SHOWN_DIGITS));
    text
}

/// `<prefix>_` and 48 base62 digits: a public half that does not tell its environment. It begins with the id; the rest
/// is from 32 bytes of the operating system's generator.
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

/// The start of a [`plain_api_key`] that may stand in logs and tables.
#[must_use]
pub fn plain_display_prefix(prefix: &TokenPrefix, api_key: &str) -> String {
    api_key[..prefix.as_str().len() + 1 + SHOWN_DIGITS].to_owned()
}

/// `<prefix>_<env>_<id>`: the public half of a pair, and the beginning of a token.
#[must_use]
pub fn public_part(prefix: &TokenPrefix, env: Env, id: KeyId) -> String {
    joined(prefix, env.word(), id)
}

fn joined(prefix: &TokenPrefix, word: &str, id: KeyId) -> String {
    let mut digits = [0; KeyId::DIGITS];
    base62::encode_u128(id.as_u128(), &mut digits);
    [&prefix.0, "_", word, "_", str::from_utf8(&digits).unwrap_or_default()].concat()
}

/// A new token from 32 bytes of the operating system's generator, which are wiped.
#[must_use]
pub fn make_token(prefix: &TokenPrefix, env: Env, id: KeyId, random: &mut [u8; 32]) -> Secret {
    with_secret(&public_part(prefix, env, id), random)
}

/// A new bearer token for a key from 32 bytes of the operating system's generator, which are wiped.
#[must_use]
pub fn make_bearer(prefix: &TokenPrefix, id: KeyId, random: &mut [u8; 32]) -> Secret {
    with_secret(&joined(prefix, BEARER, id), random)
}

/// The public part, the digits of a secret, and the checksum.
fn with_secret(public: &str, random: &mut [u8; 32]) -> Secret {
    // Reserved in full: a growing buffer would leave copies behind.
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

/// A new `api_secret` from 64 bytes of the operating system's generator, which are wiped: 58 digits (345 bits) of
/// the number they are, and the checksum of those digits.
#[must_use]
pub fn make_api_secret(random: &mut [u8; 64]) -> Secret {
    let mut limbs = Zeroizing::new([0u32; 16]);
    for (limb, bytes) in limbs.iter_mut().zip(random.chunks_exact(4)) {
        *limb = bytes.iter().fold(0, |acc, b| (acc << 8) | u32::from(*b));
    }
    random.zeroize();
    let mut secret = Zeroizing::new(Vec::with_capacity(API_SECRET_DIGITS));
    secret.resize(API_SECRET_DIGITS - CHECK_DIGITS, b'0');
    // The number modulo 62^58: with 512 bits no value is likelier than another by more than 2^-166.
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

/// A text that has the form of a token: which key it says it is for. Whether it is that key's is for the hash to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenForm {
    /// The prefix it carries.
    pub prefix: TokenPrefix,
    /// The environment it carries.
    pub env: Env,
    /// The id it carries.
    pub id: KeyId,
}

impl TokenForm {
    /// Reads a token; `None` is malformed: another shape, or a checksum that does not hold.
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

/// A text that has the form of a bearer token: which key it says it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BearerForm {
    /// The id it carries.
    pub id: KeyId,
}

impl BearerForm {
    /// Reads a bearer token; `None` is malformed, as with [`TokenForm::parse`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = split_bearer(before_secret(text).filter(|_| check_holds(text))?)?;
        Some(Self { id: KeyId::from_u128(base62::decode_u128(digits)?) })
    }
}

/// What stands before the secret of a token or bearer token, if the end of the text has its form, the checksum aside.
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

/// The id in the public half of a pair, in either of its forms.
#[must_use]
pub fn api_key_id(text: &str) -> Option<KeyId> {
    let whole = |digits: &&str| digits.len() == KeyId::DIGITS;
    let env = split_public(text).map(|(_, _, digits)| digits).filter(whole);
    let plain = || split_plain(text).filter(|_| text.split_once('_').is_some_and(|(_, d)| d.len() == PLAIN_DIGITS));
    Some(KeyId::from_u128(base62::decode_u128(env.or_else(plain)?)?))
}

/// Whether a text has the form of an `api_secret`: its length, its digits, its checksum.
#[must_use]
pub fn is_api_secret(text: &str) -> bool {
    text.len() == API_SECRET_DIGITS && base62::is_base62(text) && check_holds(text)
}

/// Splits `<prefix>_<env>_<digits>`; the digits may be the beginning of an id.
pub(super) fn split_public(text: &str) -> Option<(TokenPrefix, Env, &str)> {
    let mut parts = text.splitn(3, '_');
    let prefix = parts.next()?.parse().ok()?;
    let env = Env::from_word(parts.next()?)?;
    let digits = parts.next()?;
    (!digits.is_empty() && digits.len() <= KeyId::DIGITS && base62::is_base62(digits)).then_some((prefix, env, digits))
}

/// Splits `<prefix>_<digits>` as in [`plain_api_key`]: the digits of the id, or the beginning of them.
pub(super) fn split_plain(text: &str) -> Option<&str> {
    let (prefix, digits) = text.split_once('_')?;
    prefix.parse::<TokenPrefix>().ok()?;
    let fits = (SHOWN_DIGITS..=PLAIN_DIGITS).contains(&digits.len()) && base62::is_base62(digits);
    fits.then(|| &digits[..digits.len().min(KeyId::DIGITS)])
}

/// The ids whose base62 form begins with the digits, as a closed range.
pub(super) fn id_range(digits: &str) -> Option<(KeyId, KeyId)> {
    let missing = KeyId::DIGITS.checked_sub(digits.len())?;
    let low = base62::decode_u128(&format!("{digits}{}", "0".repeat(missing)))?;
    let step = (0..missing).try_fold(1u128, |acc, _| acc.checked_mul(62)).unwrap_or(u128::MAX);
    Some((KeyId::from_u128(low), KeyId::from_u128(low.saturating_add(step - 1))))
}

/// Whether a text looks like something keywright issues: a token, a pair's public half, or a display prefix.
pub(super) fn looks_issued(text: &str) -> bool {
    // Of plain public halves only whole ones: `web_production` is a good name.
    let plain =
        text.split_once('_').is_some_and(|(_, digits)| digits.len() == PLAIN_DIGITS) && split_plain(text).is_some();
    plain || split_public(text).is_some_and(|(_, _, digits)| digits.len() >= SHOWN_DIGITS) || looks_secret(text)
}

/// Whether a text has the shape of a secret, its checksum aside: it must not be shown again, and not be an argument.
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
