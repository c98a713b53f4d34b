//! The encoded message that is recovered from a signature: RSASSA-PSS with SHA-256 or SHA-512 and any salt length, or
//! RSASSA-PKCS1-v1_5 with SHA-256.
//!
//! The encoded message serves only to explain why a signature is refused.
//! [`Verifier::accepts`](super::super::Verifier::accepts) alone decides which signatures are valid.

use sha2::{Digest, Sha256, Sha512};

/// The length of a SHA-256 digest in bytes.
const DIGEST: usize = 32;

/// The salt length of the supported scheme in bytes.
const SALT: usize = 32;

/// The bytes before the digest in the DER of a `DigestInfo` with SHA-256 (RFC 8017, section 9.2, note 1).
const DIGEST_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0, 0x04, 0x20];

/// The contents of the encoded message that was recovered from a signature (RFC 8017, section 9): the digest for
/// PKCS #1 v1.5, the salted hash and the salt for PSS, or no contents if the encoding is unknown.
pub struct RecoveredMessage(Encoding);

enum Encoding {
    /// EMSA-PSS (RFC 8017, section 9.1). An encoding rarely fits both hash functions, but only one of them matches the
    /// message.
    Pss { sha256: Option<Salted>, sha512: Option<Salted> },
    /// EMSA-PKCS1-v1_5 (RFC 8017, section 9.2): the digest of the message.
    Pkcs1 { digest: [u8; DIGEST] },
    /// Any other encoding, which matches no message.
    Unknown,
}

/// The hash of a message with its salt, and the salt.
struct Salted {
    hash: Vec<u8>,
    salt: Vec<u8>,
}

impl Salted {
    /// Returns `true` if the message with the given digest was signed.
    fn matches<D: Digest>(&self, digest: &[u8]) -> bool {
        D::new().chain_update([0; 8]).chain_update(digest).chain_update(&self.salt).finalize()[..] == self.hash[..]
    }
}

/// The scheme with which a message was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveredScheme {
    /// The supported scheme: RSASSA-PSS with SHA-256 and a salt of 32 bytes.
    Supported,
    /// RSASSA-PSS with SHA-256 and an unsupported salt of the given length in bytes.
    Salt(usize),
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2).
    Pkcs1,
}

impl RecoveredMessage {
    /// Decodes an encoded message, padded to the length of the modulus. `bits` is the length of the modulus in bits.
    pub(super) fn parse(encoded: &[u8], bits: usize) -> Self {
        if let Some(encoding) = pkcs1(encoded) {
            return Self(encoding);
        }
        match (pss::<Sha256>(encoded, bits), pss::<Sha512>(encoded, bits)) {
            (None, None) => Self(Encoding::Unknown),
            (sha256, sha512) => Self(Encoding::Pss { sha256, sha512 }),
        }
    }

    /// Returns the scheme with which the message with the given SHA-256 digest was signed, or `None` if another message
    /// was signed or the encoding is unknown. Computes at most one SHA-256 hash.
    #[must_use]
    pub fn scheme(&self, digest: &[u8; 32]) -> Option<RecoveredScheme> {
        match &self.0 {
            Encoding::Pkcs1 { digest: signed } => (signed == digest).then_some(RecoveredScheme::Pkcs1),
            Encoding::Pss { sha256, .. } => {
                let salted = sha256.as_ref().filter(|salted| salted.matches::<Sha256>(digest))?;
                let length = salted.salt.len();
                Some(if length == SALT { RecoveredScheme::Supported } else { RecoveredScheme::Salt(length) })
            }
            Encoding::Unknown => None,
        }
    }

    /// Returns the length of the salt in bytes if the message with the given SHA-512 digest was signed with RSASSA-PSS
    /// and SHA-512, or `None` otherwise. Computes at most one SHA-512 hash.
    #[must_use]
    pub fn salt_with_sha512(&self, digest: &[u8; 64]) -> Option<usize> {
        let Encoding::Pss { sha512: Some(salted), .. } = &self.0 else { return None };
        salted.matches::<Sha512>(digest).then_some(salted.salt.len())
    }
}

/// Decodes EMSA-PKCS1-v1_5: 0, 1, at least eight bytes of 0xff, 0, and the `DigestInfo`. Returns `None` for any other
/// encoding.
fn pkcs1(encoded: &[u8]) -> Option<Encoding> {
    let (rest, digest) = encoded.split_last_chunk::<DIGEST>()?;
    let padding = rest.strip_suffix(&DIGEST_INFO)?.strip_prefix(&[0, 1])?.strip_suffix(&[0])?;
    let is_padding = padding.len() >= 8 && padding.iter().all(|byte| *byte == 0xff);
    is_padding.then_some(Encoding::Pkcs1 { digest: *digest })
}

/// Decodes EMSA-PSS with a hash function and MGF1 with the same function (RFC 8017, section 9.1.2, steps 4 to 11).
/// Returns `None` for any other encoding.
fn pss<D: Digest>(encoded: &[u8], bits: usize) -> Option<Salted> {
    // The encoded message has one bit less than the modulus, and therefore may have one byte less.
    let length = bits.checked_sub(1)?.div_ceil(8);
    let (before, encoded) = encoded.split_at_checked(encoded.len().checked_sub(length)?)?;
    let size = <D as Digest>::output_size();
    let masked_and_hash = encoded.strip_suffix(&[0xbc])?;
    let (masked, hash) = masked_and_hash.split_at_checked(masked_and_hash.len().checked_sub(size)?)?;
    let unused = 8 * length - (bits - 1);
    if before.iter().any(|byte| *byte != 0) || masked.first()? & !(0xff >> unused) != 0 {
        return None;
    }
    let mut block = masked.to_vec();
    for (counter, piece) in (0_u32..).zip(block.chunks_mut(size)) {
        // The mask generation function MGF1 (RFC 8017, appendix B.2.1).
        let mask = D::new().chain_update(hash).chain_update(counter.to_be_bytes()).finalize();
        piece.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
    *block.first_mut()? &= 0xff >> unused;
    let one = block.iter().position(|byte| *byte != 0)?;
    (block[one] == 1).then(|| Salted { hash: hash.to_vec(), salt: block[one + 1..].to_vec() })
}

#[cfg(test)]
mod tests {
    use super::super::{RsaKeyPair, RsaVerifier};
    use super::*;
    use crate::{keypair::SignatureAlgorithm, testing::key_file};
    use rand::rngs::SysRng;
    use rsa::{Pkcs1v15Sign, Pss, traits::SignatureScheme as _};

    const MESSAGE: &[u8] = b"1700000000000GET/trade-api/v2/portfolio/balance";

    fn scheme(verifier: &RsaVerifier, message: &[u8], signature: &[u8]) -> Option<RecoveredScheme> {
        verifier.recover(signature)?.scheme(&Sha256::digest(message).into())
    }

    #[test]
    fn the_scheme_of_a_signature_is_recovered_and_only_the_supported_one_is_accepted() {
        let pair = RsaKeyPair::from_pkcs1(&key_file("rsa2048.private.pkcs1.der")).unwrap();
        let (verifier, digest) = (pair.public().unwrap().verifier().unwrap(), Sha256::digest(MESSAGE));
        for salt in [0, 20, 31, 32, 33, 64, 222] {
            let signature = Pss::<Sha256>::new_with_salt(salt).sign(Some(&mut SysRng), pair.key(), &digest).unwrap();
            let found = if salt == 32 { RecoveredScheme::Supported } else { RecoveredScheme::Salt(salt) };
            assert_eq!(verifier.accepts(SignatureAlgorithm::RsaPssSha256, MESSAGE, &signature), salt == 32, "{salt}");
            assert_eq!(scheme(&verifier, MESSAGE, &signature), Some(found));
            assert_eq!(scheme(&verifier, b"other", &signature), None);
        }
        let signature = pair.key().sign(Pkcs1v15Sign::new::<Sha256>(), &digest).unwrap();
        assert!(!verifier.accepts(SignatureAlgorithm::RsaPssSha256, MESSAGE, &signature));
        assert_eq!(scheme(&verifier, MESSAGE, &signature), Some(RecoveredScheme::Pkcs1));
        assert_eq!(scheme(&verifier, b"other", &signature), None);
    }

    #[test]
    fn the_salt_of_a_signature_with_sha_512_is_recovered() {
        let pair = RsaKeyPair::from_pkcs1(&key_file("rsa2048.private.pkcs1.der")).unwrap();
        let (verifier, digest) = (pair.public().unwrap().verifier().unwrap(), Sha512::digest(MESSAGE));
        for salt in [0, 32, 63, 64, 190] {
            let signature = Pss::<Sha512>::new_with_salt(salt).sign(Some(&mut SysRng), pair.key(), &digest).unwrap();
            let recovered = verifier.recover(&signature).unwrap();
            assert_eq!(verifier.accepts(SignatureAlgorithm::RsaPssSha512, MESSAGE, &signature), salt == 64, "{salt}");
            assert_eq!(recovered.salt_with_sha512(&digest.into()), Some(salt));
            assert_eq!(recovered.salt_with_sha512(&Sha512::digest(b"other").into()), None);
            assert_eq!(scheme(&verifier, MESSAGE, &signature), None);
        }
        let signature =
            Pss::<Sha256>::new_with_salt(32).sign(Some(&mut SysRng), pair.key(), &Sha256::digest(MESSAGE)).unwrap();
        assert_eq!(verifier.recover(&signature).unwrap().salt_with_sha512(&digest.into()), None);
    }

    #[test]
    fn malformed_encodings_match_nothing() {
        let digest = Sha256::digest(MESSAGE);
        let mut good = [&[0, 1][..], &[0xff; 202], &[0], &DIGEST_INFO, &digest].concat();
        assert_eq!(good.len(), 256);
        let scheme = |encoded: &[u8]| RecoveredMessage::parse(encoded, 2048).scheme(&digest.into());
        assert_eq!(scheme(&good), Some(RecoveredScheme::Pkcs1));
        for at in 0..good.len() - DIGEST {
            good[at] ^= 0x10;
            assert_eq!(scheme(&good), None, "{at}");
            good[at] ^= 0x10;
        }
        for length in [0, 1, 31, 32, 33, 34, 255, 256, 300] {
            for byte in [0, 1, 0xbc, 0xff] {
                for bits in [0, 1, 8, 2047, 2048, 2049] {
                    assert_eq!(RecoveredMessage::parse(&vec![byte; length], bits).scheme(&digest.into()), None);
                }
            }
        }
    }
}
