//! Changes many keys in pages, each in its own transaction.
//!
//! A single transaction for a million keys would either keep all changed data in memory, or lock readers out until the
//! transaction ends. Pages are small enough that a reader waits only for a short commit, and other writers can use the
//! keyring between two pages. If an error, a signal or a crash ends the run, the keys of the finished pages stay
//! changed, each with its audit row. Running the same command again changes the remaining keys.

use crate::{
    error::{Code, Error, Result},
    interrupt,
    key::{KeyId, Time},
    keyring::{Entry, Keyring, Transaction, at_least_keyring_time, transact},
};
use std::{
    thread,
    time::{Duration, Instant},
};

/// The maximum number of keys in a page.
const MOST: usize = 1000;

/// The minimum number of keys in a page, except in the last page.
const LEAST: usize = 20;

/// The duration of a transaction above which the next page is half as large, so that readers do not wait long if the
/// disk is slow.
const LONG: Duration = Duration::from_millis(250);

/// The pause between two pages. A process that waits for a lock tries to get it every few milliseconds.
const PAUSE: Duration = Duration::from_millis(10);

/// The outcome for a key that was chosen to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageOutcome {
    /// The key was already in the requested state when it was chosen.
    Unchanged,
    /// The key has not been changed yet.
    Due,
    /// The key was changed.
    Changed,
    /// The change did not apply to the key, because another process had changed or deleted the key in the meantime.
    Skipped,
}

/// A key that was chosen to be changed, with the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChosenKey {
    /// The id of the key.
    pub id: KeyId,
    /// The outcome so far.
    pub outcome: PageOutcome,
}

/// The keys that a single transaction changes, and the time of the change.
pub struct Page<'a> {
    /// The ids of the keys.
    pub ids: &'a [KeyId],
    /// The time at which the keys are judged and changed.
    pub now: Time,
    /// The values that the audit rows of the page share.
    pub entry: &'a Entry,
}

/// The settings for changing keys in pages.
pub struct Pages<'a> {
    /// The values that the audit rows share, except for the time, which each page sets.
    pub entry: &'a Entry,
    /// A function that returns the message to print if a signal ends the process, given the number of keys that have
    /// been changed.
    pub farewell: &'a dyn Fn(usize) -> Vec<u8>,
}

/// A function that changes the keys of a page in a transaction, and returns the ids of the changed keys in the order of
/// the page.
pub type ChangePage<'a> = dyn FnMut(&mut dyn Transaction, &Page<'_>) -> Result<Vec<KeyId>> + 'a;

impl Pages<'_> {
    /// Changes the keys whose outcome is [`PageOutcome::Due`], in order, and updates their outcomes. Pass the keys in
    /// the order in which they are stored, so that the keys of a page share database pages. After an error, the
    /// outcomes show which keys were changed.
    ///
    /// # Errors
    /// - `interrupted` if a signal arrived during a transaction, which is committed nevertheless
    /// - any error of `change`, whose transaction is rolled back
    /// - `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written
    pub fn run(&self, keyring: &mut dyn Keyring, keys: &mut [ChosenKey], change: &mut ChangePage<'_>) -> Result<()> {
        let (mut rest, mut size, mut changed) = (keys, LEAST, 0);
        loop {
            let (page, ids) = next(rest, size);
            if ids.is_empty() {
                return Ok(());
            }
            let (of_page, signaled, took) = self.change_page(keyring, &ids, change, changed)?;
            changed += of_page.len();
            settle(&mut rest[..page], &of_page);
            rest = &mut rest[page..];
            if signaled {
                return Err(Error::new(Code::Interrupted, "a signal interrupted the command", "run the command again"));
            }
            if took > LONG {
                size = LEAST.max(size / 2);
            } else if took < LONG / 4 {
                size = MOST.min(size * 2);
            }
            thread::sleep(PAUSE);
        }
    }

    /// Changes the keys of one page, given the number of keys that were changed before. Returns the ids of the changed
    /// keys, `true` if a signal arrived during the transaction, and the duration of the transaction.
    fn change_page(
        &self,
        keyring: &mut dyn Keyring,
        ids: &[KeyId],
        change: &mut ChangePage<'_>,
        before: usize,
    ) -> Result<(Vec<KeyId>, bool, Duration)> {
        let entry = Entry { at: self.entry.clock(), ..self.entry.clone() };
        let (mut closing, mut begun) = (None, Instant::now());
        let changed = transact(keyring, &entry, |transaction| {
            // While the transaction waits for its lock, a signal ends the process. Once it has the lock, a signal waits
            // for the commit, so that the message says exactly how many keys were changed.
            if closing.is_none() {
                closing = Some(interrupt::guard(|| {}).close());
                begun = Instant::now();
            }
            // The keyring time may have been set back since the keys were found.
            let now = at_least_keyring_time(transaction, &entry, entry.at)?;
            change(transaction, &Page { ids, now, entry: &entry })
        })?;
        interrupt::set_message((self.farewell)(before + changed.len()));
        Ok((changed, closing.is_some_and(interrupt::Closing::finish), begun.elapsed()))
    }
}

/// Returns the number of keys up to the end of the next page, and the ids of the due keys in the page, of which there
/// are at most `size`.
fn next(keys: &[ChosenKey], size: usize) -> (usize, Vec<KeyId>) {
    let mut ids = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        if ids.len() == size {
            return (index, ids);
        }
        ids.extend((key.outcome == PageOutcome::Due).then_some(key.id));
    }
    (keys.len(), ids)
}

/// Sets the outcomes of the keys in a page that were due. `changed` contains the ids of the changed keys, in order.
fn settle(page: &mut [ChosenKey], changed: &[KeyId]) {
    let mut changed = changed.iter().peekable();
    for key in page.iter_mut().filter(|key| key.outcome == PageOutcome::Due) {
        let is_changed = changed.next_if(|id| **id == key.id).is_some();
        key.outcome = if is_changed { PageOutcome::Changed } else { PageOutcome::Skipped };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        key::Key,
        keyring::{Action, AuditCursor, AuditQuery},
        testing::{self, ScratchKeyring, entry, time},
    };

    const COUNT: u8 = 200;

    fn due(range: std::ops::Range<u8>) -> Vec<ChosenKey> {
        range.map(|n| ChosenKey { id: testing::id(n), outcome: PageOutcome::Due }).collect()
    }

    fn disable(transaction: &mut dyn Transaction, page: &Page<'_>) -> Result<Vec<KeyId>> {
        let mut changed = Vec::new();
        for id in page.ids {
            let Some(old) = transaction.key(*id, page.now)? else { continue };
            let Some(new) = old.disabled(page.now)? else { continue };
            transaction.update(&old, &new, Action::Disable)?;
            changed.push(*id);
        }
        Ok(changed)
    }

    fn scratch() -> ScratchKeyring {
        ScratchKeyring::with(&(0..COUNT).map(testing::key).collect::<Vec<Key>>())
    }

    fn disabled(keyring: &dyn Keyring) -> usize {
        let key = |n| keyring.key(testing::id(n), time(0)).unwrap().unwrap();
        (0..COUNT).filter(|n| key(*n).lifecycle.disabled.is_some()).count()
    }

    fn rows(keyring: &dyn Keyring) -> usize {
        let query = AuditQuery { actions: vec![Action::Disable], ..AuditQuery::default() };
        let (mut cursor, mut count) = (AuditCursor::default(), 0);
        while keyring
            .audit(&query, &mut cursor, &mut |_| {
                count += 1;
                Ok(())
            })
            .unwrap()
        {}
        count
    }

    #[test]
    fn every_key_is_changed_once_with_an_audit_row() {
        let mut scratch = scratch();
        let messages = std::cell::RefCell::new(Vec::new());
        let farewell = |changed: usize| {
            messages.borrow_mut().push(changed);
            Vec::new()
        };
        let mut keys = due(0..COUNT);
        keys[3].outcome = PageOutcome::Unchanged;
        let pages = Pages { entry: &entry(5), farewell: &farewell };
        pages.run(&mut scratch.keyring, &mut keys, &mut disable).unwrap();
        assert_eq!((disabled(&scratch.keyring), rows(&scratch.keyring)), (199, 199));
        assert_eq!(keys[3].outcome, PageOutcome::Unchanged);
        assert_eq!(keys.iter().filter(|key| key.outcome == PageOutcome::Changed).count(), 199);
        assert!(messages.borrow().len() > 1, "several pages");
        assert_eq!((messages.borrow().is_sorted(), messages.borrow().last()), (true, Some(&199)));
    }

    #[test]
    fn an_error_keeps_the_finished_pages_and_undoes_its_own() {
        let mut scratch = scratch();
        let mut keys = due(0..COUNT);
        let mut count = 0;
        let mut failing = |transaction: &mut dyn Transaction, page: &Page<'_>| {
            let changed = disable(transaction, page)?;
            count += 1;
            if count == 3 { Err(Error::new(Code::KeyringFull, "no space", "free some")) } else { Ok(changed) }
        };
        let pages = Pages { entry: &entry(5), farewell: &|_| Vec::new() };
        let error = pages.run(&mut scratch.keyring, &mut keys, &mut failing).unwrap_err();
        assert_eq!(error.code(), Code::KeyringFull);
        let done = keys.iter().filter(|key| key.outcome == PageOutcome::Changed).count();
        assert!(0 < done && done < usize::from(COUNT), "{done}");
        assert_eq!((disabled(&scratch.keyring), rows(&scratch.keyring)), (done, done));
        assert!(keys[done..].iter().all(|key| key.outcome == PageOutcome::Due));
        pages.run(&mut scratch.keyring, &mut keys, &mut disable).unwrap();
        assert_eq!((disabled(&scratch.keyring), rows(&scratch.keyring)), (200, 200));
    }

    #[test]
    fn a_key_that_the_change_does_not_apply_to_is_skipped() {
        let mut scratch = scratch();
        let mut first = due(10..20);
        let mut keys = due(0..COUNT);
        keys.push(ChosenKey { id: testing::id(COUNT), outcome: PageOutcome::Due });
        let pages = Pages { entry: &entry(5), farewell: &|_| Vec::new() };
        pages.run(&mut scratch.keyring, &mut first, &mut disable).unwrap();
        pages.run(&mut scratch.keyring, &mut keys, &mut disable).unwrap();
        let skipped = keys.iter().filter(|key| key.outcome == PageOutcome::Skipped).map(|key| key.id);
        assert_eq!(skipped.collect::<Vec<_>>(), (10..20).chain([COUNT]).map(testing::id).collect::<Vec<_>>());
        assert_eq!(rows(&scratch.keyring), 200);
    }

    #[test]
    fn a_page_is_as_large_as_the_due_keys_allow() {
        let mut keys = due(0..5);
        keys[1].outcome = PageOutcome::Unchanged;
        assert_eq!(next(&keys, 2), (3, vec![testing::id(0), testing::id(2)]));
        assert_eq!(next(&keys, 9), (5, [0, 2, 3, 4].map(testing::id).to_vec()));
        assert_eq!(next(&[], 9), (0, vec![]));
    }
}
