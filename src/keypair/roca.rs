//! Detects moduli with the ROCA vulnerability (CVE-2017-15361).
//!
//! M. Nemec, M. Sys, P. Svenda, D. Klinec, V. Matyas: "The Return of Coppersmith's Attack: Practical
//! Factorization of Widely Used RSA Moduli", ACM CCS 2017, section 2. The vulnerable library generates primes of
//! the form `k·M + (65537^a mod M)`, where M is a product of the first primes. The modulus is then a power of 65537
//! modulo M too.

use super::factors;
use crypto_bigint::{BoxedUint, Limb, NonZero};

/// The largest prime of the M that all affected key sizes have in common. It is the M of 512-bit keys, which the
/// authors' detector uses too.
const LARGEST: u32 = 167;
const GENERATOR: u32 = 65537;

/// Returns `true` if one exponent makes the modulus a power of 65537 modulo every odd prime up to 167.
///
/// Modulo the product of these primes, 65537 generates a subgroup of 2^61 of the 2^216 elements. A modulus with random
/// primes therefore has this property with probability 2^-155. Every vulnerable modulus has it.
pub(super) fn has_fingerprint(n: &BoxedUint) -> bool {
    // So far, the exponent must be `exponent` modulo `order`. Each prime narrows it down or contradicts it. The least
    // common multiple of the orders is 2454106387091158800, which fits into 64 bits.
    let (mut exponent, mut order) = (0_u64, 1_u64);
    for prime in factors::primes(LARGEST).into_iter().filter(|&prime| prime > 2) {
        let Some(modulus) = NonZero::new(Limb::from(prime)).into_option() else {
            continue;
        };
        // The residue is less than the prime, so it fits whatever the width of a word.
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

/// Returns the exponent e with 65537^e ≡ `residue` modulo `prime`, and the period of the powers of 65537.
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
        // A power of the generator below M has the property. Its neighbor does not.
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
