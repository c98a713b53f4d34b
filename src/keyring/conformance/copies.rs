//! The whole keyring: backups, and reading every key.

use super::*;
use crate::key::Identity;

#[test]
fn all_keys_are_read_in_the_order_of_creation() {
    every_store(|mut store| {
        let keys: Vec<Key> = (1..=40u8).rev().map(|n| token_key(n, &format!("k{n}"))).collect();
        insert(store.keyring.as_mut(), &keys);
        let mut cursor = KeyCursor::default();
        let mut seen = Vec::new();
        loop {
            let next = store.keyring.all_keys(&mut cursor).unwrap();
            if next.is_empty() {
                break;
            }
            seen.extend(next);
        }
        assert_eq!(format!("{seen:?}"), format!("{keys:?}"));
    });
}

#[test]
fn tombstones_are_listed_and_added() {
    every_store(|mut store| {
        let mut ended = token_key(1, "ended");
        ended.lifecycle.expires = Some(time(5));
        insert(store.keyring.as_mut(), std::slice::from_ref(&ended));
        assert!(store.keyring.tombstones(None).unwrap().is_empty());
        transact(store.keyring.as_mut(), &entry(9), |t| t.purge(&ended)).unwrap();
        let left = Tombstone::of(&ended, time(9)).unwrap();
        assert_eq!(store.keyring.tombstones(None).unwrap(), [left]);
        assert!(store.keyring.tombstones(Some(left.id)).unwrap().is_empty());
        let other = Tombstone { id: id(7), identity: Identity::PublicKey([7; 32]), ..left };
        transact(store.keyring.as_mut(), &entry(9), |t| {
            t.insert_tombstone(&other)?;
            assert!(t.has_tombstone(other.id)?);
            t.append_audit(Action::Restore, "{\"a\":1}")
        })
        .unwrap();
        let keyring = store.keyring.as_ref();
        assert!(keyring.has_tombstone(left.id).unwrap() && !keyring.has_tombstone(id(8)).unwrap());
        assert!(keyring.tombstone(id(8), &rsa_key(7, "x").material).unwrap().is_some());
        assert_eq!(keyring.tombstones(None).unwrap().len(), 2);
        let mut newest = None;
        let query = AuditQuery { limit: Some(1), ..AuditQuery::default() };
        keyring
            .audit(&query, &mut AuditCursor::default(), &mut |row| {
                newest = Some((row.action.to_owned(), row.key, row.facts.to_owned()));
                Ok(())
            })
            .unwrap();
        assert_eq!(newest, Some(("restore".to_owned(), None, "{\"a\":1}".to_owned())));
    });
}

#[test]
fn a_copy_is_one_consistent_state() {
    every_store(|mut store| {
        insert(store.keyring.as_mut(), &[token_key(1, "one"), token_key(2, "two")]);
        let before = store.keyring.snapshot().unwrap();
        assert_eq!((before.keys, before.rows, before.org_id), (2, 3, store.keyring.org_id()));
        assert_eq!(before.head, store.keyring.verify_chain(None).unwrap().head);
        let mut other = (store.again)();
        let mut write = || {
            transact_within(Duration::ZERO, other.as_mut(), &entry(1), |t| {
                t.insert(&token_key(3, "three"), Action::Reserve)
            })
        };
        let mut bytes = Vec::new();
        let copied = store.keyring.copy(&mut |chunk| {
            assert_eq!(write().unwrap_err().code(), Code::KeyringLocked);
            bytes.extend_from_slice(chunk);
            Ok(())
        });
        assert_eq!(copied.unwrap(), before);
        write().unwrap();
        assert_ne!(store.keyring.snapshot().unwrap(), before);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("copy");
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(describe_backup(&path).unwrap(), before);
        let failed = store.keyring.copy(&mut |_| Err(Error::new(Code::BackupFailed, "no", "no")));
        assert_eq!(failed.unwrap_err().code(), Code::BackupFailed);
        transact(store.keyring.as_mut(), &entry(1), |t| t.insert(&token_key(4, "four"), Action::Reserve)).unwrap();
    });
}
