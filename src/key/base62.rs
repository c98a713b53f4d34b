//! Base62 encoding with the digits `0-9A-Za-z`. The most significant digit comes first and the width is fixed, so
//! encoded numbers sort in numeric order.

/// The number of base62 digits that one division of the limbs produces.
const LIMB_DIGITS: usize = 5;
/// 62^5, the largest power of 62 that fits in a 32-bit limb.
const LIMB_BASE: u64 = 916_132_832;

/// Returns the digit for a value below 62. The function uses neither a table nor a branch, because a table lookup with
/// a secret index can be observed through the CPU cache.
const fn digit(value: u8) -> u8 {
    let above_nine = (9u8.wrapping_sub(value) >> 7) & 1;
    let above_upper = (35u8.wrapping_sub(value) >> 7) & 1;
    b'0' + value + 7 * above_nine + 6 * above_upper
}

/// Returns the value of a base62 digit, or `None` for any other byte.
pub(super) const fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'Z' => Some(digit - b'A' + 10),
        b'a'..=b'z' => Some(digit - b'a' + 36),
        _ => None,
    }
}

/// Returns `true` if every byte is a base62 digit.
pub(super) fn is_base62(text: &str) -> bool {
    text.bytes().all(|b| value(b).is_some())
}

/// Encodes a big-endian number of `N` 32-bit limbs as digits that fill `out`, with leading zeros. The most significant
/// digits are discarded if they do not fit. The divisions overwrite the limbs.
pub(super) fn encode<const N: usize>(limbs: &mut [u32; N], out: &mut [u8]) {
    for chunk in out.rchunks_mut(LIMB_DIGITS) {
        let mut rest = 0u64;
        for limb in limbs.iter_mut() {
            let part = (rest << 32) | u64::from(*limb);
            // The quotient fits in 32 bits because `rest` is less than the divisor.
            *limb = low32(part / LIMB_BASE);
            rest = part % LIMB_BASE;
        }
        for place in chunk.iter_mut().rev() {
            *place = digit(low8(rest % 62));
            rest /= 62;
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "callers pass quotients that fit")]
const fn low32(value: u64) -> u32 {
    value as u32
}

#[expect(clippy::cast_possible_truncation, reason = "callers pass remainders under 62")]
const fn low8(value: u64) -> u8 {
    value as u8
}

/// Encodes a 128-bit number as digits that fill `out`, with leading zeros. The most significant digits are discarded if
/// they do not fit.
pub(super) fn encode_u128(number: u128, out: &mut [u8]) {
    let mut limbs = [0u32; 4];
    for (limb, bytes) in limbs.iter_mut().zip(number.to_be_bytes().chunks_exact(4)) {
        *limb = bytes.iter().fold(0, |acc, b| (acc << 8) | u32::from(*b));
    }
    encode(&mut limbs, out);
}

/// Decodes a base62 number. Returns `None` if the text contains a character that is not a base62 digit, or the number
/// has more than 128 bits.
pub(super) fn decode_u128(text: &str) -> Option<u128> {
    text.bytes().try_fold(0u128, |acc, b| acc.checked_mul(62)?.checked_add(u128::from(value(b)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_in_order() {
        let alphabet: Vec<u8> = (0..62).map(digit).collect();
        assert_eq!(alphabet, b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        assert!((0..62).all(|v| value(digit(v)) == Some(v)));
    }

    #[test]
    fn numbers_decode_to_themselves() {
        for number in [0, 1, 61, 62, 916_132_831, 916_132_832, u128::from(u64::MAX), u128::MAX] {
            let mut out = [0; 22];
            encode_u128(number, &mut out);
            assert_eq!(decode_u128(str::from_utf8(&out).unwrap()), Some(number));
        }
        assert_eq!(decode_u128("zzzzzzzzzzzzzzzzzzzzzz"), None, "over 128 bits");
        assert_eq!(decode_u128("0-"), None);
    }

    #[test]
    fn two_hundred_and_fifty_six_bits_fill_43_digits() {
        let mut out = [0; 43];
        encode(&mut [u32::MAX; 8], &mut out);
        // 2^256 - 1 in base 62, as computed by Python.
        assert_eq!(str::from_utf8(&out).unwrap(), "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1");
    }
}
