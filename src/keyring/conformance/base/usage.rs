//! Recorded uses, recorded signatures and bearer tokens.

use super::*;

#[test]
fn a_use_changes_only_the_last_use() {
    for_each_engine(|mut store| {
        let predecessor = id(8);
        let mut key = token_key(1, "ci");
        key.rotation.from = Some(predecessor);
        insert(store.keyring.as_mut(), std::slice::from_ref(&key));
        let mut touch = |at| transact(store.keyring.as_mut(), &entry(0), |t| t.record_use(key.id, time(at))).unwrap();
        assert_eq!((touch(100), touch(50)), (Some(predecessor), Some(predecessor)));
        let after = store.keyring.key(key.id, time(0)).unwrap().unwrap();
        assert_eq!(after.lifecycle.last_used, Some(time(100)), "another process was faster");
        assert_eq!(after.view().name, "ci");
        transact(store.keyring.as_mut(), &entry(0), |t| t.record_use(key.id, time(40))).unwrap();
        let after = store.keyring.key(key.id, time(0)).unwrap().unwrap();
        assert_eq!(after.lifecycle.last_used, Some(time(100)), "the clock was set by hand");
        let running = Entry { clock_set: false, ..entry(0) };
        transact(store.keyring.as_mut(), &running, |t| t.record_use(key.id, time(40))).unwrap();
        let after = store.keyring.key(key.id, time(0)).unwrap().unwrap();
        assert_eq!(after.lifecycle.last_used, Some(time(40)), "the clock was ahead");
        let gone = transact(store.keyring.as_mut(), &entry(0), |t| t.record_use(id(9), time(0)));
        assert!(gone.unwrap().is_none());
    });
}

#[test]
fn a_signature_is_recorded_once_until_it_expires() {
    for_each_engine(|mut store| {
        let mut record = |now, clock_set, signature: u8, until| {
            let entry = Entry { clock_set, ..entry(now) };
            let timestamp = (time(until).seconds() - 60) * 1000;
            transact(store.keyring.as_mut(), &entry, |t| t.record_signature(&[signature; 32], timestamp, time(until)))
                .unwrap()
        };
        assert!(record(0, false, 9, 60));
        assert!(!record(1000, true, 9, 1060), "a clock that was set by hand makes no room");
        let mut remember = |now, signature: u8, until| record(now, false, signature, until);
        assert!(remember(0, 1, 60));
        assert!(!remember(10, 1, 70));
        assert!(remember(10, 2, 70));
        assert!(!remember(60, 1, 120), "to the last second");
        assert!(!remember(61, 1, 60), "the record was deleted, and the request is not newer than the deleted record");
        assert!(!remember(61, 4, 60), "nor is another request with the same timestamp");
        assert!(remember(61, 1, 121), "the request is newer");
        let forgotten = store.keyring.forgotten_requests().unwrap();
        assert_eq!(forgotten, Some(time(0).seconds() * 1000));
        assert!(store.keyring.has_signature(&[1; 32]).unwrap());
        assert!(!store.keyring.has_signature(&[3; 32]).unwrap());
    });
}

#[test]
fn the_records_of_signatures_are_listed_and_restored() {
    for_each_engine(|mut store| {
        let running = |offset| Entry { clock_set: false, ..entry(offset) };
        let keyring = store.keyring.as_mut();
        let of = |n: u16| {
            let mut digest = [1; 32];
            digest[..2].copy_from_slice(&n.to_be_bytes());
            RecordedSignature { digest, timestamp: time(0).seconds() * 1000 + i64::from(n), until: time(60) }
        };
        let record = |t: &mut dyn Transaction, of: RecordedSignature| {
            t.record_signature(&of.digest, of.timestamp, of.until).map(|first| assert!(first))
        };
        transact(keyring, &running(0), |t| (1..=600).rev().try_for_each(|n| record(t, of(n)))).unwrap();
        // What marks assertions as forgotten is not a record.
        transact(keyring, &running(0), |t| t.forget_accepted(30_000)).unwrap();
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = keyring.signatures(after).unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.digest);
            found.extend(page);
        }
        assert_eq!(found, (1..=600).map(of).collect::<Vec<_>>());
        // A record can be restored that could no longer be added, and twice.
        let old = of(900);
        transact(keyring, &running(1), |t| {
            assert!(!t.record_signature(&old.digest, old.timestamp, old.until)?);
            t.restore_signature(&old).and_then(|()| t.restore_signature(&old))
        })
        .unwrap();
        assert!(keyring.has_signature(&old.digest).unwrap());
    });
}

#[test]
fn the_largest_accepted_skew_is_never_forgotten() {
    for_each_engine(|mut store| {
        let running = |offset| Entry { clock_set: false, ..entry(offset) };
        let keyring = store.keyring.as_mut();
        assert_eq!(keyring.accepted_skew().unwrap(), 30_000);
        for (n, skew, expected) in [(1, 30, 30), (2, 600, 600), (3, 45, 600)] {
            let timestamp = time(0).seconds() * 1000 + 999;
            let until = Time::from_seconds((timestamp + 2000 * skew + 999) / 1000);
            assert!(transact(keyring, &running(0), |t| t.record_signature(&[n; 32], timestamp, until)).unwrap());
            assert_eq!(keyring.accepted_skew().unwrap(), expected * 1000, "{skew}");
        }
        // The records are gone, but the clock is corrected with the largest skew.
        let late = time(9000).seconds() * 1000;
        assert!(transact(keyring, &running(9000), |t| t.record_signature(&[4; 32], late, time(9060))).unwrap());
        assert!(transact(keyring, &running(99_000), |t| t.record_signature(&[5; 32], late * 2, time(99_999))).unwrap());
        transact(keyring, &running(10), |t| t.accept_clock("{}", 0)).unwrap();
        assert_eq!(keyring.forgotten_requests().unwrap(), Some(time(610).seconds() * 1000 + 999));
    });
}

#[test]
fn assertions_are_forgotten_if_their_records_were_deleted_with_the_clock_ahead() {
    for_each_engine(|mut store| {
        let running = |offset| Entry { clock_set: false, ..entry(offset) };
        let keyring = store.keyring.as_mut();
        let record = |t: &mut dyn Transaction, n: u8, expires: i64| {
            t.record_signature(&[n; 32], time(expires).seconds() * 1000, time(expires + 60))
        };
        assert!(transact(keyring, &running(0), |t| record(t, 1, 300)).unwrap());
        transact(keyring, &running(1), |t| t.accept_clock("{}", 0)).unwrap();
        assert_eq!(keyring.forgotten_assertions().unwrap(), None, "no record was deleted");
        assert!(transact(keyring, &running(9000), |t| record(t, 2, 9300)).unwrap());
        assert_eq!(keyring.forgotten_assertions().unwrap(), None);
        transact(keyring, &running(20), |t| t.accept_clock("{}", 0)).unwrap();
        let newest = time(20 + ASSERTION_SKEW).seconds() * 1000;
        assert_eq!(keyring.forgotten_assertions().unwrap(), Some(newest));
        // Once all of these assertions have expired, only their expiry is still kept.
        assert!(transact(keyring, &running(9000), |t| record(t, 3, 9301)).unwrap());
        assert_eq!(keyring.forgotten_assertions().unwrap(), None);
        let expiry = time(20 + ASSERTION_SKEW + LONGEST_ASSERTION).seconds() * 1000;
        assert!(keyring.forgotten_requests().unwrap() >= Some(expiry));
    });
}

#[test]
fn a_bearer_token_is_found_by_its_hash_until_it_expires() {
    for_each_engine(|mut store| {
        let key = pair_key(1, "web");
        insert(store.keyring.as_mut(), std::slice::from_ref(&key));
        let scopes = scopes(&["read"]);
        let bearer = |n: u8, expires| Bearer {
            hash: SecretHash::of(&[n, n]),
            key: key.id,
            scopes: scopes.clone(),
            created: time(0),
            expires: time(expires),
        };
        let (short, long) = (bearer(1, 60), bearer(2, 3600));
        let keyring = store.keyring.as_mut();
        transact(keyring, &entry(0), |t| t.insert_bearer(&short).and_then(|()| t.insert_bearer(&long))).unwrap();
        let found = keyring.bearer(&short.hash).unwrap().unwrap();
        assert_eq!((found.key, found.scopes.as_str()), (key.id, "read"));
        assert_eq!((found.created, found.expires), (time(0), time(60)));
        let by = |keyring: &dyn Keyring, hash| keyring.find(&Lookup::Bearer(hash), time(0), 1).unwrap().pop();
        assert_eq!(by(keyring, short.hash).map(|key| key.id), Some(key.id));
        assert!(by(keyring, SecretHash::of(b"other")).is_none());
        transact(keyring, &entry(59), |t| t.insert_bearer(&bearer(3, 4000))).unwrap();
        assert!(keyring.bearer(&short.hash).unwrap().is_some(), "to the last second");
        transact(keyring, &entry(60), |t| t.insert_bearer(&bearer(4, 4000))).unwrap();
        assert!(keyring.bearer(&short.hash).unwrap().is_none(), "swept");
        assert!(keyring.bearer(&long.hash).unwrap().is_some());
        transact(keyring, &entry(60), |t| t.delete_bearer(&long)).unwrap();
        assert!(keyring.bearer(&long.hash).unwrap().is_none());
        let rows = keyring.snapshot().unwrap().rows;
        transact(keyring, &entry(60), |t| t.delete_bearer(&long)).unwrap();
        assert_eq!(keyring.snapshot().unwrap().rows, rows, "no row about a deletion that did not happen");
        assert_eq!(keyring.contradictions(9).unwrap(), []);
    });
}
