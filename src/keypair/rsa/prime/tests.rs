//! Tests of the whole search. `KEYWRIGHT_TEST_FULL=1` makes the samples large enough for the documented claims. The
//! tests then take about ten minutes in a release build.

use super::confirm::is_confirmed;
use super::*;
use crate::error::{Code, Error};
use crate::keypair::{KeyPair, PemKind};
use crypto_bigint::{ConcatenatingMul, NonZero};
use crypto_primes::{Flavor, is_prime};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::collections::HashSet;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

const SIZES: [Bits; 3] = [Bits::B2048, Bits::B3072, Bits::B4096];

/// Returns a random number generator with a fixed seed, for use in tests only.
pub(super) fn seeded(seed: u64) -> impl Fn(&mut [u8]) -> Result<()> + Sync {
    let generator = Mutex::new(StdRng::seed_from_u64(seed));
    move |bytes| {
        generator.lock().unwrap().fill_bytes(bytes);
        Ok(())
    }
}

pub(super) fn full() -> bool {
    std::env::var_os("KEYWRIGHT_TEST_FULL").is_some()
}

pub(super) fn filters() -> Vec<FermatFilter> {
    let best = FermatFilter::new(PrimeSearch::Auto);
    if best.batch() == 1 {
        eprintln!("skipped: this processor has no AVX-512 IFMA");
        vec![best]
    } else {
        vec![FermatFilter::Portable, best]
    }
}

/// Returns the result of the filter for each candidate, tested in batches as in the search.
fn verdicts(filter: FermatFilter, candidates: &[Candidate]) -> Vec<bool> {
    let one_by_one =
        |batch: &[Candidate]| batch.iter().map(|c| filter.first(std::slice::from_ref(c)).is_some()).collect();
    let batches = candidates.chunks(filter.batch());
    let verdict = |batch: &[Candidate]| -> Vec<bool> {
        // A batch without a prime needs one call. In a batch with a prime, each candidate is tested alone.
        match filter.first(batch) {
            None => vec![false; batch.len()],
            Some(_) => one_by_one(batch),
        }
    };
    batches.flat_map(verdict).collect()
}

pub(super) fn number(candidate: &Candidate) -> BoxedUint {
    BoxedUint::from_le_slice_vartime(&bytes(candidate))
}

/// Returns a number of `words` words, given its hexadecimal digits.
fn candidate(hex: &str, words: usize) -> Candidate {
    let mut candidate = Candidate::new(vec![0; words]);
    for (word, digits) in candidate.iter_mut().zip(hex.as_bytes().rchunks(16)) {
        *word = u64::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
    }
    candidate
}

fn is_prime_on(filter: FermatFilter, candidate: &Candidate) -> bool {
    is_confirmed(candidate, filter.powers().as_deref(), &crate::random::fill).unwrap()
}

fn agree(bits: Bits, count: usize) {
    let sieve = Sieve::new(bits.get() as usize / 128, 1 << 17);
    let (mut seen, mut primes) = (0, 0);
    // Continues until there is a prime, because a small sample may contain none.
    while seen < count || primes == 0 {
        let mut candidates: Vec<_> = sieve.window(&crate::random::fill).unwrap().candidates().collect();
        candidates.truncate(count.saturating_sub(seen).max(16));
        let (first, second) = candidates.split_at(candidates.len() / 2);
        let expect = |candidates: &[Candidate]| -> Vec<bool> {
            candidates.iter().map(|candidate| is_prime(Flavor::Any, &number(candidate))).collect()
        };
        let expected = std::thread::scope(|scope| {
            let second = scope.spawn(|| expect(second));
            [expect(first), second.join().unwrap()].concat()
        });
        for filter in filters() {
            assert!(verdicts(filter, &candidates) == expected, "{} at {bits:?}", filter.name());
        }
        seen += candidates.len();
        primes += expected.iter().filter(|prime| **prime).count();
    }
    eprintln!("{bits:?}: {seen} candidates, {primes} of them primes, no disagreement");
}

#[test]
fn every_path_accepts_what_crypto_primes_accepts_2048() {
    agree(Bits::B2048, if full() { 100_000 } else { 1000 });
}

#[test]
fn every_path_accepts_what_crypto_primes_accepts_3072() {
    agree(Bits::B3072, if full() { 100_000 } else { 400 });
}

#[test]
fn every_path_accepts_what_crypto_primes_accepts_4096() {
    agree(Bits::B4096, if full() { 100_000 } else { 200 });
}

/// Small Fermat pseudoprimes to base 2 (OEIS A001567), among them strong pseudoprimes (A001262) and Carmichael numbers.
const SMALL_PSEUDOPRIMES: [u64; 24] = [
    341,
    561,
    645,
    1105,
    1387,
    1729,
    1905,
    2047,
    2465,
    2701,
    2821,
    3277,
    4033,
    4369,
    4681,
    8321,
    15841,
    29341,
    42799,
    49141,
    52633,
    65281,
    74665,
    3_215_031_751,
];

#[test]
fn small_pseudoprimes_are_rejected() {
    for n in SMALL_PSEUDOPRIMES {
        let bits = (0..u64::BITS).rev().map(|bit| (n - 1) >> bit & 1);
        let power = bits.fold(1, |power: u128, bit| (power * power % u128::from(n)) << bit) % u128::from(n);
        assert_eq!(power, 1, "{n} is not a Fermat pseudoprime");
        for words in [16, 24, 32] {
            let mut candidate = Candidate::new(vec![0; words]);
            candidate[0] = n;
            assert!(FermatFilter::Portable.first(std::slice::from_ref(&candidate)).is_some(), "{n}");
            assert!(filters().into_iter().all(|filter| !is_prime_on(filter, &candidate)), "{n}");
        }
    }
}

#[test]
fn even_numbers_and_squares_are_rejected() {
    for n in [0, 1, 4, 9, 1_194_649, 12_327_121] {
        let mut candidate = Candidate::new(vec![0; 16]);
        candidate[0] = n;
        assert!(filters().into_iter().all(|filter| !is_prime_on(filter, &candidate)), "{n}");
    }
}

/// For each size in bits, two numbers k and p in hexadecimal. The Carmichael number (6k + 1)(12k + 1)(18k + 1)
/// (Chernick, 1939) and the *strong* pseudoprime to base 2 p(2p − 1) have this size, and the filter cannot distinguish
/// them from primes.
const LARGE_PSEUDOPRIMES: [(u32, &str, &str); 3] = [
    (
        1024,
        "36e56d6f015310ba37c37c9efdf193a79d0d5962f93359eed7bba7b3e0660643c638a13c9fb3513eec62b",
        "a1c74fb9c07064beba3b3efa430a32ba061e982c62d5f3b26c32928c0b3f713c36767e7896ed307e7e05e13c33aa42a9\
         92866caaa7dce17db4bd58350cd0d889",
    ),
    (
        1536,
        "1728d96bfb8249d54d7cb1c4b99426e313d49ec58f4f2a7bc44bfad37742b99e1f67634bd8e69a0b0d553895a0ca3571\
         5e9e6c0f62ae0ca1077b156866997e3d",
        "b1527dd192c8b72d591b5fc5596f10cd84fdf470acbfcf4ca738f7ce42333dc62c8c0fd28c15edaa010184a46eea9ad2\
         4691b6ea7b3b323fdece7e48c717c85db90b95a55adb2824c4b8e3b9cb5cce1381bcd8238a10f294b814b2ffa6794115",
    ),
    (
        2048,
        "8a546b0f05e9ea21c6f92ca038222d86c9c98855fc964ce12f2481d321627c94b674d6297f56a80da679a91d39652a38\
         e38f7a3b00c50240146b58bac21f55d272862bca368003b6e675cdb1ae83779c098d766b20",
        "a1c74fb9c07064beba3b3efa430a32ba061e982c62d5f3b26c32928c0b3f713c36767e7896ed307e7e05e13c33aa42a9\
         92866caaa7dce17db4bd58350cb2b5b5a6c76ac4ffcf95cf7e570dce17a73e628f3d983750a1e77c5662eeff89da64c7\
         ae200427ab4ed6dfc9d78ed41203e5958880e5244b932776836d7d581290524d",
    ),
];

/// Returns a Carmichael number and a strong pseudoprime to base 2 for each size.
pub(super) fn large_pseudoprimes() -> impl Iterator<Item = Candidate> {
    LARGE_PSEUDOPRIMES.into_iter().flat_map(|(bits, k, p)| {
        let words = bits as usize / 64;
        let multiply = |a: &BoxedUint, b: &BoxedUint| a.concatenating_mul(b);
        let plus = |factor: u8| {
            let product = multiply(&number(&candidate(k, words)), &BoxedUint::from(factor));
            product.wrapping_add(BoxedUint::one())
        };
        let p = number(&candidate(p, words));
        [
            multiply(&multiply(&plus(6), &plus(12)), &plus(18)),
            multiply(&p, &p.wrapping_add(&p).wrapping_sub(BoxedUint::one())),
        ]
        .map(|n| {
            assert_eq!(n.bit_width(), bits);
            candidate(&n.to_string_radix_vartime(16), words)
        })
    })
}

#[test]
fn large_pseudoprimes_pass_every_filter_and_are_rejected() {
    for n in large_pseudoprimes() {
        for filter in filters() {
            let what = format!("{} at {} words", filter.name(), n.len());
            assert!(filter.first(std::slice::from_ref(&n)) == Some(0), "{what}");
            assert!(!is_prime_on(filter, &n), "{what}");
        }
    }
}

#[test]
fn the_same_generator_gives_the_same_key_on_every_path() {
    let sizes = if full() { &SIZES[..] } else { &SIZES[..2] };
    for (&bits, seed) in sizes.iter().zip(11..) {
        let mut pairs = filters().into_iter().map(|filter| {
            let random = seeded(seed);
            find(bits, filter, filter.powers().as_deref(), 1, &random, &AtomicU64::new(0)).unwrap()
        });
        let first = pairs.next().unwrap();
        assert!(pairs.all(|pair| pair == first), "{bits:?}");
    }
}

/// Checks the ranges that FIPS 186-5, A.1.1 and A.1.3, require, and the randomness of the twelve bits below the top two
/// and the twelve bits above the last: each is 1 as often as 0, within five standard deviations.
#[test]
fn primes_are_in_range_distinct_and_unbiased() {
    let mut seen = HashSet::new();
    let mut ones = [0_u32; 24];
    let keys = if full() { 2000 } else { 25 };
    for at in 0..keys {
        let bits = if at % 100 == 3 { Bits::B3072 } else { Bits::B2048 };
        let tried = AtomicU64::new(0);
        let [p, q] = two_primes(bits, PrimeSearch::Auto, None, &tried).unwrap();
        assert!(tried.into_inner() > 0);
        let half = bits.get() / 2;
        assert!(p > q && (&p - &q).bit_width() > half - 100);
        assert_eq!(p.concatenating_mul(&q).bit_width(), bits.get());
        for prime in [&p, &q] {
            assert_eq!(prime.bit_width_vartime(), half);
            assert!(prime.bit_vartime(half - 2) && prime.bit_vartime(0));
            let exponent = NonZero::new(BoxedUint::from(EXPONENT)).unwrap();
            assert!(prime.rem_vartime(&exponent) != BoxedUint::one());
            for bit in 0..12 {
                ones[bit as usize] += u32::from(prime.bit_vartime(half - 3 - bit));
                ones[12 + bit as usize] += u32::from(prime.bit_vartime(1 + bit));
            }
            assert!(seen.insert(prime.to_be_bytes()), "a prime occurred twice");
        }
        let key = rsa::PrivateKey::from_p_q(p, q, EXPONENT.into()).unwrap();
        let d = rsa::traits::PrivateKeyParts::d(&key).bit_width();
        assert!(d > half && d < bits.get());
    }
    let (primes, limit) = (f64::from(2 * keys), 5.0 * f64::from(2 * keys).sqrt() / 2.0);
    eprintln!("{primes} primes; ones in each of 24 bits: {ones:?}");
    assert!(ones.iter().all(|&ones| (f64::from(ones) - primes / 2.0).abs() < limit));
}

#[test]
fn openssl_accepts_generated_keys() {
    let rounds = if full() { 20 } else { 1 };
    for (bits, search) in SIZES.into_iter().flat_map(|bits| [(bits, PrimeSearch::Auto), (bits, PrimeSearch::Portable)])
    {
        for _ in 0..rounds {
            let pair = KeyPair::generate_rsa(bits, search, &AtomicU64::new(0)).unwrap();
            let openssl = Command::new("openssl")
                .args(["pkey", "-check", "-noout"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn();
            let Ok(mut openssl) = openssl else {
                crate::testing::skipped("openssl is not installed");
                return;
            };
            let pem = pair.to_pem(PemKind::Pkcs8).unwrap();
            openssl.stdin.take().unwrap().write_all(pem.expose()).unwrap();
            let output = openssl.wait_with_output().unwrap();
            assert!(output.status.success() && output.stdout.starts_with(b"Key is valid"), "{bits:?} {search:?}");
        }
    }
}

#[test]
fn workers_find_as_many_primes_as_wanted() {
    let sieve = Sieve::new(16, 1 << 16);
    let tried = AtomicU64::new(0);
    for (wanted, workers) in [(1, 1), (2, 8), (5, 2)] {
        let search = Search {
            filter: FermatFilter::new(PrimeSearch::Auto),
            sieve: &sieve,
            random: &crate::random::fill,
            tried: &tried,
        };
        let found = search.find(wanted, workers).unwrap();
        assert_eq!(found.len(), wanted);
        assert!(found.iter().all(|prime| is_prime_on(search.filter, prime)));
    }
    assert!(tried.into_inner() >= 8);
}

#[test]
fn wrong_lanes_are_an_error() {
    let filter = FermatFilter::new(PrimeSearch::Auto);
    let Some(powers) = filter.powers() else {
        eprintln!("skipped: this processor has no AVX-512 IFMA");
        return;
    };
    for lane in 0..LANES {
        // A power with the opposite sign passes its round too.
        let wrong = |modulus: &[u64], bases: [&[u64]; LANES], shift| {
            let mut powers = powers(modulus, bases, shift);
            powers[lane] = confirm::tests::negated(&powers[lane], modulus);
            powers
        };
        let error = find(Bits::B2048, filter, Some(&wrong), 2, &crate::random::fill, &AtomicU64::new(0)).unwrap_err();
        assert_eq!((error.code(), error.hint().contains("--prime-search portable")), (Code::Internal, true));
    }
}

#[test]
fn missing_random_bytes_are_an_error() {
    let calls = AtomicU64::new(0);
    for good in 0..4 {
        let random = |bytes: &mut [u8]| {
            if calls.fetch_add(1, Ordering::Relaxed) < good {
                return crate::random::fill(bytes);
            }
            Err(Error::new(Code::Internal, "no random bytes", "none"))
        };
        for filter in filters() {
            calls.store(0, Ordering::Relaxed);
            let powers = filter.powers();
            let error = find(Bits::B2048, filter, powers.as_deref(), 2, &random, &AtomicU64::new(0)).unwrap_err();
            assert_eq!(error.code(), Code::Internal);
        }
    }
}
