//! Generates, reads and checks RSA keys. The only module that uses the `rsa` and `pkcs8` crates.
//!
//! ```text
//! bytes ─ input ─┬─ armor ─┐
//!                ├─ jwk    ├─ structure ─ algorithm ─ PublicKey ─ judge ─┬─ factors
//!                └─ ssh    ┘                                             ├─ pattern
//!                                                                        └─ roca
//! prime ─ KeyPair ─ signature ─ Verifier ─ PublicKey
//! ```
//!
//! Reading detects the format of an input and converts it to one `SubjectPublicKeyInfo`. Judging decides whether the
//! numbers in it are safe to register. Neither puts a byte of the input into an error, because a private key that was
//! given by mistake must not reach a log.

mod algorithm;
mod armor;
mod factors;
mod fingerprint;
mod input;
mod judge;
mod jwk;
mod key_pair;
mod pattern;
mod prime;
mod public_key;
mod read;
mod refuse;
mod roca;
mod signature;
mod ssh;
mod stored_public_key;
mod structure;

pub use fingerprint::Fingerprint;
pub use key_pair::{Bits, KeyPair, PemKind};
pub use prime::PrimeSearch;
pub use public_key::PublicKey;
pub use signature::{OtherScheme, Verifier};
pub use stored_public_key::{Algorithm, StoredPublicKey};
