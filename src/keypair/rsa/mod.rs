//! RSA keys (RFC 8017). No other module uses the types of the `rsa` crate, apart from the ASN.1 types that it exports.
//!
//! ```text
//! PublicKey ─ usage ─ RsaPublicKey ─ judge ─┬─ factors
//!                                           ├─ pattern
//!                                           └─ roca
//! prime ─ RsaKeyPair ─ private_operation ─ signature ─ RsaVerifier ─ RsaPublicKey
//! ```

mod factors;
mod judge;
mod jwk;
mod key_pair;
mod pattern;
mod prime;
mod private_operation;
mod public_key;
mod recovered;
mod roca;
mod signature;
mod ssh;
mod usage;

pub(super) use key_pair::RsaKeyPair;
pub use key_pair::{Bits, PemKind};
pub use prime::PrimeSearch;
pub(super) use public_key::RsaPublicKey;
pub use recovered::{RecoveredMessage, RecoveredScheme};
pub(super) use signature::RsaVerifier;
