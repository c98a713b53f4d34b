//! The algorithms of signatures.

use super::Algorithm;
use crate::error::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An algorithm for signatures, with the name that RFC 9421, section 6.2.2, registers for it. The first algorithm has no
/// registered name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignatureAlgorithm {
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 8017, section 8.1; `PS256` in RFC 7518,
    /// section 3.5).
    #[serde(rename = "rsa-pss-sha256")]
    RsaPssSha256,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512 and a salt of 64 bytes (RFC 9421, section 3.3.1).
    #[serde(rename = "rsa-pss-sha512")]
    RsaPssSha512,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2; `RS256` in RFC 7518, section 3.3).
    #[serde(rename = "rsa-v1_5-sha256")]
    RsaPkcs1Sha256,
    /// Ed25519 (RFC 8032, section 5.1; RFC 9421, section 3.3.6).
    #[serde(rename = "ed25519")]
    Ed25519,
}

impl SignatureAlgorithm {
    /// All algorithms.
    pub const ALL: [Self; 4] = [Self::RsaPssSha256, Self::RsaPssSha512, Self::RsaPkcs1Sha256, Self::Ed25519];

    /// Returns the name of the algorithm.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::RsaPssSha256 => "rsa-pss-sha256",
            Self::RsaPssSha512 => "rsa-pss-sha512",
            Self::RsaPkcs1Sha256 => "rsa-v1_5-sha256",
            Self::Ed25519 => "ed25519",
        }
    }

    /// Returns the algorithm of the keys that can make such signatures.
    #[must_use]
    pub const fn of_keys(self) -> Algorithm {
        match self {
            Self::RsaPssSha256 | Self::RsaPssSha512 | Self::RsaPkcs1Sha256 => Algorithm::Rsa,
            Self::Ed25519 => Algorithm::Ed25519,
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for SignatureAlgorithm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.word() == text).ok_or_else(|| {
            let words = Self::ALL.map(Self::word).join(", ");
            let hint = format!(
                "choose from {words}; a signature with HMAC cannot be verified, because keywright holds no secrets"
            );
            Error::new(Code::ContractInvalid, "the algorithm is unknown", hint)
        })
    }
}
