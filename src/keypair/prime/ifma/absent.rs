//! What `ifma` is where there is no such processor: something that is never found.

use super::Candidate;

/// Candidates in a batch.
pub(super) const LANES: usize = 8;

/// Has no values.
#[derive(Clone, Copy)]
pub(super) enum Ifma {}

impl Ifma {
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
