//! What a secret or a signature proves: which key it belongs to, and whether that key may be used for what is asked.
//!
//! First whose it is, then what that key may do: nothing of a key is told to who has not proved that they hold it.
//!
//! * [`Claim`] is what was presented, read strictly.
//! * [`verify`] compares it with the keyring, and answers with a [`Verdict`].
//! * [`Presented`] is a request with a signature as it was sent, and [`verify_request`] judges that; what was accepted is on
//!   [`record`], so that it is accepted once. [`explain`] says what is wrong with a signature.
//! * [`Answers`] are those to the lines of a service that keeps asking.
//! * [`used`] and [`note`] are what a valid use leaves behind.
//! * [`whose`] tells which key a secret that was found belongs to, and judges nothing.

mod answers;
mod claim;
mod explain;
mod presented;
mod question;
pub mod request;
mod signed;
mod uses;
mod verdict;
mod verify;
mod whose;

pub use answers::Answers;
pub use claim::{Claim, Mistake, Text};
pub use explain::{Explanation, explain};
pub use presented::{Aside, Presented};
pub use question::Clock;
pub use signed::{Accepted, Verifiers, Window, record, unsettled, verify_request};
pub use uses::{Use, note, used};
pub use verdict::{Credential, Demand, Ruling, Verdict, judge};
pub use verify::verify;
pub use whose::whose;
