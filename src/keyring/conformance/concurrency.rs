//! Several connections to one keyring.

use super::*;

#[test]
fn writers_wait_for_each_other() {
    for_each_engine(|store| {
        let keyrings: Vec<_> = (0..8).map(|_| store.open()).collect();
        std::thread::scope(|scope| {
            for (mut keyring, n) in keyrings.into_iter().zip(0u8..) {
                scope.spawn(move || {
                    for i in 0..10 {
                        let key =
                            Key { id: KeyId::from_random([n * 10 + i; 16]), ..token_key(1, &format!("k{n}-{i}")) };
                        transact(keyring.as_mut(), &entry(0), |t| t.insert(&key, Action::Reserve)).unwrap();
                    }
                });
            }
        });
        assert_eq!(store.open().count(&Selection::all(time(0)), 1000).unwrap(), 80);
    });
}

#[test]
fn a_list_holds_no_lock_between_pages() {
    for_each_engine(|mut store| {
        let prefix = TokenPrefix::default();
        transact(store.keyring.as_mut(), &entry(0), |t| {
            (0..10_000u32).try_for_each(|n| {
                let mut bytes = [0; 16];
                bytes[..4].copy_from_slice(&n.wrapping_mul(2_654_435_761).to_be_bytes());
                let id = KeyId::from_random(bytes);
                let material = Material::Token {
                    prefix: token::display_prefix(&prefix, Env::Test, id),
                    hash: SecretHash::of(&bytes),
                };
                t.insert(&Key { id, material, ..token_key(1, &format!("key-{n}")) }, Action::Reserve)
            })
        })
        .unwrap();
        let mut writer = store.open();
        let mut seen = BTreeSet::new();
        let mut cursor = Cursor::default();
        let everything = Query::every(Selection::all(time(0)));
        let mut pages = 0;
        loop {
            let more = store.keyring.page(&everything, &mut cursor, &mut |facts| {
                assert!(seen.insert(facts.id), "shown twice");
                Ok(())
            });
            pages += 1;
            // This insertion would fail, or wait ten seconds, if the reader held a lock.
            let newcomer = Key { id: KeyId::from_random([100 + pages; 16]), ..token_key(1, &format!("new-{pages}")) };
            transact(writer.as_mut(), &entry(1), |t| t.insert(&newcomer, Action::Reserve)).unwrap();
            if !more.unwrap() {
                break;
            }
        }
        assert!(pages > 2);
        assert_eq!(seen.len(), 10_000, "a list shows the state at its start");
    });
}

#[test]
fn the_log_holds_no_lock_between_pages() {
    for_each_engine(|mut store| {
        let prefix = TokenPrefix::default();
        transact(store.keyring.as_mut(), &entry(0), |t| {
            (0..2000u32).try_for_each(|n| {
                let mut bytes = [0; 16];
                bytes[..4].copy_from_slice(&n.wrapping_mul(2_654_435_761).to_be_bytes());
                let id = KeyId::from_random(bytes);
                let prefix = token::display_prefix(&prefix, Env::Test, id);
                let material = Material::Token { prefix, hash: SecretHash::of(&bytes) };
                t.insert(&Key { id, material, ..token_key(1, &format!("key-{n}")) }, Action::Reserve)
            })
        })
        .unwrap();
        let mut writer = store.open();
        for (limit, expected) in [(None, 2001), (Some(1024), 1024), (Some(1500), 1500), (Some(9000), 2001)] {
            let query = AuditQuery { limit, until: Some(time(0)), ..AuditQuery::default() };
            let (mut seen, mut pages, mut last) = (0, 0u8, i64::MAX);
            let mut cursor = AuditCursor::default();
            loop {
                let more = store.keyring.audit(&query, &mut cursor, &mut |row| {
                    assert!(row.seq < last, "the newest first, each once");
                    (last, seen) = (row.seq, seen + 1);
                    Ok(())
                });
                pages += 1;
                let id = KeyId::from_random([100 + pages; 16]);
                let newcomer = Key { id, ..token_key(1, "new") };
                transact_within(Duration::ZERO, writer.as_mut(), &entry(1), |t| t.insert(&newcomer, Action::Reserve))
                    .unwrap();
                transact_within(Duration::ZERO, writer.as_mut(), &entry(1), |t| t.delete(&newcomer, Action::Discard))
                    .unwrap();
                if !more.unwrap() {
                    break;
                }
            }
            assert!(pages > 1);
            assert_eq!(seen, expected, "{limit:?}");
        }
    });
}

#[test]
fn reads_together_see_one_state() {
    for_each_engine(|mut store| {
        let key = token_key(1, "ci");
        insert(store.keyring.as_mut(), std::slice::from_ref(&key));
        let mut other = store.open();
        let revoked = key.revoked(time(5), RevocationReason::KeyCompromise, None).unwrap();
        let mut revoke =
            || transact_within(Duration::ZERO, other.as_mut(), &entry(5), |t| t.update(&key, &revoked, Action::Revoke));
        let mut revoked_meanwhile = Ok(());
        store
            .keyring
            .consistent_read(&mut |keys| {
                assert!(keys.key(key.id, time(9))?.unwrap().lifecycle.revoked.is_none());
                // Depending on the engine, the other process can commit its change or has to wait.
                revoked_meanwhile = revoke();
                assert!(keys.key(key.id, time(9))?.unwrap().lifecycle.revoked.is_none());
                Ok(())
            })
            .unwrap();
        if let Err(error) = revoked_meanwhile {
            assert_eq!(error.code(), Code::KeyringLocked);
            revoke().unwrap();
        }
        assert!(store.keyring.key(key.id, time(9)).unwrap().unwrap().lifecycle.revoked.is_some());
    });
}

/// A function that takes a backup and passes its bytes to a callback.
type BackUp<'a> = &'a dyn Fn(&mut dyn FnMut(&[u8]) -> Result<()>) -> Result<Snapshot>;

#[test]
fn a_backup_is_one_state() {
    for_each_engine(|mut store| {
        insert(store.keyring.as_mut(), &[token_key(1, "one"), rsa_key(2, "two")]);
        let ended = pair_key(9, "ended").revoked(time(9), RevocationReason::Superseded, None).unwrap();
        insert(store.keyring.as_mut(), std::slice::from_ref(&ended));
        let acme =
            Entitlement { owner: "acme".parse().unwrap(), usage_level: "basic".parse().unwrap(), changed_at: time(1) };
        transact(store.keyring.as_mut(), &entry(9), |t| {
            t.purge(&ended)?;
            t.set_contract("{\"contract\":\"x\"}", "{}")?;
            t.record_signature(&[7; 32], time(5).seconds() * 1000, time(605))?;
            t.set_entitlement(&acme)
        })
        .unwrap();
        let before = store.keyring.snapshot().unwrap();
        assert_eq!((before.keys, before.rows, before.org_id), (2, 7, store.keyring.org_id()));
        assert_eq!(before.head, store.keyring.verify_chain(None).unwrap().head);
        let mut other = store.open();
        let mut n = 10;
        let mut write = || {
            n += 1;
            transact_within(Duration::ZERO, other.as_mut(), &entry(10), |t| {
                t.insert(&token_key(n, &format!("key-{n}")), Action::Reserve)
            })
        };
        let engines_own: BackUp<'_> = &|put| store.location.back_up(put);
        let from_reads: BackUp<'_> = &|put| write_backup(store.open().as_ref(), put);
        for (back_up, file) in [(engines_own, "own.db"), (from_reads, "reads.db")] {
            let before = store.keyring.snapshot().unwrap();
            let (mut bytes, mut committed) = (Vec::new(), false);
            let copied = back_up(&mut |chunk| {
                committed |= write().map_err(|error| assert_eq!(error.code(), Code::KeyringLocked)).is_ok();
                bytes.extend_from_slice(chunk);
                Ok(())
            });
            assert_eq!(copied.unwrap(), before);
            if !committed {
                write().unwrap();
            }
            assert_ne!(store.keyring.snapshot().unwrap(), before);
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join(file);
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(open_written_backup(&path).unwrap().snapshot().unwrap(), before);
            let backup = store.location.open_backup(&path, true).unwrap();
            let backup = backup.keyring().unwrap();
            let chain = backup.verify_chain(None).unwrap();
            assert_eq!((chain.head, chain.broken), (before.head, None));
            assert_eq!(backup.contradictions(9).unwrap(), []);
            assert_eq!(backup.contract().unwrap(), store.keyring.contract().unwrap());
            assert_eq!(backup.entitlements(None).unwrap(), std::slice::from_ref(&acme));
            assert_eq!(backup.tombstones(None).unwrap(), store.keyring.tombstones(None).unwrap());
            assert_eq!(backup.signatures(None).unwrap(), store.keyring.signatures(None).unwrap());
            assert_eq!(backup.accepted_skew().unwrap(), 300_000);
            for key in backup.all_keys(&mut KeyCursor::default()).unwrap() {
                let same = store.keyring.key(key.id, time(0)).unwrap().unwrap();
                assert_eq!(format!("{key:?}"), format!("{same:?}"));
            }
            let failed = back_up(&mut |_| Err(Error::new(Code::BackupFailed, "no", "no")));
            assert_eq!(failed.unwrap_err().code(), Code::BackupFailed);
        }
        transact(store.keyring.as_mut(), &entry(11), |t| t.insert(&token_key(4, "four"), Action::Reserve)).unwrap();
    });
}
