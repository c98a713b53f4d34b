//! Which public keys are fit to be registered, by their numbers alone.
//!
//! After the CA/Browser Forum's Baseline Requirements, sections 6.1.1.3, 6.1.5 and 6.1.6, Boulder's `goodkey`
//! and badkeys.

use super::PublicKey;
use super::pattern::{self, Pattern};
use super::{factors, roca};
use crate::error::{Code, Error, Result};
use crypto_bigint::BoxedUint;
use crypto_primes::{Flavor, is_prime};

/// The least size of a modulus, in bits (Baseline Requirements, section 6.1.5).
const LEAST_BITS: u32 = 2048;
/// The most, in bits: a verification at 8192 bits costs sixteen times one at 2048.
const MOST_BITS: u32 = 8192;
/// The least public exponent (Baseline Requirements, section 6.1.6, and FIPS 186-5, section 5.1).
const LEAST_EXPONENT: u64 = 65537;
/// The most: what every RSA library that matters can verify with.
const MOST_EXPONENT: u64 = (1 << 33) - 1;

const NEW_KEY: &str = "make a new key: `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out PRIVATE.pem`";
const BROKEN_KEY: &str = "anyone can work out the private key: stop using it and make a new one elsewhere";

impl PublicKey {
    /// Judges the size, the exponent and the modulus; cheap rules first, and those on the size before all that
    /// would take long on a huge number. Takes about 5 ms at 2048 bits, 31 ms at 4096.
    ///
    /// Whether the modulus is registered already is the keyring's to say.
    ///
    /// # Errors
    ///
    /// `key_too_small`, `key_too_large`, `key_size_uneven`; `exponent_even`, `exponent_too_small`,
    /// `exponent_too_large`; `modulus_pattern`, `modulus_small_factor`, `modulus_roca`, `modulus_square`,
    /// `modulus_close_primes`, `modulus_prime`.
    pub fn judge(&self) -> Result<()> {
        size(self.bits())?;
        exponent(self.exponent())?;
        modulus(self.modulus())
    }
}

fn size(bits: u32) -> Result<()> {
    if bits < LEAST_BITS {
        Err(Error::new(Code::KeyTooSmall, format!("the modulus has {bits} bits; {LEAST_BITS} is the least"), NEW_KEY))
    } else if bits > MOST_BITS {
        Err(Error::new(Code::KeyTooLarge, format!("the modulus has {bits} bits; {MOST_BITS} is the most"), NEW_KEY))
    } else if !bits.is_multiple_of(8) {
        Err(Error::new(Code::KeySizeUneven, format!("the modulus has {bits} bits, not a multiple of 8"), NEW_KEY))
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
        Some(e) if e < LEAST_EXPONENT => Err(Error::new(
            Code::ExponentTooSmall,
            format!("the public exponent is {e}; {LEAST_EXPONENT} is the least"),
            NEW_KEY,
        )),
        Some(e) if e <= MOST_EXPONENT => Ok(()),
        _ => Err(Error::new(
            Code::ExponentTooLarge,
            format!("the public exponent has {} bits; 2^33 - 1 is the most", bit_length(bytes)),
            NEW_KEY,
        )),
    }
}

fn modulus(bytes: &[u8]) -> Result<()> {
    let broken = |code, message: String| Err(Error::new(code, message, BROKEN_KEY));
    // First, because repeated blocks have small factors too, and the pattern is the better reason.
    match pattern::find(bytes) {
        Some(Pattern::Repeated) => {
            return broken(
                Code::ModulusPattern,
                "the modulus repeats 12 of its bytes, so it was not made at random".into(),
            );
        }
        Some(Pattern::Biased) => {
            return broken(Code::ModulusPattern, "the modulus has far too many or too few one-bits".into());
        }
        None => {}
    }
    let n = BoxedUint::from_be_slice_vartime(bytes);
    if let Some(factor) = factors::smallest(&n) {
        return broken(Code::ModulusSmallFactor, format!("the modulus is divisible by {factor}"));
    }
    if roca::has_fingerprint(&n) {
        return broken(
            Code::ModulusRoca,
            "the modulus was made by a library with the ROCA flaw (CVE-2017-15361)".into(),
        );
    }
    if factors::is_square(&n) {
        return broken(Code::ModulusSquare, "the modulus is the square of one number".into());
    }
    if factors::are_close(&n) {
        return broken(Code::ModulusClosePrimes, "110 rounds of Fermat's method find the two primes".into());
    }
    if is_prime(Flavor::Any, &n) {
        return broken(Code::ModulusPrime, "the modulus is a prime, not the product of two".into());
    }
    Ok(())
}

fn bit_length(bytes: &[u8]) -> usize {
    bytes.first().map_or(0, |byte| bytes.len() * 8 - byte.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::key_file;

    fn judged(name: &str) -> Result<(), Code> {
        PublicKey::read(&key_file(name), false).unwrap().judge().map_err(|error| error.code())
    }

    #[test]
    fn good_keys_pass() {
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
    fn primes_one_round_too_far_apart_pass() {
        assert_eq!(judged("close-round-111.pem"), Ok(()));
    }

    #[test]
    fn messages_have_figures() {
        let key = PublicKey::read(&key_file("weak-1024.pem"), false).unwrap();
        assert_eq!(key.judge().unwrap_err().to_string(), "the modulus has 1024 bits; 2048 is the least");
        let key = PublicKey::read(&key_file("weak-e2p33p1.pem"), false).unwrap();
        assert_eq!(key.judge().unwrap_err().to_string(), "the public exponent has 34 bits; 2^33 - 1 is the most");
    }
}
