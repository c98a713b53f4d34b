//! The search for the two primes of an RSA key.
//!
//! ```text
//! random ─ sieve ─ candidates ─ filter ─┬─ ifma      eight at once
//!          └───── search ──────────┘    └─ portable  one at a time
//!                   │
//!          the first two that pass ─ confirm ─ two_primes ─ KeyPair::generate
//! ```
//!
//! | step | what it does | what it rests on |
//! | --- | --- | --- |
//! | [`sieve`] | draws a random odd start with its top two bits set, crosses out of the 4,096 odd numbers from there on what a small prime divides and what is 1 modulo e | ranges and gcd(p − 1, e) = 1: FIPS 186-5, A.1.3; incremental search: Brandt and Damgård 1992, HAC 4.51 |
//! | [`filter`] | the base-2 Fermat test | HAC 14.36, Gueron and Krasnov 2012, Drucker and Gueron 2018 in `ifma`; crypto-bigint in [`portable`] |
//! | [`search`] | a worker per core; the first two numbers that pass win, each from a start of its own | |
//! | [`confirm`] | Baillie–PSW and Miller–Rabin with random bases: a composite is left with a chance below 2^-128 | FIPS 186-5, B.3.1 and C.1; Damgård, Landrock and Pomerance 1993; powers in `ifma` by HAC 14.82, or crypto-primes |
//! | here | \|p − q\| > 2^(bits/2 − 100); larger one first, for the CRT | FIPS 186-5, A.1.3 |
//! | `KeyPair::generate` | d > 2^(bits/2), and a signature that verifies | FIPS 186-5, A.1.1 |
//!
//! **What must be right.** The filter can only choose among the numbers that random starts offer; were it wrong in any
//! way, [`confirm`] would still hold its bound. There, Baillie–PSW is crypto-primes', and of the random bases either all
//! is, or the lanes compute eight powers, which must agree with one that crypto-bigint computes; were the lanes wrong,
//! there would be an error and no key. So a reviewer has to believe [`confirm`] and the start; for speed alone, the rest.
//!
//! **How random the primes are.** FIPS 186-5 draws each candidate anew; an incremental search takes a prime with a
//! chance in proportion to the gap before it. That costs a few bits of a thousand: of 2^(k−3) possible starts at most
//! 4,096 lead to a given prime, so a window takes it with a chance below 2^(15−k), where an even choice among all
//! primes would take it with 2^(11.5−k) at k = 1024. That the first workers to finish win favours short gaps, and is
//! no worse than to have drawn as many windows as there are workers.
//!
//! **What an observer may learn.** Time tells how many candidates were tried, and all but the last of each search are
//! thrown away. The lanes' branches and addresses do not depend on a candidate; the sieve's do, as far as said there.
//! The rest of what confirms, and `from_p_q`, are crypto-primes', crypto-bigint's and rsa's.
//!
//! **What stays in memory.** Candidates, windows, remainders and the filter's numbers are wiped when they are dropped,
//! and each thread overwrites the stack that its calls have used, also those into other crates, before it ends. No
//! thread outlives the call. What rsa keeps is said at [`KeyPair`](super::KeyPair).

mod confirm;
mod filter;
#[cfg(target_arch = "x86_64")]
mod ifma;
#[cfg(not(target_arch = "x86_64"))]
#[path = "ifma/absent.rs"]
mod ifma;
mod portable;
mod search;
mod sieve;

#[cfg(test)]
mod tests;

pub(super) use sieve::EXPONENT;

use super::Bits;
use crate::error::{Code, Error, Result};
use crypto_bigint::BoxedUint;
use filter::Filter;
use ifma::LANES;
use rand::TryRng;
use rand::rngs::SysRng;
use search::Search;
use sieve::Sieve;
use std::panic::resume_unwind;
use std::sync::atomic::AtomicU64;
use std::thread;
use zeroize::{Zeroize, Zeroizing};

/// Which arithmetic searches for primes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PrimeSearch {
    /// The fastest that this processor has.
    #[default]
    Auto,
    /// The one that every processor has.
    Portable,
}

impl PrimeSearch {
    /// What it comes to on this machine: `avx512ifma` or `portable`.
    #[must_use]
    pub fn runs_on(self) -> &'static str {
        Filter::new(self).name()
    }
}

/// A secret odd number in words of 64 bits, the lowest first.
type Candidate = Zeroizing<Vec<u64>>;
/// Where random bytes come from.
type Random<'a> = &'a (dyn Fn(&mut [u8]) -> Result<()> + Sync);
/// Raises eight bases to the power of `modulus >> shift`, modulo `modulus`: `(modulus, bases, shift)`.
type Powers<'a> = dyn Fn(&[u64], [&[u64]; LANES], usize) -> [Candidate; LANES] + Sync + 'a;

/// Two primes for a key of so many bits, the larger one first. `tried` counts the candidates.
pub(super) fn two_primes(
    bits: Bits,
    search: PrimeSearch,
    workers: Option<usize>,
    tried: &AtomicU64,
) -> Result<[BoxedUint; 2]> {
    let filter = Filter::new(search);
    find(bits, filter, filter.powers().as_deref(), workers.unwrap_or_else(search::workers), &system_random, tried)
}

fn find(
    bits: Bits,
    filter: Filter,
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
            // A thread that cannot be had is not missed: this one confirms both.
            let p =
                other.map_or_else(|_| confirm(p), |other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            (p, q)
        });
        // Neither happens before the machine breaks, but FIPS 186-5, A.1.3, wants both looked at.
        if !(p_confirmed? && q_confirmed?) {
            continue;
        }
        // |p − q| > 2^(bits/2 − 100): here at least twice that. Primes as close as that fall to Fermat's method.
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

/// A number's bytes, the lowest first.
fn bytes(words: &[u64]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(vec![0; words.len() * 8]);
    for (bytes, word) in bytes.chunks_exact_mut(8).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// Overwrites what the calls before have left on the stack: intermediate values that their owners, compilers included,
/// spilled there and that no destructor knows.
#[inline(never)]
fn wipe_stack() {
    #[expect(clippy::large_stack_arrays, reason = "the stack is what it is about")]
    let mut frame = [0_u8; 64 << 10];
    frame.zeroize();
    std::hint::black_box(&frame);
}

fn system_random(bytes: &mut [u8]) -> Result<()> {
    SysRng.try_fill_bytes(bytes).map_err(|error| {
        Error::new(Code::Internal, "the operating system gives no random bytes", "check /dev/urandom").because(error)
    })
}
