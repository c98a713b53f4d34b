use super::*;
use crate::{
    key::RevocationReason,
    keyring::{Action, Keyring as _, transact},
    testing::{self, ScratchKeyring, entry, id, rsa, time, token},
};

fn key(n: u8, name: &str, owner: &str, created: i64, material: Material) -> Key {
    testing::key(n).with_name(name).with_owner(owner).created_at(created).with_material(material)
}

fn opaque(n: u8) -> Material {
    testing::opaque(&[n])
}

/// Returns a list of existing keys and a list of keys to import.
fn keys() -> [Vec<Key>; 2] {
    let over = key(2, "ci", "acme", 20, token(2)).revoked(time(50), RevocationReason::Superseded, None).unwrap();
    let mut successor = key(5, "ci", "acme", 70, opaque(5));
    successor.rotation.from = Some(id(1));
    let ended = key(7, "ci", "acme", 95, token(7)).revoked(time(96), RevocationReason::Superseded, None).unwrap();
    [
        vec![key(1, "ci", "acme", 10, token(1)), over, key(3, "web", "acme", 80, rsa(3))],
        vec![key(4, "ci", "acme", 60, rsa(4)), successor, key(6, "app", "other", 90, opaque(6)), ended],
    ]
}

/// Returns the results of all queries as text, for a keyring or for a rehearsal.
fn answers(keys: &dyn Keys) -> Vec<String> {
    let now = time(100);
    let ids = |found: Vec<Key>| found.iter().map(|key| key.id.to_string()).collect::<Vec<_>>().join(" ");
    let mut answers = Vec::new();
    for limit in [1, 2, 9] {
        let mut find = |lookup: &Lookup| answers.push(ids(keys.find(lookup, now, limit).unwrap()));
        for n in 0..9 {
            let id = id(n);
            find(&id.into());
            find(&Lookup::PublicKey([n; 32]));
            find(&Lookup::Secret(SecretHash::of(&[n])));
            find(&Lookup::Successors(id));
        }
        for name in ["ci", "web", "app", "none"] {
            find(&Lookup::Name(name.parse().unwrap()));
        }
    }
    for owner in ["acme", "other", "none"] {
        for (since, n) in (0..100).step_by(15).flat_map(|since| (1..7).map(move |n| (since, n))) {
            let newest = keys.nth_newest(&owner.parse().unwrap(), time(since), n).unwrap();
            answers.push(format!("{owner} {since} {n}: {newest:?}"));
        }
    }
    for (low, high) in [("a", "b"), ("app", "app"), ("b", "ci"), ("d", "e"), ("z", "a")] {
        let between = keys.has_names_between(&low.parse().unwrap(), &high.parse().unwrap()).unwrap();
        answers.push(format!("{low} {high}: {between}"));
    }
    for n in 0..9 {
        let mut seen = None;
        let found = keys.peek(&id(n).into(), now, &mut |facts, hash| {
            seen = Some((facts.id, hash.copied()));
        });
        answers.push(format!("{:?} {seen:?}", found.unwrap()));
    }
    answers
}

#[test]
fn a_rehearsal_gives_the_same_answers_as_the_keyring() {
    let [there, coming] = keys();
    let mut scratch = ScratchKeyring::new();
    let keyring = &mut scratch.keyring;
    transact(keyring, &entry(100), |t| there.iter().try_for_each(|key| t.insert(key, Action::Import))).unwrap();
    let mut rehearsed = Vec::new();
    keyring
        .consistent_read(&mut |keys| {
            let mut rehearsal = Rehearsal::of(Some(keys as &dyn Keys));
            coming.iter().try_for_each(|key| rehearsal.take_in(key.clone()))?;
            rehearsed = answers(&rehearsal);
            Ok(())
        })
        .unwrap();
    let before = answers(keyring);
    transact(keyring, &entry(100), |t| coming.iter().try_for_each(|key| t.insert(key, Action::Import))).unwrap();
    assert_eq!(rehearsed, answers(keyring));
    assert_ne!(rehearsed, before);
}

#[test]
fn without_a_keyring_only_the_imported_keys_exist() {
    let [there, coming] = keys();
    let all: Vec<&Key> = there.iter().chain(&coming).collect();
    let mut rehearsal = Rehearsal::of(None);
    all.iter().try_for_each(|key| rehearsal.take_in((*key).clone())).unwrap();
    let mut scratch = ScratchKeyring::new();
    let keyring = &mut scratch.keyring;
    transact(keyring, &entry(100), |t| all.iter().try_for_each(|key| t.insert(key, Action::Import))).unwrap();
    assert_eq!(answers(&rehearsal), answers(keyring));
    assert_eq!(rehearsal.contract().unwrap(), None);
}
