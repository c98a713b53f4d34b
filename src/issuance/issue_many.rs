//! Issuing many keys together, all or none.
//!
//! While the rows are being reserved, a second thread already writes the secrets: into a file without a name, where the
//! system has such files, which disappears with the process. The secrets leave when the file gets its name, after the
//! reservation.

use super::{
    PENDING_TTL,
    admit_many::admit_many,
    protocol::{self, Activation, Issuable, Reservation},
};
use crate::{
    delivery::Delivery,
    error::{Code, Error, Result},
    files::{Sink, Stream},
    key::{KeyId, Name},
    keyring::{Action, Batch, Entry, Keyring, Location, Transaction, transact},
};
use std::{
    io,
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// Generated keys that are about to be issued.
pub struct IssueMany<'a> {
    /// The pending keys.
    pub keys: Batch<'a>,
    /// Their ids.
    pub ids: Arc<[KeyId]>,
    /// The first and the last of their names, by byte. Within one environment all names differ.
    pub names: (Name, Name),
    /// The text of the contract that the keys have been checked against.
    pub contract: Option<&'a str>,
    /// The document with the secrets.
    pub secrets: Stream<'a>,
    /// The checked destination of the secrets.
    pub delivery: Delivery,
    /// The text that a signal prints once the keys are issued.
    pub farewell: Vec<u8>,
}

/// Issues many keys.
///
/// # Errors
/// As [`issue`](super::issue()): the errors of `admit_many` and of the delivery; `wrong_state` if one of the keys was changed
/// meanwhile, after which there are no keys; `activation_unknown`.
pub fn issue_many(keyring: &mut dyn Keyring, entry: &Entry, location: &Location, issue: IssueMany<'_>) -> Result<()> {
    let IssueMany { keys, ids, names, contract, secrets, delivery, farewell } = issue;
    let failed = AtomicBool::new(false);
    let until_failure = |sink: Sink<'_>| {
        let mut sink = |bytes: &[u8]| {
            if failed.load(Ordering::Relaxed) { Err(io::ErrorKind::Interrupted.into()) } else { sink(bytes) }
        };
        secrets(&mut sink)
    };
    thread::scope(|scope| {
        let staging = thread::Builder::new().spawn_scoped(scope, || delivery.stage(&until_failure));
        let staging = staging.map_err(Error::no_thread)?;
        let pending = PendingKeys { keys, ids, names, contract };
        let issued = protocol::run(
            keyring,
            entry,
            location,
            &pending,
            |undo| staging.join().unwrap_or_else(|panic| resume_unwind(panic)).deliver(secrets, undo),
            farewell,
        );
        // After a failed reservation, the other thread would go on writing secrets that are not delivered.
        issued.inspect_err(|_| failed.store(true, Ordering::Relaxed)).map(drop)
    })
}

/// Pending keys.
struct PendingKeys<'a> {
    keys: Batch<'a>,
    ids: Arc<[KeyId]>,
    names: (Name, Name),
    contract: Option<&'a str>,
}

impl Issuable for PendingKeys<'_> {
    type Issued = ();

    fn reserve(&self, transaction: &mut dyn Transaction, entry: &Entry) -> Result<()> {
        admit_many(transaction, self.keys, &self.names, self.contract, entry.at)?;
        transaction.insert_many(self.keys, Action::Reserve)
    }

    fn reservation(&self) -> Reservation {
        Reservation::Keys(Arc::clone(&self.ids))
    }

    fn activate(&self, keyring: &mut dyn Keyring, entry: &Entry, location: &Location) -> Activation<()> {
        match transact(keyring, entry, |transaction| transaction.activate_many(self.keys)) {
            Ok(()) => Activation::Active(()),
            Err(cause) if cause.code() == Code::WrongState => Activation::Refused(cause),
            Err(cause) => settle(&cause, &self.ids, entry, location),
        }
    }
}

/// Decides what a failed activation has left. The keys become active together, so the first one stands for all.
fn settle(cause: &Error, ids: &[KeyId], entry: &Entry, location: &Location) -> Activation<()> {
    let Some(first) = ids.first() else { return Activation::Active(()) };
    let state = match location.open().and_then(|keyring| keyring.key(*first, entry.at)) {
        Ok(Some(key)) if key.lifecycle.activated.is_some() => return Activation::Active(()),
        Ok(Some(_)) => "but the keys are still pending",
        Ok(None) => "but the keys are not in the keyring",
        Err(_) => "but the keyring cannot be read to see if the keys are active",
    };
    let hint = format!(
        "keep the secrets; `keywright show {first}` shows the state, `keywright activate --from FILE` activates all of them, and \
         pending keys are deleted after {} minutes",
        PENDING_TTL / 60
    );
    let unknown = Error::new(Code::ActivationUnknown, format!("the secrets were delivered, {state}"), hint);
    Activation::Unknown(unknown.because(anyhow::anyhow!("{cause}")))
}
