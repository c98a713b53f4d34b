//! Decides whether a public key is safe to register, based only on its modulus and exponent.
//!
//! The rules follow the CA/Browser Forum's Baseline Requirements, sections 6.1.1.3, 6.1.5 and 6.1.6, the `goodkey`
//! package of Boulder, and the badkeys project.

use super::RsaPublicKey;
use super::pattern::{self, ModulusPattern};
use super::{factors, roca};
use crate::error::{Code, Error, Result};
use crypto_bigint::BoxedUint;
use crypto_primes::{Flavor, is_prime};

/// The minimum size of a modulus in bits (Baseline Requirements, section 6.1.5).
const MIN_BITS: u32 = 2048;
/// The maximum size of a modulus in bits. Verifying a signature with an 8192-bit key takes 16 times as long as with a
/// 2048-bit key.
const MAX_BITS: u32 = 8192;
/// The minimum public exponent (recommended by the Baseline Requirements, section 6.1.6, and required by FIPS 186-5,
/// A.1.1).
const MIN_EXPONENT: u64 = 65537;
/// The maximum public exponent, which is also the maximum that the `rsa` crate accepts when it verifies a signature.
const MAX_EXPONENT: u64 = (1 << 33) - 1;

const NEW_KEY: &str =
    "create a new key: `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out PRIVATE.pem`";
const BROKEN_KEY: &str =
    "stop using the key, because anyone can compute its private key, and create a new one with different software";
const WEAK_KEY: &str =
    "stop using the key, because its private key may be easy to compute, and create a new one with different software";

impl RsaPublicKey {
    /// Checks that the size, the exponent and the modulus of the key are safe.
    ///
    /// Cheap rules are checked first, and the size is checked before the rules that would take long for a huge number.
    /// The check takes about 5 ms for 2048 bits and 31 ms for 4096 bits. The keyring is not searched for a key with the
    /// same modulus.
    ///
    /// # Errors
    /// - `key_too_small` or `key_too_large` if the modulus does not have 2048 to 8192 bits
    /// - `key_size_uneven` if the number of bits is not a multiple of 8
    /// - `exponent_even` if the public exponent is even
    /// - `exponent_too_small` or `exponent_too_large` if the public exponent is not between 65537 and 2^33 − 1
    /// - `modulus_pattern` if the modulus contains the same 12 bytes twice, or biased bits
    /// - `modulus_small_factor` if the modulus has a prime factor of at most 65537
    /// - `modulus_roca` if the modulus has the ROCA fingerprint (CVE-2017-15361)
    /// - `modulus_square` if the modulus is a perfect square
    /// - `modulus_close_primes` if Fermat's method factors the modulus within 110 rounds
    /// - `modulus_prime` if the modulus is prime
    pub(in crate::keypair) fn judge(&self) -> Result<()> {
        size(self.bits())?;
        exponent(self.exponent())?;
        modulus(self.modulus())
    }
}

fn size(bits: u32) -> Result<()> {
    if bits < MIN_BITS {
        Err(Error::new(Code::KeyTooSmall, format!("the modulus has {bits} bits; the minimum is {MIN_BITS}"), NEW_KEY))
    } else if bits > MAX_BITS {
        Err(Error::new(Code::KeyTooLarge, format!("the modulus has {bits} bits; the maximum is {MAX_BITS}"), NEW_KEY))
    } else if !bits.is_multiple_of(8) {
        Err(Error::new(
            Code::KeySizeUneven,
            format!("the modulus has {bits} bits, which is not a multiple of 8"),
            NEW_KEY,
        ))
    } else {
        Ok(())
    }
}

fn exponent(bytes: &[u8]) -> Result<()> {
    let value = bytes.iter().try_fold(0_u64, |value, &byte| Some(value.checked_mul(256)? | u64::from(byte)));
    if bytes.last().is_none_or(|last| last.is_multiple_of(2)) {
        let message = "the public exponent is even, so the key cannot work";
        return Err(Error::new(Code::ExponentEven, message, NEW_KEY));
    }
    match value {
        Some(e) if e < MIN_EXPONENT => Err(Error::new(
            Code::ExponentTooSmall,
            format!("the public exponent is {e}; the minimum is {MIN_EXPONENT}"),
            NEW_KEY,
        )),
        Some(e) if e <= MAX_EXPONENT => Ok(()),
        _ => Err(Error::new(
            Code::ExponentTooLarge,
            format!("the public exponent has {} bits; the maximum is 2^33 - 1", bit_length(bytes)),
            NEW_KEY,
        )),
    }
}

fn modulus(bytes: &[u8]) -> Result<()> {
    let broken = |code, message: String| Err(Error::new(code, message, BROKEN_KEY));
    let weak = |code, message: String| Err(Error::new(code, message, WEAK_KEY));
    // Patterns are checked first: repeated blocks also have small factors, but the pattern is the more helpful reason.
    match pattern::find(bytes) {
        Some(ModulusPattern::Repeated) => {
            return weak(
                Code::ModulusPattern,
                "the modulus is not random, because it contains the same 12 bytes twice".into(),
            );
        }
        Some(ModulusPattern::Biased) => {
            return weak(
                Code::ModulusPattern,
                "the modulus is not random, because too many or too few of its bits are set, overall or at one position in every byte"
                    .into(),
            );
        }
        None => {}
    }
    let n = BoxedUint::from_be_slice_vartime(bytes);
    if let Some(factor) = factors::smallest(&n) {
        return broken(Code::ModulusSmallFactor, format!("the modulus is divisible by {factor}"));
    }
    if roca::has_fingerprint(&n) {
        return weak(
            Code::ModulusRoca,
            "the modulus comes from a library with the ROCA vulnerability (CVE-2017-15361)".into(),
        );
    }
    if factors::is_square(&n) {
        return broken(Code::ModulusSquare, "the modulus is a perfect square".into());
    }
    if factors::are_close(&n) {
        return broken(
            Code::ModulusClosePrimes,
            "the modulus has prime factors that are too close together: Fermat's method finds them within 110 rounds"
                .into(),
        );
    }
    if is_prime(Flavor::Any, &n) {
        return broken(Code::ModulusPrime, "the modulus is prime, not the product of two primes".into());
    }
    Ok(())
}

fn bit_length(bytes: &[u8]) -> usize {
    bytes.first().map_or(0, |byte| bytes.len() * 8 - byte.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keypair::PublicKey;
    use crate::testing::key_file;

    fn judged(name: &str) -> Result<(), Code> {
        PublicKey::read(&key_file(name), false).unwrap().judge().map_err(|error| error.code())
    }

    #[test]
    fn safe_keys_pass() {
        for name in ["rsa2048.spki.pem", "rsa3072.spki.pem", "rsa4096.spki.pem", "rsa2056.spki.pem", "e33bits.spki.pem"]
        {
            assert_eq!(judged(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn each_weakness_has_its_code() {
        for (name, code) in [
            ("weak-1024.pem", Code::KeyTooSmall),
            ("weak-2047.pem", Code::KeyTooSmall),
            ("weak-2052.pem", Code::KeySizeUneven),
            ("weak-8200.pem", Code::KeyTooLarge),
            ("weak-16384.pem", Code::KeyTooLarge),
            ("weak-e1.pem", Code::ExponentTooSmall),
            ("weak-e3.pem", Code::ExponentTooSmall),
            ("weak-e65535.pem", Code::ExponentTooSmall),
            ("weak-e65538.pem", Code::ExponentEven),
            ("weak-e2p33p1.pem", Code::ExponentTooLarge),
            ("weak-e128bits.pem", Code::ExponentTooLarge),
            ("weak-even-modulus.pem", Code::ModulusSmallFactor),
            ("weak-factor65537.pem", Code::ModulusSmallFactor),
            ("weak-prime.pem", Code::ModulusPrime),
            ("weak-square.pem", Code::ModulusSquare),
            ("weak-close.pem", Code::ModulusClosePrimes),
            ("weak-close-last-round.pem", Code::ModulusClosePrimes),
            ("weak-roca2048.pem", Code::ModulusRoca),
            ("weak-roca3072.pem", Code::ModulusRoca),
            ("weak-repeated.pem", Code::ModulusPattern),
            ("weak-biased.pem", Code::ModulusPattern),
        ] {
            assert_eq!(judged(name), Err(code), "{name}");
        }
    }

    #[test]
    fn primes_that_need_one_round_more_pass() {
        assert_eq!(judged("close-round-111.pem"), Ok(()));
    }

    #[test]
    fn messages_contain_the_limits() {
        let key = PublicKey::read(&key_file("weak-1024.pem"), false).unwrap();
        assert_eq!(key.judge().unwrap_err().to_string(), "the modulus has 1024 bits; the minimum is 2048");
        let key = PublicKey::read(&key_file("weak-e2p33p1.pem"), false).unwrap();
        assert_eq!(key.judge().unwrap_err().to_string(), "the public exponent has 34 bits; the maximum is 2^33 - 1");
    }
}
