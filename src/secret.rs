//! Secret bytes, which are moved instead of copied, and wiped on drop.

use zeroize::Zeroizing;

/// The bytes of a secret: a private key's PEM, a token, a bearer token, the secret half of a pair, or a document that
/// contains one of them.
///
/// The type implements none of `Debug`, `Display`, `Clone` and `Serialize`, so that a secret cannot get into a log, an
/// error or a document by accident. The buffer is wiped on drop.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Creates a secret from its bytes. The caller must not keep a copy.
    #[must_use]
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// Returns the bytes, for delivery and for hashing.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}
