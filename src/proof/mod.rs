//! What a secret or a signature proves: which key it belongs to, and whether that key may be used for what is asked.
//!
//! First whose it is, then what that key may do: nothing of a key is told to who has not proved that they hold it.
//!
//! * [`Claim`] is what was presented, read strictly.
//! * [`verify`] compares it with the keyring, and answers with a [`Verdict`].
//! * [`answer`] does so for a line of a service that keeps asking.
//! * [`used`] and [`note`] are what a valid use leaves behind.

mod claim;
mod question;
pub mod request;
mod uses;
mod verdict;
mod verify;

pub use claim::{Claim, Mistake, Text};
pub use question::{answer, decline};
pub use uses::{Use, note, used};
pub use verdict::{Credential, Demand, Finding, Verdict, judge};
pub use verify::verify;
