//! Compares the eight lanes with crypto-bigint.

use super::super::{bytes, tests::seeded};
use super::*;
use crate::error::Result;
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, NonZero, Odd, Resize};

/// Returns `true` if the processor supports AVX-512 IFMA. Otherwise, prints that the test is skipped and returns
/// `false`.
fn detected() -> bool {
    let detected = Ifma::detect().is_some();
    if !detected {
        eprintln!("skipped: this processor has no AVX-512 IFMA");
    }
    detected
}

/// A width in bits that is sufficient for every product in these tests.
const WIDTH: u32 = 8192;

fn number(words: &[u64]) -> BoxedUint {
    BoxedUint::from_le_slice_truncated(&bytes(words), WIDTH)
}

fn small(value: u64) -> BoxedUint {
    BoxedUint::from(value).resize(WIDTH)
}

fn power_of_two(exponent: usize) -> BoxedUint {
    small(1).shl(u32::try_from(exponent).unwrap())
}

fn remainder(value: &BoxedUint, modulus: &BoxedUint) -> BoxedUint {
    value.rem_vartime(&NonZero::new(modulus.clone()).unwrap())
}

/// Returns Sm/3, the maximum value that the bounds allow.
fn most<const B: usize>(m: &BoxedUint, words: usize) -> BoxedUint {
    let slack = power_of_two(B * STEP * DIGIT_BITS - words * 64);
    m.wrapping_mul(&slack).div_rem_vartime(&NonZero::new(small(3)).unwrap()).0
}

/// Returns the number that a lane of `number` contains.
fn lane(number: &[DigitBlock], lane: usize) -> BoxedUint {
    let mut value = small(0);
    for digit in number.iter().flatten().rev() {
        let lanes: [u64; LANES] = lanes_of(*digit);
        assert!(lanes[lane] <= DIGIT_MASK);
        value = value.shl(52).wrapping_add(small(lanes[lane]));
    }
    value
}

#[expect(unsafe_code, reason = "there is no safe way to read a register")]
fn lanes_of(register: __m512i) -> [u64; LANES] {
    // SAFETY: both types have 64 bytes, and every bit pattern is valid.
    unsafe { std::mem::transmute(register) }
}

fn digits<const B: usize>(values: &[BoxedUint; LANES]) -> Number<B> {
    let words: Vec<Vec<u64>> = values
        .iter()
        .map(|value| {
            let bytes = value.to_le_bytes();
            bytes.chunks(8).map(|word| u64::from_le_bytes(word.try_into().unwrap())).collect()
        })
        .collect();
    let mut number = [[zero(); STEP]; B];
    for (at, digit) in number.iter_mut().flatten().enumerate() {
        let lane: [u64; LANES] =
            std::array::from_fn(|lane| digit_at(|word| words[lane].get(word).copied(), at * DIGIT_BITS));
        *digit = from_lanes(lane);
    }
    number
}

#[expect(unsafe_code, reason = "calls a function that requires AVX-512")]
fn from_lanes(value: [u64; LANES]) -> __m512i {
    // SAFETY: only called if the features have been detected.
    unsafe { lanes(|lane| value[lane]) }
}

fn zero() -> __m512i {
    from_lanes([0; LANES])
}

/// Performs one squaring, reduction and doubling, and returns the result.
#[expect(unsafe_code, reason = "calls a function that requires AVX-512")]
fn step<const B: usize>(moduli: [&[u64]; LANES], x: &[BoxedUint; LANES], bit: [u64; LANES]) -> Number<B> {
    // SAFETY: only called if the features were detected.
    let mut batch = unsafe { IfmaBatch::<B>::new(moduli) };
    batch.x = digits(x);
    // SAFETY: as above.
    unsafe {
        batch.square();
        batch.reduce(from_lanes(bit));
    }
    batch.x
}

fn words_from(random: impl Fn(&mut [u8]) -> Result<()>, words: usize) -> Vec<u64> {
    let mut bytes = vec![0; words * 8];
    random(&mut bytes).unwrap();
    bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect()
}

/// Returns eight moduli: random ones, the largest, the smallest, and two with long runs of equal bits.
fn moduli(random: impl Fn(&mut [u8]) -> Result<()>, words: usize) -> [Vec<u64>; LANES] {
    let mut moduli: [Vec<u64>; LANES] = std::array::from_fn(|_| words_from(&random, words));
    moduli[4].fill(u64::MAX);
    moduli[5].fill(0);
    moduli[6][..words / 2].fill(u64::MAX);
    moduli[7][1..].fill(u64::MAX);
    for modulus in &mut moduli {
        modulus[0] |= 1;
        modulus[words - 1] |= 3 << 62;
    }
    moduli
}

fn agree<const B: usize>(seed: u64) {
    let words = B * STEP * DIGIT_BITS / 64;
    let random = seeded(seed);
    let draw = |words| words_from(&random, words);
    let moduli = moduli(&random, words);
    let moduli: [&[u64]; LANES] = std::array::from_fn(|lane| &moduli[lane][..]);
    for round in 0..24 {
        let x: [BoxedUint; LANES] = std::array::from_fn(|lane| {
            let m = number(moduli[lane]);
            match round {
                0 => small(0),
                1 => small(1),
                2 => m.wrapping_sub(small(1)),
                3 => m,
                4 => m.wrapping_add(small(1)),
                5 => most::<B>(&m, words),
                // First all bits set, then only the next higher bit.
                6 => power_of_two(words * 64).wrapping_sub(small(1)),
                7 => power_of_two(words * 64),
                8..16 => number(&draw(words)),
                _ => remainder(&number(&draw(words + 1)), &most::<B>(&m, words)),
            }
        });
        let bit = std::array::from_fn(|lane| u64::from((round + lane).is_multiple_of(3)));
        let got = step::<B>(moduli, &x, bit);
        for at in 0..LANES {
            let (m, got) = (number(moduli[at]), lane(&got, at));
            assert!(got <= most::<B>(&m, words), "a value is out of bounds");
            let expected = remainder(&x[at].wrapping_mul(&x[at]), &m).wrapping_mul(small(1 + bit[at]));
            let got = got.wrapping_mul(power_of_two(B * STEP * DIGIT_BITS));
            assert!(remainder(&got, &m) == remainder(&expected, &m), "lane {at} of round {round}");
        }
    }
}

#[test]
fn a_step_is_a_montgomery_squaring_and_a_doubling() {
    if detected() {
        agree::<4>(4);
        agree::<6>(6);
        agree::<8>(8);
    }
}

/// Performs one multiplication and returns the result.
#[expect(unsafe_code, reason = "calls a function that requires AVX-512")]
fn product<const B: usize>(moduli: [&[u64]; LANES], x: &[BoxedUint; LANES], y: &[BoxedUint; LANES]) -> Number<B> {
    // SAFETY: only called if the features were detected.
    let mut batch = unsafe { IfmaBatch::<B>::new(moduli) };
    batch.x = digits(x);
    // SAFETY: as above.
    unsafe { batch.multiply(&digits(y)) }
    batch.x
}

fn agree_on_products<const B: usize>(seed: u64) {
    let words = B * STEP * DIGIT_BITS / 64;
    let random = seeded(seed);
    let moduli = moduli(&random, words);
    let moduli: [&[u64]; LANES] = std::array::from_fn(|lane| &moduli[lane][..]);
    for round in 0..24 {
        // The largest values that the bounds allow (4m/3 times Sm/3, and 3m/2 times 3m/2), small values, then random
        // values.
        let [x, y]: [[BoxedUint; LANES]; 2] = [0, 1].map(|side| {
            std::array::from_fn(|lane| {
                let m = number(moduli[lane]);
                let third = m.div_rem_vartime(&NonZero::new(small(3)).unwrap()).0;
                match (round, side) {
                    (0, 0) => power_of_two(words * 64).wrapping_sub(small(1)),
                    (0, _) => most::<B>(&m, words),
                    (1, _) => m.wrapping_add(m.shr(1)),
                    (2, 0) => small(1),
                    (3, 0) => m.wrapping_sub(small(1)),
                    (4, 0) => small(0),
                    (2..8, _) => number(&words_from(&random, words)),
                    _ => remainder(&number(&words_from(&random, words + 1)), &m.wrapping_add(third)),
                }
            })
        });
        let got = product::<B>(moduli, &x, &y);
        for at in 0..LANES {
            let (m, got) = (number(moduli[at]), lane(&got, at));
            assert!(got < m.wrapping_add(m.shr(1)), "a value is out of bounds");
            let got = got.wrapping_mul(power_of_two(B * STEP * DIGIT_BITS));
            let expected = x[at].wrapping_mul(&y[at]);
            assert!(remainder(&got, &m) == remainder(&expected, &m), "lane {at} of round {round}");
        }
    }
}

#[test]
fn a_product_is_a_montgomery_product() {
    if detected() {
        agree_on_products::<4>(14);
        agree_on_products::<6>(16);
        agree_on_products::<8>(18);
    }
}

#[test]
fn powers_match_crypto_bigint() {
    let Some(ifma) = Ifma::detect() else {
        assert!(!detected());
        return;
    };
    for words in [16, 24, 32] {
        let random = seeded(words as u64);
        for (at, modulus) in moduli(&random, words).iter().enumerate() {
            let bits = u32::try_from(words * 64).unwrap();
            let exact = |words: &[u64]| BoxedUint::from_le_slice_truncated(&bytes(words), bits);
            let m = exact(modulus);
            // 0, 1, 2, m − 1, m, a larger number, then random numbers.
            let bases: [Vec<u64>; LANES] = std::array::from_fn(|lane| {
                let mut base = vec![0; words];
                match lane {
                    ..3 => base[0] = lane as u64,
                    3 | 4 => base.copy_from_slice(modulus),
                    5 => base.fill(u64::MAX),
                    _ => base = words_from(&random, words),
                }
                base[0] -= u64::from(lane == 3);
                base
            });
            // Shifts within the last bits, to the middle of a digit and of a word, and past all bits except the first.
            let shift = [1, 2, 3, 51, 52, 64, 500, words * 64 - 1][at];
            let powers = ifma.powers(modulus, std::array::from_fn(|lane| &bases[lane][..]), shift);
            let params = BoxedMontyParams::new(Odd::new(m.clone()).unwrap());
            let exponent = m.shr(u32::try_from(shift).unwrap());
            for (base, power) in bases.iter().zip(&powers) {
                let base = remainder(&exact(base), &m);
                let expected = BoxedMontyForm::new(base, &params).pow(&exponent).retrieve();
                assert!(exact(power) <= m && remainder(&exact(power), &m) == expected, "{words} words, {shift}");
            }
        }
    }
}

#[test]
fn the_start_is_one_in_montgomery_form() {
    if !detected() {
        return;
    }
    let moduli: [Vec<u64>; LANES] = std::array::from_fn(|lane| {
        let mut modulus = vec![0x0123_4567_89ab_cdef_u64.rotate_left(7 * u32::try_from(lane).unwrap()); 24];
        modulus[0] |= 1;
        modulus[23] |= 3 << 62;
        modulus
    });
    #[expect(unsafe_code, reason = "calls a function that requires AVX-512")]
    // SAFETY: the features were just detected.
    let batch = unsafe { IfmaBatch::<6>::new(std::array::from_fn(|lane| &moduli[lane][..])) };
    for (at, words) in moduli.iter().enumerate() {
        let m = number(words);
        assert!(lane(&batch.modulus, at) == m);
        assert!(remainder(&lane(&batch.x, at), &m) == remainder(&power_of_two(30 * DIGIT_BITS), &m));
        assert_eq!(words[0].wrapping_mul(lanes_of(batch.inverse)[at]) & DIGIT_MASK, DIGIT_MASK);
    }
}

#[test]
#[should_panic(expected = "assertion")]
fn bases_must_be_as_long_as_the_modulus() {
    let Some(ifma) = Ifma::detect() else {
        panic!("assertion skipped: this processor has no AVX-512 IFMA");
    };
    ifma.powers(&[u64::MAX; 24], [&[1; 16]; LANES], 1);
}

#[test]
#[should_panic(expected = "assertion")]
fn candidates_must_have_their_top_bits_set() {
    let Some(ifma) = Ifma::detect() else {
        panic!("assertion skipped: this processor has no AVX-512 IFMA");
    };
    ifma.fermat([&[1; 16]; LANES]);
}
