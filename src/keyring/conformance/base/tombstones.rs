//! Tombstones of purged keys.

use super::*;
use crate::key::Identity;

#[test]
fn a_purged_key_leaves_a_tombstone() {
    for_each_engine(|mut store| {
        let over = |key: Key| key.revoked(time(50), RevocationReason::KeyCompromise, None).unwrap();
        let (rsa, token) = (over(rsa_key(1, "rsa")), over(token_key(2, "token")));
        let mut pair = pair_key(3, "pair");
        pair.lifecycle.expires = Some(time(40));
        let stays = rsa_key(4, "stays");
        let gone = [rsa, token, pair];
        insert(store.keyring.as_mut(), &gone);
        insert(store.keyring.as_mut(), std::slice::from_ref(&stays));
        transact(store.keyring.as_mut(), &entry(60), |t| gone.iter().try_for_each(|key| t.purge(key))).unwrap();
        let keyring = store.open();
        let other = id(99);
        for key in &gone {
            assert!(keyring.key(key.id, time(60)).unwrap().is_none());
            let by_id = keyring.tombstone(key.id, &stays.material).unwrap().unwrap();
            assert_eq!(keyring.tombstone(other, &key.material).unwrap(), Some(by_id), "found by its identity");
            assert_eq!((by_id.id, by_id.purged), (key.id, time(60)));
            assert_eq!(
                (by_id.ended, by_id.revoked),
                if key.description.name.as_str() == "pair" { (time(40), false) } else { (time(50), true) }
            );
        }
        assert_eq!(keyring.tombstone(stays.id, &stays.material).unwrap(), None);
        assert_eq!(names(keyring.as_ref(), &Query::every(Selection::all(time(60)))), ["stays"]);
    });
}

#[test]
fn a_key_with_a_tombstone_is_a_contradiction() {
    for_each_engine(|mut store| {
        let opaque =
            Key { material: Material::Opaque { prefix: None, hash: SecretHash::of(&[4]) }, ..token_key(4, "o") };
        let keys = [token_key(1, "t"), pair_key(2, "p"), rsa_key(3, "r"), opaque, token_key(5, "stays")];
        insert(store.keyring.as_mut(), &keys);
        let left = |key: &Key| {
            let over = key.revoked(time(50), RevocationReason::KeyCompromise, None).unwrap();
            Tombstone::of(&over, time(60)).unwrap()
        };
        assert_eq!(store.keyring.contradictions(9).unwrap(), []);
        transact(store.keyring.as_mut(), &entry(60), |t| {
            t.insert_tombstone(&left(&keys[0]))?;
            // The identity of a key is enough to recognize it, so these tombstones have other ids.
            keys[1..4].iter().zip(90..).try_for_each(|(key, n)| {
                t.insert_tombstone(&Tombstone { id: KeyId::from_random([n; 16]), ..left(key) })
            })
        })
        .unwrap();
        let mut found = store.keyring.contradictions(9).unwrap();
        // A tombstone is never inserted while the key with its id exists, so the log reports a contradiction of its own.
        found.retain(|found| matches!(found, Contradiction::Purged(_)));
        found.sort_by_key(Contradiction::key);
        assert_eq!(found, [1, 2, 3, 4].map(|n| Contradiction::Purged(KeyId::from_random([n; 16]))));
    });
}

#[test]
fn only_an_ended_key_is_purged() {
    for_each_engine(|mut store| {
        let mut key = token_key(1, "ci");
        key.lifecycle.expires = Some(time(100));
        insert(store.keyring.as_mut(), std::slice::from_ref(&key));
        let refused = transact(store.keyring.as_mut(), &entry(99), |t| t.purge(&key));
        assert_eq!(refused.unwrap_err().code(), Code::Internal);
        transact(store.keyring.as_mut(), &entry(100), |t| t.purge(&key)).unwrap();
        let again = transact(store.keyring.as_mut(), &entry(101), |t| t.purge(&key));
        assert_eq!(again.unwrap_err().code(), Code::Internal, "the key is deleted");
    });
}

#[test]
fn tombstones_are_listed_and_inserted() {
    for_each_engine(|mut store| {
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
