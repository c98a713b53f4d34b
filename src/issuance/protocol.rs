//! The protocol by which a secret leaves: reserve, deliver, activate, settle.
//!
//! 1. **Reserve**: the rows are added, durably. They do not authenticate yet (a bearer token is the exception: see
//!    [`Issuable`]).
//! 2. **Deliver**: the secret leaves. From the reservation on, a signal takes the delivery back and discards the rows; so
//!    does a delivery that fails.
//! 3. **Activate**: a second durable transaction makes the rows authenticate. From here on a signal no longer undoes
//!    anything: it is remembered and reported.
//! 4. **Settle**: if the activation fails, the rows are read again, because a COMMIT that reports an error may have
//!    succeeded. The secret is taken back only if it is certain that no key stands behind it.
//!
//! A crash at any point leaves at most reserved rows, which do not authenticate and which a later writer removes.

use crate::{
    error::{Error, Result},
    files::Undo,
    interrupt,
    key::{Bearer, KeyId},
    keyring::{Action, Entry, Keyring, Location, Transaction, transact},
};
use std::sync::Arc;

/// A key, a group of keys, or a bearer token that is issued by the protocol.
///
/// A bearer token has no pending state. If a crash prevents its delivery, it authenticates although nobody has it, and expires soon.
pub(super) trait Issuable {
    /// The value that a successful issue returns.
    type Issued;

    /// Adds the rows.
    fn reserve(&self, transaction: &mut dyn Transaction, entry: &Entry) -> Result<()>;

    /// Returns the reserved rows.
    fn reservation(&self) -> Reservation;

    /// Activates the rows, and decides what a failed activation has left. `location` opens the keyring again, to read the
    /// rows with a connection that did not fail.
    fn activate(&self, keyring: &mut dyn Keyring, entry: &Entry, location: &Location) -> Activation<Self::Issued>;
}

/// The outcome of an activation.
pub(super) enum Activation<T> {
    /// The rows are active.
    Active(T),
    /// The rows were refused and stay pending: they are discarded, and the secret is taken back.
    Refused(Error),
    /// The rows have ended or are gone: they stay as they are, and the secret is taken back.
    Ended(Error),
    /// The rows may be active, so nothing is taken back.
    Unknown(Error),
}

/// The rows that were reserved, by which any thread can discard them.
#[derive(Clone)]
pub(super) enum Reservation {
    /// One key.
    Key(KeyId),
    /// Keys that were reserved together.
    Keys(Arc<[KeyId]>),
    /// A bearer token.
    Bearer(Box<Bearer>),
}

impl Reservation {
    /// Deletes the rows that are still reserved.
    pub(super) fn discard(&self, keyring: &mut dyn Keyring, entry: &Entry) -> Result<()> {
        transact(keyring, entry, |transaction| match self {
            Self::Key(id) => match transaction.key(*id, entry.at)? {
                Some(key) if key.lifecycle.activated.is_none() => transaction.delete(&key, Action::Discard),
                _ => Ok(()),
            },
            Self::Keys(ids) => transaction.delete_many(ids, Action::Discard),
            Self::Bearer(bearer) => transaction.delete_bearer(bearer),
        })
    }

    /// Takes back the delivery, then discards the rows. Errors are ignored: they leave a secret without a key, or rows that do not
    /// authenticate and are deleted later.
    fn take_back(&self, undo: &Undo, location: &Location, entry: &Entry) {
        let _ = undo.run();
        let _ = location.open().and_then(|mut keyring| self.discard(keyring.as_mut(), entry));
    }
}

/// The result of an issue.
pub struct IssueOutcome<T> {
    /// The issued key, or `()`.
    pub issued: T,
    /// `true` if a signal arrived during the activation: the caller reports this issue and starts no other.
    pub signaled: bool,
}

/// Reserves the rows, delivers the secret with `deliver`, and activates the rows. A signal that arrives after that prints
/// `farewell`.
///
/// # Errors
/// The error of the reservation, before which nothing has left; the error of `deliver`, after which everything is taken back; the
/// error of an activation that failed.
pub(super) fn run<I: Issuable>(
    keyring: &mut dyn Keyring,
    entry: &Entry,
    location: &Location,
    issuable: &I,
    deliver: impl FnOnce(&Undo) -> Result<()>,
    farewell: Vec<u8>,
) -> Result<IssueOutcome<I::Issued>> {
    transact(keyring, entry, |transaction| issuable.reserve(transaction, entry))?;
    let (undo, reservation) = (Undo::new(), issuable.reservation());
    let guard = interrupt::guard({
        // A signal is handled by another thread, because the main thread may be blocked in a write.
        let (undo, reservation, location, entry) = (undo.clone(), reservation.clone(), location.clone(), entry.clone());
        move || reservation.take_back(&undo, &location, &entry)
    });
    if let Err(error) = deliver(&undo) {
        let _ = guard.undo();
        return Err(error);
    }
    let closing = guard.close();
    let issued = match issuable.activate(keyring, entry, location) {
        Activation::Active(issued) => Ok(issued),
        Activation::Refused(error) => {
            reservation.take_back(&undo, location, entry);
            Err(error)
        }
        Activation::Ended(error) => {
            let _ = undo.run();
            Err(error)
        }
        Activation::Unknown(error) => Err(error),
    };
    // A signal from here on must not report that nothing was issued.
    interrupt::set_message(farewell);
    // A signal that arrived during the activation has undone nothing; the caller reports the issue.
    let signaled = closing.finish();
    issued.map(|issued| IssueOutcome { issued, signaled })
}
