//! What a key is: names, scopes, states, tokens, references. No I/O, no clock and no randomness of its own.

mod fingerprint;
mod secret;

pub use fingerprint::Fingerprint;
pub use secret::Secret;
