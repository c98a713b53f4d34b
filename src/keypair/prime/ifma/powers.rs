//! Powers of eight bases at once modulo one number, one in each lane: what takes the time in eight rounds of
//! Miller–Rabin. What they say of the number is judged [elsewhere](super::super::confirm).
//!
//! The exponent is taken in windows of four bits (HAC 14.82), of which a digit of 52 bits holds thirteen. A table
//! holds the first sixteen powers of each base; it is read whole for each window, and masks keep the one that is
//! wanted: neither a branch nor an address depends on the modulus or on a base. What time shows is how many bits the
//! modulus has, and by where the exponent's digits are cut out of the modulus, once, how many of its last bits are
//! left out.
//!
//! # Why no value grows too large
//!
//! As in [`super`], whose squaring and reduction these are: xy is reduced to (xy + qm)/R with q < R, which for x = Km
//! and y = Lm is less than m(1 + KL/S).
//!
//! * R² modulo m is made from 1 by squaring and doubling: below Sm/3, as said there.
//! * A base has as many bits as m, so it is below 2^b ≤ 4m/3. Its product with R² is less than m(1 + 4/9): that is the
//!   base in Montgomery form. The number 1 comes out smaller still.
//! * From K, L < 3/2 follows 1 + KL/S < 1 + 9/4/2^16 < 3/2: every power is below 3m/2.
//! * The last reduction leaves at most m, as there; m stands for 0.
//!
//! A column gathers at most 2n half products of two different numbers, and as many from reduction: no more than there.

use super::super::Candidate;
use super::{Batch, Columns, DIGIT_BITS, Ifma, LANES, Number, STEP, number, splat};
use core::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_cmpeq_epi64_mask, _mm512_mask_mov_epi64, _mm512_mask_reduce_add_epi64,
    _mm512_set1_epi64, _mm512_setzero_si512, _mm512_srlv_epi64,
};
use zeroize::Zeroizing;

/// Bits of the exponent that are taken at a time.
const WINDOW: usize = 4;

type Bases<'a> = [&'a [u64]; LANES];

impl Ifma {
    /// Eight bases to the power of `modulus >> shift`, modulo `modulus`: at most the modulus, which stands for 0. The
    /// modulus has 16, 24 or 32 words, is odd and has its top two bits set; each base has as many words.
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
        // SAFETY: `self` proves that the features are there which `powers` is compiled for.
        unsafe {
            powers(modulus, bases, shift)
        }
    }
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn powers<const B: usize>(modulus: &[u64], bases: Bases<'_>, shift: usize) -> [Candidate; LANES] {
    let words = modulus.len();
    let exponent = Zeroizing::new(number::<B>([modulus; LANES], shift));
    let mut batch = Batch::<B>::new([modulus; LANES]);
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

impl<const B: usize> Batch<B> {
    /// The powers 0 to 15 of each base in Montgomery form.
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

    /// x = xy/R modulo m.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn multiply(&mut self, y: &Number<B>) {
        let mut high = [_mm512_setzero_si512(); STEP];
        for column in 0..2 * B - 1 {
            let (first, last) = (column.saturating_sub(B - 1), column.min(B - 1));
            let sum = Columns::of_products(&self.x[first..=last], &y[column - last..=column - first]);
            self.square[column / B][column % B] = sum.low(&high);
            high = sum.high();
        }
        self.square[1][B - 1] = high;
        self.reduce(_mm512_setzero_si512());
    }
}

/// In each lane, the entry of the table that `wanted` says.
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

/// The number of a lane in so many words.
#[target_feature(enable = "avx512f")]
fn lane_words<const B: usize>(number: &Number<B>, lane: usize, words: usize) -> Candidate {
    let mut value = Candidate::new(vec![0; words]);
    for (at, digit) in number.iter().flatten().enumerate() {
        // The sum of one lane.
        let digit = _mm512_mask_reduce_add_epi64(1 << lane, *digit).cast_unsigned();
        let (word, shift) = (at * DIGIT_BITS / 64, at * DIGIT_BITS % 64);
        value[word] |= digit << shift;
        if let Some(next) = value.get_mut(word + 1).filter(|_| shift + DIGIT_BITS > 64) {
            *next |= digit >> (64 - shift);
        }
    }
    value
}
