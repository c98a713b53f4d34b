//! Detects moduli that are not random because bytes are repeated or bits are biased.

/// The minimum length of a repetition in bytes. At two given positions in a random modulus, 12 bytes are equal with
/// probability 2^-96. In 8192 bits, there are 2^19 pairs of positions, so a repetition occurs with a probability of at
/// most 2^-77.
const REPEATED: usize = 12;

/// A pattern that practically never occurs in a random modulus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ModulusPattern {
    /// The same 12 bytes occur at two positions, as in a repeated block or a run of equal bytes.
    Repeated,
    /// Far too many or too few bits are set, either overall or at the same position in every byte.
    Biased,
}

/// Returns the pattern in a big-endian modulus, or `None` if the modulus has no pattern. A random modulus of 2048 to
/// 8192 bits has a pattern with a probability below 2^-60.
pub(super) fn find(modulus: &[u8]) -> Option<ModulusPattern> {
    let mut windows: Vec<&[u8]> = modulus.windows(REPEATED).collect();
    windows.sort_unstable();
    if windows.windows(2).any(|pair| pair[0] == pair[1]) {
        return Some(ModulusPattern::Repeated);
    }
    let ones = modulus.iter().map(|byte| u64::from(byte.count_ones())).sum();
    let at = |position: u32| modulus.iter().map(|byte| u64::from(byte >> position & 1)).sum();
    let bytes = modulus.len() as u64;
    let biased = is_biased(ones, bytes * 8) || (0..8).any(|position| is_biased(at(position), bytes));
    biased.then_some(ModulusPattern::Biased)
}

/// Returns `true` if the probability that random bits have such an uneven count of ones is below 2^-64.
///
/// By Hoeffding's inequality, the number k of ones among N random bits satisfies P(|2k − N| ≥ t) ≤ 2·exp(−t²/2N), so
/// t² = 93·N gives 2^-66. RSA key generators fix up to four bits of the modulus, which changes t² so little that the
/// limit of 2^-64 holds for 256 bits or more. For nine such tests together, the probability stays below 2^-60.
fn is_biased(ones: u64, bits: u64) -> bool {
    (2 * ones).abs_diff(bits).pow(2) >= 93 * bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    /// Returns bytes that contain no pattern and are the same in every run.
    fn noise(length: usize) -> Vec<u8> {
        (0_u32..).flat_map(|counter| Sha256::digest(counter.to_be_bytes())).take(length).collect()
    }

    #[test]
    fn random_bytes_have_no_pattern() {
        for length in [256, 257, 384, 512, 1024] {
            assert_eq!(find(&noise(length)), None);
        }
    }

    #[test]
    fn repetitions_are_found_at_any_position() {
        let mut twice = noise(256);
        twice.copy_within(10..22, 201);
        assert_eq!(find(&twice), Some(ModulusPattern::Repeated));
        let mut short = noise(256);
        short.copy_within(10..21, 201);
        assert_eq!(find(&short), None);
        let mut run = noise(256);
        run[50..63].fill(0xff);
        assert_eq!(find(&run), Some(ModulusPattern::Repeated));
        assert_eq!(find(&noise(64).repeat(4)), Some(ModulusPattern::Repeated));
    }

    #[test]
    fn bias_is_found_overall_and_at_one_bit_position() {
        let text: Vec<u8> = noise(256).iter().map(|byte| byte & 0x7f).collect();
        assert_eq!(find(&text), Some(ModulusPattern::Biased));
        // In 2048 bits, 60.7% ones exceed the threshold, and 60.5% do not.
        assert!(is_biased(1243, 2048));
        assert!(!is_biased(1239, 2048));
        assert!(is_biased(2048 - 1243, 2048));
    }

    #[test]
    fn short_and_empty_input_does_not_panic() {
        assert_eq!(find(&[1]), None);
        assert_eq!(find(&[]), Some(ModulusPattern::Biased));
    }
}
