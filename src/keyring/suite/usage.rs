//! What the use of keys leaves behind, and reading while others would write.

use super::*;

#[test]
fn a_use_moves_the_time_forward_and_leaves_everything_else() {
    every_store(|mut store| {
        let key = token_key(1, "ci");
        insert(store.keyring.as_mut(), std::slice::from_ref(&key));
        let mut touch = |at| transact(store.keyring.as_mut(), &entry(0), |t| t.touch(key.id, time(at))).unwrap();
        assert_eq!(touch(100).unwrap().lifecycle.last_used, None, "as it was before");
        assert_eq!(touch(50).unwrap().lifecycle.last_used, Some(time(100)));
        let after = store.keyring.key(key.id, time(0)).unwrap().unwrap();
        assert_eq!(after.lifecycle.last_used, Some(time(100)), "never back");
        assert_eq!(after.facts().name, "ci");
        let gone = transact(store.keyring.as_mut(), &entry(0), |t| t.touch(KeyId::from_random([9; 16]), time(0)));
        assert!(gone.unwrap().is_none());
    });
}

#[test]
fn a_signature_is_new_once_and_forgotten_after_its_time() {
    every_store(|mut store| {
        let mut remember = |now, signature: u8, until| {
            transact(store.keyring.as_mut(), &entry(now), |t| t.remember(&[signature; 32], time(until))).unwrap()
        };
        assert!(remember(0, 1, 60));
        assert!(!remember(10, 1, 70));
        assert!(remember(10, 2, 70));
        assert!(!remember(60, 1, 120), "to the last second");
        assert!(remember(61, 1, 121), "its time has passed");
        assert!(store.keyring.remembers(&[1; 32]).unwrap());
        assert!(!store.keyring.remembers(&[3; 32]).unwrap());
    });
}

#[test]
fn nothing_changes_while_reads_are_one() {
    every_store(|mut store| {
        let key = token_key(1, "ci");
        insert(store.keyring.as_mut(), std::slice::from_ref(&key));
        let mut other = (store.again)();
        let revoked = key.revoked(time(5), RevocationReason::KeyCompromise, None).unwrap();
        let mut revoke = || transact(other.as_mut(), &entry(5), |t| t.update(&key, &revoked, Action::Revoke));
        store
            .keyring
            .reading(&mut |keys| {
                assert!(keys.key(key.id, time(9))?.unwrap().lifecycle.revoked.is_none());
                store.keyring.wait_at_most(std::time::Duration::ZERO);
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
fn what_comes_from_elsewhere_and_what_takes_over_is_found() {
    every_store(|mut store| {
        let old = token_key(1, "ci");
        let hash = SecretHash::of(b"sk_live_4242");
        let material = Material::Opaque { prefix: Some("sk_live_".into()), hash };
        let foreign = Key { material, retire_on_use: true, ..token_key(2, "web") };
        let handover = Handover::Overlap { seconds: 60, on_use: true };
        let new = Key { rotated_from: Some(old.id), handover: Some(handover), ..token_key(3, "ci") };
        insert(store.keyring.as_mut(), &[old.clone(), foreign.clone(), new.clone()]);
        let find = |lookup| store.keyring.find(&lookup, time(0), 9).unwrap();
        let found = find(Lookup::Secret(hash)).pop().unwrap();
        assert_eq!((found.id, found.retire_on_use), (foreign.id, true));
        assert!(matches!(found.material, Material::Opaque { prefix: Some(prefix), .. } if prefix == "sk_live_"));
        let found = find(Lookup::Successors(old.id)).pop().unwrap();
        assert_eq!((found.id, found.handover), (new.id, Some(handover)));
        let brought = Key { registered: true, ..rsa_key(4, "partner") };
        insert(store.keyring.as_mut(), std::slice::from_ref(&brought));
        assert!(store.keyring.key(brought.id, time(0)).unwrap().unwrap().registered);
        assert!(store.keyring.find(&Lookup::Successors(new.id), time(0), 9).unwrap().is_empty());
    });
}
