//! What a key leaves when it is purged.

use crate::key::{Key, KeyId, Material, SecretHash, Time};

/// As much of a key that was purged as it takes that it never comes back: not by registering its public key again, not out
/// of a backup, not by an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// Its id.
    pub id: KeyId,
    /// SHA-256 of its modulus.
    pub modulus: Option<[u8; 32]>,
    /// SHA-256 of its secret.
    pub secret: Option<SecretHash>,
    /// Since when it could not authenticate.
    pub ended: Time,
    /// Whether it was revoked, and did not merely expire.
    pub revoked: bool,
    /// When it was purged.
    pub purged: Time,
}

impl Tombstone {
    /// What a key leaves that is over; `None` of one that is not.
    #[must_use]
    pub fn of(key: &Key, now: Time) -> Option<Self> {
        let life = key.lifecycle;
        let ended = life.ends().filter(|end| *end <= now)?;
        let (modulus, secret) = match &key.material {
            Material::Rsa { modulus, .. } => (Some(*modulus), None),
            Material::Token { hash, .. } | Material::Opaque { hash, .. } | Material::Pair { hash, .. } => {
                (None, Some(*hash))
            }
        };
        let revoked = life.revoked.is_some_and(|revoked| revoked <= now);
        Some(Self { id: key.id, modulus, secret, ended, revoked, purged: now })
    }
}
