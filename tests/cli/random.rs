//! Random numbers that are the same in every run.

/// A `SplitMix64` generator, so that every run has the same lives.
#[derive(Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// Returns a number from 0 to `bound - 1`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// Returns a copy of a random element, or `None` of an empty slice.
    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let bound = u64::try_from(from.len()).unwrap();
        (bound > 0).then(|| from[usize::try_from(self.below(bound)).unwrap()].clone())
    }

    /// Returns an index into a collection with `length` elements.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(u64::try_from(length).unwrap())).unwrap()
    }
}
