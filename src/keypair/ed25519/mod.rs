//! Ed25519 keys (RFC 8032, section 5.1). No other module uses the `ed25519-dalek` and `curve25519-dalek` crates.
//!
//! A public key is accepted only in its canonical encoding, and registered only if its point has prime order. Signatures
//! are verified strictly: they are refused if the public key or the point `R` has small order, if `R` is not canonical, or
//! if the scalar `S` is not reduced.

mod batch;
mod key_pair;
mod public_key;
#[cfg(test)]
mod tests;

pub(super) use batch::generate_many;
pub(super) use key_pair::Ed25519KeyPair;
pub(super) use public_key::{Ed25519PublicKey, Ed25519Verifier, jwk_thumbprint};

use super::refuse;
use crate::error::Result;
use rsa::pkcs8::{ObjectIdentifier, spki::AlgorithmIdentifierRef};

/// The object identifier id-Ed25519 (RFC 8410, section 3).
pub(super) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The algorithm identifier of Ed25519 keys, which has no parameters (RFC 8410, section 3).
const IDENTIFIER: AlgorithmIdentifierRef<'static> = AlgorithmIdentifierRef { oid: OID, parameters: None };

/// Refuses an algorithm identifier with parameters (RFC 8410, section 3).
///
/// # Errors
/// Returns `public_key_malformed` if there are parameters.
fn refuse_parameters(identifier: &AlgorithmIdentifierRef<'_>) -> Result<()> {
    match identifier.parameters {
        None => Ok(()),
        Some(_) => Err(refuse::malformed("the algorithm identifier of the Ed25519 key has parameters")),
    }
}
