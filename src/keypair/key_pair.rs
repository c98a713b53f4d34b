//! Key pairs of every algorithm: generating, reading, encoding and signing.

use super::algorithm;
use super::armor;
use super::ed25519::{self, Ed25519KeyPair};
use super::input::{self, Input};
use super::public_key::PublicKey;
use super::read;
use super::refuse::{self, PrivateForm};
use super::rsa::{Bits, PemKind, PrimeSearch, RsaKeyPair};
use super::structure::{self, Structure};
use super::{Algorithm, SignatureAlgorithm, StoredPublicKey};
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use rsa::pkcs8::PrivateKeyInfoRef;
use rsa::pkcs8::der::Decode;
use std::sync::atomic::AtomicU64;

/// A private key and its public key. Deliberately implements neither `Debug` nor `Clone`.
///
/// The private exponent, the primes and the CRT exponents of an RSA key are wiped on drop. The `rsa` crate (0.10.0) wipes
/// neither the CRT coefficient nor some intermediate values of its arithmetic, so the program's
/// [allocator](crate::wiping_allocator) wipes them.
pub struct KeyPair(AnyKeyPair);

enum AnyKeyPair {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl KeyPair {
    /// Generates an RSA key pair with the public exponent 65537, using random bytes from the operating system.
    ///
    /// Before the function returns the pair, it signs a message with the private key and verifies the signature with
    /// the public key (RSASSA-PSS with SHA-256, RFC 8017, section 8.1). `tried` is incremented for each candidate that
    /// is tested during the search for the primes.
    ///
    /// # Errors
    /// - `system_limit` if the operating system provides no random bytes for the search
    /// - `internal` if two computations of a power give different results, or if the pair does not work
    pub fn generate_rsa(bits: Bits, search: PrimeSearch, tried: &AtomicU64) -> Result<Self> {
        Self::generate_rsa_on(bits, search, None, tried)
    }

    /// Generates a key pair like [`KeyPair::generate_rsa`], but searches for the primes with the given number of threads.
    /// If `threads` is `None`, the search uses one thread per core, but at most eight.
    ///
    /// When many pairs are generated in parallel, one thread per pair is fastest.
    ///
    /// # Errors
    /// Returns the same errors as [`KeyPair::generate_rsa`].
    pub fn generate_rsa_on(bits: Bits, search: PrimeSearch, threads: Option<usize>, tried: &AtomicU64) -> Result<Self> {
        RsaKeyPair::generate(bits, search, threads, tried).map(|pair| Self(AnyKeyPair::Rsa(pair)))
    }

    /// Generates an Ed25519 key pair, using random bytes from the operating system, and computes the public key twice.
    ///
    /// # Errors
    /// - `system_limit` if the operating system provides no random bytes
    /// - `internal` if the two computations of the public key give different results
    pub fn generate_ed25519() -> Result<Self> {
        Ed25519KeyPair::generate().map(|pair| Self(AnyKeyPair::Ed25519(pair)))
    }

    /// Generates `count` Ed25519 key pairs, using random bytes from the operating system, and returns the public key and
    /// the private key (PKCS#8 in PEM) of each. All pairs are tested together.
    ///
    /// # Errors
    /// - `system_limit` if the operating system provides no random bytes
    /// - `internal` if the test of the pairs fails, or if a key cannot be encoded
    pub fn generate_ed25519_many(count: usize) -> Result<Vec<(StoredPublicKey, Secret)>> {
        ed25519::generate_many(count)
    }

    /// Reads an RSA private key in PKCS#8 (RFC 5958) or PKCS#1 (RFC 8017), or an Ed25519 private key in PKCS#8 (RFC 8410),
    /// as PEM or DER.
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
                Ok(_) => refuse::private("the input is a public key or a certificate, but a private key is needed"),
                Err(error) if error.code() == Code::PrivateKeyGiven && armored.blocks.is_empty() => {
                    PrivateForm::Jwk.unreadable()
                }
                Err(_) => refuse::private("the input contains no private key"),
            });
        };
        if private.next().is_some() {
            return Err(refuse::private("the input contains more than one private key")
                .with_hint("use a file that contains only one private key"));
        }
        match PrivateForm::of_label(block.label) {
            PrivateForm::Asn1 if block.is_encrypted() => Err(encrypted()),
            PrivateForm::Asn1 if !block.closed => {
                Err(refuse::private("the private key has no END line").with_hint(WHOLE_BLOCK))
            }
            PrivateForm::Asn1 => {
                let der = block.decode().ok_or_else(|| {
                    refuse::private("the base64 of the private key is invalid").with_hint(WHOLE_BLOCK)
                })?;
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
                return Err(refuse::private("the input is a public key or a certificate, but a private key is needed"));
            }
            Structure::Other | Structure::Broken => {
                return Err(refuse::private("the input is not a private key, or is damaged"));
            }
        }
        let rsa = |pair| Self(AnyKeyPair::Rsa(pair));
        match PrivateKeyInfoRef::from_der(der) {
            Ok(info) if info.algorithm.oid == ed25519::OID => {
                Ed25519KeyPair::from_pkcs8(&info).map(|pair| Self(AnyKeyPair::Ed25519(pair)))
            }
            Ok(info) => RsaKeyPair::from_pkcs8(&info).map(rsa),
            Err(_) => match structure::private_algorithm(der) {
                None => RsaKeyPair::from_pkcs1(der).map(rsa),
                Some(ed25519::OID | rsa::pkcs1::ALGORITHM_OID) => {
                    Err(refuse::private("the private key is damaged, or has an unusual structure"))
                }
                Some(other) => Err(refuse::private(&refuse::algorithm(&algorithm::dotted_name(other)).message())),
            },
        }
    }

    /// Returns the public key.
    ///
    /// # Errors
    /// Returns `internal` if the public key cannot be encoded.
    pub fn public(&self) -> Result<PublicKey> {
        match &self.0 {
            AnyKeyPair::Rsa(pair) => pair.public().map(PublicKey::from),
            AnyKeyPair::Ed25519(pair) => pair.public().map(PublicKey::from),
        }
    }

    /// Returns the private key as unencrypted PEM, with 64 characters per line, LF line endings and a final newline. An
    /// Ed25519 key is always in PKCS#8.
    ///
    /// The buffers for the DER and the PEM are wiped when they are dropped.
    ///
    /// # Errors
    /// Returns `internal` if the private key cannot be encoded.
    pub fn to_pem(&self, kind: PemKind) -> Result<Secret> {
        match &self.0 {
            AnyKeyPair::Rsa(pair) => pair.to_pem(kind),
            AnyKeyPair::Ed25519(pair) => pair.to_pem(),
        }
    }

    /// Returns `true` if the key can make signatures with the algorithm, like [`Verifier::supports`](super::Verifier::supports).
    #[must_use]
    pub fn supports(&self, algorithm: SignatureAlgorithm) -> bool {
        match &self.0 {
            AnyKeyPair::Rsa(pair) => pair.supports(algorithm),
            AnyKeyPair::Ed25519(_) => algorithm == SignatureAlgorithm::Ed25519,
        }
    }

    /// Signs a message (RFC 8017, sections 8.1.1 and 8.2.1; RFC 8032, section 5.1.6).
    ///
    /// # Errors
    /// - `invalid_secret` if the key cannot sign with the algorithm
    /// - `internal` if the operating system provides no random bytes, or if the computation fails
    pub fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
        if algorithm.of_keys() != self.algorithm() {
            let problem = format!("the key is for {}, so it cannot sign with {algorithm}", self.algorithm().name());
            return Err(refuse::private(&problem).with_hint("use a key of the other type, or another scheme"));
        }
        match &self.0 {
            AnyKeyPair::Rsa(pair) => pair.sign(algorithm, message),
            AnyKeyPair::Ed25519(pair) => Ok(pair.sign(message)),
        }
    }

    /// Returns the algorithm of the key.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match &self.0 {
            AnyKeyPair::Rsa(_) => Algorithm::Rsa,
            AnyKeyPair::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// Returns the secret numbers of the private key in big-endian order, for tests that search the memory for them.
    #[cfg(test)]
    pub(crate) fn private_numbers(&self) -> Vec<Vec<u8>> {
        match &self.0 {
            AnyKeyPair::Rsa(pair) => pair.private_numbers(),
            AnyKeyPair::Ed25519(pair) => pair.private_numbers(),
        }
    }
}

const WHOLE_BLOCK: &str = "copy the key again, from its BEGIN line to its END line";

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
    use crate::testing::key_file;

    fn error(name: &str) -> Error {
        KeyPair::from_private(&key_file(name)).err().unwrap()
    }

    #[test]
    fn a_generated_pair_is_read_back_from_its_pem() {
        let pair = KeyPair::generate_rsa(Bits::B2048, PrimeSearch::Auto, &AtomicU64::new(0)).unwrap();
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
