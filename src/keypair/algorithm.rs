//! The names of algorithms that are not supported, for error messages.

use rsa::pkcs8::{ObjectIdentifier, der::Tag, spki::AlgorithmIdentifierRef};

/// The object identifier id-ecPublicKey (RFC 5480, section 2.1.1).
pub(super) const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// Returns the name of an algorithm, or its dotted OID if the name is unknown. For id-ecPublicKey, appends the curve if
/// the parameters contain its OID.
pub(super) fn name(algorithm: &AlgorithmIdentifierRef<'_>) -> String {
    let curve = || {
        let parameters = algorithm.parameters.filter(|any| any.header().tag() == Tag::ObjectIdentifier)?;
        parameters.decode_as::<ObjectIdentifier>().ok()
    };
    match (algorithm.oid, curve()) {
        (EC, Some(curve)) => format!("EC {}", dotted_name(curve)),
        (oid, _) => dotted_name(oid),
    }
}

/// Returns the usual name of an algorithm or a curve, or its dotted OID if the name is unknown.
pub(super) fn dotted_name(oid: ObjectIdentifier) -> String {
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
