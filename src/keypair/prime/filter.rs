//! The base-2 Fermat test on whichever arithmetic this processor is best at.
//!
//! The test rejects; what it accepts is [confirmed](super::confirm) by others. It is the test of Fermat and not of
//! Miller and Rabin because in lanes the latter's early ends would gain nothing.

use super::ifma::{Ifma, LANES};
use super::{Candidate, Powers, PrimeSearch, portable};

/// An arithmetic that is there.
#[derive(Clone, Copy)]
pub(super) enum Filter {
    /// Eight candidates at once, in AVX-512 IFMA.
    Ifma(Ifma),
    /// One after another, in 64-bit words.
    Portable,
}

impl Filter {
    pub(super) fn new(search: PrimeSearch) -> Self {
        match search {
            PrimeSearch::Auto => Ifma::detect().map_or(Self::Portable, Self::Ifma),
            PrimeSearch::Portable => Self::Portable,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ifma(_) => "avx512ifma",
            Self::Portable => "portable",
        }
    }

    /// How many candidates are best given at once.
    pub(super) fn batch(self) -> usize {
        match self {
            Self::Ifma(_) => LANES,
            Self::Portable => 1,
        }
    }

    /// How far it pays to sieve for candidates of so many words: another small prime must cost less than the tests of
    /// the candidates that it spares. By measurement.
    pub(super) fn sieve_limit(self, words: usize) -> u32 {
        let (small, middle, large) = match self {
            Self::Ifma(_) => (16, 17, 18),
            Self::Portable => (17, 19, 20),
        };
        1 << match words {
            ..=16 => small,
            17..=24 => middle,
            _ => large,
        }
    }

    /// The position of the first candidate that passes; of at most as many as [`Filter::batch`] says, all of one size
    /// and odd, with their top two bits set.
    pub(super) fn first(self, candidates: &[Candidate]) -> Option<usize> {
        match self {
            Self::Ifma(ifma) => {
                // The last one fills the lanes that the end of a window leaves empty: behind itself, where it is not seen.
                let last = candidates.len().checked_sub(1)?;
                let passed = ifma.fermat(std::array::from_fn(|lane| &candidates[lane.min(last)][..]));
                (passed != 0).then_some(passed.trailing_zeros() as usize)
            }
            Self::Portable => candidates.iter().position(|candidate| portable::fermat(candidate)),
        }
    }

    /// Eight powers at once, where there are lanes for them.
    pub(super) fn powers(self) -> Option<Box<Powers<'static>>> {
        match self {
            Self::Ifma(ifma) => Some(Box::new(move |modulus, bases, shift| ifma.powers(modulus, bases, shift))),
            Self::Portable => None,
        }
    }
}
