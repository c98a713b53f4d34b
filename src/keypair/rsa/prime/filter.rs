//! The base-2 Fermat test, in the fastest arithmetic that the processor supports.
//!
//! The test only rejects candidates. Candidates that pass are [confirmed](super::confirm) by other tests. A
//! Miller–Rabin test can end early, but an early end saves no time if eight candidates are tested in lockstep. The
//! filter therefore uses the simpler Fermat test.

use super::{Candidate, Ifma, LANES, Powers, PrimeSearch, portable};

/// The arithmetic in which the Fermat test runs.
#[derive(Clone, Copy)]
pub(super) enum FermatFilter {
    /// Tests eight candidates at once, with AVX-512 IFMA.
    Ifma(Ifma),
    /// Tests one candidate at a time, in 64-bit words.
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

    /// Returns the number of candidates to test per call.
    pub(super) fn batch(self) -> usize {
        match self {
            Self::Ifma(_) => LANES,
            Self::Portable => 1,
        }
    }

    /// Returns the exclusive upper bound of the small primes that the sieve uses for candidates of `words` 64-bit
    /// words.
    ///
    /// Sieving with a prime above the bound would take longer than testing the candidates that the prime removes. The
    /// values were determined by measurement.
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

    /// Returns the index of the first candidate that passes the test, or `None` if no candidate passes.
    ///
    /// `candidates` contains at most [`FermatFilter::batch`] odd numbers of the same length, whose top two bits are
    /// set.
    pub(super) fn first(self, candidates: &[Candidate]) -> Option<usize> {
        match self {
            Self::Ifma(ifma) => {
                // At the end of a window, the empty lanes are filled with copies of the last candidate. The copies come
                // after it, so they do not change the position.
                let last = candidates.len().checked_sub(1)?;
                let passed = ifma.fermat(std::array::from_fn(|lane| &candidates[lane.min(last)][..]));
                (passed != 0).then_some(passed.trailing_zeros() as usize)
            }
            Self::Portable => candidates.iter().position(|candidate| portable::fermat(candidate)),
        }
    }

    /// Returns the function that computes eight powers at once, or `None` for the portable arithmetic.
    pub(super) fn powers(self) -> Option<Box<Powers<'static>>> {
        match self {
            Self::Ifma(ifma) => Some(Box::new(move |modulus, bases, shift| ifma.powers(modulus, bases, shift))),
            Self::Portable => None,
        }
    }
}
