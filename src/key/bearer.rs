//! Bearer tokens (RFC 6750), for which a pair can be exchanged for a limited time.

use super::{KeyId, Scopes, SecretHash, Time};

/// A bearer token as it is stored: its hash, never the token itself.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The SHA-256 of the whole token.
    pub hash: SecretHash,
    /// The key that the token stands for. The token ends when the key ends.
    pub key: KeyId,
    /// The scopes of the token, all of which its key has.
    pub scopes: Scopes,
    /// The time at which the token was issued.
    pub created: Time,
    /// The time from which on the token no longer authenticates.
    pub expires: Time,
}
