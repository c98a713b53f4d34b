//! Recording the use of a key: updating the time of its last use and, after a rotation with `--retire-on-use`, ending
//! the key that it replaced.

use crate::{
    error::Result,
    key::{KeyId, Time},
    keyring::{Action, Entry, Keyring, Transaction, transact_within},
};
use std::time::Duration;

/// The time in seconds after a recorded use during which further uses of the key are not recorded.
const COARSE: u64 = 60;

/// The maximum time to wait for another process's write before recording a use. The answer does not depend on whether
/// the use is recorded.
const WAIT: Duration = Duration::from_millis(100);

/// A valid use of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// The id of the key.
    pub key: KeyId,
    /// The time of the previous recorded use, or `None` if no use has been recorded.
    pub last_used: Option<Time>,
}

impl KeyUse {
    /// Returns `true` if the use should be recorded, because the last recorded use was at least 60 seconds before `now`
    /// or there is none. A key in constant use therefore does not cause a write each time. The use should also be recorded
    /// if the time of the last use is at least 60 seconds after `now`, because the clock was ahead at that time.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        self.last_used.is_none_or(|last| now.seconds().abs_diff(last.seconds()) >= COARSE)
    }
}

/// Records the use of a key. Does nothing if the key does not exist. The predecessor of the key expires, provided that it was
/// rotated with `--retire-on-use` and has not ended. The predecessor's own predecessor then expires on the same condition,
/// and so on.
///
/// Usually, the first recorded use ends the predecessor. A later use ends it if the first use could not be recorded, or if
/// the predecessor had only expired at that time because the clock was ahead.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the use cannot be recorded.
pub fn record_use(transaction: &mut dyn Transaction, key: KeyId, now: Time) -> Result<()> {
    let mut predecessor = transaction.record_use(key, now)?;
    while let Some(id) = predecessor.take() {
        if let Some(old) = transaction.key(id, now)?
            && old.rotation.retire_on_use
            && !old.lifecycle.status(now).has_ended()
        {
            let mut new = old.clone();
            new.lifecycle.expires = Some(old.lifecycle.expires.map_or(now, |expires| expires.min(now)));
            transaction.update(&old, &new, Action::Retire)?;
            predecessor = old.rotation.from;
        }
    }
    Ok(())
}

/// Records the uses of keys in one transaction, and returns `true` on success. The caller can ignore a failure, because
/// a key may be used even if the keyring is read-only, full or busy.
pub fn record_uses(keyring: &mut dyn Keyring, entry: &Entry, keys: &[KeyId]) -> bool {
    if keys.is_empty() {
        return true;
    }
    transact_within(WAIT, keyring, entry, |transaction| {
        keys.iter().try_for_each(|key| record_use(transaction, *key, entry.at))
    })
    .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        key::{Key, Rotation, Status},
        keyring::{Keys as _, SqliteKeyring},
        testing::{self, ScratchKeyring, entry, time},
    };

    fn key(n: u8, from: Option<u8>, retire_on_use: bool) -> Key {
        let mut key = testing::key(n).with_name("ci").expiring_at(i64::from(n) * 1000);
        key.rotation = Rotation { from: from.map(testing::id), retire_on_use, ..Rotation::default() };
        key
    }

    #[test]
    fn a_use_is_recorded_once_a_minute() {
        let used = |last_used: Option<i64>| KeyUse { key: key(1, None, false).id, last_used: last_used.map(time) };
        assert!(used(None).is_due(time(100)));
        assert!(!used(Some(41)).is_due(time(100)));
        assert!(used(Some(40)).is_due(time(100)));
        assert!(!used(Some(159)).is_due(time(100)), "another process has another clock");
        assert!(used(Some(160)).is_due(time(100)), "the clock was ahead");
    }

    #[test]
    fn the_first_use_of_a_successor_ends_what_came_before() {
        let (first, second, third) = (key(1, None, true), key(2, Some(1), true), key(3, Some(2), false));
        let mut scratch = ScratchKeyring::with(&[first.clone(), second.clone(), third.clone()]);
        let keyring = &mut scratch.keyring;
        let ends =
            |keyring: &SqliteKeyring, key: &Key| keyring.key(key.id, time(0)).unwrap().unwrap().lifecycle.expires;
        assert!(record_uses(keyring, &entry(500), &[third.id]));
        assert_eq!(ends(keyring, &first), Some(time(500)));
        assert_eq!(ends(keyring, &second), Some(time(500)));
        assert_eq!(ends(keyring, &third), Some(time(3000)));
        let old = keyring.key(second.id, time(500)).unwrap().unwrap();
        assert_eq!(
            (old.lifecycle.status(time(500)), old.rotation.retire_on_use),
            (Status::Expired, true),
            "the flag is kept"
        );
    }

    #[test]
    fn a_predecessor_is_only_ended_if_that_was_asked_for() {
        let (staying, successor) = (key(1, None, false), key(2, Some(1), false));
        let mut late = key(4, Some(3), false);
        late.lifecycle.last_used = Some(time(10));
        let (left, ended) = (key(3, None, true).expiring_at(9000), key(5, None, true));
        let after = key(6, Some(5), false);
        let keys = [&staying, &successor, &left, &late, &ended, &after].map(Clone::clone);
        let mut scratch = ScratchKeyring::with(&keys);
        let keyring = &mut scratch.keyring;
        assert!(record_uses(keyring, &entry(5500), &[successor.id, late.id, after.id]));
        let ends = |key: &Key| keyring.key(key.id, time(0)).unwrap().unwrap().lifecycle.expires;
        assert_eq!(ends(&staying), staying.lifecycle.expires);
        assert_eq!(ends(&left), Some(time(5500)), "an earlier use did not end it");
        assert_eq!(ends(&ended), ended.lifecycle.expires, "ended before");
        assert!(record_uses(keyring, &entry(5500), &[testing::id(9)]), "a missing key is not a failure");
    }
}
