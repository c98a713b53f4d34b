//! Detects moduli with the ROCA vulnerability (CVE-2017-15361).
//!
//! M. Nemec, M. Sys, P. Svenda, D. Klinec, V. Matyas: "The Return of Coppersmith's Attack: Practical Factorization of
//! Widely Used RSA Moduli", ACM CCS 2017, section 2. The vulnerable library generates primes of the form
//! `k·M + (65537^a mod M)`, where M is the product of the first primes. The number of these primes depends on the key
//! size. The modulus is then also a power of 65537 modulo M.

use super::factors;
use crypto_bigint::{BoxedUint, Limb, NonZero};

/// The largest prime factor of M for 512-bit keys. The value of M for 512-bit keys divides M for every affected key
/// size, and the authors' detector also uses it.
const LARGEST: u32 = 167;
/// The number whose powers modulo M the vulnerable library uses.
const GENERATOR: u32 = 65537;

/// Returns `true` if, for some exponent e, the modulus is congruent to 65537^e modulo every odd prime up to 167.
///
/// In the group of 2^216 elements modulo the product of these primes, 65537 generates a subgroup of 2^61 elements. The
/// probability that a modulus with random primes has this property is therefore 2^-155. Every vulnerable modulus has
/// this property.
pub(super) fn has_fingerprint(n: &BoxedUint) -> bool {
    // The exponents for the individual primes are combined by the Chinese remainder theorem: the primes checked so far
    // require the exponent to be `exponent` modulo `order`. Each further prime narrows this down or contradicts it. The
    // least common multiple of the orders is 2454106387091158800, which fits into 64 bits.
    let (mut exponent, mut order) = (0_u64, 1_u64);
    for prime in factors::primes(LARGEST).into_iter().filter(|&prime| prime > 2) {
        let Some(modulus) = NonZero::new(Limb::from(prime)).into_option() else {
            continue;
        };
        // The residue is less than the prime, so it fits regardless of the word size.
        let residue = u32::try_from(n.rem_limb(modulus).0).unwrap_or(0);
        let Some((power, period)) = discrete_logarithm(u64::from(prime), u64::from(residue)) else {
            return false;
        };
        let step = order;
        order = lcm(order, period);
        let candidates = (0..order / step).map(|turn| exponent + turn * step);
        match candidates.into_iter().find(|candidate| candidate % period == power) {
            Some(agreed) => exponent = agreed,
            None => return false,
        }
    }
    true
}

/// Returns the smallest exponent e for which 65537^e ≡ `residue` modulo `prime`, and the period of the powers of 65537.
///
/// Returns `None` if no power of 65537 has this residue.
fn discrete_logarithm(prime: u64, residue: u64) -> Option<(u64, u64)> {
    let generator = u64::from(GENERATOR) % prime;
    let (mut power, mut found, mut period) = (1, None, 0);
    loop {
        if power == residue {
            found = Some(period);
        }
        power = power * generator % prime;
        period += 1;
        if power == 1 {
            return found.map(|exponent| (exponent, period));
        }
    }
}

/// Returns the least common multiple of `a` and `b`, computed from the greatest common divisor (Euclid's algorithm).
fn lcm(a: u64, b: u64) -> u64 {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponent_must_be_the_same_for_every_prime() {
        // A power of the generator that is below M has the property. The next odd number does not.
        let power =
            (0..12).fold(BoxedUint::one_with_precision(512), |power, _| power.wrapping_mul(BoxedUint::from(GENERATOR)));
        assert!(has_fingerprint(&power));
        assert!(!has_fingerprint(&power.wrapping_add(BoxedUint::from(2_u32))));
    }

    #[test]
    fn only_elements_of_the_subgroup_have_a_logarithm() {
        // 65537 = 10 mod 11 generates {1, 10}.
        assert_eq!(discrete_logarithm(11, 10), Some((1, 2)));
        assert_eq!(discrete_logarithm(11, 1), Some((0, 2)));
        assert_eq!(discrete_logarithm(11, 3), None);
        assert_eq!(discrete_logarithm(11, 0), None);
        assert_eq!(lcm(12, 18), 36);
    }
}
