//! Issues many keys together: either all of them, or none.
//!
//! If the secrets go to a file, and the file system supports files without a name, a second thread writes the secrets
//! to such a file while the rows are being reserved. The file disappears if the process ends. After the reservation,
//! the secrets are delivered by giving the file its name.

use super::{
    OpenBatch, PENDING_TTL,
    admit_many::admit_many,
    protocol::{self, Activation, Issuable, Reservation, Reserved},
};
use crate::{
    delivery::Delivery,
    error::{Code, Error, Result},
    files::{Sink, Stream},
    key::{KeyId, Name},
    keyring::{
        Action, BatchKind, Entry, Keyring, Location, NewKeys, Transaction, at_least_keyring_time, refuse_clock_change,
        transact,
    },
};
use serde_json::{Map, Value, json};
use std::{
    io,
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// The maximum number of keys that a single transaction inserts. Other processes can use the keyring between two
/// transactions.
const PAGE: usize = 1 << 15;

/// Generated keys that are about to be issued.
pub struct IssueMany<'a> {
    /// The pending keys, which may still be being generated.
    pub keys: NewKeys<'a>,
    /// The pending keys with placeholders for their ids and their material.
    pub drafts: NewKeys<'a>,
    /// The id of the first key.
    pub first: KeyId,
    /// The first and the last name of the keys in byte order. The caller ensures that no two keys in the same
    /// environment have the same name.
    pub names: (Name, Name),
    /// The text of the contract that the keys have been checked against, or `None` if the keyring stores no contract.
    pub contract: Option<&'a str>,
    /// The function that writes the document with the secrets.
    pub secrets: Stream<'a>,
    /// The checked destination of the secrets.
    pub delivery: Delivery,
    /// The message to print if a signal arrives after the keys have been issued.
    pub farewell: Vec<u8>,
}

/// Reserves many keys together, delivers their secrets, and activates all of the keys.
///
/// # Errors
/// - `name_taken`, `issue_limit_exceeded` or the code of a broken rule if a key is refused; nothing is delivered
/// - any error that occurs while a key is built; nothing is delivered, and the keys are deleted
/// - `not_delivered`, `file_exists`, `output_directory` or `interrupted` if the delivery fails; the keys are deleted
/// - `usage` if the destination is a command, which can receive only one secret; the keys are deleted
/// - `wrong_state` if another process changed one of the keys or deleted the batch in the meantime; the keys are
///   deleted
/// - `activation_unknown` if the secrets were delivered, but the keys were deleted or might not be active
/// - `system_limit` if a thread cannot be started
/// - `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written
pub fn issue_many(keyring: &mut dyn Keyring, entry: &Entry, location: &Location, issue: IssueMany<'_>) -> Result<()> {
    let IssueMany { keys, drafts, first, names, contract, secrets, delivery, farewell } = issue;
    let name = |index| drafts.key(index).map(|key| json!(key.description.name.as_str()));
    let facts = [("keys", json!(drafts.count)), ("first", name(0)?), ("last", name(drafts.count.saturating_sub(1))?)];
    let facts = facts.map(|(fact, value)| (fact.to_owned(), value)).into_iter().collect();
    let batch = OpenBatch::new(BatchKind::Pending, keyring, entry)?;
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
        let pending = PendingKeys { keys, drafts, first, names, contract, batch, facts };
        let issued = protocol::run(
            keyring,
            entry,
            location,
            &pending,
            |undo| staging.join().unwrap_or_else(|panic| resume_unwind(panic)).deliver(secrets, undo),
            farewell,
        );
        // Without this flag, the other thread would continue to write secrets that will not be delivered.
        issued.inspect_err(|_| failed.store(true, Ordering::Relaxed)).map(drop)
    })?;
    // The keys are active whether or not this succeeds.
    let _ = keyring.apply_batches();
    Ok(())
}

/// Pending keys that are issued together by the protocol.
struct PendingKeys<'a> {
    keys: NewKeys<'a>,
    drafts: NewKeys<'a>,
    first: KeyId,
    names: (Name, Name),
    contract: Option<&'a str>,
    batch: Arc<OpenBatch>,
    /// The facts of the audit row that activates the keys.
    facts: Map<String, Value>,
}

impl Issuable for PendingKeys<'_> {
    type Issued = ();

    fn reserve(&self, keyring: &mut dyn Keyring, entry: &Entry, location: &Location) -> Result<Reserved> {
        let guard = self.batch.guard(location, entry);
        for start in (0..self.keys.count).step_by(PAGE) {
            let count = PAGE.min(self.keys.count - start);
            let (key, draft) = (|index| self.keys.key(start + index), |index| self.drafts.key(start + index));
            let (page, drafts) = (NewKeys { count, key: &key }, NewKeys { count, key: &draft });
            self.batch.write_page(keyring, entry, |transaction| {
                let now = at_least_keyring_time(transaction, entry, entry.clock())?;
                refuse_clock_change(transaction, entry, drafts.key(0)?.lifecycle.created)?;
                // The first transaction checks all keys, so that keys that cannot be issued are refused at once. The
                // keyring may change between the transactions, so each of them checks its own keys again.
                if start == 0 {
                    admit_many(transaction, self.drafts, &self.names, self.contract, now)?;
                } else {
                    let names = (0..count).map(|index| Ok(drafts.key(index)?.description.name));
                    if let Some(names) = Name::ends(names.collect::<Result<Vec<_>>>()?) {
                        admit_many(transaction, drafts, &names, self.contract, now)?;
                    }
                }
                transaction.insert_many(page, Action::Reserve)
            })?;
        }
        Ok(Reserved::Guarded(guard))
    }

    fn reservation(&self) -> Reservation {
        Reservation::Batch(Arc::clone(&self.batch))
    }

    fn activate(&self, keyring: &mut dyn Keyring, entry: &Entry, location: &Location) -> Activation<()> {
        let Some(id) = self.batch.id() else { return Activation::Active(()) };
        let complete =
            |transaction: &mut dyn Transaction| transaction.complete_batch(id, Action::Activate, self.facts.clone());
        match transact(keyring, entry, complete) {
            Ok(()) => Activation::Active(()),
            Err(cause) if cause.code() == Code::WrongState => Activation::Refused(cause),
            Err(cause) => settle(&cause, self.first, entry, location),
        }
    }
}

/// Determines the state of the keys after a failed activation. Reads only the first key, because all keys are activated
/// together.
fn settle(cause: &Error, first: KeyId, entry: &Entry, location: &Location) -> Activation<()> {
    let minutes = PENDING_TTL / 60;
    let (state, hint) = match location.open().and_then(|keyring| keyring.key(first, entry.at)) {
        Ok(Some(key)) if key.lifecycle.activated.is_some() => return Activation::Active(()),
        Ok(Some(_)) => (
            "but the keys are still pending",
            format!(
                "keep the secrets, and run `keywright activate --from FILE` to activate all keys; pending keys are deleted \
                 after {minutes} minutes"
            ),
        ),
        Ok(None) => (
            "but the keys are not in the keyring",
            "generate new keys with `keywright generate`; the delivered secrets are not valid".to_owned(),
        ),
        Err(_) => (
            "but the keyring cannot be read to see if the keys are active",
            format!(
                "keep the secrets; when the keyring can be read again, run `keywright show {first}`; if the key is pending, \
                 run `keywright activate --from FILE` to activate all keys; pending keys are deleted after {minutes} minutes"
            ),
        ),
    };
    let unknown = Error::new(Code::ActivationUnknown, format!("the secrets were delivered, {state}"), hint);
    Activation::Unknown(unknown.because(anyhow::anyhow!("{cause}")))
}
