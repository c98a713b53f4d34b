//! Generates, reads and checks keys. No other module uses the `rsa`, `pkcs8`, `ed25519-dalek` and `curve25519-dalek`
//! crates.
//!
//! ```text
//! bytes ─ input ─┬─ armor ─ structure ─┬─ PublicKey ─┬─ rsa
//!                ├─ jwk ───────────────┤  KeyPair    └─ ed25519
//!                └─ ssh ───────────────┘  Verifier
//! ```
//!
//! Reading detects the format of an input and passes the key to the module of its algorithm, which converts the key to a
//! `SubjectPublicKeyInfo`. Judging decides whether the key is safe to register. A private key that was passed by mistake
//! must not end up in a log, so an error quotes only small numbers, object identifiers, and the first characters of names
//! and labels.

mod algorithm;
mod armor;
mod ed25519;
mod fingerprint;
mod form;
mod input;
mod jwk;
mod key_pair;
mod public_key;
mod read;
mod refuse;
mod rsa;
mod signature_algorithm;
mod ssh;
mod stored_public_key;
mod structure;
mod thumbprint;
mod verifier;

pub use fingerprint::Fingerprint;
pub use form::{KeyForm, key_form};
pub use jwk::{JwkAlgorithm, PRIVATE_MEMBERS};
pub use key_pair::KeyPair;
pub use public_key::PublicKey;
pub use rsa::{Bits, PemKind, PrimeSearch, RecoveredMessage, RecoveredScheme};
pub use signature_algorithm::SignatureAlgorithm;
pub use stored_public_key::{Algorithm, StoredPublicKey};
pub use thumbprint::JwkThumbprint;
pub use verifier::Verifier;
