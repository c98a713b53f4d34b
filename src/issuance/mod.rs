//! Issuing keys and bearer tokens, and the rules of the contract for issuing, changing and deleting keys.
//!
//! A secret must never be in use while no key stands behind it, and no key may authenticate whose secret nobody has. The
//! protocol (reserve, deliver, activate, settle) makes sure of both for one key ([`issue()`]), many keys ([`issue_many`]) and
//! bearer tokens ([`issue_bearer`]). A crash leaves a pending key, which does not authenticate: `activate` completes it with
//! proof of possession, and a later writer deletes it after [`PENDING_TTL`].
//!
//! The contract of the keyring is applied here as well, inside the transaction that it concerns: to new keys ([`admit`]), to
//! changes ([`refuse_change`]), to successors ([`Succession`]), to the deletion of ended keys ([`Retention`]), and to changes of the
//! contract itself ([`revise`]).

mod activate;
mod admit;
mod admit_many;
mod amend;
mod bearer;
mod contract;
mod generate;
mod generate_many;
mod issue;
mod issue_many;
mod protocol;
mod purge;
mod random;
mod rotate;

pub use activate::{activate, activate_all, is_complete, refuse_not_pending};
pub use admit::{Origin, admit, holder_of, name_taken, refuse, refuse_known, refuse_moved};
pub use admit_many::refuse_many;
pub use amend::refuse_change;
pub use bearer::{IssueBearer, generate_bearer, issue_bearer, not_valid, terms};
pub use contract::{Revised, Revision, contract, revise};
pub use generate::{KeyChoices, KeySpec, generate, generate_with_id, new_id, placeholder, recognise};
pub use generate_many::{Generated, GeneratedKeys, generate_many};
pub use issue::{Issue, discard, issue};
pub use issue_many::{IssueMany, issue_many};
pub use protocol::IssueOutcome;
pub use purge::{Retention, purge};
pub use random::Random;
pub use rotate::{Succession, hand_over, refuse_registered, refuse_rotation};

/// The time for which a key may stay pending, in seconds: longer than any delivery takes, and long enough for an admin to
/// activate by hand a key that a crash left pending.
pub const PENDING_TTL: i64 = 3600;
