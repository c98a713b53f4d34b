//! Sums of digit products in columns, the inner loops of squaring, multiplication and reduction.

use super::{DIGIT_MASK, DigitBlock, STEP, add, splat};
use core::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_madd52hi_epu64, _mm512_madd52lo_epu64, _mm512_setzero_si512, _mm512_srli_epi64,
};

/// Repeats a block of code for the five digits of a step or the nine columns of a product.
///
/// Arrays stay in registers only if every index is a constant, and the compiler does not unroll nested loops of this
/// size itself.
macro_rules! each {
    ($i:ident of 5 => $body:block) => {
        each!($i of [0, 1, 2, 3, 4] => $body)
    };
    ($i:ident of 9 => $body:block) => {
        each!($i of [0, 1, 2, 3, 4, 5, 6, 7, 8] => $body)
    };
    ($i:ident of [$($value:literal),+] => $body:block) => {
        $({
            let $i: usize = $value;
            $body
        })+
    };
}

/// The columns of a product of five digits by five digits: nine for the low halves, and nine for the high halves, each
/// of which counts in the next higher column. With two sets, an addition rarely has to wait for the previous addition.
pub(super) struct ProductColumns {
    low: [__m512i; 2 * STEP - 1],
    high: [__m512i; 2 * STEP - 1],
}

impl ProductColumns {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn zero() -> Self {
        let zero = _mm512_setzero_si512();
        Self { low: [zero; 2 * STEP - 1], high: [zero; 2 * STEP - 1] }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add_product(&mut self, column: usize, a: __m512i, b: __m512i) {
        self.low[column] = _mm512_madd52lo_epu64(self.low[column], a, b);
        self.high[column] = _mm512_madd52hi_epu64(self.high[column], a, b);
    }

    /// Returns the sum of the products of blocks: the first block of `a` with the last block of `b`, the second with
    /// the second to last, and so on.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn of_products(a: &[DigitBlock], b: &[DigitBlock]) -> Self {
        let mut sum = Self::zero();
        for (a, b) in a.iter().zip(b.iter().rev()) {
            each!(i of 5 => {
                each!(j of 5 => { sum.add_product(i + j, a[i], b[j]) });
            });
        }
        sum
    }

    /// Adds the products of different digits in one block, counting each pair once.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn add_products_below(&mut self, a: &DigitBlock) {
        each!(i of 5 => {
            each!(j of 5 => {
                if i < j {
                    self.add_product(i + j, a[i], a[j]);
                }
            });
        });
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn add_squares(&mut self, a: &DigitBlock) {
        each!(i of 5 => { self.add_product(2 * i, a[i], a[i]) });
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn double(&mut self) {
        each!(i of 9 => {
            self.low[i] = _mm512_add_epi64(self.low[i], self.low[i]);
            self.high[i] = _mm512_add_epi64(self.high[i], self.high[i]);
        });
    }

    /// Returns the lower five columns plus `below`, the upper columns of the next lower block.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn low(&self, below: &DigitBlock) -> DigitBlock {
        let mut low = *below;
        each!(i of 5 => {
            low[i] = _mm512_add_epi64(low[i], self.low[i]);
            if i > 0 {
                low[i] = _mm512_add_epi64(low[i], self.high[i - 1]);
            }
        });
        low
    }

    /// Returns the upper five columns, which are added to the lower five columns of the next higher block.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn high(&self) -> DigitBlock {
        let mut high = [_mm512_setzero_si512(); STEP];
        each!(i of 5 => {
            high[i] = self.high[STEP - 1 + i];
            if i + 1 < STEP {
                high[i] = _mm512_add_epi64(high[i], self.low[STEP + i]);
            }
        });
        high
    }

    /// Runs five steps of a Montgomery reduction (HAC 14.32): finds the five digits of q for which adding q times the
    /// modulus makes the five digits in the lower columns, `low`, zero. `modulus` is the lowest block of the modulus m,
    /// `inverse` is −1/m modulo 2^52, and `carry` is the carry into the lower columns.
    ///
    /// Returns the five digits of q, the upper five columns after q times the lowest block has been added, and the
    /// carry into the upper columns. The caller adds the products of q and the other blocks.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn eliminate(
        &self,
        low: &DigitBlock,
        modulus: &DigitBlock,
        inverse: __m512i,
        mut carry: __m512i,
    ) -> (DigitBlock, DigitBlock, __m512i) {
        let zero = _mm512_setzero_si512();
        let mut quotient = [zero; STEP];
        let mut columns = Self::zero();
        each!(i of 5 => {
            let mut column = _mm512_add_epi64(low[i], carry);
            column = _mm512_add_epi64(column, columns.low[i]);
            if i > 0 {
                column = _mm512_add_epi64(column, columns.high[i - 1]);
            }
            // Adding the low half of the product makes the low 52 bits zero, and carries one if they were not zero
            // before. The carry is therefore the column divided by 2^52, rounded up.
            carry = _mm512_srli_epi64::<52>(_mm512_add_epi64(column, splat(DIGIT_MASK)));
            quotient[i] = _mm512_madd52lo_epu64(zero, column, inverse);
            columns.high[i] = _mm512_madd52hi_epu64(columns.high[i], quotient[i], modulus[0]);
            each!(j of 5 => {
                if j > 0 {
                    columns.add_product(i + j, quotient[i], modulus[j]);
                }
            });
        });
        (quotient, add(&self.high(), &columns.high()), carry)
    }
}
