//! Ed25519 public keys and the verification of signatures.

use super::super::JwkThumbprint;
use super::super::jwk::{JwkAlgorithm, octets};
use super::super::refuse;
use super::super::ssh::string;
use super::{IDENTIFIER, refuse_parameters};
use crate::error::{Code, Error, Result};
use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signature, VerifyingKey};
use rsa::pkcs8::SubjectPublicKeyInfoRef;
use rsa::pkcs8::der::{Encode, asn1::BitStringRef};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// A decoded Ed25519 public key. [`Ed25519PublicKey::judge`] decides whether the key is safe to register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::keypair) struct Ed25519PublicKey {
    spki: Vec<u8>,
    key: VerifyingKey,
}

impl Ed25519PublicKey {
    /// The size of every key in bits, as other programs display it: that of its encoding.
    pub(in crate::keypair) const BITS: u32 = 256;

    /// Decodes the key in a `SubjectPublicKeyInfo` with the algorithm id-Ed25519 (RFC 8410, section 4).
    ///
    /// # Errors
    /// Returns `public_key_malformed` if the algorithm identifier has parameters, or for the same reasons as
    /// [`Ed25519PublicKey::from_bytes`].
    pub(in crate::keypair) fn from_spki(spki: &SubjectPublicKeyInfoRef<'_>) -> Result<Self> {
        refuse_parameters(&spki.algorithm)?;
        let bytes = spki.subject_public_key.as_bytes();
        Self::from_bytes(bytes.ok_or_else(|| refuse::malformed("the Ed25519 key has unused bits"))?)
    }

    /// Decodes the encoding of a point (RFC 8032, section 5.1.3).
    ///
    /// # Errors
    /// Returns `public_key_malformed` if the key does not have 32 bytes, or is not the canonical encoding of a point on the
    /// curve.
    pub(in crate::keypair) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let bytes: &[u8; 32] =
            bytes.try_into().map_err(|_| refuse::malformed("the Ed25519 key does not have 32 bytes"))?;
        let key = VerifyingKey::from_bytes(bytes)
            .map_err(|_| refuse::malformed("the Ed25519 key is not a point on the curve"))?;
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(refuse::malformed("the encoding of the Ed25519 key is not canonical"));
        }
        Self::of(key)
    }

    /// Creates the public key of a signing key, which is always canonical and of prime order.
    ///
    /// # Errors
    /// Returns `internal` if the SPKI cannot be encoded.
    pub(super) fn of(key: VerifyingKey) -> Result<Self> {
        let spki = spki(key.as_bytes())?;
        Ok(Self { spki, key })
    }

    /// Returns the `SubjectPublicKeyInfo` in DER (RFC 8410, section 4).
    pub(in crate::keypair) fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Returns the SHA-256 digest of the encoded point.
    pub(in crate::keypair) fn identity(&self) -> [u8; 32] {
        identity(self.key.as_bytes())
    }

    /// Checks that the point has prime order. Otherwise, one signature may be valid for several keys or messages.
    ///
    /// # Errors
    /// Returns `point_order` if the point has small order, or a component of small order.
    pub(in crate::keypair) fn judge(&self) -> Result<()> {
        let point = self.key.to_edwards();
        if point.is_torsion_free() && !point.is_small_order() {
            return Ok(());
        }
        let hint = "create a new key: `openssl genpkey -algorithm ed25519 -out PRIVATE.pem`";
        Err(Error::new(Code::PointOrder, "the point of the Ed25519 key does not have prime order", hint))
    }

    /// Returns the key as a JWK (RFC 8037, section 2) with the given name of its algorithm.
    pub(in crate::keypair) fn to_jwk(&self, algorithm: JwkAlgorithm) -> String {
        let (x, kid, alg) = (self.x(), self.jwk_thumbprint(), algorithm.word());
        format!(r#"{{"kty":"OKP","use":"sig","alg":"{alg}","kid":"{kid}","crv":"Ed25519","x":"{x}"}}"#)
    }

    /// Returns the JWK thumbprint (RFC 8037, appendix A.3).
    pub(in crate::keypair) fn jwk_thumbprint(&self) -> JwkThumbprint {
        jwk_thumbprint(self.key.as_bytes())
    }

    fn x(&self) -> String {
        Base64UrlUnpadded::encode_string(self.key.as_bytes())
    }

    /// Reads the member `x` of a JWK (RFC 8037, section 2).
    ///
    /// # Errors
    /// Returns `public_key_malformed` if the member is missing or invalid, or for the same reasons as
    /// [`Ed25519PublicKey::from_bytes`].
    pub(in crate::keypair) fn from_jwk(members: &Map<String, Value>) -> Result<Self> {
        Self::from_bytes(&octets(members, "x")?)
    }

    /// Reads the key after the key type in the binary format of OpenSSH (RFC 8709, section 4). Returns the key and the
    /// remaining bytes.
    ///
    /// # Errors
    /// Returns `public_key_malformed` if the key is truncated, or for the same reasons as [`Ed25519PublicKey::from_bytes`].
    pub(in crate::keypair) fn from_ssh(bytes: &[u8]) -> Result<(Self, &[u8])> {
        let (key, rest) = string(bytes)?;
        Ok((Self::from_bytes(key)?, rest))
    }

    /// Prepares the key for verification.
    ///
    /// # Errors
    /// Returns `point_order` for the same reasons as [`Ed25519PublicKey::judge`].
    pub(in crate::keypair) fn verifier(&self) -> Result<Ed25519Verifier> {
        self.judge().map(|()| Ed25519Verifier(self.key))
    }
}

/// Returns the `SubjectPublicKeyInfo` in DER (RFC 8410, section 4) of the key with the given encoding.
///
/// # Errors
/// Returns `internal` if the SPKI cannot be encoded.
pub(super) fn spki(bytes: &[u8; 32]) -> Result<Vec<u8>> {
    let encode = || {
        let subject_public_key = BitStringRef::from_bytes(bytes)?;
        SubjectPublicKeyInfoRef { algorithm: IDENTIFIER, subject_public_key }.to_der()
    };
    encode().map_err(|error| {
        let hint = "report this error as a bug";
        Error::new(Code::Internal, "could not encode the SubjectPublicKeyInfo", hint).because(error)
    })
}

/// Returns the SHA-256 digest of an encoded point.
pub(super) fn identity(bytes: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Returns the JWK thumbprint of the key with the given encoding (RFC 8037, appendix A.3). The encoding is not checked.
pub(in crate::keypair) fn jwk_thumbprint(bytes: &[u8]) -> JwkThumbprint {
    let x = Base64UrlUnpadded::encode_string(bytes);
    JwkThumbprint::of_members(&format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#))
}

/// An Ed25519 public key of prime order.
pub(in crate::keypair) struct Ed25519Verifier(VerifyingKey);

impl Ed25519Verifier {
    /// The length of every signature in bytes (RFC 8032, section 5.1.6).
    pub(in crate::keypair) const SIGNATURE: usize = Signature::BYTE_SIZE;

    /// Returns `true` if the signature is valid for the message (RFC 8032, section 5.1.7), and is the only possible encoding
    /// of itself.
    pub(in crate::keypair) fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}
