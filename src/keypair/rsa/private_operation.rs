//! The private-key operation of RSA (RSASP1, RFC 8017, section 5.2.1) with its encodings: with `ring` where it supports the
//! key, because that takes less than half the time, and with the `rsa` crate otherwise.
//!
//! Both work in constant time, and both compare the result, raised to the public exponent, with the encoded message, so
//! that a fault in the computation with the Chinese remainder theorem does not reveal a prime (Boneh and others: "On
//! the Importance of Checking Cryptographic Protocols for Faults"). Only the `rsa` crate also blinds its inputs. `ring`
//! relies on constant time alone.

use super::super::{SignatureAlgorithm, refuse};
use crate::error::{Error, Result};
use crate::random;
use rand::rngs::SysRng;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RSA_PSS_SHA512, RsaEncoding};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::traits::SignatureScheme;
use rsa::{Pkcs1v15Sign, PrivateKey, Pss};
use sha2::{Digest, Sha256, Sha512};

/// Signs a message. The caller ensures that the key is long enough for the algorithm.
///
/// # Errors
/// - `system_limit` if the operating system provides no random bytes
/// - `internal` if the algorithm is not one of RSA, or if the computation fails
pub(super) fn sign(key: &PrivateKey, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
    match prepared(key) {
        Some(prepared) => with_ring(&prepared, algorithm, message),
        None => with_rsa(key, algorithm, message),
    }
}

/// Prepares a key for `ring`, which supports moduli of 2048, 3072 and 4096 bits with exponents from 65537 to 2^33 − 1.
/// Returns `None` for another key, and for one with components that `ring` refuses.
fn prepared(key: &PrivateKey) -> Option<ring::rsa::KeyPair> {
    let der = key.to_pkcs1_der().ok()?;
    ring::rsa::KeyPair::from_der(der.as_bytes()).ok()
}

fn with_ring(key: &ring::rsa::KeyPair, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
    // With `ring`, the salt of RSASSA-PSS is as long as the digest.
    let encoding: &'static dyn RsaEncoding = match algorithm {
        SignatureAlgorithm::RsaPssSha256 => &RSA_PSS_SHA256,
        SignatureAlgorithm::RsaPssSha512 => &RSA_PSS_SHA512,
        SignatureAlgorithm::RsaPkcs1Sha256 => &RSA_PKCS1_SHA256,
        SignatureAlgorithm::Ed25519 => return Err(other_algorithm()),
    };
    let mut signature = vec![0; key.public().modulus_len()];
    // `ring` does not say whether random bytes were missing.
    let cause = |_| random::fill(&mut [0]).err().unwrap_or_else(failed);
    key.sign(encoding, &SystemRandom::new(), message, &mut signature).map_err(cause)?;
    Ok(signature)
}

fn with_rsa(key: &PrivateKey, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
    let rng = Some(&mut SysRng);
    match algorithm {
        SignatureAlgorithm::RsaPssSha256 => {
            let digest = Sha256::digest(message);
            Pss::<Sha256>::new_with_salt(digest.len()).sign(rng, key, &digest)
        }
        SignatureAlgorithm::RsaPssSha512 => {
            let digest = Sha512::digest(message);
            Pss::<Sha512>::new_with_salt(digest.len()).sign(rng, key, &digest)
        }
        SignatureAlgorithm::RsaPkcs1Sha256 => Pkcs1v15Sign::new::<Sha256>().sign(rng, key, &Sha256::digest(message)),
        SignatureAlgorithm::Ed25519 => return Err(other_algorithm()),
    }
    .map_err(|error| match error {
        rsa::Error::Rng => random::fill(&mut [0]).err().unwrap_or_else(failed),
        error => failed().because(error),
    })
}

fn other_algorithm() -> Error {
    Error::internal("an RSA key cannot sign with Ed25519")
}

fn failed() -> Error {
    refuse::faulty("could not sign with the key")
}

#[cfg(test)]
mod tests {
    use super::super::{Bits, PrimeSearch, RsaKeyPair, RsaPublicKey};
    use super::*;
    use crate::testing::key_file;
    use rsa::traits::{PrivateKeyParts, PublicKeyParts};
    use std::sync::atomic::AtomicU64;

    const MESSAGE: &[u8] = b"1700000000000GET/trade-api/v2/portfolio/balance";
    const ALGORITHMS: [SignatureAlgorithm; 3] =
        [SignatureAlgorithm::RsaPssSha256, SignatureAlgorithm::RsaPssSha512, SignatureAlgorithm::RsaPkcs1Sha256];

    fn accepted(key: &PrivateKey, algorithm: SignatureAlgorithm, signature: &[u8]) -> bool {
        let public = RsaPublicKey::from_numbers(&key.n().to_be_bytes(), &key.e().to_be_bytes()).unwrap();
        public.verifier().unwrap().accepts(algorithm, MESSAGE, signature)
    }

    #[test]
    fn both_implementations_sign_alike() {
        let pair = RsaKeyPair::from_pkcs1(&key_file("rsa2048.private.pkcs1.der")).unwrap();
        let (key, prepared) = (pair.key(), prepared(pair.key()).unwrap());
        for algorithm in ALGORITHMS {
            let (one, other) = (with_ring(&prepared, algorithm, MESSAGE), with_rsa(key, algorithm, MESSAGE));
            let (one, other) = (one.unwrap(), other.unwrap());
            assert!(accepted(key, algorithm, &one) && accepted(key, algorithm, &other), "{algorithm}");
            // Only the salt of RSASSA-PSS makes signatures of the same message differ.
            assert_eq!(one == other, algorithm == SignatureAlgorithm::RsaPkcs1Sha256);
        }
    }

    #[test]
    fn a_key_that_ring_does_not_support_signs_with_the_rsa_crate() {
        let pair = RsaKeyPair::from_pkcs1(&key_file("rsa2048.private.pkcs1.der")).unwrap();
        let [p, q] = pair.key().primes() else { panic!("the key has two primes") };
        let small = (3_u8..)
            .step_by(2)
            .find_map(|e| PrivateKey::from_p_q(p.clone().get(), q.clone().get(), e.into()).ok())
            .unwrap();
        assert!(prepared(&small).is_none());
        for algorithm in ALGORITHMS {
            assert!(accepted(&small, algorithm, &sign(&small, algorithm, MESSAGE).unwrap()), "{algorithm}");
        }
    }

    #[test]
    fn keys_of_all_three_sizes_and_either_order_of_the_primes_are_signed_with_ring() {
        for bits in [Bits::B2048, Bits::B3072, Bits::B4096] {
            let pair = RsaKeyPair::generate(bits, PrimeSearch::Auto, None, &AtomicU64::new(0)).unwrap();
            let [p, q] = pair.key().primes() else { panic!("the key has two primes") };
            for [p, q] in [[p, q], [q, p]] {
                let key = PrivateKey::from_p_q(p.clone().get(), q.clone().get(), pair.key().e().clone()).unwrap();
                assert!(prepared(&key).is_some(), "{bits:?}");
            }
        }
    }
}
