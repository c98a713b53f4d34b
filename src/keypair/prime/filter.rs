//! The base-2 Fermat test on whichever arithmetic this processor is best at.
//!
//! The test rejects; what it accepts is [confirmed](super::confirm) by others. It is the test of Fermat and not of
//! Miller and Rabin because in lanes the latter's early ends would gain nothing.

#[cfg(target_arch = "x86_64")]
use super::ifma::{Ifma, LANES};
use super::{Candidate, PrimeSearch, portable};

/// An arithmetic that is there.
#[derive(Clone, Copy)]
pub(super) enum Filter {
    /// Eight candidates at once, in AVX-512 IFMA.
    #[cfg(target_arch = "x86_64")]
    Ifma(Ifma),
    /// One after another, in 64-bit words.
    Portable,
}

impl Filter {
    pub(super) fn new(search: PrimeSearch) -> Self {
        match search {
            #[cfg(target_arch = "x86_64")]
            PrimeSearch::Auto => Ifma::detect().map_or(Self::Portable, Self::Ifma),
            _ => Self::Portable,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(_) => "avx512ifma",
            Self::Portable => "portable",
        }
    }

    /// How many candidates are best given at once.
    pub(super) fn batch(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(_) => LANES,
            Self::Portable => 1,
        }
    }

    /// How far it pays to sieve for candidates of so many words: another small prime must cost less than the tests of
    /// the candidates that it spares. By measurement.
    pub(super) fn sieve_limit(self, words: usize) -> u32 {
        match (self, words) {
            #[cfg(target_arch = "x86_64")]
            (Self::Ifma(_), ..=16) => 1 << 16,
            #[cfg(target_arch = "x86_64")]
            (Self::Ifma(_), ..=24) => 1 << 17,
            #[cfg(target_arch = "x86_64")]
            (Self::Ifma(_), _) => 1 << 18,
            (Self::Portable, ..=16) => 1 << 17,
            (Self::Portable, ..=24) => 1 << 19,
            (Self::Portable, _) => 1 << 20,
        }
    }

    /// The position of the first candidate that passes; of at most as many as [`Filter::batch`] says, all of one size
    /// and odd, with their top two bits set.
    pub(super) fn first(self, candidates: &[Candidate]) -> Option<usize> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(ifma) => {
                // The last one fills the lanes that the end of a window leaves empty, and never is the first of itself.
                let last = candidates.len().checked_sub(1)?;
                let passed = ifma.fermat(std::array::from_fn(|lane| &candidates[lane.min(last)][..]));
                (passed != 0).then_some(passed.trailing_zeros() as usize)
            }
            Self::Portable => candidates.iter().position(|candidate| portable::fermat(candidate)),
        }
    }
}
