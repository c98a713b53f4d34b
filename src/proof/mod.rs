//! Proof of possession: finding the key of a presented secret or signature, and checking whether that key may be used
//! for a purpose.
//!
//! Possession is checked before the rules of the key, so that callers without the secret do not learn the key's status,
//! scopes or other fields. Such callers do learn whether a key with the presented id exists and, from a signed request,
//! whether the key is an RSA key and how long its signatures are.
//!
//! - [`PresentedSecret`] is a strictly parsed secret.
//! - [`verify`] compares a presented secret with the keyring and reports a [`Verdict`].
//! - [`verify_request`] judges a signed request, and [`record_accepted`] records it so that it is accepted only once.
//!   [`explain`] finds common mistakes in a signature. [`KeyringScheme`] is the signing scheme of a keyring.
//! - [`sign_assertion`] signs an assertion, and [`verify_assertion`] judges one.
//! - [`Answers`] answers the lines that a service sends to `verify --batch`.
//! - [`record_uses`] and [`record_use`] record valid uses of keys.
//! - [`identify`] finds the key of a secret, without judging the key.

mod answers;
mod assertion;
mod credential;
mod explain;
mod identify;
mod question;
mod schemes;
mod usage;
mod verdict;
mod verify;
mod verify_request;

pub use crate::key::Mistake;
pub use crate::signing::Explanation;
pub use answers::Answers;
pub use assertion::{
    AcceptedAssertion, AssertionUse, ExpectedAssertion, NewAssertion, PresentedAssertion, sign_assertion,
    verify_assertion,
};
pub use credential::{PresentedSecret, Text};
pub use explain::explain;
pub use identify::{identify, lookups};
pub use question::{BatchLine, BatchLines, Clock};
pub use schemes::{KeyringScheme, max_skew};
pub use usage::{KeyUse, record_use, record_uses};
pub use verdict::{Credential, Demand, Verdict, VerdictCode, judge};
pub use verify::verify;
pub use verify_request::{Accepted, TimestampWindow, Verifiers, changed_meanwhile, record_accepted, verify_request};
