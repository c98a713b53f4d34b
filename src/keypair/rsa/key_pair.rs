//! Generates and encodes RSA key pairs.

use super::super::{SignatureAlgorithm, refuse};
use super::RsaPublicKey;
use super::prime::{self, PrimeSearch};
use super::private_operation;
use super::usage::{Usage, usage};
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use rsa::PrivateKey;
use rsa::pkcs1::{EncodeRsaPrivateKey, RsaPrivateKeyRef};
use rsa::pkcs8::der::{Decode, Encode, SecretDocument, asn1::OctetStringRef};
use rsa::pkcs8::spki::AlgorithmIdentifierRef;
use rsa::pkcs8::{LineEnding, PrivateKeyInfoRef};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use std::sync::atomic::AtomicU64;
use zeroize::Zeroizing;

/// The modulus size of a generated key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bits {
    /// 2048 bits: 112 bits of security (NIST SP 800-57 part 1, table 2), which NIST disallows after 2030.
    B2048,
    /// 3072 bits: 128 bits of security.
    #[default]
    B3072,
    /// 4096 bits: about 152 bits of security (NIST SP 800-56B, appendix D), but slower than a 3072-bit key.
    B4096,
}

impl Bits {
    /// Returns the smallest size with at least `bits` bits, or the largest size if no size has that many bits.
    #[must_use]
    pub const fn at_least(bits: u32) -> Self {
        match bits {
            ..=2048 => Self::B2048,
            2049..=3072 => Self::B3072,
            _ => Self::B4096,
        }
    }

    /// Returns the number of bits.
    #[must_use]
    pub const fn get(self) -> u32 {
        match self {
            Self::B2048 => 2048,
            Self::B3072 => 3072,
            Self::B4096 => 4096,
        }
    }
}

/// The ASN.1 structure in the PEM of a private key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PemKind {
    /// `PRIVATE KEY`: PKCS#8 (RFC 5958, section 2).
    #[default]
    Pkcs8,
    /// `RSA PRIVATE KEY`: PKCS#1 (RFC 8017, appendix A.1.2), which some older libraries require.
    Pkcs1,
}

/// An RSA private key and its public key. Deliberately implements neither `Debug` nor `Clone`.
///
/// The private exponent, the primes and the CRT exponents are wiped on drop. The `rsa` crate (0.10.0) wipes neither the
/// CRT coefficient nor some intermediate values of its arithmetic, so the program's
/// [allocator](crate::wiping_allocator) wipes them.
pub(in crate::keypair) struct RsaKeyPair {
    key: PrivateKey,
    /// The `AlgorithmIdentifier` in DER. An id-RSASSA-PSS key keeps its own identifier, because a different identifier
    /// would change the fingerprint.
    algorithm: Vec<u8>,
}

impl RsaKeyPair {
    /// Generates a key pair. See [`KeyPair::generate_rsa_on`](super::super::KeyPair::generate_rsa_on).
    ///
    /// # Errors
    /// Returns the same errors.
    pub(in crate::keypair) fn generate(
        bits: Bits,
        search: PrimeSearch,
        threads: Option<usize>,
        tried: &AtomicU64,
    ) -> Result<Self> {
        let failed_test = || refuse::faulty("the new key pair failed its test");
        let broken = |error: rsa::Error| failed_test().because(error);
        let key = loop {
            let [p, q] = prime::two_primes(bits, search, threads, tried)?;
            let key = PrivateKey::from_p_q(p, q, prime::EXPONENT.into()).map_err(broken)?;
            // FIPS 186-5, A.1.1, requires d > 2^(bits/2), to prevent Wiener's attack. With e = 65537, a smaller d is
            // practically impossible, because e·d > λ(n).
            if key.d().bit_width() > bits.get() / 2 + 1 {
                break key;
            }
        };
        let pair = Self::with_algorithm(key, rsa::pkcs1::ALGORITHM_ID)?;
        let (algorithm, message) = (SignatureAlgorithm::RsaPssSha256, b"keywright: a new key signs this once");
        // `ring` makes the signature, and the `rsa` crate verifies it.
        let signature = private_operation::sign(&pair.key, algorithm, message)?;
        if pair.public()?.verifier()?.accepts(algorithm, message, &signature) { Ok(pair) } else { Err(failed_test()) }
    }

    /// Reads the key in a `PrivateKeyInfo` (RFC 5958, section 2) for rsaEncryption or id-RSASSA-PSS. The components of the
    /// key are checked for consistency, but the modulus may have any size.
    ///
    /// # Errors
    /// Returns `invalid_secret` if the algorithm does not allow RSASSA-PSS with SHA-256, or if the `rsa` crate rejects the
    /// components.
    pub(in crate::keypair) fn from_pkcs8(info: &PrivateKeyInfoRef<'_>) -> Result<Self> {
        Self::from_parts(info.algorithm, info.private_key.as_bytes())
    }

    /// Reads an `RSAPrivateKey` (RFC 8017, appendix A.1.2) like [`RsaKeyPair::from_pkcs8`].
    ///
    /// # Errors
    /// Returns `invalid_secret` if the bytes are not such a structure, or if the `rsa` crate rejects the components.
    pub(in crate::keypair) fn from_pkcs1(der: &[u8]) -> Result<Self> {
        Self::from_parts(rsa::pkcs1::ALGORITHM_ID, der)
    }

    fn from_parts(algorithm: AlgorithmIdentifierRef<'_>, pkcs1: &[u8]) -> Result<Self> {
        let unsupported = |error: Error| {
            let hint =
                "use an Ed25519 private key, or an RSA private key that allows RSASSA-PSS with SHA-256, in PEM or DER";
            refuse::private(&error.message()).with_hint(hint)
        };
        let algorithm = match usage(&algorithm).map_err(unsupported)? {
            Usage::Any | Usage::AnyBare => rsa::pkcs1::ALGORITHM_ID,
            Usage::Pss | Usage::PssSha256 => algorithm,
        };
        let key = RsaPrivateKeyRef::from_der(pkcs1).map_err(|_| refuse::private("the RSA private key is damaged"))?;
        let key = PrivateKey::try_from(key).map_err(|_| {
            refuse::private("the components of the private key do not match each other, or their size is not supported")
                .with_hint("use an undamaged copy of the key, or an RSA private key of 2048 to 8192 bits in PEM or DER")
        })?;
        Self::with_algorithm(key, algorithm)
    }

    fn with_algorithm(key: PrivateKey, algorithm: AlgorithmIdentifierRef<'_>) -> Result<Self> {
        Ok(Self { key, algorithm: algorithm.to_der().map_err(encoding)? })
    }

    /// Returns the public key.
    ///
    /// # Errors
    /// Returns `internal` if the public key cannot be encoded.
    pub(in crate::keypair) fn public(&self) -> Result<RsaPublicKey> {
        RsaPublicKey::with_algorithm(&self.key.n().to_be_bytes(), &self.key.e().to_be_bytes(), self.identifier()?)
    }

    /// Returns the private key as unencrypted PEM, with 64 characters per line, LF line endings and a final newline.
    ///
    /// The buffers for the DER and the PEM are wiped when they are dropped.
    ///
    /// # Errors
    /// Returns `internal` if the private key cannot be encoded.
    pub(in crate::keypair) fn to_pem(&self, kind: PemKind) -> Result<Secret> {
        let pkcs1 = self.key.to_pkcs1_der().map_err(|error| failed().because(error))?;
        let mut pem = match kind {
            PemKind::Pkcs1 => pkcs1.to_pem("RSA PRIVATE KEY", LineEnding::LF),
            PemKind::Pkcs8 => {
                let inner = OctetStringRef::new(pkcs1.as_bytes()).map_err(encoding)?;
                let info = PrivateKeyInfoRef::new(self.identifier()?, inner);
                SecretDocument::encode_msg(&info).and_then(|der| der.to_pem("PRIVATE KEY", LineEnding::LF))
            }
        }
        .map_err(encoding)?;
        // Moves the text from one wiping wrapper to another without copying it.
        Ok(Secret::new(Zeroizing::new(std::mem::take(&mut *pem).into_bytes())))
    }

    /// Returns the private exponent, the primes and the CRT exponents, each in big-endian order, for tests that search
    /// the memory for them.
    #[cfg(test)]
    pub(in crate::keypair) fn private_numbers(&self) -> Vec<Vec<u8>> {
        use rsa::traits::PrivateKeyParts as _;
        let mut numbers = vec![self.key.d().to_be_bytes().to_vec()];
        numbers.extend(self.key.primes().iter().map(|prime| prime.to_be_bytes().to_vec()));
        numbers.extend([self.key.dp(), self.key.dq()].into_iter().flatten().map(|part| part.to_be_bytes().to_vec()));
        numbers
    }

    /// Returns the private key as the type that the `rsa` crate uses.
    pub(super) fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// Returns the signature schemes to which the key is restricted.
    ///
    /// # Errors
    /// Returns `internal` if the stored identifier cannot be decoded.
    pub(super) fn usage(&self) -> Result<Usage> {
        usage(&self.identifier()?)
    }

    /// Returns `true` if the key can make signatures with the algorithm.
    pub(in crate::keypair) fn supports(&self, algorithm: SignatureAlgorithm) -> bool {
        self.usage().is_ok_and(|usage| usage.allows(algorithm))
    }

    fn identifier(&self) -> Result<AlgorithmIdentifierRef<'_>> {
        AlgorithmIdentifierRef::from_der(&self.algorithm).map_err(encoding)
    }
}

fn failed() -> Error {
    Error::new(Code::Internal, "could not encode the key", "report this error as a bug, with the size of the key")
}

fn encoding(error: rsa::pkcs8::der::Error) -> Error {
    failed().because(error)
}
