//! A replacement for `ifma` on processor architectures other than x86-64, which do not have AVX-512 IFMA.

use super::Candidate;

/// The number of candidates in a batch.
pub(super) const LANES: usize = 8;

/// A proof that the processor supports AVX-512 IFMA. No processor of this architecture does, so the type has no values.
#[derive(Clone, Copy)]
pub(super) enum NoIfma {}

impl NoIfma {
    pub(super) fn detect() -> Option<Self> {
        None
    }

    pub(super) fn fermat(self, _: [&[u64]; LANES]) -> u8 {
        match self {}
    }

    pub(super) fn powers(self, _: &[u64], _: [&[u64]; LANES], _: usize) -> [Candidate; LANES] {
        match self {}
    }
}
