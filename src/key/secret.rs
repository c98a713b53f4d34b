//! A secret on its way out: moved, never copied, wiped when dropped.

use zeroize::Zeroizing;

/// The bytes of a secret: a private key's PEM, a token, or the secret half of a pair.
///
/// Has no `Debug`, `Display`, `Clone` or `Serialize`, so that no log, error or document can hold it by accident.
/// The buffer is wiped on drop.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over; the caller keeps no copy.
    #[must_use]
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// The bytes, for the one place that hands them out and for hashing.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}
