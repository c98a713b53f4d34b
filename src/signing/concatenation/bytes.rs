//! Sets of bytes.

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ByteSet([u64; 4]);

impl ByteSet {
    /// Returns the set of the bytes for which `contains` returns `true`.
    pub(super) fn of(contains: impl Fn(u8) -> bool) -> Self {
        let mut words = [0; 4];
        for byte in (0..=u8::MAX).filter(|byte| contains(*byte)) {
            words[usize::from(byte / 64)] |= 1 << (byte % 64);
        }
        Self(words)
    }

    /// Returns `true` if a byte is in both sets.
    pub(super) fn intersects(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(ours, theirs)| ours & theirs != 0)
    }
}
