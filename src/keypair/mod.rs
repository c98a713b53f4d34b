//! Generates, reads and checks RSA keys. No other module uses the `rsa` and `pkcs8` crates.
//!
//! ```text
//! bytes ─ input ─┬─ armor ─ structure ─ algorithm ─┬─ PublicKey ─ judge ─┬─ factors
//!                ├─ jwk ───────────────────────────┤                     ├─ pattern
//!                └─ ssh ───────────────────────────┘                     └─ roca
//! prime ─ KeyPair ─ signature ─ Verifier ─ PublicKey
//! ```
//!
//! Reading detects the format of an input and converts the key to a `SubjectPublicKeyInfo`. Judging decides whether the
//! key's modulus and exponent are safe to register. A private key that was passed by mistake must not end up in a log,
//! so an error quotes only small numbers, object identifiers, and the first characters of names and labels.

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
