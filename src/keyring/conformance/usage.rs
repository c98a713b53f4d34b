//! Uses, recorded signatures and bearer tokens, and reads during writes.

use super::*;
use crate::key::Rotation;

#[test]
fn a_use_only_moves_its_time_forward() {
    every_store(|mut store| {
        let predecessor = id(8);
        let mut key = token_key(1, "ci");
        key.rotation.from = Some(predecessor);
        insert(store.keyring.as_mut(), std::slice::from_ref(&key));
        let mut touch = |at| transact(store.keyring.as_mut(), &entry(0), |t| t.record_use(key.id, time(at))).unwrap();
        assert_eq!(
            touch(100),
            Some(PreviousUse { last_used: None, rotated_from: Some(predecessor) }),
            "as it was before"
        );
        assert_eq!(touch(50).unwrap().last_used, Some(time(100)));
        let after = store.keyring.key(key.id, time(0)).unwrap().unwrap();
        assert_eq!(after.lifecycle.last_used, Some(time(100)), "the time never moves back");
        assert_eq!(after.view().name, "ci");
        let gone = transact(store.keyring.as_mut(), &entry(0), |t| t.record_use(id(9), time(0)));
        assert!(gone.unwrap().is_none());
    });
}

#[test]
fn a_signature_is_new_once_until_its_record_expires() {
    every_store(|mut store| {
        let mut remember = |now, signature: u8, until| {
            transact(store.keyring.as_mut(), &entry(now), |t| t.record_signature(&[signature; 32], time(until)))
                .unwrap()
        };
        assert!(remember(0, 1, 60));
        assert!(!remember(10, 1, 70));
        assert!(remember(10, 2, 70));
        assert!(!remember(60, 1, 120), "to the last second");
        assert!(remember(61, 1, 121), "its time has passed");
        assert!(store.keyring.has_signature(&[1; 32]).unwrap());
        assert!(!store.keyring.has_signature(&[3; 32]).unwrap());
    });
}

#[test]
fn reads_in_one_snapshot_see_one_state() {
    every_store(|mut store| {
        let key = token_key(1, "ci");
        insert(store.keyring.as_mut(), std::slice::from_ref(&key));
        let mut other = (store.again)();
        let revoked = key.revoked(time(5), RevocationReason::KeyCompromise, None).unwrap();
        let mut revoke =
            || transact_within(Duration::ZERO, other.as_mut(), &entry(5), |t| t.update(&key, &revoked, Action::Revoke));
        store
            .keyring
            .consistent_read(&mut |keys| {
                assert!(keys.key(key.id, time(9))?.unwrap().lifecycle.revoked.is_none());
                assert_eq!(revoke().unwrap_err().code(), Code::KeyringLocked);
                assert!(keys.key(key.id, time(9))?.unwrap().lifecycle.revoked.is_none());
                Ok(())
            })
            .unwrap();
        revoke().unwrap();
        assert!(store.keyring.key(key.id, time(9)).unwrap().unwrap().lifecycle.revoked.is_some());
    });
}

#[test]
fn imported_keys_and_successors_are_found() {
    every_store(|mut store| {
        let old = token_key(1, "ci");
        let hash = SecretHash::of(b"sk_live_4242");
        let material = Material::Opaque { prefix: Some("sk_live_".into()), hash };
        let mut foreign = Key { material, ..token_key(2, "web") };
        foreign.rotation.retire_on_use = true;
        let handover = Handover::Overlap { seconds: 60, on_use: true };
        let mut new = token_key(3, "ci");
        new.rotation = Rotation { from: Some(old.id), handover: Some(handover), ..Rotation::default() };
        insert(store.keyring.as_mut(), &[old.clone(), foreign.clone(), new.clone()]);
        let find = |lookup| store.keyring.find(&lookup, time(0), 9).unwrap();
        let found = find(Lookup::Secret(hash)).pop().unwrap();
        assert_eq!((found.id, found.rotation.retire_on_use), (foreign.id, true));
        assert!(matches!(found.material, Material::Opaque { prefix: Some(prefix), .. } if prefix == "sk_live_"));
        let found = find(Lookup::Successors(old.id)).pop().unwrap();
        assert_eq!((found.id, found.rotation.handover), (new.id, Some(handover)));
        let brought = Key { registered: true, ..rsa_key(4, "partner") };
        insert(store.keyring.as_mut(), std::slice::from_ref(&brought));
        assert!(store.keyring.key(brought.id, time(0)).unwrap().unwrap().registered);
        assert!(store.keyring.find(&Lookup::Successors(new.id), time(0), 9).unwrap().is_empty());
    });
}

#[test]
fn a_bearer_token_is_found_until_it_is_swept() {
    every_store(|mut store| {
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
    });
}

#[test]
fn peek_shows_the_key_that_find_returns() {
    every_store(|mut store| {
        let foreign = Material::Opaque { prefix: None, hash: SecretHash::of(b"sk") };
        let keys =
            [token_key(1, "a"), pair_key(2, "b"), rsa_key(3, "c"), Key { material: foreign, ..token_key(4, "d") }];
        insert(store.keyring.as_mut(), &keys);
        let seen = |lookup: &Lookup| {
            let mut seen = None;
            let there = store.keyring.peek(lookup, time(0), &mut |facts, hash| {
                seen = Some((facts.name.to_owned(), hash.copied()));
            });
            assert_eq!(there.unwrap(), seen.is_some());
            seen
        };
        for key in &keys {
            let hash = key.material.secret_hash().copied();
            assert_eq!(seen(&key.id.into()), Some((key.description.name.to_string(), hash)));
        }
        for key in [&keys[1], &keys[3]] {
            let hash = *key.material.secret_hash().unwrap();
            assert_eq!(seen(&Lookup::Secret(hash)), Some((key.description.name.to_string(), Some(hash))));
        }
        assert_eq!(seen(&id(9).into()), None);
        assert_eq!(seen(&Lookup::Secret(*keys[0].material.secret_hash().unwrap())), None, "a token is found by its id");
    });
}
