//! Operations on individual keys and on many keys at once.

use super::*;
use crate::key::{AllowedIps, Rotation};

#[test]
fn an_inserted_key_is_read_back() {
    for_each_engine(|mut store| {
        let mut full = rsa_key(1, "full");
        full.description.owner = Some("acme".parse().unwrap());
        full.description.scopes = scopes(&["read", "write"]);
        full.description.labels = Labels::new(&["a=b".parse::<Label>().unwrap()]).unwrap();
        full.description.allowed_ips = AllowedIps::new(&["192.0.2.0/24".parse().unwrap()]).unwrap();
        full.description.note = Some("a note".parse().unwrap());
        full.description.rate_limit = "1/min,2/hour,3/day".parse().unwrap();
        full.description.env = Env::Live;
        full.lifecycle.expires = Some(time(9000));
        full.lifecycle.last_used = Some(time(60));
        full.lifecycle.disabled = Some(time(70));
        full.lifecycle.revoke(time(80), RevocationReason::KeyCompromise);
        full.revocation_note = Some("leaked".parse().unwrap());
        full.rotation.from = Some(id(8));
        full.rotation.to = Some(id(9));
        let keys = [full, token_key(2, "token"), pair_key(3, "pair")];
        insert(store.keyring.as_mut(), &keys);
        for keyring in [&store.keyring, &store.open()] {
            for key in &keys {
                let found = keyring.key(key.id, time(0)).unwrap().unwrap();
                assert_eq!(format!("{found:?}"), format!("{key:?}"));
            }
        }
        assert!(store.keyring.key(id(99), time(0)).unwrap().is_none());
    });
}

#[test]
fn keys_are_updated_and_deleted() {
    for_each_engine(|mut store| {
        let old = token_key(1, "one");
        insert(store.keyring.as_mut(), std::slice::from_ref(&old));
        let new = old.revoked(time(5), RevocationReason::Superseded, None).unwrap();
        transact(store.keyring.as_mut(), &entry(5), |t| t.update(&old, &new, Action::Revoke)).unwrap();
        let found = store.keyring.key(old.id, time(5)).unwrap().unwrap();
        assert_eq!(found.lifecycle.status(time(5)), Status::Revoked);
        transact(store.keyring.as_mut(), &entry(6), |t| t.delete(&new, Action::Discard)).unwrap();
        assert!(store.keyring.key(old.id, time(6)).unwrap().is_none());
        for gone in [
            transact(store.keyring.as_mut(), &entry(7), |t| t.update(&old, &new, Action::Revoke)),
            transact(store.keyring.as_mut(), &entry(7), |t| t.delete(&new, Action::Discard)),
        ] {
            assert_eq!(gone.unwrap_err().code(), Code::Internal);
        }
    });
}

#[test]
fn every_lookup_finds_its_key() {
    for_each_engine(|mut store| {
        let (rsa, pair) = (rsa_key(1, "ci"), pair_key(2, "web"));
        insert(store.keyring.as_mut(), &[rsa.clone(), pair.clone(), token_key(3, "other")]);
        let keyring = store.keyring.as_ref();
        let facts = rsa.view();
        let fingerprint = facts.fingerprint.unwrap().to_string();
        for text in ["ci", &rsa.id.to_string(), &rsa.id.to_string()[..8], &fingerprint, &fingerprint[..8]] {
            let found = resolve(keyring, &text.parse::<Reference>().unwrap(), None, time(0)).unwrap().key;
            assert_eq!(found.id, rsa.id, "{text}");
        }
        let facts = pair.view();
        for text in [facts.prefix.unwrap(), facts.api_key.unwrap()] {
            assert_eq!(
                resolve(keyring, &text.parse::<Reference>().unwrap(), None, time(0)).unwrap().key.id,
                pair.id,
                "{text}"
            );
        }
        let wrong_env = facts.api_key.unwrap().replace("_test_", "_live_");
        let refused = resolve(keyring, &wrong_env.parse::<Reference>().unwrap(), None, time(0)).unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
        for (lookup, id) in [(Lookup::PublicKey([1; 32]), rsa.id), (Lookup::Secret(SecretHash::of(&[2])), pair.id)] {
            assert_eq!(keyring.find(&lookup, time(0), 9).unwrap()[0].id, id);
        }
        assert!(keyring.find(&Lookup::Secret(SecretHash::of(&[3])), time(0), 9).unwrap().is_empty(), "a token");
    });
}

#[test]
fn key_pairs_are_found_by_the_thumbprints_of_their_public_keys() {
    for_each_engine(|mut store| {
        let files = ["rsa2048.spki.pem", "ed25519.spki.pem", "rsa3072.spki.pem", "pss-sha256.spki.pem"];
        let key = |n: usize| {
            let n = u8::try_from(n).unwrap();
            token_key(n, &format!("key-{n}")).with_material(testing::public_key(files[usize::from(n)]))
        };
        let thumbprint = |n: usize| {
            let public = key(n).material.public_key().unwrap().spki().to_vec();
            Lookup::Thumbprint(JwkThumbprint::of_spki(&public).unwrap())
        };
        insert(store.keyring.as_mut(), &[key(0), key(1)]);
        transact(store.keyring.as_mut(), &entry(0), |t| {
            t.insert_many(NewKeys { count: 2, key: &|n| Ok(key(n + 2)) }, Action::Reserve)
        })
        .unwrap();
        let found = |keyring: &dyn Keyring, n| -> Vec<KeyId> {
            keyring.find(&thumbprint(n), time(9), 2).unwrap().iter().map(|key| key.id).collect()
        };
        for (n, file) in files.iter().enumerate() {
            assert_eq!(found(store.keyring.as_ref(), n), [key(n).id], "{file}");
            let mut peeked = None;
            store.open().peek(&thumbprint(n), time(9), &mut |view, _| peeked = Some(view.id)).unwrap();
            assert_eq!(peeked, Some(key(n).id), "{file}");
        }
        let revoked = key(1).revoked(time(5), RevocationReason::Superseded, None).unwrap();
        transact(store.keyring.as_mut(), &entry(5), |t| t.update(&key(1), &revoked, Action::Revoke)).unwrap();
        assert_eq!(found(store.keyring.as_ref(), 1), [key(1).id], "revoked keys are found");
        transact(store.keyring.as_mut(), &entry(6), |t| t.delete(&key(0), Action::Discard)).unwrap();
        assert!(found(store.keyring.as_ref(), 0).is_empty());
    });
}

#[test]
fn a_name_means_the_key_that_has_not_ended() {
    for_each_engine(|mut store| {
        let ended = |n| token_key(n, "ci").revoked(time(50), RevocationReason::Superseded, None).unwrap();
        insert(store.keyring.as_mut(), &[token_key(1, "ci"), ended(2), ended(3)]);
        let ci: Reference = "ci".parse().unwrap();
        assert_eq!(resolve(store.keyring.as_ref(), &ci, None, time(60)).unwrap().key.id, id(1));
        let ambiguous = resolve(store.keyring.as_ref(), &ci, None, time(40)).unwrap_err();
        assert_eq!((ambiguous.code(), ambiguous.details().len()), (Code::Ambiguous, 3));
        let found = store.keyring.find(&Lookup::Name("ci".parse::<Name>().unwrap()), time(60), 2).unwrap();
        assert_eq!(found[0].id, id(1), "first the key that has not ended");
        assert_eq!(found[1].id, id(3), "then the newest");
    });
}

#[test]
fn peek_shows_what_find_returns() {
    for_each_engine(|mut store| {
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

#[test]
fn each_token_that_contains_its_id_is_read() {
    for_each_engine(|mut store| {
        let foreign = Material::Opaque { prefix: None, hash: SecretHash::of(b"sk") };
        let keys = [
            token_key(1, "a"),
            pair_key(2, "b"),
            rsa_key(3, "c"),
            Key { material: foreign, ..token_key(4, "d") },
            token_key(5, "e"),
        ];
        insert(store.keyring.as_mut(), &keys);
        let mut seen = Vec::new();
        let mut see = |id, hash: &SecretHash| {
            seen.push((id, *hash));
            Ok(())
        };
        store.keyring.each_token(&mut see).unwrap();
        let expected = [&keys[0], &keys[4]].map(|key| (key.id, *key.material.secret_hash().unwrap()));
        assert_eq!(seen, expected);
        let stop = store.keyring.each_token(&mut |_, _| Err(Error::internal("stop")));
        assert_eq!(stop.unwrap_err().code(), Code::Internal);
    });
}

#[test]
fn imported_keys_and_successors_are_found() {
    for_each_engine(|mut store| {
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
        let registered = Key { registered: true, ..rsa_key(4, "partner") };
        insert(store.keyring.as_mut(), std::slice::from_ref(&registered));
        assert!(store.keyring.key(registered.id, time(0)).unwrap().unwrap().registered);
        assert!(store.keyring.find(&Lookup::Successors(new.id), time(0), 9).unwrap().is_empty());
    });
}

#[test]
fn all_keys_are_read_in_the_order_of_creation() {
    for_each_engine(|mut store| {
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
fn keys_pending_for_too_long_are_found() {
    for_each_engine(|mut store| {
        let pending = |n, name| {
            let mut key = token_key(n, name);
            key.lifecycle.activated = None;
            key
        };
        insert(store.keyring.as_mut(), &[pending(1, "old"), pending(100, "young"), token_key(2, "active")]);
        transact(store.keyring.as_mut(), &entry(0), |t| {
            let stale: Vec<String> =
                t.pending_since_before(time(50))?.iter().map(|k| k.description.name.to_string()).collect();
            assert_eq!(stale, ["old"]);
            Ok(())
        })
        .unwrap();
    });
}

#[test]
fn the_nth_newest_key_of_an_owner_is_found() {
    for_each_engine(|mut store| {
        let owner: Owner = "acme".parse().unwrap();
        let keys: Vec<Key> = (1..=4u8)
            .map(|n| {
                let mut key = token_key(n, &format!("k{n}"));
                key.description.owner = (n != 2).then(|| owner.clone());
                key
            })
            .collect();
        insert(store.keyring.as_mut(), &keys);
        let nth = |since, n| store.keyring.nth_newest(&owner, time(since), n).unwrap();
        assert_eq!((nth(0, 1), nth(0, 3), nth(0, 4)), (Some(time(4)), Some(time(1)), None));
        assert_eq!((nth(1, 2), nth(1, 3), nth(4, 1)), (Some(time(3)), None, None), "after, not at");
    });
}
