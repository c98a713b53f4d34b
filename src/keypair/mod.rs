//! Generates, reads and checks RSA keys. This is the only module that uses the `rsa` and `pkcs8` crates.
//!
//! ```text
//! bytes ─ input ─┬─ armor ─┐
//!                ├─ jwk    ├─ structure ─ algorithm ─ PublicKey ─ judge ─┬─ factors
//!                └─ ssh    ┘                                             ├─ pattern
//!                                                                        └─ roca
//! prime ─ KeyPair ─ signature ─ Verifier ─ PublicKey
//! ```
//!
//! Reading detects the format of an input and converts the key to a `SubjectPublicKeyInfo`. Judging decides whether the
//! key's modulus and exponent are safe to register. A private key that was passed by mistake must not end up in a log,
//! so an error contains at most the name of an algorithm, a short label, a number of bits, or a small public number.

mod algorithm;
mod armor;
mod factors;
mod fingerprint;
mod form;
mod input;
mod judge;
mod jwk;
mod key_pair;
mod pattern;
mod prime;
mod public_key;
mod read;
mod recovered;
mod refuse;
mod roca;
mod signature;
mod ssh;
mod stored_public_key;
mod structure;

pub use fingerprint::Fingerprint;
pub use form::{KeyForm, key_form};
pub use key_pair::{Bits, KeyPair, PemKind};
pub use prime::PrimeSearch;
pub use public_key::PublicKey;
pub use recovered::{RecoveredMessage, RecoveredScheme};
pub use signature::Verifier;
pub use stored_public_key::{Algorithm, StoredPublicKey};
