//! Generates the candidates: the odd numbers in a window that begins at a random start, excluding multiples of small
//! primes and numbers that are 1 modulo e.
//!
//! A window requires one multi-precision remainder per *pack*, which is the product of as many small primes as fit into
//! 63 bits, and one short remainder per prime. Both are remainders of half of the start s: if s/2 ≡ r modulo p, then p
//! divides s + 2i exactly if i ≡ −r modulo p.
//!
//! Unlike the filter, the sieve writes to addresses that depend on a secret number. The addresses lie within the 4 KiB
//! of one window, which is sieved only once. An observer could learn which small primes divide the composite neighbors
//! of a prime, as with the sieves in `OpenSSL` and `GnuTLS`.

use super::{Candidate, Random};
use crate::error::Result;
use zeroize::{Zeroize, Zeroizing};

/// The number of odd numbers in a window. With 2048-bit numbers, where primes are rarest, a window contains 5.8 primes
/// on average.
pub(super) const WINDOW: usize = 4096;

/// The public exponent e of generated keys. It is prime, so gcd(p − 1, e) = 1 unless p ≡ 1 modulo e.
pub(in super::super) const EXPONENT: u32 = 65537;

/// The small primes, together with values precomputed for candidates of one size.
pub(super) struct Sieve {
    words: usize,
    packs: Vec<Pack>,
    primes: Vec<u32>,
    exponent: Pack,
}

impl Sieve {
    /// Creates a sieve with the odd primes below `limit`, for candidates of `words` words. The limit affects the cost
    /// of a search, but not its results.
    pub(super) fn new(words: usize, limit: u32) -> Self {
        let primes = primes_below(limit);
        let mut packs = Vec::with_capacity(primes.len() / 3);
        let (mut product, mut count) = (1_u64, 0);
        for &prime in &primes {
            let larger = product.checked_mul(prime.into()).filter(|larger| larger >> 63 == 0);
            if larger.is_none() {
                packs.push(Pack::new(product, count, words));
                count = 0;
            }
            (product, count) = (larger.unwrap_or(prime.into()), count + 1);
        }
        packs.push(Pack::new(product, count, words));
        Self { words, packs, primes, exponent: Pack::new(EXPONENT.into(), 1, words) }
    }

    /// Returns a sieved window that begins at a new random start, or the error of `random`.
    pub(super) fn window(&self, random: Random<'_>) -> Result<SieveWindow> {
        let start = loop {
            let start = random_odd(self.words, random)?;
            // Draw again if the window could overflow, which happens for at most one start in 2^958.
            if start[1..].iter().any(|&word| word != u64::MAX) {
                break start;
            }
        };
        let mut window = SieveWindow { start, composite: [false; WINDOW] };
        let mut primes = self.primes.iter();
        for pack in &self.packs {
            let half = Zeroizing::new(pack.half(&window.start));
            for &prime in primes.by_ref().take(pack.count) {
                let prime = prime as usize;
                window.cross_out((prime - residue(*half, prime)) % prime, prime);
            }
        }
        // s + 2i ≡ 1 modulo e exactly if i ≡ 1/2 − s/2.
        let e = EXPONENT as usize;
        let half = Zeroizing::new(self.exponent.half(&window.start));
        window.cross_out((e.div_ceil(2) + e - residue(*half, e)) % e, e);
        Ok(window)
    }
}

/// Reduces the remainder for a pack modulo one of the primes in the pack.
fn residue(half: u64, prime: usize) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "a remainder is below its divisor")]
    let residue = (half % prime as u64) as usize;
    residue
}

/// Returns a random odd number of `words` words with the top two bits set, or the error of `random`.
///
/// The product of two such numbers has twice as many bits, and each number is above √2·2^(bits − 1) (FIPS 186-5,
/// A.1.3).
fn random_odd(words: usize, random: Random<'_>) -> Result<Candidate> {
    let mut bytes = Zeroizing::new(vec![0; words * 8]);
    random(&mut bytes)?;
    let mut odd = Candidate::new(vec![0; words]);
    for (word, bytes) in odd.iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    odd[0] |= 1;
    odd[words - 1] |= 3 << 62;
    Ok(odd)
}

/// A product of small primes.
struct Pack {
    product: u64,
    /// The value −1/product modulo 2^64, which the Montgomery reduction uses.
    inverse: u64,
    /// The factor in [`Pack::half`] that halves the number and compensates for the divisions by 2^64.
    factor: u64,
    /// The number of primes in the product.
    count: usize,
}

impl Pack {
    /// Creates a pack for numbers of `words` words. `product` is the product of `count` odd primes, and is below 2^63.
    fn new(product: u64, count: usize, words: usize) -> Self {
        // Newton's iteration: each step doubles the number of correct bits, which is 3 at the start.
        let mut inverse = product;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(product.wrapping_mul(inverse)));
        }
        let mut pack =
            Self { product, inverse: inverse.wrapping_neg(), factor: product.wrapping_neg() % product, count };
        // Compute 2^(64·words − 1) in Montgomery form by squaring and doubling. The factor starts as 2^64, which is 1
        // in Montgomery form.
        let exponent = 64 * words - 1;
        for bit in (0..=exponent.ilog2()).rev() {
            let square = pack.reduce(u128::from(pack.factor) * u128::from(pack.factor));
            pack.factor = below(product, square);
            pack.factor = below(product, pack.factor << (exponent >> bit & 1));
        }
        pack
    }

    /// Returns half of a number modulo the product. The result might not be fully reduced.
    ///
    /// The words are added from lowest to highest. After each word, a Montgomery reduction (HAC 14.32) divides the sum
    /// by 2^64, which is faster than the division that Horner's rule would need when starting with the highest word.
    fn half(&self, words: &[u64]) -> u64 {
        let remainder = words.iter().fold(0, |sum, &word| self.reduce(u128::from(sum) + u128::from(word)));
        self.reduce(u128::from(remainder) * u128::from(self.factor))
    }

    /// Returns value/2^64 modulo the product. The result is at most value/2^64 + product.
    ///
    /// For a product p < 2^63, the reduction of an earlier result plus a word is at most p + 1, and the reduction of
    /// that value multiplied by a factor below p is less than 2p.
    fn reduce(&self, value: u128) -> u64 {
        #[expect(clippy::cast_possible_truncation, reason = "modulo 2^64")]
        let multiple = (value as u64).wrapping_mul(self.inverse);
        ((value + u128::from(multiple) * u128::from(self.product)) >> 64) as u64
    }
}

/// Returns `value` modulo `product`. `value` must be less than twice the product, which is below 2^63. If `value` is
/// less than the product, the subtraction wraps around to a larger number, and `value` itself is returned.
fn below(product: u64, value: u64) -> u64 {
    value.min(value.wrapping_sub(product))
}

/// The 4,096 odd numbers from a random start on, with a mark for each number that is excluded. The window is wiped on
/// drop.
pub(super) struct SieveWindow {
    start: Candidate,
    /// The marks: `true` for a number that is a multiple of a small prime, or that is 1 modulo e.
    composite: [bool; WINDOW],
}

impl SieveWindow {
    fn cross_out(&mut self, first: usize, step: usize) {
        let mut at = first;
        while let Some(composite) = self.composite.get_mut(at) {
            *composite = true;
            at += step;
        }
    }

    /// Returns the remaining numbers in ascending order.
    pub(super) fn candidates(&self) -> impl Iterator<Item = Candidate> {
        let left = self.composite.iter().enumerate().filter(|(_, composite)| !**composite);
        left.map(|(at, _)| {
            let mut candidate = self.start.clone();
            let mut carry = 2 * at as u64;
            for word in &mut *candidate {
                let (sum, over) = word.overflowing_add(carry);
                (*word, carry) = (sum, over.into());
            }
            candidate
        })
    }
}

impl Drop for SieveWindow {
    fn drop(&mut self) {
        self.composite.zeroize();
    }
}

/// Returns the odd primes below `limit`, found with the sieve of Eratosthenes.
fn primes_below(limit: u32) -> Vec<u32> {
    let mut composite = vec![false; limit as usize / 2];
    let mut primes = Vec::new();
    for half in 1..composite.len() {
        if !composite[half] {
            let prime = 2 * half + 1;
            composite[(prime * prime / 2).min(limit as usize / 2)..]
                .iter_mut()
                .step_by(prime)
                .for_each(|composite| *composite = true);
            #[expect(clippy::cast_possible_truncation, reason = "below a limit of 32 bits")]
            primes.push(prime as u32);
        }
    }
    primes
}

#[cfg(test)]
mod tests {
    use super::super::tests::seeded;
    use super::*;

    #[test]
    fn a_window_loses_exactly_the_multiples_of_small_primes_and_the_numbers_that_are_1_modulo_e() {
        for words in [16, 24, 32] {
            let sieve = Sieve::new(words, 1 << 17);
            let window = sieve.window(&seeded(words as u64)).unwrap();
            let primes = primes_below(sieve.primes[sieve.primes.len() - 1] + 1);
            let mut expected = [false; WINDOW];
            for (divisor, rest) in primes.iter().map(|&prime| (prime, 0)).chain([(EXPONENT, 1)]) {
                let divisor = u64::from(divisor);
                let start = window.start.iter().rev().fold(0, |rest, &word| {
                    u64::try_from((u128::from(rest) << 64 | u128::from(word)) % u128::from(divisor)).unwrap()
                });
                for (at, out) in expected.iter_mut().enumerate() {
                    *out |= (start + 2 * at as u64) % divisor == rest;
                }
            }
            assert!(window.composite == expected);
            let left: Vec<_> = window.candidates().collect();
            assert_eq!(left.len(), expected.iter().filter(|out| !**out).count());
            assert!(left.iter().all(|candidate| candidate[0] & 1 == 1 && candidate[words - 1] >> 62 == 3));
            assert!(left.iter().rev().is_sorted_by_key(|candidate| std::cmp::Reverse(candidate[0])));
        }
    }

    #[test]
    fn a_candidate_carries_into_its_upper_words() {
        let mut window =
            SieveWindow { start: Candidate::new(vec![u64::MAX, u64::MAX, 3 << 62]), composite: [true; WINDOW] };
        (window.composite[0], window.composite[3]) = (false, false);
        let left: Vec<_> = window.candidates().collect();
        assert_eq!(*left[0], [u64::MAX, u64::MAX, 3 << 62]);
        assert_eq!(*left[1], [5, 0, (3 << 62) + 1]);
    }

    #[test]
    fn a_start_that_could_overflow_is_drawn_again() {
        let draws = std::sync::atomic::AtomicU64::new(0);
        let random = |bytes: &mut [u8]| {
            let first = draws.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
            if first {
                bytes.fill(0xff);
                return Ok(());
            }
            crate::random::fill(bytes)
        };
        Sieve::new(16, 100).window(&random).unwrap();
        assert_eq!(draws.into_inner(), 2);
    }

    #[test]
    fn there_are_6541_odd_primes_below_65536() {
        let primes = primes_below(1 << 16);
        assert_eq!((primes.len(), primes[0], primes[6540]), (6541, 3, 65521));
    }
}
