//! What a secret or a signature proves: which key it belongs to, and whether that key may be used for what is asked.
//!
//! First whose it is, then what that key may do: nothing of a key is told to who has not proved that they hold it.
//!
//! * [`PresentedSecret`] is what was presented, read strictly.
//! * [`verify`] compares it with the keyring, and answers with a [`Verdict`].
//! * [`SignedRequest`] is a request with a signature as it was sent, and [`verify_request`] judges that; what was accepted is on
//!   [`record_accepted`], so that it is accepted once. [`explain`] says what is wrong with a signature.
//! * [`Answers`] are those to the lines of a service that keeps asking.
//! * [`record_uses`] and [`record_use`] record a valid use.
//! * [`identify`] finds the key that a secret that was found belongs to, and judges nothing.

mod answers;
mod credential;
mod explain;
mod identify;
mod question;
pub mod request;
mod signed_request;
mod usage;
mod verdict;
mod verify;
mod verify_request;

pub use answers::Answers;
pub use credential::{Mistake, PresentedSecret, Text};
pub use explain::{Explanation, explain};
pub use identify::identify;
pub use question::{BatchLine, BatchLines, Clock};
pub use signed_request::{SignedRequest, UnsignedParts};
pub use usage::{KeyUse, record_use, record_uses};
pub use verdict::{Credential, Demand, Verdict, VerdictCode, judge};
pub use verify::verify;
pub use verify_request::{Accepted, TimestampWindow, Verifiers, changed_meanwhile, record_accepted, verify_request};
