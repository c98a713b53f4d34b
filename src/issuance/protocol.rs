//! The protocol for delivering a secret: reserve, deliver, activate, settle.
//!
//! 1. **Reserve**: one durable transaction, or several for many keys, adds the rows. Keys cannot authenticate yet.
//!    Bearer tokens are an exception (see [`Issuable`]).
//! 2. **Deliver**: the secret is written to its destination. After the reservation, a signal or a failed delivery
//!    undoes the delivery and deletes the rows.
//! 3. **Activate**: a second durable transaction activates the keys, so that they can authenticate. From the start of
//!    this step on, a signal undoes nothing, but is recorded and reported to the caller.
//! 4. **Settle**: if the activation fails, the rows are read again, because a COMMIT that reports an error may have
//!    succeeded. The delivery is undone only if it is certain that the delivered secret does not authenticate.
//!
//! A crash before the activation leaves at most pending keys, which cannot authenticate and which a later command
//! deletes, or a bearer token, which stays valid until it expires.

use super::OpenBatch;
use crate::{
    error::{Code, Error, Exit, Result},
    files::{Undo, taken_back},
    interrupt::{self, Closing, Guard},
    key::{Bearer, KeyId},
    keyring::{Action, Entry, Keyring, Location, Transaction, transact},
};
use std::sync::Arc;

/// A key, a group of keys, or a bearer token that the protocol issues.
///
/// Unlike a key, a bearer token has no pending state. If a crash prevents the delivery of a bearer token, the token
/// stays valid until it expires.
pub(super) trait Issuable {
    /// The value that a successful activation returns.
    type Issued;

    /// Adds the rows to the keyring.
    fn reserve(&self, keyring: &mut dyn Keyring, entry: &Entry, location: &Location) -> Result<Reserved>;

    /// Returns the reservation, with which the rows can be deleted again.
    fn reservation(&self) -> Reservation;

    /// Activates the rows and, if that fails, determines their state. `location` is used to read the rows over a new
    /// connection, because the existing one may have failed.
    fn activate(&self, keyring: &mut dyn Keyring, entry: &Entry, location: &Location) -> Activation<Self::Issued>;
}

/// Rows that have been added, and what happens on a signal until [`run`] guards them itself.
pub(super) enum Reserved {
    /// Several transactions added the rows. A signal deletes them.
    Guarded(Guard),
    /// One transaction added the rows. A signal is recorded, because the process cannot know whether a transaction that it
    /// leaves was committed.
    Closing(Closing),
}

/// Adds rows in one transaction that a signal cannot interrupt once `work` has been called. While the transaction waits
/// for a lock, a signal ends the process.
///
/// # Errors
/// Returns the errors of [`transact`] and of `work`.
pub(super) fn reserve_at_once(
    keyring: &mut dyn Keyring,
    entry: &Entry,
    mut work: impl FnMut(&mut dyn Transaction) -> Result<()>,
) -> Result<Reserved> {
    let mut closing = None;
    transact(keyring, entry, |transaction| {
        closing.get_or_insert_with(|| interrupt::guard(|| ()).close());
        work(transaction)
    })?;
    Ok(Reserved::Closing(closing.unwrap_or_else(|| interrupt::guard(|| ()).close())))
}

/// The outcome of activating reserved rows.
pub(super) enum Activation<T> {
    /// The rows are active.
    Active(T),
    /// The rows cannot be activated and are still pending, so they are deleted and the delivery is undone.
    Refused(Error),
    /// The rows have ended or were deleted. They are left unchanged, and the delivery is undone.
    Ended(Error),
    /// The rows may be active, so nothing is undone.
    Unknown(Error),
}

/// A reference to the reserved rows, with which any thread can delete them.
#[derive(Clone)]
pub(super) enum Reservation {
    /// One key.
    Key(KeyId),
    /// Keys that were reserved together.
    Batch(Arc<OpenBatch>),
    /// A bearer token.
    Bearer(Box<Bearer>),
}

impl Reservation {
    /// Deletes the keys that are still pending, or the bearer token.
    pub(super) fn discard(&self, keyring: &mut dyn Keyring, entry: &Entry) -> Result<()> {
        match self {
            Self::Key(id) => transact(keyring, entry, |transaction| match transaction.key(*id, entry.at)? {
                // A key that was revoked meanwhile is kept, so that its secret cannot be imported again.
                Some(key) if key.lifecycle.activated.is_none() && key.lifecycle.revoked.is_none() => {
                    transaction.delete(&key, Action::Discard)
                }
                _ => Ok(()),
            }),
            Self::Batch(batch) => batch.discard(keyring, entry),
            Self::Bearer(bearer) => transact(keyring, entry, |transaction| transaction.delete_bearer(bearer)),
        }
    }

    /// Undoes the delivery, then deletes the rows, in the thread that handles signals. Errors are ignored, because they
    /// leave only a secret without a key, pending keys that are deleted later, or a bearer token that stays valid until
    /// it expires.
    fn take_back(&self, undo: &Undo, location: &Location, entry: &Entry) {
        let _ = undo.run();
        let _ = location.open().and_then(|mut keyring| self.discard(keyring.as_mut(), entry));
    }

    /// Undoes the delivery after `error`, then deletes the rows. Returns `error`, with a detail for everything that is
    /// left.
    ///
    /// The open keyring comes first, because the limit on open files may not allow for another connection.
    fn undo_after(
        &self,
        error: Error,
        undo: &Undo,
        keyring: &mut dyn Keyring,
        location: &Location,
        entry: &Entry,
    ) -> Error {
        let error = taken_back(error, undo);
        let discarded = self.discard(keyring, entry).or_else(|first| match first.code() {
            Code::KeyringLocked => Err(first),
            _ => location.open().and_then(|mut keyring| self.discard(keyring.as_mut(), entry)),
        });
        match discarded {
            Ok(()) => error,
            Err(cause) => {
                let message = format!("{}: {}", self.left_behind(), cause.message());
                error.detail(&["keyring"], message, "left_behind")
            }
        }
    }

    /// Returns the statement that the rows could not be deleted.
    fn left_behind(&self) -> String {
        match self {
            Self::Key(id) => format!("key {id} could not be deleted and is still pending, so it does not authenticate"),
            Self::Batch(_) => {
                "the keys could not be deleted and are still pending, so they do not authenticate".to_owned()
            }
            Self::Bearer(bearer) => {
                format!("the bearer token could not be deleted and is valid until {}", bearer.expires)
            }
        }
    }
}

/// The result of issuing keys or a bearer token.
pub struct IssueOutcome<T> {
    /// The issued key, or `()` for many keys or a bearer token.
    pub issued: T,
    /// `true` if a signal arrived during the activation. The caller must then report the issued key or keys, and stop.
    pub signaled: bool,
}

/// Reserves the rows, delivers the secret with `deliver`, and activates the rows. `farewell` is the message to print if
/// a signal arrives after the activation.
///
/// # Errors
/// Returns the first error of the reservation, of `deliver` or of the activation. If the reservation fails, nothing has
/// been delivered. If `deliver` fails, the delivery is undone and the rows are deleted. After a failed activation, the
/// [`Activation`] determines which of these steps are undone.
pub(super) fn run<I: Issuable>(
    keyring: &mut dyn Keyring,
    entry: &Entry,
    location: &Location,
    issuable: &I,
    deliver: impl FnOnce(&Undo) -> Result<()>,
    farewell: Vec<u8>,
) -> Result<IssueOutcome<I::Issued>> {
    let reservation = issuable.reservation();
    // A commit can fail although its change was recorded, so the rows may have been added.
    let reserved = issuable.reserve(keyring, entry, location).inspect_err(|error| {
        if error.code().exit() == Exit::Failed && error.code() != Code::KeyringLocked {
            let _ = reservation.discard(keyring, entry);
        }
    })?;
    let undo = Undo::new();
    let guard = interrupt::guard({
        // A signal is handled by another thread, because the main thread may be blocked in a write.
        let (undo, reservation, location, entry) = (undo.clone(), reservation.clone(), location.clone(), entry.clone());
        move || reservation.take_back(&undo, &location, &entry)
    });
    let signaled = match reserved {
        Reserved::Guarded(earlier) => {
            drop(earlier);
            false
        }
        Reserved::Closing(closing) => closing.finish(),
    };
    let delivered = if signaled {
        let message = "the command was interrupted; nothing was delivered";
        Err(Error::new(Code::Interrupted, message, "run the command again"))
    } else {
        deliver(&undo)
    };
    let closing = guard.close();
    let activation = match delivered {
        Ok(()) => issuable.activate(keyring, entry, location),
        Err(error) => Activation::Refused(error),
    };
    if matches!(activation, Activation::Active(_) | Activation::Unknown(_)) {
        // From this point on, a signal must not report that nothing was issued.
        interrupt::set_message(farewell);
    }
    let issued = match activation {
        Activation::Active(issued) => Ok(issued),
        Activation::Refused(error) => Err(reservation.undo_after(error, &undo, keyring, location, entry)),
        Activation::Ended(error) => Err(taken_back(error, &undo)),
        Activation::Unknown(error) => Err(error),
    };
    // A signal that arrived in this phase undid nothing; the caller reports the issued key.
    let signaled = closing.finish();
    issued.map(|issued| IssueOutcome { issued, signaled })
}
