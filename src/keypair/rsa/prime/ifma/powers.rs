//! Powers of eight bases at once modulo one number, with one base per lane. Computing these powers takes most of the
//! time of eight Miller–Rabin rounds. The [`confirm`](super::super::confirm) module decides what the powers reveal
//! about the number.
//!
//! The algorithm is left-to-right 2^4-ary exponentiation (HAC 14.82): the exponent is processed in windows of four
//! bits, thirteen per 52-bit digit. A table contains the first sixteen powers of each base. For each window, the whole
//! table is read and a power is selected with masks, so no branch or address depends on the modulus or on a base.
//! Branches and addresses depend only on the number of words in the modulus, and on the number of bits that are shifted
//! out of the modulus to get the exponent.
//!
//! # Bounds of the values
//!
//! The squaring and the reduction are those described in [`super`]: xy is reduced to (xy + qm)/R with q < R. For x = Km
//! and y = Lm, this is less than m(1 + KL/S).
//!
//! * R² modulo m is computed from the start value by squaring and doubling, so it is below Sm/3, as shown in [`super`].
//! * A base has at most as many bits as m, so it is below 2^b ≤ 4m/3. Its product with R², which is the base in
//!   Montgomery form, is less than m(1 + 4/9). The number 1 in Montgomery form is even smaller.
//! * K, L < 3/2 implies 1 + KL/S < 1 + 9/4/2^16 < 3/2, so every power is below 3m/2.
//! * The last reduction gives at most m, as shown in [`super`]. A result of m represents 0.
//!
//! Each column is the sum of at most 4n half products: 2n from multiplying two different numbers, and 2n from the
//! reduction. A squaring, as described in [`super`], sums as many.

use super::super::Candidate;
use super::{DIGIT_BITS, Ifma, IfmaBatch, LANES, Number, ProductColumns, STEP, number, splat};
use core::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_cmpeq_epi64_mask, _mm512_mask_mov_epi64, _mm512_mask_reduce_add_epi64,
    _mm512_set1_epi64, _mm512_setzero_si512, _mm512_srlv_epi64,
};
use zeroize::Zeroizing;

/// The number of exponent bits in one window.
const WINDOW: usize = 4;

type Bases<'a> = [&'a [u64]; LANES];

impl Ifma {
    /// Raises eight bases to the power `modulus >> shift`, modulo `modulus`. A result equal to the modulus
    /// represents 0.
    ///
    /// The modulus must have 16, 24 or 32 words, must be odd, and must have its top two bits set. Each base must have
    /// as many words as the modulus.
    pub(in super::super) fn powers(self, modulus: &[u64], bases: Bases<'_>, shift: usize) -> [Candidate; LANES] {
        let Self(()) = self;
        let words = modulus.len();
        assert!(modulus[0] & 1 == 1 && modulus[words - 1] >> 62 == 3);
        assert!(bases.iter().all(|base| base.len() == words));
        let powers: unsafe fn(&[u64], Bases<'_>, usize) -> _ = match words {
            16 => powers::<4>,
            24 => powers::<6>,
            32 => powers::<8>,
            _ => unreachable!("no candidate has {words} words"),
        };
        #[expect(unsafe_code, reason = "calls code for a processor feature")]
        // SAFETY: `self` proves that the processor has the features that `powers` requires.
        unsafe {
            powers(modulus, bases, shift)
        }
    }
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn powers<const B: usize>(modulus: &[u64], bases: Bases<'_>, shift: usize) -> [Candidate; LANES] {
    let words = modulus.len();
    let exponent = Zeroizing::new(number::<B>([modulus; LANES], shift));
    let mut batch = IfmaBatch::<B>::new([modulus; LANES]);
    let table = batch.table(bases);
    batch.x = table[0];
    for window in (0..words * 64 / WINDOW).rev() {
        for _ in 0..WINDOW {
            batch.square();
            batch.reduce(_mm512_setzero_si512());
        }
        let (digit, at) = (window * WINDOW / DIGIT_BITS, window * WINDOW % DIGIT_BITS);
        let bits = _mm512_srlv_epi64(exponent[digit / STEP][digit % STEP], splat(at as u64));
        let wanted = _mm512_and_si512(bits, splat((1 << WINDOW) - 1));
        batch.multiply(&Zeroizing::new(entry(&table, wanted)));
    }
    batch.leave_montgomery();
    std::array::from_fn(|lane| lane_words(&batch.x, lane, words))
}

impl<const B: usize> IfmaBatch<B> {
    /// Returns the powers 0 to 15 of each base in Montgomery form. The batch must be new, so that x is the start value.
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn table(&mut self, bases: Bases<'_>) -> Zeroizing<Vec<Number<B>>> {
        // R² modulo m is R in Montgomery form, and R is a power of two.
        let exponent = B * STEP * DIGIT_BITS;
        for at in (0..=exponent.ilog2()).rev() {
            self.square();
            self.reduce(splat((exponent >> at & 1) as u64));
        }
        let r_squared = Zeroizing::new(self.x);
        let mut table = Zeroizing::new(Vec::with_capacity(1 << WINDOW));
        self.x = [[_mm512_setzero_si512(); STEP]; B];
        self.x[0][0] = _mm512_set1_epi64(1);
        self.multiply(&r_squared);
        table.push(self.x);
        self.x = number(bases, 0);
        self.multiply(&r_squared);
        table.push(self.x);
        while table.len() < 1 << WINDOW {
            self.multiply(&table[1]);
            table.push(self.x);
        }
        table
    }

    /// Replaces x with a number that is congruent to xy/R modulo m, but not fully reduced.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn multiply(&mut self, y: &Number<B>) {
        let mut high = [_mm512_setzero_si512(); STEP];
        for column in 0..2 * B - 1 {
            let (first, last) = (column.saturating_sub(B - 1), column.min(B - 1));
            let sum = ProductColumns::of_products(&self.x[first..=last], &y[column - last..=column - first]);
            self.square[column / B][column % B] = sum.low(&high);
            high = sum.high();
        }
        self.square[1][B - 1] = high;
        self.reduce(_mm512_setzero_si512());
    }
}

/// Returns, for each lane, the table entry at the index that `wanted` contains in that lane.
#[target_feature(enable = "avx512f")]
fn entry<const B: usize>(table: &[Number<B>], wanted: __m512i) -> Number<B> {
    let mut found = [[_mm512_setzero_si512(); STEP]; B];
    for (block, found) in found.iter_mut().enumerate() {
        for (at, entry) in table.iter().enumerate() {
            let mask = _mm512_cmpeq_epi64_mask(wanted, splat(at as u64));
            for (found, digit) in found.iter_mut().zip(&entry[block]) {
                *found = _mm512_mask_mov_epi64(*found, mask, *digit);
            }
        }
    }
    found
}

/// Returns the number in one lane, as `words` 64-bit words.
#[target_feature(enable = "avx512f")]
fn lane_words<const B: usize>(number: &Number<B>, lane: usize, words: usize) -> Candidate {
    let mut value = Candidate::new(vec![0; words]);
    for (at, digit) in number.iter().flatten().enumerate() {
        // The sum over a single lane is the value of that lane.
        let digit = _mm512_mask_reduce_add_epi64(1 << lane, *digit).cast_unsigned();
        let (word, shift) = (at * DIGIT_BITS / 64, at * DIGIT_BITS % 64);
        value[word] |= digit << shift;
        if let Some(next) = value.get_mut(word + 1).filter(|_| shift + DIGIT_BITS > 64) {
            *next |= digit >> (64 - shift);
        }
    }
    value
}
