//! The search for the two primes of an RSA key.
//!
//! ```text
//! random ─ sieve ─ candidates ─ filter ─┬─ ifma      eight at once
//!          └───── search ──────────┘    └─ portable  one at a time
//!                   │
//!          the first two that pass ─ confirm ─ two_primes ─ RsaKeyPair::generate
//! ```
//!
//! | Step | Work | Sources |
//! | --- | --- | --- |
//! | [`sieve`] | draws a random odd start with the top two bits set, and removes the multiples of small primes and the numbers that are 1 modulo e from the 4,096 odd numbers that begin there | ranges and gcd(p − 1, e) = 1: FIPS 186-5, A.1.3; incremental search: Brandt and Damgård 1992, HAC 4.51 |
//! | [`filter`] | runs the base-2 Fermat test | HAC 14.36, Gueron and Krasnov 2012, Drucker and Gueron 2018 in `ifma`; crypto-bigint in [`portable`] |
//! | [`search`] | runs one worker per core, but at most eight, unless a number of workers is given; takes the first two numbers that pass, each from a different start | |
//! | [`confirm`] | runs Baillie–PSW and Miller–Rabin with random bases: a composite remains with a probability below 2^-128 | FIPS 186-5, B.3.1 and C.1; Damgård, Landrock and Pomerance 1993; powers in `ifma` by HAC 14.82, or crypto-primes |
//! | this module | checks \|p − q\| > 2^(bits/2 − 100); puts the larger prime first, for the CRT | FIPS 186-5, A.1.3 |
//! | `RsaKeyPair::generate` | checks d > 2^(bits/2), and verifies a signature | FIPS 186-5, A.1.1 |
//!
//! HAC is the "Handbook of Applied Cryptography" by Menezes, van Oorschot and Vanstone (1996).
//!
//! **Code to trust.** The filter only chooses among numbers from random starts. Even if it were wrong, the bound in
//! [`confirm`] would hold. For Baillie–PSW, that module uses crypto-primes. For Miller–Rabin, it uses either
//! crypto-primes or the eight lanes of the AVX-512 registers. The lanes compute eight powers, whose product is compared
//! with one power computed by crypto-bigint. Wrong results from the lanes cause an error unless they cancel each other
//! out in the product; the documentation of [`confirm`] explains which checks remain in that case. Security therefore
//! depends only on [`confirm`] and on the random start; the filter and the sieve affect only the speed.
//!
//! **Randomness of the primes.** FIPS 186-5 draws each candidate independently. An incremental search finds a prime
//! with a probability proportional to the gap before it, which costs a few bits of about a thousand. At most 4,096 of
//! the 2^(k−3) possible starts of k bits lead to a given prime, so a window finds it with a probability below 2^(15−k).
//! With a uniform choice among all primes, the probability would be 2^(11.5−k) for k = 1024. Using the results of the
//! first workers to finish favors short gaps, which is no worse than choosing freely among one window per worker.
//!
//! **Side channels.** The running time reveals the number of candidates, but all candidates except the last one in each
//! search are discarded. The branches and addresses in the lanes do not depend on a candidate. Those in the [`sieve`]
//! do, as its documentation describes. All other computations are done by crypto-primes, crypto-bigint and rsa.
//!
//! **Memory.** Candidates, windows, remainders and the numbers in the filter are wiped when they are dropped. Before a
//! thread ends, it overwrites 64 KiB of the stack space that its calls, including those into other crates, may have
//! used. No thread outlives the search. The documentation of [`KeyPair`](super::super::KeyPair) lists the values that rsa does
//! not wipe.

mod confirm;
mod filter;
#[cfg(target_arch = "x86_64")]
mod ifma;
#[cfg(not(target_arch = "x86_64"))]
mod no_ifma;
mod portable;
mod search;
mod sieve;

#[cfg(test)]
mod tests;

pub(super) use sieve::EXPONENT;

use super::Bits;
use crate::error::Result;
use crate::random;
use crypto_bigint::BoxedUint;
use filter::FermatFilter;
#[cfg(target_arch = "x86_64")]
use ifma::{Ifma, LANES};
#[cfg(not(target_arch = "x86_64"))]
use no_ifma::{LANES, NoIfma as Ifma};
use search::Search;
use sieve::Sieve;
use std::panic::resume_unwind;
use std::sync::atomic::AtomicU64;
use std::thread;
use zeroize::{Zeroize, Zeroizing};

/// The arithmetic used to search for primes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PrimeSearch {
    /// The fastest arithmetic that this processor supports.
    #[default]
    Auto,
    /// The arithmetic that every processor supports.
    Portable,
}

impl PrimeSearch {
    /// Returns the name of the arithmetic that is used on this machine: `avx512ifma` or `portable`.
    #[must_use]
    pub fn runs_on(self) -> &'static str {
        FermatFilter::new(self).name()
    }
}

/// A secret number in 64-bit words, lowest word first.
type Candidate = Zeroizing<Vec<u64>>;
/// A function that fills a buffer with random bytes.
type Random<'a> = &'a (dyn Fn(&mut [u8]) -> Result<()> + Sync);
/// A function `(modulus, bases, shift)` that raises eight bases to the power `modulus >> shift`, modulo `modulus`.
/// A result equal to the modulus represents 0.
type Powers<'a> = dyn Fn(&[u64], [&[u64]; LANES], usize) -> [Candidate; LANES] + Sync + 'a;

/// Returns two primes for a key of `bits` bits, the larger one first. If `workers` is `None`, the search uses one
/// thread per core, but at most eight. `tried` is incremented for each candidate that is tested.
///
/// # Errors
/// - `system_limit` if the operating system provides no random bytes
/// - `internal` if two computations of a power give different results
pub(super) fn two_primes(
    bits: Bits,
    search: PrimeSearch,
    workers: Option<usize>,
    tried: &AtomicU64,
) -> Result<[BoxedUint; 2]> {
    let filter = FermatFilter::new(search);
    find(bits, filter, filter.powers().as_deref(), workers.unwrap_or_else(search::workers), &random::fill, tried)
}

fn find(
    bits: Bits,
    filter: FermatFilter,
    powers: Option<&Powers<'_>>,
    workers: usize,
    random: Random<'_>,
    tried: &AtomicU64,
) -> Result<[BoxedUint; 2]> {
    let prime_bits = bits.get() / 2;
    let words = prime_bits as usize / 64;
    let sieve = Sieve::new(words, filter.sieve_limit(words));
    let search = Search { filter, sieve: &sieve, random, tried };
    loop {
        let found = search.find(2, workers)?;
        let [p, q] = &found[..] else {
            unreachable!("two were wanted");
        };
        let (p_confirmed, q_confirmed) = thread::scope(|scope| {
            let confirm = |candidate: &[u64]| {
                let confirmed = confirm::is_confirmed(candidate, powers, random);
                wipe_stack();
                confirmed
            };
            let other = thread::Builder::new().spawn_scoped(scope, move || confirm(p));
            let q = confirm(q);
            // If the other thread cannot be started, this one confirms both primes.
            let p =
                other.map_or_else(|_| confirm(p), |other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            (p, q)
        });
        // A composite number practically never passes the filter, but FIPS 186-5, A.1.3, requires the check.
        if !(p_confirmed? && q_confirmed?) {
            continue;
        }
        // Require |p − q| ≥ 2^(bits/2 − 99), which is twice the distance in FIPS 186-5, A.1.3, because Fermat's method
        // finds close primes.
        let boxed = |candidate| BoxedUint::from_le_slice_truncated(&bytes(candidate), prime_bits);
        let (p, q) = (boxed(p), boxed(q));
        let (larger, mut smaller) = if p > q { (p, q) } else { (q, p) };
        let mut difference = &larger - &smaller;
        let apart = difference.bit_width() > prime_bits - 99;
        difference.zeroize();
        if apart {
            return Ok([larger, smaller]);
        }
        smaller.zeroize();
    }
}

/// Returns the bytes of a number, lowest byte first.
fn bytes(words: &[u64]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(vec![0; words.len() * 8]);
    for (bytes, word) in bytes.chunks_exact_mut(8).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// Overwrites 64 KiB of the stack, where earlier calls may have left values such as registers that the compiler spilled
/// there. No destructor wipes such values.
#[inline(never)]
fn wipe_stack() {
    #[expect(clippy::large_stack_arrays, reason = "overwriting the stack is the purpose")]
    let mut frame = [0_u8; 64 << 10];
    frame.zeroize();
    std::hint::black_box(&frame);
}
