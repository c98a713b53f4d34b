//! Making, reading and judging RSA keys; the only home of the `rsa` and `pkcs8` crates.
//!
//! ```text
//! bytes ─ text ──┬─ armor ─┐
//!                ├─ jwk    ├─ form ─ algorithm ─ PublicKey ─ judge ─┬─ factors
//!                └─ ssh    ┘                                        ├─ pattern
//!                                                                   └─ roca
//! prime ─ KeyPair ─ signature ─ Verifier ─ PublicKey
//! ```
//!
//! Reading decides what an input *is* and turns it into one `SubjectPublicKeyInfo`; judging decides whether
//! its numbers are fit to be registered. Neither ever puts a byte of the input into an error: a private key
//! given by mistake must not reach a log.

mod algorithm;
mod armor;
mod factors;
mod form;
mod judge;
mod jwk;
mod pattern;
mod prime;
mod private;
mod public;
mod read;
mod refuse;
mod roca;
mod signature;
mod ssh;
mod text;

pub use prime::PrimeSearch;
pub use private::{Bits, KeyPair, PemKind};
pub use public::PublicKey;
pub use signature::{OtherScheme, Verifier};
