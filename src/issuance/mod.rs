//! Issuing a key: reserve, deliver, activate.
//!
//! A secret must never be with somebody while no key stands behind it, and no key may authenticate that nobody holds.
//! So the row comes first, durably, as `pending`, which never verifies; then the secret leaves; then, in a second
//! durable transaction, the row becomes `active`. A crash in between leaves a pending row: `activate` completes it
//! with proof of possession, and a later writer removes it after [`PENDING_TTL`].
//!
//! What the keyring's contract says is asked here as well, inside the transaction that it is about: which keys may come in
//! ([`admit`]), change ([`refuse_change`]), be followed by others ([`Succession`]) and go ([`Retention`]), and how the contract
//! itself changes ([`revise`]).

mod activate;
mod admit;
mod amend;
mod bearer;
mod contract;
mod make;
mod many;
mod plan;
mod purge;
mod random;
mod rotate;

pub use activate::{activate, activate_all, is_complete, refuse_not_pending};
pub use admit::{Origin, admit, holder_of, name_taken, refuse, refuse_known, refuse_moved};
pub use amend::refuse_change;
pub use bearer::{Loan, lend, make_bearer, not_valid, terms};
pub use contract::{Revised, Revision, contract, revise};
pub use make::{Make, Wanted, make, make_on, new_id, recognise, stand_in};
pub use many::{IssueMany, issue_many, refuse_many};
pub use plan::Plan;
pub use purge::{Retention, purge};
pub use random::Random;
pub use rotate::{Succession, hand_over, refuse_registered, refuse_rotation};

use crate::{
    delivery::Delivery,
    error::{Code, Error, Result},
    files::{NewFile, Undo},
    interrupt,
    key::{Key, Secret, Status},
    keyring::{Action, Entry, Keyring, Location, transact},
};

/// How long a key may stay pending, in seconds: longer than any delivery takes, and time enough for an admin to
/// activate by hand what a crash left behind.
pub const PENDING_TTL: i64 = 3600;

/// A key, made and to be issued.
pub struct Issue<'a> {
    /// The pending key.
    pub key: &'a Key,
    /// The secret as it is to be written.
    pub secret: &'a Secret,
    /// Where it goes.
    pub delivery: Delivery,
    /// Where the public half goes too, and its bytes.
    pub public: Option<(NewFile, Vec<u8>)>,
    /// What a signal says once the key is issued.
    pub farewell: Vec<u8>,
}

/// A key that was issued.
pub struct Issued {
    /// The key as it is stored.
    pub key: Key,
    /// A signal came while it became active: whoever has more to do stops here.
    pub signalled: bool,
}

/// Issues a key; an error says whether the secret is out.
///
/// # Errors
/// What [`admit`] refuses, before anything has left; what `delivery` reports, after which there is no key;
/// `activation_unknown` when the secret is out and the key is not known to be active.
pub fn issue(keyring: &mut dyn Keyring, entry: &Entry, location: &Location, issue: Issue<'_>) -> Result<Issued> {
    let pending = issue.key;
    transact(keyring, entry, |transaction| {
        admit(transaction, pending, Origin::Made, entry.at)?;
        transaction.insert(pending, Action::Reserve)
    })?;
    let undo = Undo::new();
    let guard = interrupt::guard({
        let (undo, location, entry, pending) = (undo.clone(), location.clone(), entry.clone(), pending.clone());
        move || {
            let _ = undo.run();
            // Failing that, the row stays pending, which never verifies, and is swept.
            let _ = location.open().and_then(|mut keyring| discard(keyring.as_mut(), &entry, &pending));
        }
    });
    let public = issue.public.map_or(Ok(None), |(file, bytes)| file.write(&bytes, &undo).map(Some));
    if let Err(error) = public.and_then(|_| issue.delivery.deliver(issue.secret, &undo)) {
        let _ = guard.undo();
        return Err(error);
    }
    let closing = guard.close();
    let active = activate(keyring, entry, pending).or_else(|cause| settle(cause, entry, location, pending, &undo));
    // What a signal would say from now on is another thing: there is a key, and it is with its holder.
    interrupt::set_message(issue.farewell);
    // One that came meanwhile ends nothing any more of this key: its report is all that is left.
    let signalled = closing.finish();
    active.map(|key| Issued { key, signalled })
}

/// After an activation that failed: a COMMIT that reports an error can have happened all the same, so the keyring is
/// read again before anything is said.
fn settle(cause: Error, entry: &Entry, location: &Location, pending: &Key, undo: &Undo) -> Result<Key> {
    let found = location.open().and_then(|keyring| keyring.key(pending.id, entry.at));
    let unknown = |state: String, hint: String| {
        Err(Error::new(Code::ActivationUnknown, state, hint).because(anyhow::anyhow!("{cause}")))
    };
    match found {
        Ok(Some(key)) if key.lifecycle.activated.is_some() => Ok(key),
        // Refused, and for good: the secret goes the way that an undelivered one goes.
        Ok(Some(key)) if cause.code() == Code::WrongState && key.lifecycle.status(entry.clock()) == Status::Pending => {
            let _ = undo.run();
            let _ = location.open().and_then(|mut keyring| discard(keyring.as_mut(), entry, pending));
            Err(cause)
        }
        // It ended meanwhile, and stays as what was ended.
        Ok(Some(key)) if key.lifecycle.status(entry.clock()).is_over() => {
            let _ = undo.run();
            Err(cause)
        }
        Ok(Some(key)) => unknown(
            format!(
                "the secret of key {} was delivered, but the key is still {}",
                key.id,
                key.lifecycle.status(entry.clock())
            ),
            format!("keep the secret, and run `keywright activate {} --private-key FILE`", key.id),
        ),
        Ok(None) => {
            let _ = undo.run();
            unknown(
                format!("key {} was removed while its secret was on the way", pending.id),
                "generate a new one; the secret that was delivered belongs to no key".to_owned(),
            )
        }
        Err(_) => unknown(
            format!("the secret of key {} was delivered; whether the key is active cannot be read", pending.id),
            format!(
                "keep the secret; when the keyring can be read again, `keywright show {id}` tells, and \
                 `keywright activate {id} --private-key FILE` completes it",
                id = pending.id
            ),
        ),
    }
}

/// Removes a key whose secret never arrived; one that is not pending any more stays.
///
/// # Errors
/// What the store reports.
pub fn discard(keyring: &mut dyn Keyring, entry: &Entry, pending: &Key) -> Result<()> {
    transact(keyring, entry, |transaction| match transaction.key(pending.id, entry.at)? {
        Some(key) if key.lifecycle.activated.is_none() => transaction.delete(&key, Action::Discard),
        _ => Ok(()),
    })
}
