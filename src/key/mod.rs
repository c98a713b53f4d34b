//! What a key is: names, scopes, states, tokens, references. No I/O, no clock and no randomness of its own.

mod amend;
mod base62;
mod document;
mod env;
mod fingerprint;
mod id;
pub(crate) mod json;
mod label;
mod lifecycle;
mod presented;
mod rate;
mod record;
mod reference;
mod rotation;
mod scope;
mod secret;
mod text;
mod time;
pub mod token;

pub use amend::{Amendment, Edit};
pub use document::{Document, spki_pem};
pub use env::Env;
pub use fingerprint::Fingerprint;
pub use id::KeyId;
pub use label::{Label, LabelFilter, LabelKey, Labels};
pub use lifecycle::{Lifecycle, RevocationReason, Status};
pub use presented::{Presented, find_secrets};
pub use rate::RateLimit;
pub use record::{Facts, Key, KeyType, Material};
pub use reference::{Lookup, Reference};
pub use rotation::{Handover, Lifetime, Overlap};
pub use scope::{Scope, Scopes};
pub use secret::Secret;
pub use text::{Name, Note, Owner, UsageLevel};
pub use time::{Past, Period, Time, When};
pub use token::{SecretHash, TokenForm, TokenPrefix};
