//! Base-2 Fermat tests of eight candidates at once, one in each 64-bit lane of AVX-512 IFMA registers. The [`powers`]
//! module computes powers of eight bases.
//!
//! A candidate is stored in digits of 52 bits, because `VPMADD52LUQ` and `VPMADD52HUQ` multiply 52 bits by 52 bits and
//! add the low or the high half of the product to a 64-bit lane. Twelve bits are left for carries, enough for 4,096
//! such additions before a carry must be propagated (Gueron and Krasnov, "Software implementation of modular
//! exponentiation, using advanced vector instructions architectures", WAIFI 2012; Drucker and Gueron, "Fast modular
//! squaring with AVX512IFMA", 2018). One register contains digit *k* of all eight candidates, so no digit moves across
//! lanes.
//!
//! No branch and no address depends on the bits of a candidate: loops count digits and bit positions, and exponent bits
//! are only used as the shift count of a lane.
//!
//! # Bounds of the values
//!
//! With a modulus *m* of `b` bits and `n` digits, R = 2^(52n) = S·2^b, where S is 2^16, 2^24 or 2^32. Two steps are
//! repeated. The first step is an almost Montgomery squaring (Handbook of Applied Cryptography 14.36 without its last
//! subtraction), which computes (x² + qm)/R with q < R. For x = Km, this is less than m(1 + K²m/R) < m(1 + K²/S). The
//! second step is the doubling, after which K' < 2(1 + K²/S).
//!
//! * The start value is (2^b − m)·S, which is R modulo m: the number 1 in Montgomery form. Because the top two bits of
//!   m are set, 2^b − m ≤ m/3, so K ≤ S/3.
//! * K ≤ S/3 implies K' ≤ 2 + 2K/3 ≤ S/3. Every value is below Sm/3 < R and fits into n digits. After about fifty
//!   steps, K is below 7, and then K' is below 2.01.
//! * The last reduction gives (x + qm)/R < m + 1, so the result is at most m. The result is 1 exactly if 2^(m−1) ≡ 1
//!   modulo m.
//!
//! A column sums at most 2n half products of a squaring (doubled products count twice) and the same number of half
//! products of a reduction. Each half product is below 2^52, so the sum is below 4·40·2^52 < 2^60, plus the carry from
//! the next lower column. No lane overflows, even when it is doubled.

mod columns;
mod powers;

use columns::ProductColumns;
use core::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_cmpeq_epi64_mask, _mm512_set_epi64, _mm512_set1_epi64,
    _mm512_setzero_si512, _mm512_sllv_epi64, _mm512_srli_epi64, _mm512_srlv_epi64,
};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The number of candidates in a batch, which is the number of lanes in a register.
pub(super) const LANES: usize = 8;

/// The number of digits of each factor that one step of the inner loop multiplies. One step uses 24 of the 32
/// registers: nine for the columns of the low halves of the products, nine for the columns of the high halves, five for
/// digits of one factor, and one for a digit of the other factor.
const STEP: usize = 5;
const DIGIT_BITS: usize = 52;
const DIGIT_MASK: u64 = (1 << DIGIT_BITS) - 1;

/// Five consecutive digits of each of eight numbers.
type DigitBlock = [__m512i; STEP];
/// Eight numbers of `B` blocks each, lowest block first.
type Number<const B: usize> = [DigitBlock; B];

/// A proof that the processor supports AVX-512F and AVX-512 IFMA. Only [`Ifma::detect`] creates a value of this type.
#[derive(Clone, Copy)]
pub(super) struct Ifma(());

impl Ifma {
    pub(super) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma")).then_some(Self(()))
    }

    /// Runs the base-2 Fermat test on eight candidates. Bit *i* of the result is set if candidate *i* passes.
    ///
    /// All candidates must have the same number of words (16, 24 or 32), must be odd, and must have their top two bits
    /// set.
    pub(super) fn fermat(self, candidates: [&[u64]; LANES]) -> u8 {
        let Self(()) = self;
        let words = candidates[0].len();
        for candidate in candidates {
            assert!(candidate.len() == words && candidate[0] & 1 == 1 && candidate[words - 1] >> 62 == 3);
        }
        let test: unsafe fn([&[u64]; LANES]) -> u8 = match words {
            16 => fermat::<4>,
            24 => fermat::<6>,
            32 => fermat::<8>,
            _ => unreachable!("no candidate has {words} words"),
        };
        #[expect(unsafe_code, reason = "calls code for a processor feature")]
        // SAFETY: `self` proves that the processor has the features that `fermat` requires.
        unsafe {
            test(candidates)
        }
    }
}

/// The working memory for eight candidates, which is wiped on drop.
struct IfmaBatch<const B: usize> {
    modulus: Number<B>,
    /// The value −1/m modulo 2^52, which the reduction uses.
    inverse: __m512i,
    x: Number<B>,
    /// The lower and the upper half of x² or xy, which the reduction reads.
    square: [Number<B>; 2],
    /// The number q in the bounds: the reduction adds q times the modulus.
    quotient: Number<B>,
}

impl<const B: usize> Drop for IfmaBatch<B> {
    fn drop(&mut self) {
        self.modulus.zeroize();
        self.inverse.zeroize();
        self.x.zeroize();
        self.square.zeroize();
        self.quotient.zeroize();
    }
}

impl<const B: usize> ZeroizeOnDrop for IfmaBatch<B> {}

#[target_feature(enable = "avx512f,avx512ifma")]
fn fermat<const B: usize>(candidates: [&[u64]; LANES]) -> u8 {
    let bits = candidates[0].len() * 64;
    let mut batch = IfmaBatch::<B>::new(candidates);
    let one = _mm512_set1_epi64(1);
    for at in (0..bits).rev() {
        // The exponent is m − 1, which differs from m only in the last bit.
        let digit = batch.modulus[at / DIGIT_BITS / STEP][at / DIGIT_BITS % STEP];
        let mask = if at == 0 { _mm512_setzero_si512() } else { one };
        let bit = _mm512_and_si512(_mm512_srlv_epi64(digit, splat((at % DIGIT_BITS) as u64)), mask);
        batch.square();
        batch.reduce(bit);
    }
    batch.leave_montgomery();
    let mut passed = _mm512_cmpeq_epi64_mask(batch.x[0][0], one);
    for digit in batch.x.iter().flatten().skip(1) {
        passed &= _mm512_cmpeq_epi64_mask(*digit, _mm512_setzero_si512());
    }
    passed
}

impl<const B: usize> IfmaBatch<B> {
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn new(candidates: [&[u64]; LANES]) -> Self {
        let zero = _mm512_setzero_si512();
        let mut batch = Self {
            modulus: number(candidates, 0),
            inverse: lanes(|lane| negative_inverse(candidates[lane][0])),
            x: [[zero; STEP]; B],
            square: [[[zero; STEP]; B]; 2],
            quotient: [[zero; STEP]; B],
        };
        let bits = candidates[0].len() * 64;
        let slack = B * STEP * DIGIT_BITS - bits;
        for at in 0..B * STEP {
            let from = at * DIGIT_BITS;
            // 2^b − m is the two's complement of m. Because m is odd, this equals !m with the last bit set.
            batch.x[at / STEP][at % STEP] = lanes(|lane| {
                let complement = |word| candidates[lane].get(word).map(|&w: &u64| !w | u64::from(word == 0));
                if let Some(from) = from.checked_sub(slack) {
                    digit_at(complement, from)
                } else {
                    (digit_at(complement, 0) << (slack - from)) & DIGIT_MASK
                }
            });
        }
        batch
    }

    /// Computes `square` = x², five columns at a time. Products of two different digits count twice.
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn square(&mut self) {
        let mut high = [_mm512_setzero_si512(); STEP];
        for column in 0..2 * B - 1 {
            let (first, middle) = (column.saturating_sub(B - 1), column.div_ceil(2));
            let mut sum =
                ProductColumns::of_products(&self.x[first..middle], &self.x[column + 1 - middle..=column - first]);
            if column.is_multiple_of(2) {
                sum.add_products_below(&self.x[middle]);
            }
            sum.double();
            if column.is_multiple_of(2) {
                sum.add_squares(&self.x[middle]);
            }
            self.square[column / B][column % B] = sum.low(&high);
            high = sum.high();
        }
        self.square[1][B - 1] = high;
    }

    /// Computes x ≡ `square`/R modulo m, then doubles x in the lanes where `bit` is 1. The result is not fully reduced.
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn reduce(&mut self, bit: __m512i) {
        let zero = _mm512_setzero_si512();
        let mut high = [zero; STEP];
        let mut carry = zero;
        for column in 0..B {
            let sum = ProductColumns::of_products(&self.quotient[..column], &self.modulus[1..=column]);
            let low = add(&self.square[0][column], &sum.low(&high));
            let (quotient, next, out) = sum.eliminate(&low, &self.modulus[0], self.inverse, carry);
            (self.quotient[column], high, carry) = (quotient, next, out);
        }
        let mask = splat(DIGIT_MASK);
        // The carry into the upper half was computed before the doubling, so it is doubled too.
        carry = _mm512_sllv_epi64(carry, bit);
        for column in 0..B {
            let sum = ProductColumns::of_products(&self.quotient[column + 1..], &self.modulus[column + 1..]);
            let low = add(&self.square[1][column], &sum.low(&high));
            high = sum.high();
            for (digit, low) in self.x[column].iter_mut().zip(low) {
                let doubled = _mm512_add_epi64(_mm512_sllv_epi64(low, bit), carry);
                *digit = _mm512_and_si512(doubled, mask);
                carry = _mm512_srli_epi64::<52>(doubled);
            }
        }
    }

    /// Converts x from Montgomery form by applying the reduction to x itself.
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn leave_montgomery(&mut self) {
        let zero = _mm512_setzero_si512();
        self.square = [self.x, [[zero; STEP]; B]];
        self.reduce(zero);
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add(a: &DigitBlock, b: &DigitBlock) -> DigitBlock {
    let mut sum = *a;
    for (sum, &b) in sum.iter_mut().zip(b) {
        *sum = _mm512_add_epi64(*sum, b);
    }
    sum
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(value: u64) -> __m512i {
    _mm512_set1_epi64(value.cast_signed())
}

/// Returns eight numbers in digits, each converted from its words and shifted right by `from` bits.
#[target_feature(enable = "avx512f")]
fn number<const B: usize>(words: [&[u64]; LANES], from: usize) -> Number<B> {
    let mut number = [[_mm512_setzero_si512(); STEP]; B];
    for (at, digit) in number.iter_mut().flatten().enumerate() {
        *digit = lanes(|lane| digit_at(|word| words[lane].get(word).copied(), at * DIGIT_BITS + from));
    }
    number
}

/// Returns a register that contains `value(i)` in lane *i*.
#[target_feature(enable = "avx512f")]
fn lanes(value: impl Fn(usize) -> u64) -> __m512i {
    let lane = |i| value(i).cast_signed();
    _mm512_set_epi64(lane(7), lane(6), lane(5), lane(4), lane(3), lane(2), lane(1), lane(0))
}

/// Returns the 52 bits of a number that start at bit `from`, read from its words. Bits past the end are zero.
fn digit_at(word: impl Fn(usize) -> Option<u64>, from: usize) -> u64 {
    let (at, shift) = (from / 64, from % 64);
    let pair = u128::from(word(at).unwrap_or(0)) | u128::from(word(at + 1).unwrap_or(0)) << 64;
    #[expect(clippy::cast_possible_truncation, reason = "masked to 52 bits")]
    let digit = (pair >> shift) as u64 & DIGIT_MASK;
    digit
}

/// Returns −1/m modulo 2^52 for an odd m, computed by Newton's iteration. Each step doubles the number of correct bits:
/// 3, 6, 12, 24, 48, 96.
fn negative_inverse(m: u64) -> u64 {
    let mut inverse = m;
    for _ in 0..5 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(m.wrapping_mul(inverse)));
    }
    inverse.wrapping_neg() & DIGIT_MASK
}

#[cfg(test)]
mod tests;
