//! Compares the rounds with those in crypto-primes, and checks that wrong results from the lanes are detected.
//! `KEYWRIGHT_TEST_FULL=1` makes the samples larger.

use super::super::tests::{full, large_pseudoprimes, seeded};
use super::super::{filter::FermatFilter, search::Search, sieve::Sieve};
use super::*;
use crate::keypair::PrimeSearch;
use crypto_primes::hazmat::minimum_mr_iterations;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

type Bases<const LIMBS: usize> = Vec<Zeroizing<Uint<LIMBS>>>;

#[test]
fn the_rounds_keep_the_bound() {
    for bits in [1024, 1536, 2048] {
        assert_eq!(Some(super::rounds(bits) as usize), minimum_mr_iterations(bits, 137), "{bits}");
    }
}

#[test]
fn a_base_is_neither_zero_nor_one_nor_minus_one() {
    let n = U1024::MAX;
    let drawn =
        [Uint::ZERO, n, n.wrapping_sub(&Uint::ONE), Uint::ONE, n.wrapping_sub(&Uint::from_u8(2)), Uint::from_u8(2)];
    let calls = AtomicUsize::new(0);
    let random = |bytes: &mut [u8]| {
        bytes.copy_from_slice(&drawn[calls.fetch_add(1, Ordering::Relaxed)].to_le_bytes());
        Ok(())
    };
    assert!(*base(&n, &random).unwrap() == drawn[4]);
    assert!(*base(&n, &random).unwrap() == drawn[5]);
}

/// Returns the function that computes eight powers with AVX-512 IFMA. If the processor does not support AVX-512 IFMA,
/// prints that the test is skipped and returns `None`.
fn lanes() -> Option<Box<Powers<'static>>> {
    let powers = FermatFilter::new(PrimeSearch::Auto).powers();
    if powers.is_none() {
        eprintln!("skipped: this processor has no AVX-512 IFMA");
    }
    powers
}

fn odd<const LIMBS: usize>(n: &[u64]) -> Odd<Uint<LIMBS>> {
    Odd::new(Uint::from_le_slice(&bytes(n))).unwrap()
}

fn eight<const LIMBS: usize>(n: &[u64], random: Random<'_>) -> Bases<LIMBS> {
    (0..LANES).map(|_| base(&odd(n), random).unwrap()).collect()
}

/// Returns, for each base, `true` if `n` passes the round with this base.
fn verdicts<const LIMBS: usize>(n: &[u64], bases: &Bases<LIMBS>, powers: &Powers<'_>) -> Vec<bool> {
    let params = FixedMontyParams::new(odd::<LIMBS>(n));
    let s = params.modulus().wrapping_sub(&Uint::ONE).trailing_zeros_vartime();
    let words: Vec<Candidate> = bases.iter().map(|base| words(base)).collect();
    let powers = powers(n, std::array::from_fn(|lane| &words[lane][..]), s as usize);
    let form = |power: &Candidate| FixedMontyForm::new(&Uint::from_le_slice(&bytes(power)), &params);
    powers.iter().map(|power| passes(&form(power), s)).collect()
}

fn product<const LIMBS: usize>(n: &[u64], bases: &Bases<LIMBS>) -> Uint<LIMBS> {
    let params = FixedMontyParams::new(odd::<LIMBS>(n));
    let form = |base| FixedMontyForm::new(base, &params);
    bases.iter().fold(form(&Uint::ONE), |product, base| product * form(base)).retrieve()
}

/// Compares the results for each base, and for all bases together, with crypto-primes. Returns the number of passed
/// rounds.
fn agree<const LIMBS: usize>(n: &[u64], bases: &Bases<LIMBS>, powers: &Powers<'_>) -> usize {
    let test = MillerRabin::new(odd::<LIMBS>(n));
    let expected: Vec<bool> = bases.iter().map(|base| test.test(base).is_probably_prime()).collect();
    assert_eq!(verdicts(n, bases, powers), expected);
    let all = expected.iter().all(|passed| *passed) && test.test(&product(n, bases)).is_probably_prime();
    assert_eq!(eight_rounds(n, odd(n), powers, bases).unwrap(), all);
    expected.iter().filter(|passed| **passed).count()
}

fn primes(words: usize, wanted: usize) -> Vec<Candidate> {
    let (filter, sieve, tried) = (FermatFilter::new(PrimeSearch::Auto), Sieve::new(words, 1 << 16), AtomicU64::new(0));
    Search { filter, sieve: &sieve, random: &crate::random::fill, tried: &tried }.find(wanted, 2).unwrap()
}

/// Compares the rounds on random odd numbers, some of which have many zeros at the end of n − 1, and on primes.
fn agree_on_random_numbers<const LIMBS: usize>(composites: usize, wanted: usize) {
    let Some(powers) = lanes() else { return };
    let count = Uint::<LIMBS>::BYTES / 8;
    let random = seeded(count as u64);
    let mut passed = 0;
    for at in 0..composites {
        let mut n = words(&*base(&Uint::<LIMBS>::MAX, &random).unwrap());
        for zero in 1..at % 140 {
            n[zero / 64] &= !(1 << (zero % 64));
        }
        n[0] |= 1;
        n[count - 1] |= 3 << 62;
        passed += agree::<LIMBS>(&n, &eight(&n, &random), &powers);
    }
    for n in primes(count, wanted) {
        assert_eq!(agree::<LIMBS>(&n, &eight(&n, &random), &powers), LANES);
    }
    eprintln!("{composites} numbers of {count} words passed {passed} of 8 rounds each, {wanted} primes all");
}

#[test]
fn eight_rounds_agree_with_crypto_primes_2048() {
    let (composites, primes) = if full() { (20_000, 2000) } else { (150, 10) };
    agree_on_random_numbers::<{ U1024::LIMBS }>(composites, primes);
}

#[test]
fn eight_rounds_agree_with_crypto_primes_3072() {
    let (composites, primes) = if full() { (5000, 500) } else { (40, 4) };
    agree_on_random_numbers::<{ U1536::LIMBS }>(composites, primes);
}

#[test]
fn eight_rounds_agree_with_crypto_primes_4096() {
    let (composites, primes) = if full() { (3000, 200) } else { (20, 2) };
    agree_on_random_numbers::<{ U2048::LIMBS }>(composites, primes);
}

/// Compares the rounds for eight strong liars, with which the composite number `n` passes, and for random bases.
/// Returns the number of passed rounds with random bases.
fn agree_on_pseudoprime<const LIMBS: usize>(n: &[u64], liars: &Bases<LIMBS>, powers: &Powers<'_>) -> usize {
    assert_eq!(agree(n, liars, powers), LANES);
    assert!(eight_rounds(n, odd(n), powers, liars).unwrap());
    let random = seeded(n[0]);
    (0..8).map(|_| agree::<LIMBS>(n, &eight(n, &random), powers)).sum()
}

fn agree_on_pseudoprimes<const LIMBS: usize>(carmichael: &[u64], strong: &[u64], powers: &Powers<'_>) {
    // For a Carmichael number, the bases have been squared until their order is odd. For the other number, they are
    // powers of 2, which is one of its liars.
    let params = FixedMontyParams::new(odd::<LIMBS>(carmichael));
    let squared = |base: u8| (0..64).fold(FixedMontyForm::new(&Uint::from_u8(base), &params), |x, _| x.square());
    let liars = (2..).take(LANES).map(|base| Zeroizing::new(squared(base).retrieve())).collect();
    agree_on_pseudoprime::<LIMBS>(carmichael, &liars, powers);

    let liars = (1..).take(LANES).map(|exponent| Zeroizing::new(Uint::ONE.shl_vartime(exponent))).collect();
    let passed = agree_on_pseudoprime::<LIMBS>(strong, &liars, powers);
    assert!((1..8 * LANES).contains(&passed), "{passed}");
}

#[test]
fn strong_pseudoprimes_pass_the_same_rounds_as_in_crypto_primes() {
    let Some(powers) = lanes() else { return };
    let numbers: Vec<Candidate> = large_pseudoprimes().collect();
    for pair in numbers.chunks(2) {
        let agree = match pair[0].len() {
            16 => agree_on_pseudoprimes::<{ U1024::LIMBS }>,
            24 => agree_on_pseudoprimes::<{ U1536::LIMBS }>,
            _ => agree_on_pseudoprimes::<{ U2048::LIMBS }>,
        };
        agree(&pair[0], &pair[1], &powers);
    }
}

/// Returns `modulus` − `x`.
pub(in super::super) fn negated(x: &[u64], modulus: &[u64]) -> Candidate {
    let mut borrow = false;
    let difference = modulus.iter().zip(x).map(|(&m, &x)| {
        let (difference, first) = m.overflowing_sub(x);
        let (difference, second) = difference.overflowing_sub(borrow.into());
        borrow = first || second;
        difference
    });
    Zeroizing::new(difference.collect())
}

/// Returns `value` as a number of 16 words.
fn small(value: u64) -> Candidate {
    let mut number = Candidate::new(vec![0; 16]);
    number[0] = value;
    number
}

#[test]
fn a_wrong_power_is_an_error_for_every_number() {
    let Some(powers) = lanes() else { return };
    let composite = large_pseudoprimes().nth(1).unwrap();
    for n in [&primes(16, 1)[0], &composite] {
        let bases = eight::<{ U1024::LIMBS }>(n, &crate::random::fill);
        let refuse = |powers: &Powers<'_>| {
            let error = eight_rounds(n, odd(n), powers, &bases).unwrap_err();
            assert_eq!(error.code(), Code::Internal);
        };
        for lane in 0..LANES {
            for wrong in [small(0), small(1), negated(&small(1), n), n.clone(), Candidate::new(vec![u64::MAX; 16])] {
                refuse(&|m, bases, shift| {
                    let mut powers = powers(m, bases, shift);
                    // A wrong value that passes the round must also differ from the actual power.
                    powers[lane] = if powers[lane] == wrong { negated(&wrong, m) } else { wrong.clone() };
                    powers
                });
            }
        }
        // A wrong exponent, a wrong modulus, and the bases instead of the powers.
        refuse(&|m, bases, shift| powers(m, bases, shift + 1));
        refuse(&|m, bases, shift| powers(&[&m[..15], &[m[15] ^ 1]].concat(), bases, shift));
        refuse(&|_, bases, _| bases.map(|base| Zeroizing::new(base.to_vec())));
    }
}

#[test]
fn lanes_that_always_pass_do_not_pass_a_composite() {
    let n = large_pseudoprimes().nth(1).unwrap();
    for seed in 0..20 {
        let bases = eight::<{ U1024::LIMBS }>(&n, &seeded(seed));
        for wrong in [small(1), negated(&small(1), &n)] {
            let passed = eight_rounds(&n, odd(&n), &|_, _, _| std::array::from_fn(|_| wrong.clone()), &bases);
            assert!(passed.is_err() || MillerRabin::new(odd(&n)).test(&product(&n, &bases)).is_probably_prime());
        }
    }
}
