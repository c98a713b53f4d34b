//! Detects moduli that are easy to factor: moduli with a small factor, perfect squares, and products of two primes that
//! are too close together.

use crypto_bigint::{BoxedUint, Limb, NonZero, Resize, Word};

/// The largest factor that [`smallest`] searches for. The CA/Browser Forum advises against factors below 752 (Baseline
/// Requirements, section 6.1.6), but a search up to 2^16 + 1 takes hardly any longer.
const LARGEST: u32 = 65537;

/// The number of rounds in Fermat's method. The Baseline Requirements, section 6.1.1.3, demand 100; Boulder runs 110.
const FERMAT_ROUNDS: u32 = 110;

/// Returns the primes up to and including `limit`, found with the sieve of Eratosthenes.
pub(super) fn primes(limit: u32) -> Vec<u32> {
    let mut composite = vec![false; limit as usize + 1];
    let mut primes = Vec::new();
    for candidate in 2..=limit {
        if composite[candidate as usize] {
            continue;
        }
        primes.push(candidate);
        for multiple in (candidate as usize * 2..=limit as usize).step_by(candidate as usize) {
            composite[multiple] = true;
        }
    }
    primes
}

/// Returns the smallest prime factor of `n`, or `None` if `n` has no prime factor of at most 65537.
pub(super) fn smallest(n: &BoxedUint) -> Option<u32> {
    // Dividing by products of primes that fill a word takes fewer passes over the number than dividing by single
    // primes.
    let primes = primes(LARGEST);
    let mut start = 0;
    while start < primes.len() {
        let (mut product, mut end) = (Word::from(primes[start]), start + 1);
        while let Some(next) = primes.get(end).and_then(|&prime| product.checked_mul(Word::from(prime))) {
            (product, end) = (next, end + 1);
        }
        let residue = n.rem_limb(NonZero::new(Limb(product)).into_option()?).0;
        let divides = |prime: &&u32| residue.is_multiple_of(Word::from(**prime));
        if let Some(&prime) = primes[start..end].iter().find(divides) {
            return Some(prime);
        }
        start = end;
    }
    None
}

/// Returns `true` if the number is a perfect square.
pub(super) fn is_square(n: &BoxedUint) -> bool {
    n.checked_sqrt_vartime().is_some()
}

/// Returns `true` if Fermat's method factors the odd number `n` within 110 rounds.
///
/// The method tries each integer a above √n in ascending order until a² − n is a square b². The factors are then a + b
/// and a − b. If 110 rounds suffice, the factors differ by at most about 2·√(220·√n). `n` must not be a square.
pub(super) fn are_close(n: &BoxedUint) -> bool {
    let one = BoxedUint::one();
    let a = n.floor_sqrt_vartime().wrapping_add(&one);
    // The square and the subtraction wrap around modulo the same power of two. The difference is correct anyway,
    // because it has only about half as many bits as n.
    let difference = a.wrapping_square().wrapping_sub(n);
    let width = n.bits_precision() / 2 + 128;
    let (mut a, mut difference) = (a.resize_unchecked(width), difference.resize_unchecked(width));
    for _ in 0..FERMAT_ROUNDS {
        if may_be_square(&difference) && is_square(&difference) {
            return true;
        }
        // (a + 1)² − a² = 2a + 1
        difference.wrapping_add_assign(&a);
        a.wrapping_add_assign(&one);
        difference.wrapping_add_assign(&a);
    }
    false
}

/// Returns `true` if `n` is a square modulo 64, 63, 65 and 11 (Cohen, "A Course in Computational Algebraic Number
/// Theory", algorithm 1.7.3).
///
/// Every square passes this test, but only about 1 in 119 other numbers does, which avoids most of the slow square
/// roots.
fn may_be_square(n: &BoxedUint) -> bool {
    const MODULI: [Word; 4] = [64, 63, 65, 11];
    let product = MODULI.iter().product();
    let Some(product) = NonZero::new(Limb(product)).into_option() else {
        return true;
    };
    let residue = n.rem_limb(product).0;
    MODULI.iter().all(|m| (0..*m).any(|root| root * root % m == residue % m))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crypto_bigint::{ConcatenatingMul, ConcatenatingSquare};

    #[test]
    fn the_sieve_returns_the_primes_up_to_the_limit() {
        assert_eq!(primes(30), [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
        assert_eq!(primes(LARGEST).len(), 6543);
        assert_eq!(primes(LARGEST).last(), Some(&65537));
    }

    #[test]
    fn small_factors_are_found_up_to_the_limit() {
        // 2^521 − 1 is prime.
        let prime = BoxedUint::max(576).wrapping_shr_vartime(576 - 521);
        for factor in [2_u32, 3, 751, 65521, 65537] {
            assert_eq!(smallest(&prime.wrapping_mul(BoxedUint::from(factor))), Some(factor));
        }
        assert_eq!(smallest(&prime.wrapping_mul(BoxedUint::from(65539_u32))), None);
    }

    #[test]
    fn squares_and_close_primes_are_detected() {
        let p = BoxedUint::max(512).wrapping_sub(BoxedUint::from(568_u32));
        let square = p.concatenating_square();
        assert!(is_square(&square) && may_be_square(&square));
        for distance in [2_u32, 1 << 20] {
            let n = p.concatenating_mul(p.wrapping_sub(BoxedUint::from(distance)));
            assert!(!is_square(&n));
            assert!(are_close(&n), "{distance}");
        }
        assert!(!are_close(&p.concatenating_mul(p.wrapping_shr_vartime(3))));
    }
}
