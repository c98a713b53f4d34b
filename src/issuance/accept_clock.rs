//! Accepting a system clock that is behind the keyring time.
//!
//! A clock that once ran ahead leaves times in the keyring that are in the future when the clock is right again. What ended
//! by then must stay ended, and what was to end after an overlap must not live until the time that the clock showed.

use crate::{
    error::Result,
    key::{Key, KeyId, Time},
    keyring::{Action, KeyCursor, Keys, Reads, Transaction},
};

/// The number of seconds by which the timestamps of requests can be ahead of a clock that is right: twice the default of
/// `verify-request`.
const GRACE: i64 = 60;

/// The change of the keyring time.
#[derive(Clone, Copy, Debug)]
pub struct ClockChange {
    /// The keyring time, or the time of the system clock if the keyring time is not ahead of it.
    pub from: Time,
    /// The time of the system clock.
    pub to: Time,
}

impl ClockChange {
    /// Returns the change that makes the keyring time the time of the system clock and accepts requests from that time on.
    /// Returns `None` if the system clock is behind neither the keyring time nor the newest request that is no longer on
    /// record.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    pub fn needed(keys: &(impl Keys + ?Sized), system_clock: Time) -> Result<Option<Self>> {
        let from = keys.time()?.filter(|from| *from > system_clock);
        let forgotten = keys.forgotten_requests()?.map(|forgotten| forgotten.div_euclid(1000));
        let requests = forgotten.filter(|forgotten| *forgotten > system_clock.seconds() + GRACE);
        Ok(from.or(requests.map(|_| system_clock)).map(|from| Self { from, to: system_clock }))
    }

    /// Returns the ids of the keys that have to change.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    pub fn affected(self, keyring: &(impl Reads + ?Sized)) -> Result<Vec<KeyId>> {
        let (mut cursor, mut affected) = (KeyCursor::default(), Vec::new());
        loop {
            let keys = keyring.all_keys(&mut cursor)?;
            if keys.is_empty() {
                return Ok(affected);
            }
            for key in keys {
                if self.settled(keyring, &key)?.is_some() {
                    affected.push(key.id);
                }
            }
        }
    }

    /// Makes the change, and settles the times of the keys in `affected`.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read or written.
    pub fn apply(self, transaction: &mut dyn Transaction, affected: &[KeyId]) -> Result<()> {
        let facts = serde_json::json!({ "keyring_time": [self.from.to_string(), self.to.to_string()] });
        transaction.accept_clock(&facts.to_string())?;
        for id in affected {
            let Some(key) = transaction.key(*id, self.to)? else { continue };
            if let Some(settled) = self.settled(transaction, &key)? {
                transaction.update(&key, &settled, Action::AcceptClock)?;
            }
        }
        Ok(())
    }

    /// Returns the key with the times that the change requires, or `None` if they do not have to change.
    fn settled(self, keys: &(impl Keys + ?Sized), key: &Key) -> Result<Option<Key>> {
        let passed = |time: Option<Time>| time.is_some_and(|time| time > self.to && time <= self.from);
        let mut new = key.clone();
        // A revocation that had taken effect at the keyring time takes effect at once.
        if passed(new.lifecycle.revoked) {
            new.lifecycle.revoked = Some(self.to);
        }
        if passed(new.lifecycle.disabled) {
            new.lifecycle.disabled = Some(self.to);
        }
        if let Some(expires) = new.lifecycle.expires.filter(|expires| *expires > self.to)
            && let Some(to) = key.rotation.to
            && let Some(successor) = keys.key(to, self.from)?
        {
            let retired = key.rotation.retire_on_use && successor.lifecycle.last_used.is_some();
            let since = successor.lifecycle.activated.filter(|activated| *activated > self.to);
            new.lifecycle.expires = Some(match since {
                _ if retired && expires <= self.from => self.to,
                // The overlap counts from the activation of the successor, which was now at the latest.
                Some(since) => {
                    Time::from_seconds(self.to.seconds() + (expires.seconds() - since.seconds()).max(0)).min(expires)
                }
                None => expires,
            });
        }
        Ok((new != *key).then_some(new))
    }
}
