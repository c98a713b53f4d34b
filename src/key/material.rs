//! The part of a key that authenticates it: a public key, or the hash of a secret.

use super::{Key, KeyType, Lookup, SecretHash};
use crate::keypair::StoredPublicKey;
use std::mem::discriminant;

/// The part of a key that authenticates it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Material {
    /// The public half of a key pair.
    KeyPair(StoredPublicKey),
    /// A token in keywright's format.
    Token {
        /// The public prefix that identifies the token in tables and logs.
        prefix: String,
        /// The SHA-256 hash of the token.
        hash: SecretHash,
    },
    /// A token that another system issued. Such a token does not contain the id of its key, so the key is found by the
    /// token's hash.
    Opaque {
        /// The public prefix of the token, or `None` if the token has no such prefix.
        prefix: Option<String>,
        /// The SHA-256 hash of the token.
        hash: SecretHash,
    },
    /// A pair of a public `api_key` and an `api_secret`.
    Pair {
        /// The prefix of the `api_key` that is displayed in tables and logs.
        prefix: String,
        /// The public `api_key`.
        api_key: String,
        /// The SHA-256 hash of the `api_secret`.
        hash: SecretHash,
    },
}

/// The value that identifies a public key or a secret, independently of the id of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The SHA-256 hash of the modulus of a public key, which is the same for every encoding of the key.
    PublicKey([u8; 32]),
    /// The SHA-256 hash of a secret.
    Secret(SecretHash),
}

impl Identity {
    /// Returns the hash of the public key, or `None` for a secret.
    #[must_use]
    pub const fn public_key(&self) -> Option<&[u8; 32]> {
        match self {
            Self::PublicKey(hash) => Some(hash),
            Self::Secret(_) => None,
        }
    }

    /// Returns the hash of the secret, or `None` for a public key.
    #[must_use]
    pub const fn secret(&self) -> Option<&SecretHash> {
        match self {
            Self::PublicKey(_) => None,
            Self::Secret(hash) => Some(hash),
        }
    }
}

impl Material {
    /// Returns the identity of the public key or the secret.
    #[must_use]
    pub const fn identity(&self) -> Identity {
        match self {
            Self::KeyPair(public) => Identity::PublicKey(*public.identity()),
            Self::Token { hash, .. } | Self::Opaque { hash, .. } | Self::Pair { hash, .. } => Identity::Secret(*hash),
        }
    }

    /// Returns `true` if both materials are of the same variant and have the same identity.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        discriminant(self) == discriminant(other) && self.identity() == other.identity()
    }

    /// Returns the public key, or `None` if the material is not a key pair.
    #[must_use]
    pub const fn public_key(&self) -> Option<&StoredPublicKey> {
        match self {
            Self::KeyPair(public) => Some(public),
            Self::Token { .. } | Self::Opaque { .. } | Self::Pair { .. } => None,
        }
    }

    /// Returns the hash of the secret, or `None` for a key pair, whose secret is a private key.
    #[must_use]
    pub const fn secret_hash(&self) -> Option<&SecretHash> {
        match self {
            Self::KeyPair(_) => None,
            Self::Token { hash, .. } | Self::Opaque { hash, .. } | Self::Pair { hash, .. } => Some(hash),
        }
    }

    /// Returns the type of a key with this material.
    #[must_use]
    pub const fn key_type(&self) -> KeyType {
        match self {
            Self::KeyPair(public) => KeyType::of(public.algorithm()),
            Self::Token { .. } | Self::Opaque { .. } => KeyType::Token,
            Self::Pair { .. } => KeyType::Pair,
        }
    }
}

impl Key {
    /// Returns the lookup that finds this key when its secret or public key is presented:
    ///
    /// - the id for a token in keywright's format, because the token contains the id
    /// - the hash of the secret for any other token and for a pair
    /// - the identity of the public key for a key pair
    #[must_use]
    pub const fn lookup(&self) -> Lookup {
        match &self.material {
            Material::KeyPair(public) => Lookup::PublicKey(*public.identity()),
            Material::Token { .. } => Lookup::Ids(self.id, self.id),
            Material::Opaque { hash, .. } | Material::Pair { hash, .. } => Lookup::Secret(*hash),
        }
    }
}
