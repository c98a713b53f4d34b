//! The base-2 Fermat test in the fastest arithmetic of this processor.
//!
//! The test only rejects candidates. Those that pass are [confirmed](super::confirm) by other tests. A Miller–Rabin test
//! can end early, but in lanes that gains nothing, so the simpler Fermat test is used.

use super::{Candidate, Ifma, LANES, Powers, PrimeSearch, portable};

/// The Fermat test in an arithmetic that this processor supports.
#[derive(Clone, Copy)]
pub(super) enum FermatFilter {
    /// Tests eight candidates at once, with AVX-512 IFMA.
    Ifma(Ifma),
    /// Tests one candidate after another, in 64-bit words.
    Portable,
}

impl FermatFilter {
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

    /// Returns the number of candidates to test in one call.
    pub(super) fn batch(self) -> usize {
        match self {
            Self::Ifma(_) => LANES,
            Self::Portable => 1,
        }
    }

    /// Returns the limit of the small primes to sieve with, for candidates of `words` words.
    ///
    /// A larger small prime must cost less than the tests of the candidates that it removes. The values are measured.
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

    /// Returns the position of the first candidate that passes the test.
    ///
    /// `candidates` has at most [`FermatFilter::batch`] odd numbers of the same length, with the top two bits set.
    pub(super) fn first(self, candidates: &[Candidate]) -> Option<usize> {
        match self {
            Self::Ifma(ifma) => {
                // At the end of a window, copies of the last candidate fill the empty lanes. They come after it, so they
                // do not change the position.
                let last = candidates.len().checked_sub(1)?;
                let passed = ifma.fermat(std::array::from_fn(|lane| &candidates[lane.min(last)][..]));
                (passed != 0).then_some(passed.trailing_zeros() as usize)
            }
            Self::Portable => candidates.iter().position(|candidate| portable::fermat(candidate)),
        }
    }

    /// Returns the function that computes eight powers at once, if the processor has lanes.
    pub(super) fn powers(self) -> Option<Box<Powers<'static>>> {
        match self {
            Self::Ifma(ifma) => Some(Box::new(move |modulus, bases, shift| ifma.powers(modulus, bases, shift))),
            Self::Portable => None,
        }
    }
}
