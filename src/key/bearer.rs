//! Short-lived bearer tokens (RFC 6750), which are issued in exchange for a pair or an assertion.

use super::{KeyId, Scopes, SecretHash, Time};

/// A stored bearer token. Only the hash of the token is stored, never the token itself.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The SHA-256 hash of the whole token.
    pub hash: SecretHash,
    /// The id of the key that the token was issued for. The token authenticates only while this key does.
    pub key: KeyId,
    /// The scopes of the token, which were a subset of the key's scopes when the token was issued.
    pub scopes: Scopes,
    /// The time at which the token was issued.
    pub created: Time,
    /// The time at which the token stops authenticating.
    pub expires: Time,
}
