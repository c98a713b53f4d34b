//! Algorithm identifiers: the supported ones for RSA, and the names of other algorithms for error messages.

use super::refuse;
use crate::error::{Code, Error, Result};
use rsa::pkcs1::{RsaPssParamsOwned, TrailerField};
use rsa::pkcs8::der::{Any, Tag, asn1::AnyRef};
use rsa::pkcs8::spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};
use rsa::pkcs8::{AssociatedOid, ObjectIdentifier};
use sha2::Sha256;

/// The object identifier id-RSASSA-PSS (RFC 4055, section 3.1).
const PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// The object identifier id-mgf1 (RFC 4055, section 2.2).
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
/// The object identifier id-ecPublicKey (RFC 5480, section 2.1.1).
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// The salt length in the only supported signature scheme, in bytes: the length of a SHA-256 digest.
const SALT: u8 = 32;

/// The signature schemes that an RSA key's `AlgorithmIdentifier` allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usage {
    /// rsaEncryption with NULL parameters, as RFC 3279, section 2.3.1, requires.
    Any,
    /// rsaEncryption without the required NULL parameters, as written by some generators.
    AnyBare,
    /// id-RSASSA-PSS without parameters, or with parameters that allow SHA-256, MGF1-SHA-256 and a salt of 32 bytes.
    Pss,
}

/// Returns the usage that an identifier allows.
///
/// # Errors
/// - `unsupported_algorithm` if the algorithm is neither rsaEncryption nor id-RSASSA-PSS. The message names the
///   algorithm.
/// - `unsupported_parameters` if RSASSA-PSS parameters cannot be decoded, or exclude SHA-256, MGF1-SHA-256 or a salt of
///   32 bytes
/// - `public_key_malformed` if the parameters of rsaEncryption are neither NULL nor missing
pub(super) fn usage(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Usage> {
    match (algorithm.oid, algorithm.parameters) {
        (rsa::pkcs1::ALGORITHM_OID, Some(parameters)) if parameters.is_null() => Ok(Usage::Any),
        (rsa::pkcs1::ALGORITHM_OID, None) => Ok(Usage::AnyBare),
        (rsa::pkcs1::ALGORITHM_OID, Some(_)) => Err(refuse::malformed("the parameters of rsaEncryption are not NULL")),
        (PSS, None) => Ok(Usage::Pss),
        (PSS, Some(parameters)) => pss(parameters).map(|()| Usage::Pss),
        _ => Err(refuse::algorithm(&name(algorithm))),
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

/// Returns the name of an algorithm, or its dotted OID if the name is unknown. For id-ecPublicKey, appends the curve if
/// the parameters contain its OID.
fn name(algorithm: &AlgorithmIdentifierRef<'_>) -> String {
    let curve = || {
        let parameters = algorithm.parameters.filter(|any| any.header().tag() == Tag::ObjectIdentifier)?;
        parameters.decode_as::<ObjectIdentifier>().ok()
    };
    match (algorithm.oid, curve()) {
        (EC, Some(curve)) => format!("EC {}", dotted_name(curve)),
        (oid, _) => dotted_name(oid),
    }
}

fn dotted_name(oid: ObjectIdentifier) -> String {
    let dotted = oid.to_string();
    NAMES.iter().find(|(known, _)| *known == dotted).map_or(dotted, |(_, name)| (*name).to_owned())
}

/// The dotted OIDs of common algorithms and curves that are not supported, each with its usual name.
const NAMES: &[(&str, &str)] = &[
    ("1.2.840.10045.2.1", "EC"),
    ("1.2.840.10045.3.1.7", "P-256"),
    ("1.3.132.0.34", "P-384"),
    ("1.3.132.0.35", "P-521"),
    ("1.3.132.0.10", "secp256k1"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
    ("1.2.156.10197.1.301", "SM2"),
    ("1.3.101.110", "X25519"),
    ("1.3.101.111", "X448"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.113549.1.3.1", "DH"),
    ("1.2.840.10046.2.1", "X9.42 DH"),
    ("1.2.840.113549.1.1.7", "RSAES-OAEP"),
    ("1.2.643.7.1.1.1.1", "GOST R 34.10-2012"),
    ("1.2.643.7.1.1.1.2", "GOST R 34.10-2012"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
    ("2.16.840.1.101.3.4.3.20", "SLH-DSA-SHA2-128s"),
    ("2.16.840.1.101.3.4.4.1", "ML-KEM-512"),
    ("2.16.840.1.101.3.4.4.2", "ML-KEM-768"),
    ("2.16.840.1.101.3.4.4.3", "ML-KEM-1024"),
];
