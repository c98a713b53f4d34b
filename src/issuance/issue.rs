//! Issues one key.

use super::{
    Origin, activate, admit, discard_late_batches,
    protocol::{self, Activation, Issuable, IssueOutcome, Reservation, Reserved, reserve_at_once},
    refuse_stale_draft,
};
use crate::{
    delivery::Delivery,
    error::{Code, Error, Result},
    files::NewFile,
    key::{Key, KeyId, Secret, Status},
    keyring::{Action, Entry, Keyring, Location, at_least_keyring_time, refuse_clock_change},
};

/// A generated key that is about to be issued.
pub struct Issue<'a> {
    /// The pending key.
    pub key: &'a Key,
    /// The predecessor from which the key was drafted, or `None` if the key is not a successor.
    pub basis: Option<&'a Key>,
    /// The complete document to deliver, which contains the secret.
    pub secret: &'a Secret,
    /// The checked destination of the secret.
    pub delivery: Delivery,
    /// The file for the public key and the content to write to it, or `None` to write no such file.
    pub public: Option<(NewFile, Vec<u8>)>,
    /// The message to print if a signal arrives after the key has been issued.
    pub farewell: Vec<u8>,
}

/// Reserves a key, writes the file for its public key if there is one, delivers its secret, and activates the key.
///
/// # Errors
/// - `name_taken`, `issue_limit_exceeded` or another code of [`admit()`] if the key is refused; nothing is delivered
/// - `not_delivered`, `command_failed`, `file_exists`, `output_directory`, `output_failed` or `interrupted` if the
///   public key or the secret cannot be delivered; the key is deleted
/// - `wrong_state` if the predecessor was changed after the key was drafted, if the key ended during the delivery, or if
///   its predecessor was revoked, disabled or rotated after the rotation began
/// - `activation_unknown` if the secret was delivered, but the key was deleted or might not be active
/// - `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written
pub fn issue(
    keyring: &mut dyn Keyring,
    entry: &Entry,
    location: &Location,
    issue: Issue<'_>,
) -> Result<IssueOutcome<Key>> {
    let Issue { key, basis, secret, delivery, public, farewell } = issue;
    protocol::run(
        keyring,
        entry,
        location,
        &PendingKey { key, basis },
        |undo| {
            public.map_or(Ok(None), |(file, bytes)| file.write(&bytes, undo).map(Some))?;
            delivery.deliver(secret, undo)
        },
        farewell,
    )
}

/// Deletes a pending key whose secret was never delivered. Does nothing if the key has been activated or does not
/// exist.
///
/// # Errors
/// Returns `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written.
pub fn discard(keyring: &mut dyn Keyring, entry: &Entry, id: KeyId) -> Result<()> {
    Reservation::Key(id).discard(keyring, entry)
}

/// A pending key that is issued by the protocol.
struct PendingKey<'a> {
    key: &'a Key,
    basis: Option<&'a Key>,
}

impl Issuable for PendingKey<'_> {
    type Issued = Key;

    fn reserve(&self, keyring: &mut dyn Keyring, entry: &Entry, _: &Location) -> Result<Reserved> {
        discard_late_batches(keyring, entry)?;
        reserve_at_once(keyring, entry, |transaction| {
            // Generating the key and waiting for the lock may have taken a long time.
            let now = at_least_keyring_time(transaction, entry, entry.clock())?;
            refuse_clock_change(transaction, entry, self.key.lifecycle.created)?;
            admit(transaction, self.key, Origin::Generated, now)?;
            self.basis.map_or(Ok(()), |basis| refuse_stale_draft(transaction, basis, now))?;
            transaction.insert(self.key, Action::Reserve)
        })
    }

    fn reservation(&self) -> Reservation {
        Reservation::Key(self.key.id)
    }

    fn activate(&self, keyring: &mut dyn Keyring, entry: &Entry, location: &Location) -> Activation<Key> {
        match activate(keyring, entry, self.key) {
            Ok(key) => Activation::Active(key),
            Err(cause) => settle(cause, self.key.id, entry, location),
        }
    }
}

fn settle(cause: Error, id: KeyId, entry: &Entry, location: &Location) -> Activation<Key> {
    let unknown = |state: String, hint: String| {
        Error::new(Code::ActivationUnknown, state, hint).because(anyhow::anyhow!("{cause}"))
    };
    match location.open().and_then(|keyring| keyring.key(id, entry.at)) {
        Ok(Some(key)) if key.lifecycle.activated.is_some() => Activation::Active(key),
        Ok(Some(key)) if cause.code() == Code::WrongState && key.lifecycle.status(entry.clock()) == Status::Pending => {
            Activation::Refused(cause)
        }
        Ok(Some(key)) if key.lifecycle.status(entry.clock()).has_ended() => Activation::Ended(cause),
        Ok(Some(key)) => Activation::Unknown(unknown(
            format!(
                "the secret of key {id} was delivered, but the key is still {}",
                key.lifecycle.status(entry.clock())
            ),
            format!("keep the secret, and run `keywright activate {id} --private-key FILE`"),
        )),
        Ok(None) => Activation::Ended(unknown(
            format!("key {id} was deleted while its secret was being delivered"),
            "generate a new key with `keywright generate`; the delivered secret is not valid".to_owned(),
        )),
        Err(_) => Activation::Unknown(unknown(
            format!("the secret of key {id} was delivered, but the keyring cannot be read to see if the key is active"),
            format!(
                "keep the secret; when the keyring can be read again, run `keywright show {id}`; if the key is pending, \
                 run `keywright activate {id} --private-key FILE`"
            ),
        )),
    }
}
