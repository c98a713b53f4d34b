//! Issues keys and bearer tokens, and enforces the contract when keys are issued, changed or deleted.
//!
//! The protocol (reserve, deliver, activate, settle) issues one key ([`issue()`]) or many keys ([`issue_many`]). The
//! protocol ensures that every delivered secret has a key in the keyring, and that no key authenticates unless its
//! secret was delivered. A crash leaves at most pending keys, which do not authenticate. `keywright activate` activates
//! such a key, given proof of possession. If a key stays pending for longer than [`PENDING_TTL`], a later command that
//! adds keys deletes the key.
//!
//! Bearer tokens ([`issue_bearer`]) follow the protocol without a pending state. A crash can therefore leave a token
//! that authenticates although it was not delivered, until the token expires.
//!
//! This module also enforces the keyring's contract, inside the transaction that makes the change. The contract
//! applies to new keys ([`admit`]), to changes ([`refuse_change`]), to successors ([`Succession`]), to the deletion of
//! ended keys ([`Retention`]), and to changes to the contract itself ([`revise`]).
//!
//! Changes to many keys are made in pages ([`Pages`]), which need little memory and lock the keyring only briefly.

mod accept_clock;
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
mod open_batch;
mod pages;
mod protocol;
mod purge;
mod random;
mod rotate;

pub use accept_clock::ClockChange;
pub use activate::{activate, activate_all, is_complete, refuse_not_pending};
pub use admit::{Origin, admit, holder_of, name_taken, refuse, refuse_known, refuse_moved, registered_as};
pub use admit_many::refuse_many;
pub use amend::refuse_change;
pub use bearer::{IssueBearer, assertion_not_valid, generate_bearer, issue_bearer, not_valid, terms};
pub use contract::{Revised, Revision, contract, revise};
pub use generate::{KeyChoices, KeySpec, generate, generate_with_id, material_of, new_id, placeholder};
pub use generate_many::{Generated, GeneratedKeys, generate_many};
pub use issue::{Issue, discard, issue};
pub use issue_many::{IssueMany, issue_many};
pub use open_batch::{OpenBatch, discard_late_batches};
pub use pages::{ChangePage, ChosenKey, Page, PageOutcome, Pages};
pub use protocol::IssueOutcome;
pub use purge::{Retention, purge_page};
pub use random::Random;
pub use rotate::{Succession, hand_over, older_keys, refuse_registered, refuse_rotation, refuse_stale_draft};

/// The number of seconds for which a key may stay pending. This time is longer than a delivery usually takes, and gives
/// an admin time to activate a key manually after a crash.
pub const PENDING_TTL: i64 = 3600;
