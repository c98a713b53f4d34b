//! The part of a key that authenticates it: a public key, or the hash of a secret.

use super::{Fingerprint, KeyType, SecretHash};

/// What a key is recognised by.
#[derive(Clone, Debug)]
pub enum Material {
    /// An RSA public key.
    Rsa {
        /// The `SubjectPublicKeyInfo` in DER (RFC 5280, section 4.1).
        spki: Vec<u8>,
        /// SHA-256 of the SPKI.
        fingerprint: Fingerprint,
        /// SHA-256 of the modulus, which is the same for every encoding of a key.
        modulus: [u8; 32],
        /// Length of the modulus in bits.
        bits: u32,
    },
    /// A token.
    Token {
        /// The start of the token that may be shown.
        prefix: String,
        /// SHA-256 of the token.
        hash: SecretHash,
    },
    /// A token that another system made: it does not carry its key's id, and is found by its hash.
    Opaque {
        /// Its public start, where it has one.
        prefix: Option<String>,
        /// SHA-256 of the token.
        hash: SecretHash,
    },
    /// A pair.
    Pair {
        /// The start of the `api_key`, for tables and logs.
        prefix: String,
        /// The public half.
        api_key: String,
        /// SHA-256 of the `api_secret`.
        hash: SecretHash,
    },
}

impl Material {
    /// The hash of the secret, where that is a string.
    #[must_use]
    pub const fn secret_hash(&self) -> Option<&SecretHash> {
        match self {
            Self::Rsa { .. } => None,
            Self::Token { hash, .. } | Self::Opaque { hash, .. } | Self::Pair { hash, .. } => Some(hash),
        }
    }

    /// The kind of key.
    #[must_use]
    pub const fn key_type(&self) -> KeyType {
        match self {
            Self::Rsa { .. } => KeyType::Rsa,
            Self::Token { .. } | Self::Opaque { .. } => KeyType::Token,
            Self::Pair { .. } => KeyType::Pair,
        }
    }
}
