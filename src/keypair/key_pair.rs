//! Generates, reads and encodes RSA key pairs.

use super::algorithm::{self, Usage};
use super::armor;
use super::input::{self, Input};
use super::prime::{self, PrimeSearch};
use super::public_key::PublicKey;
use super::read;
use super::refuse::{self, PrivateForm};
use super::structure::{self, Structure};
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use rand::rngs::SysRng;
use rsa::pkcs1::{EncodeRsaPrivateKey, RsaPrivateKeyRef};
use rsa::pkcs8::der::{Decode, Encode, SecretDocument, asn1::OctetStringRef};
use rsa::pkcs8::spki::AlgorithmIdentifierRef;
use rsa::pkcs8::{LineEnding, PrivateKeyInfoRef};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{PrivateKey, Pss};
use sha2::{Digest, Sha256};
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
pub struct KeyPair {
    key: PrivateKey,
    /// The `AlgorithmIdentifier` in DER. An id-RSASSA-PSS key keeps its own identifier, because a different identifier
    /// would change the fingerprint.
    algorithm: Vec<u8>,
}

impl KeyPair {
    /// Generates a key pair with the public exponent 65537, using random bytes from the operating system.
    ///
    /// Before the function returns the pair, it signs a message with the private key and verifies the signature with
    /// the public key (RSASSA-PSS with SHA-256, RFC 8017, section 8.1). `tried` is incremented for each candidate that
    /// is tested during the search for the primes.
    ///
    /// # Errors
    /// - `system_limit` if the operating system provides no random bytes for the search
    /// - `internal` if two computations of a power give different results, or if the pair does not work
    pub fn generate(bits: Bits, search: PrimeSearch, tried: &AtomicU64) -> Result<Self> {
        Self::generate_on(bits, search, None, tried)
    }

    /// Generates a key pair like [`KeyPair::generate`], but searches for the primes with the given number of threads.
    /// If `threads` is `None`, the search uses one thread per core, but at most eight.
    ///
    /// When many pairs are generated in parallel, one thread per pair is fastest.
    ///
    /// # Errors
    /// Returns the same errors as [`KeyPair::generate`].
    pub fn generate_on(bits: Bits, search: PrimeSearch, threads: Option<usize>, tried: &AtomicU64) -> Result<Self> {
        let broken = |error: rsa::Error| {
            Error::new(
                Code::Internal,
                "the new key pair failed its test",
                "try again; if it fails again, check the hardware, which may be faulty",
            )
            .because(error)
        };
        let key = loop {
            let [p, q] = prime::two_primes(bits, search, threads, tried)?;
            let key = PrivateKey::from_p_q(p, q, prime::EXPONENT.into()).map_err(broken)?;
            // FIPS 186-5, A.1.1, requires d > 2^(bits/2), to prevent Wiener's attack. With e = 65537, a smaller d is
            // practically impossible, because e·d > λ(n).
            if key.d().bit_width() > bits.get() / 2 + 1 {
                break key;
            }
        };
        let digest = Sha256::digest(b"keywright: a new key signs this once");
        let signature = key.sign_with_rng(&mut SysRng, Pss::<Sha256>::new(), &digest).map_err(broken)?;
        key.as_public_key().verify(Pss::<Sha256>::new(), &digest, &signature).map_err(broken)?;
        Self::with_algorithm(key, rsa::pkcs1::ALGORITHM_ID)
    }

    /// Reads an RSA private key in PKCS#8 (RFC 5958) or PKCS#1 (RFC 8017), as PEM or DER.
    ///
    /// A PEM block may have any layout and any text around it, and may be part of a string in JSON, YAML or a `.env`
    /// file. The whole input may be encoded in base64. The components of the key are checked for consistency, but the
    /// modulus may have any size.
    ///
    /// # Errors
    /// - `invalid_secret` if the input is not exactly one such key, if the key is encrypted, if its algorithm does not
    ///   allow RSASSA-PSS with SHA-256, or if the `rsa` crate rejects its components
    /// - `input_too_large` if the input is larger than 64 KiB
    ///
    /// The error does not quote the input, except for the name or the OID of an unsupported algorithm.
    pub fn from_private(bytes: &[u8]) -> Result<Self> {
        let inner = input::unwrapped(bytes);
        match input::decode(inner.as_ref().map_or(bytes, |inner| inner.as_slice()))? {
            Input::Der(der) => Self::from_der(der),
            Input::Text(text) => Self::from_text(input::unescape_pem(&text).as_deref().unwrap_or(&text)),
        }
    }

    fn from_text(text: &str) -> Result<Self> {
        if read::is_putty(text) {
            return Err(PrivateForm::Putty.unreadable());
        }
        let armored = armor::blocks(text);
        let mut private = armored.blocks.iter().filter(|block| block.is_private());
        let Some(block) = private.next() else {
            return Err(match PublicKey::read(text.as_bytes(), true) {
                Ok(_) => invalid("the input is a public key or a certificate, but a private key is needed"),
                Err(error) if error.code() == Code::PrivateKeyGiven && armored.blocks.is_empty() => {
                    PrivateForm::Jwk.unreadable()
                }
                Err(_) => invalid("the input contains no private key"),
            });
        };
        if private.next().is_some() {
            return Err(invalid("the input contains more than one private key")
                .with_hint("use a file that contains only one private key"));
        }
        match PrivateForm::of_label(block.label) {
            PrivateForm::Asn1 if block.is_encrypted() => Err(encrypted()),
            PrivateForm::Asn1 if !block.closed => {
                Err(invalid("the private key has no END line").with_hint(WHOLE_BLOCK))
            }
            PrivateForm::Asn1 => {
                let der = block
                    .decode()
                    .ok_or_else(|| invalid("the base64 of the private key is invalid").with_hint(WHOLE_BLOCK))?;
                Self::from_der(&der)
            }
            other => Err(other.unreadable()),
        }
    }

    fn from_der(der: &[u8]) -> Result<Self> {
        match structure::recognize(der).0 {
            Structure::Private => {}
            Structure::EncryptedPrivate => return Err(encrypted()),
            Structure::Pkcs12 => return Err(PrivateForm::Pkcs12.unreadable()),
            Structure::Spki(_) | Structure::Pkcs1(_) | Structure::Certificate(_) | Structure::CertificateRequest => {
                return Err(invalid("the input is a public key or a certificate, but a private key is needed"));
            }
            Structure::Other | Structure::Broken => {
                return Err(invalid("the input is not a private key, or is damaged"));
            }
        }
        let (algorithm, key) = match PrivateKeyInfoRef::from_der(der) {
            Ok(info) => (info.algorithm, RsaPrivateKeyRef::from_der(info.private_key.as_bytes())),
            Err(_) => (rsa::pkcs1::ALGORITHM_ID, RsaPrivateKeyRef::from_der(der)),
        };
        let unsupported = |error: Error| {
            invalid(&error.message())
                .with_hint("use an RSA private key that allows RSASSA-PSS with SHA-256, in PEM or DER")
        };
        let algorithm = match algorithm::usage(&algorithm).map_err(unsupported)? {
            Usage::Any | Usage::AnyBare => rsa::pkcs1::ALGORITHM_ID,
            Usage::Pss => algorithm,
        };
        let key = key.map_err(|_| invalid("the private key is not an RSA key, or is damaged"))?;
        let key = PrivateKey::try_from(key).map_err(|_| {
            invalid("the components of the private key do not match each other, or their size is not supported")
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
    pub fn public(&self) -> Result<PublicKey> {
        PublicKey::with_algorithm(&self.key.n().to_be_bytes(), &self.key.e().to_be_bytes(), self.identifier()?)
    }

    /// Returns the private key as unencrypted PEM, with 64 characters per line, LF line endings and a final newline.
    ///
    /// The buffers for the DER and the PEM are wiped when they are dropped.
    ///
    /// # Errors
    /// Returns `internal` if the private key cannot be encoded.
    pub fn to_pem(&self, kind: PemKind) -> Result<Secret> {
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
    pub(crate) fn private_numbers(&self) -> Vec<Vec<u8>> {
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

const WHOLE_BLOCK: &str = "copy the key again, from its BEGIN line to its END line";

fn invalid(message: &str) -> Error {
    Error::new(Code::InvalidSecret, message, refuse::PRIVATE_KEY_WANTED)
}

fn encrypted() -> Error {
    Error::new(
        Code::InvalidSecret,
        "the private key is encrypted",
        "decrypt it first: `openssl pkey -in FILE -out PLAIN`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keypair::PublicKey, testing::key_file};

    fn error(name: &str) -> Error {
        KeyPair::from_private(&key_file(name)).err().unwrap()
    }

    #[test]
    fn a_generated_pair_is_read_back_from_its_pem() {
        let pair = KeyPair::generate(Bits::B2048, PrimeSearch::Auto, &AtomicU64::new(0)).unwrap();
        let public = pair.public().unwrap();
        assert_eq!(public.bits(), 2048);
        public.judge().unwrap();
        for (kind, label) in [(PemKind::Pkcs8, "PRIVATE KEY"), (PemKind::Pkcs1, "RSA PRIVATE KEY")] {
            let pem = pair.to_pem(kind).unwrap();
            let text = std::str::from_utf8(pem.expose()).unwrap();
            assert!(text.starts_with(&format!("-----BEGIN {label}-----\n")));
            assert!(text.ends_with(&format!("-----END {label}-----\n")));
            assert!(!text.contains('\r') && text.lines().all(|line| line.len() <= 64));
            let refused = PublicKey::read(pem.expose(), true).unwrap_err();
            assert_eq!(refused.code(), Code::PrivateKeyGiven, "generated keys are recognized as private");
            assert_eq!(KeyPair::from_private(pem.expose()).unwrap().public().unwrap(), public);
        }
    }

    #[test]
    fn the_pem_is_the_one_that_openssl_writes() {
        let pair = KeyPair::from_private(&key_file("rsa2048.private.pkcs8.pem")).unwrap();
        for (kind, name) in
            [(PemKind::Pkcs8, "rsa2048.private.pkcs8.pem"), (PemKind::Pkcs1, "rsa2048.private.pkcs1.pem")]
        {
            assert!(pair.to_pem(kind).unwrap().expose() == key_file(name), "{name}");
        }
    }

    #[test]
    fn private_keys_are_read_in_every_format() {
        let public = PublicKey::read(&key_file("rsa2048.spki.pem"), false).unwrap();
        for name in ["pkcs8.pem", "pkcs8.der", "pkcs1.pem", "pkcs1.der"] {
            let bytes = key_file(&format!("rsa2048.private.{name}"));
            assert_eq!(KeyPair::from_private(&bytes).unwrap().public().unwrap(), public, "{name}");
        }
        let pem = String::from_utf8(key_file("rsa2048.private.pkcs8.pem")).unwrap();
        let untidy = format!("\u{feff}my key:\r\n{}\r\n\r\n", pem.replace('\n', "\r\n   "));
        assert_eq!(KeyPair::from_private(untidy.as_bytes()).unwrap().public().unwrap(), public);
    }

    #[test]
    fn a_pss_key_keeps_its_fingerprint() {
        let pair = KeyPair::from_private(&key_file("pss.private.pem")).unwrap();
        let public = PublicKey::read(&key_file("pss-sha256.spki.pem"), false).unwrap();
        assert_eq!(pair.public().unwrap(), public);
        let again = KeyPair::from_private(pair.to_pem(PemKind::Pkcs8).unwrap().expose()).unwrap();
        assert_eq!(again.public().unwrap(), public);
    }

    #[test]
    fn other_inputs_are_refused_with_a_next_step() {
        for (name, hint) in [
            ("rsa2048.private.encrypted.pem", "`openssl pkey -in FILE -out PLAIN`"),
            ("rsa2048.private.encrypted.der", "`openssl pkey -in FILE -out PLAIN`"),
            ("rsa2048.private.pkcs1-encrypted.pem", "`openssl pkey -in FILE -out PLAIN`"),
            ("rsa2048.openssh", "ssh-keygen"),
            ("rsa2048.ppk", "puttygen"),
            ("rsa2048.p12", "openssl pkcs12"),
            ("rsa2048.private.jwk", "PEM or DER"),
            ("rsa2048.spki.pem", "PEM or DER"),
            ("rsa2048.spki.der", "PEM or DER"),
            ("rsa2048.ssh.pub", "PEM or DER"),
            ("ed25519.private.pem", "PEM or DER"),
            ("ec.private.der", "PEM or DER"),
            ("rsa2048.private.inconsistent.pem", "PEM or DER"),
        ] {
            let error = error(name);
            assert_eq!(error.code(), Code::InvalidSecret, "{name}");
            assert!(error.hint().contains(hint), "{name}: {}", error.hint());
        }
        for bytes in [&b""[..], b"hello", b"-----BEGIN PRIVATE KEY-----\nAAAA", &[0x30, 0x05, 2, 1, 0, 2, 0]] {
            assert_eq!(KeyPair::from_private(bytes).err().unwrap().code(), Code::InvalidSecret);
        }
    }

    #[test]
    fn damaged_private_keys_do_not_panic() {
        let der = key_file("rsa2048.private.pkcs8.der");
        for at in 0..der.len() {
            let _ = KeyPair::from_private(&der[..at]);
        }
        for at in (0..der.len()).step_by(29).chain(0..40) {
            let mut flipped = der.clone();
            flipped[at] ^= 1 << (at % 8);
            let _ = KeyPair::from_private(&flipped);
        }
    }
}
