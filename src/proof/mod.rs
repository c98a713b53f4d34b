//! What a secret or a signature proves: which key it belongs to, and whether that key may be used for what is asked.
//!
//! First whose it is, then what that key may do: nothing of a key is told to who has not proved that they hold it.

pub mod request;
mod verdict;

pub use verdict::{Credential, Demand, Finding, Verdict, judge};
