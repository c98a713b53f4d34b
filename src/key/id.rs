//! The ids of keys.

use crate::error::{Code, Error};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The id of a key, a random UUID (version 4 of RFC 9562). Documents show the id in lower case with hyphens; tokens
/// contain it as [`KeyId::DIGITS`] base62 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Uuid);

impl KeyId {
    /// The number of base62 digits that encode 128 bits.
    pub const DIGITS: usize = 22;

    /// The length of the hyphenated form.
    pub const LENGTH: usize = 36;

    /// Creates an id from 16 random bytes, in which the version and variant bits are overwritten.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Creates an id from its stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Returns the 16 bytes of the id in network byte order.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// Returns the id as a 128-bit number, for the base62 encoding.
    #[must_use]
    pub const fn as_u128(self) -> u128 {
        self.0.as_u128()
    }

    /// Creates an id from a 128-bit number, the inverse of [`KeyId::as_u128`].
    #[must_use]
    pub const fn from_u128(number: u128) -> Self {
        Self(Uuid::from_u128(number))
    }

    /// Writes the hyphenated form of the id to `buffer` and returns it as text.
    pub fn encode(self, buffer: &mut [u8; 36]) -> &str {
        self.0.hyphenated().encode_lower(buffer)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for KeyId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Uuid::parse_str(text).map(Self).map_err(|_| {
            Error::new(
                Code::InvalidReference,
                "the id is not a UUID",
                "use a full UUID, such as 4ab2c9c0-5a4e-4c53-9d1c-8f0b6c1d2e3f",
            )
        })
    }
}
