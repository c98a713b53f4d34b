//! Copies of the keyring: how they are taken, and how they are brought back.
//!
//! What is brought back never undoes an end: of a key that is in both, whichever copy ends it sooner holds; one that was
//! removed since stays away; and the audit log of the keyring that is there goes on, with a row for every key that changes.

mod fate;
mod merge;
mod restore;
mod take;
#[cfg(test)]
mod tests;
mod verify;

pub use merge::merged;
pub use restore::{Effect, Plan, Step, note, plan, restore};
pub use take::{Taken, take};
pub use verify::verify;
