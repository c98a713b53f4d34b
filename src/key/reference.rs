//! References to keys, as given on the command line.

use super::{Fingerprint, Identity, KeyId, Name, SecretHash, contains_secret, token};
use crate::error::{Code, Error, Result};
use crate::keypair::JwkThumbprint;
use std::str::FromStr;

/// The minimum number of hex digits of an id prefix.
const ID_PREFIX_MIN: usize = 6;
/// The minimum number of hex digits of a fingerprint prefix.
const FINGERPRINT_PREFIX_MIN: usize = 8;

/// A criterion by which keys are looked up. A KEY argument can be interpreted as several lookups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The keys whose id is in an inclusive range: a single id, or all ids with the same prefix.
    Ids(KeyId, KeyId),
    /// The keys whose id is in an inclusive range and whose display prefix or `api_key` matches the text. The keyring
    /// compares only the ids, so the caller must compare the text.
    Prefix(KeyId, KeyId, String),
    /// The keys with exactly this name.
    Name(Name),
    /// The keys whose fingerprint is in an inclusive range: a single fingerprint, or all fingerprints with the same
    /// prefix.
    Fingerprints(Fingerprint, Fingerprint),
    /// The key pair whose public key has this identity, regardless of how the public key was encoded.
    PublicKey([u8; 32]),
    /// The key pair whose public key has this JWK thumbprint.
    Thumbprint(JwkThumbprint),
    /// The pair, or the token issued by another system, whose secret has this hash.
    Secret(SecretHash),
    /// The key for which the bearer token with this hash was issued.
    Bearer(SecretHash),
    /// The successors of the key with this id, regardless of their status.
    Successors(KeyId),
}

impl Lookup {
    /// Returns the id if the lookup is for a single id, and `None` otherwise.
    #[must_use]
    pub fn id(&self) -> Option<KeyId> {
        match self {
            Self::Ids(low, high) if low == high => Some(*low),
            _ => None,
        }
    }
}

impl From<KeyId> for Lookup {
    fn from(id: KeyId) -> Self {
        Self::Ids(id, id)
    }
}

impl From<Identity> for Lookup {
    fn from(identity: Identity) -> Self {
        match identity {
            Identity::PublicKey(hash) => Self::PublicKey(hash),
            Identity::Secret(hash) => Self::Secret(hash),
        }
    }
}

/// A KEY argument: a full id, an id prefix (6 or more hex digits), an exact name, a fingerprint or its prefix (8 or
/// more hex digits), or a display prefix. The same text can have several of these meanings; the keyring determines
/// which of them match a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    text: String,
    lookups: Vec<Lookup>,
}

impl Reference {
    /// Returns the text of the argument.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns one lookup for each possible meaning of the text.
    #[must_use]
    pub fn lookups(&self) -> &[Lookup] {
        &self.lookups
    }
}

fn hex_range<const N: usize>(digits: &str) -> Option<([u8; N], [u8; N])> {
    let missing = (2 * N).checked_sub(digits.len())?;
    let fill = |filler: &str| {
        let mut bytes = [0; N];
        base16ct::mixed::decode(format!("{digits}{}", filler.repeat(missing)), &mut bytes).ok()?;
        Some(bytes)
    };
    Some((fill("0")?, fill("f")?))
}

/// Removes the hyphens from an id or an id prefix. Returns `None` if the text contains hyphens that are not exactly
/// where a UUID has them.
fn id_digits(text: &str) -> Option<String> {
    let well_placed = text.bytes().enumerate().all(|(i, b)| (b == b'-') == matches!(i, 8 | 13 | 18 | 23));
    (well_placed || !text.contains('-')).then(|| text.replace('-', ""))
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if contains_secret(text) || token::looks_secret(text) {
            return Err(Error::new(
                Code::InvalidReference,
                "a secret cannot be given as an argument",
                "give the id or the name of the key, or give `-` and pass the secret on standard input",
            ));
        }
        let mut lookups = Vec::new();
        if let Some(digits) = id_digits(text).filter(|d| d.len() >= ID_PREFIX_MIN)
            && let Some((low, high)) = hex_range(&digits)
        {
            lookups.push(Lookup::Ids(KeyId::from_bytes(low), KeyId::from_bytes(high)));
        }
        if text.len() >= FINGERPRINT_PREFIX_MIN
            && let Some((low, high)) = hex_range(text)
        {
            lookups.push(Lookup::Fingerprints(Fingerprint::from_bytes(low), Fingerprint::from_bytes(high)));
        }
        let digits = token::split_public(text).map(|(_, _, digits)| digits);
        if let Some(digits) = digits.or_else(|| token::split_plain(text))
            && let Some((low, high)) = token::id_range(digits)
        {
            lookups.push(Lookup::Prefix(low, high, text.to_owned()));
        }
        if let Ok(name) = text.parse() {
            lookups.push(Lookup::Name(name));
        }
        if lookups.is_empty() {
            return Err(Error::new(
                Code::InvalidReference,
                "the value is not an id, a name, a fingerprint or a prefix",
                "give an id (or at least its first 6 characters), a name, a fingerprint (or at least its first 8 characters) or a prefix",
            ));
        }
        Ok(Self { text: text.to_owned(), lookups })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookups(text: &str) -> Vec<Lookup> {
        text.parse::<Reference>().unwrap().lookups
    }

    #[test]
    fn a_text_has_every_meaning_that_it_can_have() {
        let full = "4ab2c9c0-5a4e-4c53-9d1c-8f0b6c1d2e3f";
        let id: KeyId = full.parse().unwrap();
        assert_eq!(lookups(full), [Lookup::Ids(id, id)]);
        assert!(
            matches!(lookups("4ab2c9").as_slice(), [Lookup::Ids(low, high), Lookup::Name(_)] if *low < id && id < *high)
        );
        assert!(matches!(lookups("4ab2c9c0-5").as_slice(), [Lookup::Ids(..), Lookup::Name(_)]));
        assert!(matches!(lookups("facade12").as_slice(), [Lookup::Ids(..), Lookup::Fingerprints(..), Lookup::Name(_)]));
        assert!(matches!(lookups(&"ab".repeat(32)).as_slice(), [Lookup::Fingerprints(low, high)] if low == high));
        assert!(matches!(lookups("kw_test_2GKaYl6D").as_slice(), [Lookup::Prefix(..)]));
        assert!(matches!(lookups("ci").as_slice(), [Lookup::Name(_)]));
        assert!(matches!(lookups("abc-def").as_slice(), [Lookup::Name(_)]));
    }

    #[test]
    fn secrets_and_nonsense_are_refused_and_not_repeated() {
        let secret = super::super::token::make_token(
            &super::super::TokenPrefix::default(),
            super::super::Env::Live,
            KeyId::from_random([7; 16]),
            &mut [9; 32],
        );
        let text = str::from_utf8(secret.expose()).unwrap();
        let error = text.parse::<Reference>().unwrap_err();
        assert_eq!(error.code(), Code::InvalidReference);
        assert!(!format!("{error:?}").contains(&text[40..]));
        for text in ["", "a\nb", &"x".repeat(200)] {
            assert_eq!(text.parse::<Reference>().unwrap_err().code(), Code::InvalidReference);
        }
    }
}
