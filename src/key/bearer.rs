//! Bearer tokens (RFC 6750): what a pair is exchanged for, for a while.

use super::{KeyId, Scopes, SecretHash, Time};

/// A bearer token as it is kept: never the token, only its hash.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// SHA-256 of the whole token.
    pub hash: SecretHash,
    /// The key that it stands for; it dies with it.
    pub key: KeyId,
    /// What it may be used for: no more than its key.
    pub scopes: Scopes,
    /// When it was issued.
    pub created: Time,
    /// From when on it no longer authenticates.
    pub expires: Time,
}
