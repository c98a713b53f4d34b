//! Accepts a system clock that is behind the keyring time.
//!
//! A clock that runs ahead stores times in the keyring that are in the future after the clock has been corrected. A key
//! that was revoked or disabled at such a time must not become valid again, and a key whose end was set at such a time
//! must not stay valid for longer than was meant then.

use crate::{
    error::Result,
    key::{Field, Key, KeyId, Lifecycle, Time},
    keyring::{Action, KeyCursor, Keys, Reads, Transaction, latest_refused},
    proof::max_skew,
};

/// A change of the keyring time to the time of the system clock.
#[derive(Clone, Copy, Debug)]
pub struct ClockChange {
    /// The keyring time if it is later than `to`, and `to` otherwise.
    pub from: Time,
    /// The time of the system clock.
    pub to: Time,
}

impl ClockChange {
    /// Returns the change that sets the keyring time to the time of the system clock, and accepts signed requests from
    /// that time on. Returns `None` if the keyring time is not ahead of the system clock, and the newest request that
    /// is no longer on record is not later than [`latest_refused`].
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    pub fn needed(keys: &(impl Keys + ?Sized), system_clock: Time) -> Result<Option<Self>> {
        let from = keys.time()?.filter(|from| *from > system_clock);
        let most = latest_refused(system_clock, max_skew(keys)?, keys.accepted_skew()?);
        let requests = keys.forgotten_requests()?.filter(|forgotten| forgotten.div_euclid(1000) > most.seconds());
        Ok(from.or(requests.map(|_| system_clock)).map(|from| Self { from, to: system_clock }))
    }

    /// Returns the ids of the keys whose times the change adjusts.
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

    /// Sets the keyring time to the time of the transaction's entry, and adjusts the times of the keys in `affected`.
    /// Skips keys that no longer exist or no longer need an adjustment.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read or written.
    pub fn apply(self, transaction: &mut dyn Transaction, affected: &[KeyId]) -> Result<()> {
        let facts = serde_json::json!({ "keyring_time": [self.from.to_string(), self.to.to_string()] });
        let skew = max_skew(&*transaction)?;
        transaction.accept_clock(&facts.to_string(), skew)?;
        for id in affected {
            let Some(key) = transaction.key(*id, self.to)? else { continue };
            if let Some(settled) = self.settled(transaction, &key)? {
                transaction.update(&key, &settled, Action::AcceptClock)?;
            }
        }
        Ok(())
    }

    /// Returns the key with adjusted times, or `None` if the times need no adjustment.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    pub fn settled(self, keys: &(impl Keys + ?Sized), key: &Key) -> Result<Option<Key>> {
        let mut new = key.clone();
        let Lifecycle { created, activated, revoked, disabled, expires, .. } = &mut new.lifecycle;
        // A pending key is deleted an hour after its creation, and the lifetime of a successor is that of its predecessor.
        *created = (*created).min(self.to);
        *activated = activated.map(|time| time.min(self.to));
        for (time, field) in [(revoked, Field::RevokedAt), (disabled, Field::DisabledAt)] {
            // A revocation that had taken effect at the keyring time takes effect at once.
            let had_passed = time.is_some_and(|time| time <= self.from);
            *time =
                if had_passed { time.map(|time| time.min(self.to)) } else { self.moved(keys, key.id, field, *time)? };
        }
        *expires = if expires.is_some_and(|expires| expires <= self.from) && self.may_be_retired(keys, key)? {
            expires.map(|expires| expires.min(self.to))
        } else {
            self.moved(keys, key.id, Field::ExpiresAt, *expires)?
        };
        Ok((new != *key).then_some(new))
    }

    /// Returns the time at which a key ends. If that time was set by a clock that was ahead, it comes as long after the
    /// change of the clock as it came after it was set. `field` is the field with the time.
    fn moved(self, keys: &(impl Keys + ?Sized), id: KeyId, field: Field, time: Option<Time>) -> Result<Option<Time>> {
        let Some(end) = time.filter(|end| *end > self.to) else { return Ok(time) };
        let Some(set) = keys.set_after(self.to, id, field, end)? else { return Ok(time) };
        // How far the clock was ahead when the end was set is unknown: it may have been set again since then. So the period
        // from the setting to the end begins now.
        let duration = (end.seconds() - set.seconds()).max(0);
        Ok(Some(Time::from_seconds(self.to.seconds() + duration).min(end)))
    }

    /// Returns `true` if the first use of a direct or indirect successor may have ended a key. A purged successor may have
    /// been used.
    fn may_be_retired(self, keys: &(impl Keys + ?Sized), key: &Key) -> Result<bool> {
        let (mut retires, mut next, mut seen) = (key.rotation.retire_on_use, key.rotation.to, vec![key.id]);
        while let Some(id) = next.filter(|id| retires && !seen.contains(id)) {
            let Some(successor) = keys.key(id, self.from)? else { return Ok(true) };
            if successor.lifecycle.last_used.is_some() {
                return Ok(true);
            }
            seen.push(id);
            (retires, next) = (successor.rotation.retire_on_use, successor.rotation.to);
        }
        Ok(false)
    }
}
