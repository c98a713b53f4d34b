//! Tests of batches, whose keys are written in several transactions and take effect in one.

use super::*;
use crate::keyring::{BatchId, BatchKind, discard_abandoned};
use serde_json::{Map, json};

/// A number of keys that is too large for any engine to update in the transaction that completes the batch.
const LARGE: usize = 1000;

/// Builds the pending key number `n`. The ids of the keys are in ascending order.
fn pending(n: usize) -> Key {
    let mut key = token_key(u8::try_from(n % 200).unwrap(), &format!("k{n:05}"));
    let mut id = [0; 16];
    id[..4].copy_from_slice(&u32::try_from(n).unwrap().to_be_bytes());
    key.id = KeyId::from_random(id);
    key.lifecycle.activated = None;
    key
}

/// Builds the key number `n` for an import: the same key as [`pending`] builds, but already activated.
fn imported(n: usize) -> Key {
    let mut key = pending(n);
    key.lifecycle.activated = Some(time(-5));
    key
}

/// Writes `pages` pages of `size` keys to a new batch, with one transaction per page, and returns the id of the batch.
fn write(
    keyring: &mut dyn Keyring,
    kind: BatchKind,
    (pages, size): (usize, usize),
    key: &(dyn Fn(usize) -> Key + Sync),
) -> BatchId {
    let mut batch = None;
    for page in 0..pages {
        let key = |index: usize| key(page * size + index);
        let id = transact(keyring, &entry(0), |t| {
            let id = match batch {
                Some(id) => t.continue_batch(id).map(|()| id)?,
                None => t.begin_batch(kind)?,
            };
            let action = if kind == BatchKind::Imported { Action::Import } else { Action::Reserve };
            t.insert_many(NewKeys { count: size, key: &|n| Ok(key(n)) }, action)?;
            Ok(id)
        })
        .unwrap();
        batch = Some(id);
    }
    batch.unwrap()
}

fn complete(keyring: &mut dyn Keyring, batch: BatchId, action: Action, at: i64) -> Result<()> {
    let facts = Map::from_iter([("keys".to_owned(), json!(1))]);
    transact(keyring, &entry(at), |t| t.complete_batch(batch, action, facts.clone()))
}

fn all(keyring: &dyn Keyring) -> Vec<String> {
    names(keyring, &Query::every(Selection::all(time(100))))
}

fn status(keyring: &dyn Keyring, key: &Key) -> Status {
    keyring.key(key.id, time(100)).unwrap().unwrap().lifecycle.status(time(100))
}

fn is_consistent(keyring: &dyn Keyring) {
    assert_eq!(keyring.contradictions(10).unwrap(), []);
}

#[test]
fn the_pending_keys_of_a_batch_become_active_in_one_transaction() {
    for_each_engine(|mut store| {
        let reader = store.open();
        let keyring = store.keyring.as_mut();
        let batch = write(keyring, BatchKind::Pending, (3, 200), &pending);
        assert_eq!(all(reader.as_ref()).len(), 600, "pending keys are listed");
        let mut selection = Selection::all(time(100));
        selection.statuses = vec![Status::Active];
        assert_eq!(reader.count(&selection, 1000).unwrap(), 0);
        for n in [0, 199, 200, 599] {
            let found = reader.key(pending(n).id, time(0)).unwrap().unwrap();
            assert_eq!(format!("{found:?}"), format!("{:?}", pending(n)));
        }
        is_consistent(reader.as_ref());
        complete(keyring, batch, Action::Activate, 9).unwrap();
        for n in [0, 199, 200, 599] {
            let found = reader.key(pending(n).id, time(0)).unwrap().unwrap();
            assert_eq!(found.lifecycle.activated, Some(time(9)));
        }
        assert_eq!(reader.count(&selection, 1000).unwrap(), 600);
        is_consistent(reader.as_ref());
        assert!(complete(keyring, batch, Action::Activate, 9).is_err(), "it is complete");
    });
}

#[test]
fn a_large_batch_is_seen_as_complete_before_its_keys_are_updated() {
    for_each_engine(|mut store| {
        let reader = store.open();
        let keyring = store.keyring.as_mut();
        let batch = write(keyring, BatchKind::Pending, (3, LARGE), &pending);
        complete(keyring, batch, Action::Activate, 9).unwrap();
        let count = 3 * (LARGE);
        let mut selection = Selection::all(time(100));
        let seen = |reader: &dyn Keyring, selection: &mut Selection| {
            selection.statuses = vec![Status::Active];
            assert_eq!(reader.count(selection, 100_000).unwrap(), count as u64);
            selection.statuses = vec![Status::Pending];
            assert_eq!(reader.count(selection, 100_000).unwrap(), 0);
            for n in [0, count / 2, count - 1] {
                let found = reader.key(pending(n).id, time(0)).unwrap().unwrap();
                assert_eq!(found.lifecycle.activated, Some(time(9)));
                let mut listed = None;
                let mut query = Query::every(Selection::all(time(100)));
                query.selection.name = Some(found.description.name.as_str().parse().unwrap());
                reader
                    .page(&query, &mut Cursor::default(), &mut |key| {
                        listed = Some(key.lifecycle.activated);
                        Ok(())
                    })
                    .unwrap();
                assert_eq!(listed, Some(Some(time(9))));
            }
            is_consistent(reader);
        };
        seen(reader.as_ref(), &mut selection);
        keyring.apply_batches().unwrap();
        seen(reader.as_ref(), &mut selection);
        // Another writer updates the keys first, so that it can change them.
        let batch = write(keyring, BatchKind::Pending, (2, LARGE), &|n| pending(50_000 + n));
        complete(keyring, batch, Action::Activate, 10).unwrap();
        let mut other = store.open();
        let old = other.key(pending(50_000).id, time(11)).unwrap().unwrap();
        let new = old.revoked(time(11), RevocationReason::Unspecified, None).unwrap();
        transact(other.as_mut(), &entry(11), |t| t.update(&old, &new, Action::Revoke)).unwrap();
        assert_eq!(status(reader.as_ref(), &pending(50_000)), Status::Revoked);
        assert_eq!(status(reader.as_ref(), &pending(50_001)), Status::Active);
        is_consistent(reader.as_ref());
    });
}

#[test]
fn a_batch_with_a_changed_key_is_not_completed() {
    for_each_engine(|mut store| {
        let keyring = store.keyring.as_mut();
        let batch = write(keyring, BatchKind::Pending, (2, 300), &pending);
        let revoked = pending(300).revoked(time(1), RevocationReason::Unspecified, None).unwrap();
        transact(keyring, &entry(1), |t| t.update(&pending(300), &revoked, Action::Revoke)).unwrap();
        let refused = complete(keyring, batch, Action::Activate, 2).unwrap_err();
        assert_eq!(refused.code(), Code::WrongState);
        assert_eq!(status(keyring, &pending(0)), Status::Pending);
        keyring.discard_batch(&entry(3), batch).unwrap();
        assert_eq!(all(keyring), ["k00300"], "a revoked key is kept");
        is_consistent(keyring);
        assert_eq!(complete(keyring, batch, Action::Activate, 4).unwrap_err().code(), Code::WrongState);
        assert_eq!(status(keyring, &pending(300)), Status::Revoked);
    });
}

#[test]
fn imported_keys_are_not_listed_until_the_batch_is_complete() {
    for_each_engine(|mut store| {
        let reader = store.open();
        let keyring = store.keyring.as_mut();
        insert(keyring, &[token_key(201, "before")]);
        let batch = write(keyring, BatchKind::Imported, (2, 300), &imported);
        assert_eq!(all(reader.as_ref()), ["before"]);
        assert_eq!(reader.count(&Selection::all(time(100)), 1000).unwrap(), 1);
        assert_eq!(reader.snapshot().unwrap().keys, 1);
        assert_eq!(reader.all_keys(&mut KeyCursor::default()).unwrap().len(), 1);
        let id = imported(1).id;
        assert!(reader.key(id, time(1)).unwrap().is_none(), "it cannot be used or changed");
        assert!(!reader.peek(&id.into(), time(1), &mut |_, _| ()).unwrap());
        let by_name = Lookup::Name(imported(1).description.name);
        assert_eq!(reader.find_in_import(&by_name, time(1), 9).unwrap()[0].id, id);
        assert!(reader.find_in_import(&token_key(201, "before").id.into(), time(1), 9).unwrap().is_empty());
        let seen = transact(keyring, &entry(1), |t| {
            t.continue_batch(batch)?;
            Ok((t.key(id, time(1))?.is_some(), t.find_in_import(&by_name, time(1), 9)?.is_empty()))
        });
        assert_eq!(seen.unwrap(), (true, true), "the import sees its own keys");
        is_consistent(reader.as_ref());
        let is_in = transact(keyring, &entry(1), |t| {
            t.continue_batch(batch)?;
            Ok((t.is_in_batch(imported(1).id)?, t.is_in_batch(token_key(201, "before").id)?))
        });
        assert_eq!(is_in.unwrap(), (true, false));
        let mut other = store.location.open().unwrap();
        let second = transact(other.as_mut(), &entry(1), |t| t.begin_batch(BatchKind::Imported)).unwrap_err();
        assert_eq!(second.code(), Code::KeyringLocked);
        complete(store.keyring.as_mut(), batch, Action::Import, 2).unwrap();
        assert_eq!(all(reader.as_ref()).len(), 601);
        let found = reader.key(imported(7).id, time(0)).unwrap().unwrap();
        assert_eq!(format!("{found:?}"), format!("{:?}", imported(7)));
        assert_eq!(reader.snapshot().unwrap().keys, 601);
        is_consistent(reader.as_ref());
    });
}

#[test]
fn an_imported_batch_that_is_discarded_leaves_nothing() {
    for_each_engine(|mut store| {
        let keyring = store.keyring.as_mut();
        let batch = write(keyring, BatchKind::Imported, (3, LARGE), &imported);
        keyring.discard_batch(&entry(1), batch).unwrap();
        keyring.discard_batch(&entry(1), batch).unwrap();
        assert_eq!(all(keyring).len(), 0);
        assert!(keyring.key(imported(0).id, time(1)).unwrap().is_none());
        is_consistent(keyring);
        let gone = transact(keyring, &entry(2), |t| t.continue_batch(batch)).unwrap_err();
        assert_eq!(gone.code(), Code::WrongState);
        // The same keys can be imported again.
        let again = write(keyring, BatchKind::Imported, (1, 10), &imported);
        assert_ne!(again, batch);
        complete(keyring, again, Action::Import, 3).unwrap();
        assert_eq!(all(keyring).len(), 10);
        is_consistent(keyring);
    });
}

#[test]
fn only_abandoned_batches_are_deleted() {
    for_each_engine(|mut store| {
        let keyring = store.keyring.as_mut();
        write(keyring, BatchKind::Pending, (1, 3), &pending);
        let importing = write(keyring, BatchKind::Imported, (1, 3), &|n| imported(10 + n));
        discard_abandoned(keyring, &entry(5), time(0)).unwrap();
        assert_eq!(all(keyring).len(), 3, "neither is late, and this process is running");
        assert!(!keyring.find_in_import(&imported(10).id.into(), time(5), 1).unwrap().is_empty());
        discard_abandoned(keyring, &entry(5), time(1)).unwrap();
        assert_eq!(all(keyring).len(), 0, "both are late");
        assert!(complete(keyring, importing, Action::Import, 6).is_err());
        is_consistent(keyring);
    });
}

#[test]
fn pending_keys_are_activated_with_another_batch() {
    for_each_engine(|mut store| {
        let keyring = store.keyring.as_mut();
        let first = write(keyring, BatchKind::Pending, (2, 10), &pending);
        let ids: Vec<KeyId> = [3, 15, 4].map(|n| pending(n).id).to_vec();
        let second = transact(keyring, &entry(1), |t| {
            let second = t.begin_batch(BatchKind::Pending)?;
            t.add_to_batch(&ids)?;
            Ok(second)
        })
        .unwrap();
        complete(keyring, second, Action::Activate, 2).unwrap();
        let statuses =
            |keyring: &dyn Keyring| (0..20).filter(|n| status(keyring, &pending(*n)) == Status::Active).count();
        assert_eq!(statuses(keyring), 3);
        is_consistent(keyring);
        assert!(complete(keyring, first, Action::Activate, 3).is_err(), "keys were taken from it");
        keyring.discard_batch(&entry(4), first).unwrap();
        assert_eq!(all(keyring).len(), 3, "active keys are kept");
        is_consistent(keyring);
        let missing = transact(keyring, &entry(5), |t| {
            t.begin_batch(BatchKind::Pending)?;
            t.add_to_batch(&[pending(77).id])
        });
        assert_eq!(missing.unwrap_err().code(), Code::WrongState);
    });
}

/// A key that is deleted in the transaction that begins a batch frees its place for the first key of the batch.
#[test]
fn a_batch_may_follow_the_deletion_of_the_newest_keys() {
    for count in [1, 3] {
        for_each_engine(|mut store| {
            let keyring = store.keyring.as_mut();
            let stale = [pending(1), pending(2), pending(3)];
            insert(keyring, &stale);
            let key = |n: usize| pending(10 + n);
            let batch = transact(keyring, &entry(1), |t| {
                let batch = t.begin_batch(BatchKind::Pending)?;
                t.delete(&stale[2], Action::Sweep)?;
                t.delete(&stale[0], Action::Sweep)?;
                if count == 1 {
                    t.insert(&key(0), Action::Reserve)?;
                } else {
                    t.insert_many(NewKeys { count, key: &|n| Ok(key(n)) }, Action::Reserve)?;
                }
                Ok(batch)
            })
            .unwrap();
            is_consistent(keyring);
            complete(keyring, batch, Action::Activate, 9).unwrap();
            keyring.apply_batches().unwrap();
            assert!((0..count).all(|n| status(keyring, &key(n)) == Status::Active), "{count}");
            is_consistent(keyring);
        });
    }
}
