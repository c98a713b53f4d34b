//! The algorithm identifiers of RSA keys.

use super::super::{Algorithm, SignatureAlgorithm, algorithm, refuse};
use crate::error::{Code, Error, Result};
use rsa::pkcs1::{RsaPssParamsOwned, TrailerField};
use rsa::pkcs8::der::{Any, asn1::AnyRef};
use rsa::pkcs8::spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};
use rsa::pkcs8::{AssociatedOid, ObjectIdentifier};
use sha2::Sha256;

/// The object identifier id-RSASSA-PSS (RFC 4055, section 3.1).
const PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// The object identifier id-mgf1 (RFC 4055, section 2.2).
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
/// The salt length of signatures with SHA-256 in bytes: the length of the digest.
const SALT: u8 = 32;

/// The signature schemes that an RSA key's `AlgorithmIdentifier` allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usage {
    /// rsaEncryption with NULL parameters, as RFC 3279, section 2.3.1, requires.
    Any,
    /// rsaEncryption without the required NULL parameters, as written by some generators.
    AnyBare,
    /// id-RSASSA-PSS without parameters, which allows every hash function (RFC 4055, section 3.3).
    Pss,
    /// id-RSASSA-PSS with parameters that allow SHA-256, MGF1-SHA-256 and a salt of 32 bytes.
    PssSha256,
}

impl Usage {
    /// Returns `true` if a key with this usage can make signatures with the algorithm.
    pub(super) fn allows(self, algorithm: SignatureAlgorithm) -> bool {
        match self {
            Self::Any | Self::AnyBare => algorithm.of_keys() == Algorithm::Rsa,
            Self::Pss => matches!(algorithm, SignatureAlgorithm::RsaPssSha256 | SignatureAlgorithm::RsaPssSha512),
            Self::PssSha256 => algorithm == SignatureAlgorithm::RsaPssSha256,
        }
    }

    /// Returns `true` if the key is restricted to RSASSA-PSS.
    pub(super) const fn is_pss_only(self) -> bool {
        matches!(self, Self::Pss | Self::PssSha256)
    }
}

/// Returns the usage that an identifier allows.
///
/// # Errors
/// - `unsupported_algorithm` if the algorithm is neither rsaEncryption nor id-RSASSA-PSS. The message names the
///   algorithm.
/// - `unsupported_parameters` if RSASSA-PSS parameters cannot be decoded, or exclude SHA-256, MGF1-SHA-256 or a salt of
///   32 bytes
/// - `public_key_malformed` if the parameters of rsaEncryption are neither NULL nor missing
pub(super) fn usage(identifier: &AlgorithmIdentifierRef<'_>) -> Result<Usage> {
    match (identifier.oid, identifier.parameters) {
        (rsa::pkcs1::ALGORITHM_OID, Some(parameters)) if parameters.is_null() => Ok(Usage::Any),
        (rsa::pkcs1::ALGORITHM_OID, None) => Ok(Usage::AnyBare),
        (rsa::pkcs1::ALGORITHM_OID, Some(_)) => Err(refuse::malformed("the parameters of rsaEncryption are not NULL")),
        (PSS, None) => Ok(Usage::Pss),
        (PSS, Some(parameters)) => pss(parameters).map(|()| Usage::PssSha256),
        _ => Err(refuse::algorithm(&algorithm::name(identifier))),
    }
}

/// Checks that RSASSA-PSS parameters (RFC 4055, section 3.1) allow SHA-256, MGF1-SHA-256 and a salt of 32 bytes.
///
/// The salt length in a key is the minimum for its signatures (RFC 4055, section 3.3), so any value up to 32 allows a
/// salt of 32 bytes.
fn pss(parameters: AnyRef<'_>) -> Result<()> {
    let refuse = |what: &str| {
        Err(Error::new(
            Code::UnsupportedParameters,
            format!(
                "the RSASSA-PSS parameters {what}; only SHA-256, MGF1 with SHA-256, and a salt of at most 32 bytes are supported"
            ),
            "create a key with SHA-256 parameters or without parameters, or encode this key with rsaEncryption",
        ))
    };
    let Ok(params) = parameters.decode_as::<RsaPssParamsOwned>() else {
        return refuse("cannot be decoded");
    };
    let is_sha256 =
        |hash: &AlgorithmIdentifierOwned| hash.oid == Sha256::OID && hash.parameters.as_ref().is_none_or(Any::is_null);
    if !is_sha256(&params.hash) {
        refuse("require a hash other than SHA-256")
    } else if params.mask_gen.oid != MGF1 || !params.mask_gen.parameters.as_ref().is_some_and(is_sha256) {
        refuse("require a mask generation function other than MGF1-SHA-256")
    } else if params.salt_len > SALT {
        refuse("require a salt of more than 32 bytes")
    } else if params.trailer_field != TrailerField::BC {
        refuse("require an unknown trailer field")
    } else {
        Ok(())
    }
}
