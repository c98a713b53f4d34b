//! Generating many Ed25519 keys at once, which takes less than half the time of generating them one by one.
//!
//! [`Ed25519KeyPair::generate`](super::Ed25519KeyPair::generate) multiplies the base point twice (11 µs each), inverts a
//! field element twice (4 µs each), and makes a system call. Keys that are generated together share the inversions and the
//! system call, and their test needs an addition for each key instead of the second multiplication.

use super::super::{Algorithm, Fingerprint, StoredPublicKey};
use super::Ed25519PublicKey;
use super::key_pair::{failed_test, pem};
use super::public_key::{identity, spki};
use crate::error::Result;
use crate::random;
use crate::secret::Secret;
use curve25519_dalek::{EdwardsPoint, Scalar, edwards::CompressedEdwardsY};
use ed25519_dalek::hazmat::ExpandedSecretKey;
use std::hint::black_box;
use zeroize::Zeroizing;

/// Generates `count` key pairs from random bytes of the operating system (RFC 8032, section 5.1.5), and returns the public
/// key and the PEM of each. All pairs have passed [`are_consistent`].
///
/// # Errors
/// - `system_limit` if the operating system provides no random bytes
/// - `internal` if the test of the pairs fails, or if a key cannot be encoded
pub(in crate::keypair) fn generate_many(count: usize) -> Result<Vec<(StoredPublicKey, Secret)>> {
    let mut seeds = Zeroizing::new(vec![[0; 32]; count]);
    random::fill(seeds.as_flattened_mut())?;
    let points: Vec<_> = seeds.iter().map(point).collect();
    let encodings = EdwardsPoint::compress_batch_alloc(&points);
    if !are_consistent(&seeds, &points, &encodings) {
        return Err(failed_test());
    }
    let pair = |(seed, encoding): (_, &CompressedEdwardsY)| Ok((stored(encoding.as_bytes())?, pem(seed)?));
    seeds.iter().zip(&encodings).map(pair).collect()
}

/// Returns the public key of a private key, as a point.
fn point(seed: &[u8; 32]) -> EdwardsPoint {
    EdwardsPoint::mul_base(&ExpandedSecretKey::from(seed).scalar)
}

/// Tests the consistency of new key pairs (NIST SP 800-56A, revision 3, section 5.6.2.1.4). Derives the secret scalars from
/// the private keys once more, compares the sum of the public keys with the public key of the sum of the scalars, and
/// encodes the public keys once more.
///
/// The test notices every single wrong key. Several wrong keys go unnoticed only if their errors add up to zero, which
/// independent random errors practically never do. Computing each public key twice would notice these too, but not an error
/// that occurs both times. A wrong public key that goes unnoticed cannot be used: only the private key is delivered, the
/// right public key is derived from it for each signature, and the keyring refuses the signature.
fn are_consistent(seeds: &[[u8; 32]], points: &[EdwardsPoint], encodings: &[CompressedEdwardsY]) -> bool {
    let scalars = black_box(seeds).iter().map(|seed| Zeroizing::new(ExpandedSecretKey::from(seed).scalar));
    let sum = scalars.fold(Zeroizing::new(Scalar::ZERO), |sum, scalar| Zeroizing::new(*sum + *scalar));
    EdwardsPoint::mul_base(&sum) == points.iter().sum()
        && EdwardsPoint::compress_batch_alloc(black_box(points)) == encodings
}

fn stored(encoding: &[u8; 32]) -> Result<StoredPublicKey> {
    let spki = spki(encoding)?;
    let fingerprint = Fingerprint::of_spki(&spki);
    let identity = identity(encoding);
    Ok(StoredPublicKey::from_stored(Algorithm::Ed25519, spki, fingerprint, identity, Ed25519PublicKey::BITS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keypair::KeyPair;
    use std::collections::BTreeSet;

    #[test]
    fn each_pair_is_the_one_that_is_read_back() {
        for count in [0, 1, 2, 97] {
            let pairs = generate_many(count).unwrap();
            assert_eq!(pairs.iter().map(|(public, _)| public.spki().to_vec()).collect::<BTreeSet<_>>().len(), count);
            for (public, pem) in pairs {
                let pair = KeyPair::from_private(pem.expose()).unwrap();
                assert_eq!(StoredPublicKey::from(&pair.public().unwrap()), public);
                assert!(pair.to_pem(crate::keypair::PemKind::Pkcs8).unwrap().expose() == pem.expose());
            }
        }
    }

    #[test]
    fn a_wrong_seed_point_or_encoding_is_noticed() {
        let seeds: Vec<[u8; 32]> = (0..9).map(|n| [n; 32]).collect();
        let points: Vec<_> = seeds.iter().map(point).collect();
        let encodings = EdwardsPoint::compress_batch_alloc(&points);
        assert!(are_consistent(&seeds, &points, &encodings));
        for at in 0..seeds.len() {
            let mut wrong = seeds.clone();
            wrong[at][31] ^= 1;
            assert!(!are_consistent(&wrong, &points, &encodings));
            let mut wrong = points.clone();
            wrong[at] = -wrong[at];
            assert!(!are_consistent(&seeds, &wrong, &EdwardsPoint::compress_batch_alloc(&wrong)));
            let mut wrong = encodings.clone();
            wrong[at].0[0] ^= 1;
            assert!(!are_consistent(&seeds, &points, &wrong));
        }
    }
}
