use super::*;
use crate::{
    key::{Key, Material, RevocationReason, Status},
    keyring::{Action, Engine as _, Keys, Reads, SqliteKeyring, transact},
    testing::{self, ScratchKeyring, entry, time},
};
use std::path::PathBuf;

/// Builds an RSA key if `n` is odd, or a token if `n` is even.
fn key(n: u8) -> Key {
    let key = testing::key(n);
    if n.is_multiple_of(2) { key } else { key.with_material(testing::rsa(n)) }
}

/// A keyring together with a copy of its initial state.
struct Copies(ScratchKeyring);

impl Copies {
    fn new(keys: &[Key]) -> Self {
        let copies = Self(ScratchKeyring::with(keys));
        std::fs::copy(copies.0.place.path(), copies.path("older")).unwrap();
        copies
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.directory.path().join(name)
    }

    fn open(&self) -> SqliteKeyring {
        self.0.open()
    }

    /// Saves the keyring, replaces it with the older copy, and restores the saved state into the older copy.
    fn restore(&self) -> (SqliteKeyring, RestorePlan) {
        let (saved, older) = (self.path("saved"), self.path("older"));
        std::fs::copy(self.0.place.path(), &saved).unwrap();
        std::fs::copy(older, self.0.place.path()).unwrap();
        let saved = self.0.place.open_backup(&saved, false).unwrap();
        verify(saved.temp_files().path(), BackupUse::Restored).unwrap();
        let saved = saved.keyring().unwrap();
        let mut live = self.open();
        let plan = super::plan(&live, saved, time(100)).unwrap();
        super::restore(&mut live, saved, &plan, &entry(100)).unwrap();
        assert!(super::plan(&live, saved, time(101)).unwrap().is_empty(), "a second time there is nothing to do");
        assert_eq!(live.verify_chain(None).unwrap().broken, None);
        assert_eq!(live.contradictions(9).unwrap(), []);
        (live, plan)
    }
}

fn end(keyring: &mut SqliteKeyring, key: &Key, purge: bool) {
    let ended = key.revoked(time(10), RevocationReason::KeyCompromise, None).unwrap();
    transact(keyring, &entry(10), |t| {
        t.update(key, &ended, Action::Revoke)?;
        if purge { t.purge(&ended) } else { Ok(()) }
    })
    .unwrap();
}

#[test]
fn a_key_purged_after_the_older_backup_is_restored_as_ended() {
    let keys = [key(1), key(2), key(4)];
    let copies = Copies::new(&keys);
    let mut keyring = copies.open();
    end(&mut keyring, &keys[0], true);
    end(&mut keyring, &keys[1], true);
    // This key is not in the older copy.
    transact(&mut keyring, &entry(5), |t| t.insert(&key(3), Action::Register)).unwrap();
    end(&mut keyring, &key(3), true);
    drop(keyring);
    let (live, plan) = copies.restore();
    assert_eq!((plan.count(Effect::Changed), plan.count(Effect::Back)), (2, 0));
    for key in &keys[..2] {
        let found = live.key(key.id, time(100)).unwrap().unwrap();
        assert_eq!(found.lifecycle.status(time(100)), Status::Revoked);
    }
    assert_eq!(live.key(keys[2].id, time(100)).unwrap().unwrap().lifecycle.status(time(100)), Status::Active);
    assert!(live.tombstone(testing::id(9), &key(3).material).unwrap().is_some());
}

#[test]
fn a_token_whose_hash_was_revoked_and_purged_is_restored_as_revoked() {
    let token = key(2);
    let hash = *token.material.secret_hash().unwrap();
    let by_hash = key(4).with_material(Material::Opaque { prefix: None, hash });
    let copies = Copies::new(&[]);
    let insert = |key: &Key, action| transact(&mut copies.open(), &entry(5), |t| t.insert(key, action)).unwrap();
    // The older copy has the token by its id, and the saved keyring has it by its hash, as after an import.
    let [live, older, other] = [copies.0.place.path().to_owned(), copies.path("older"), copies.path("other")];
    std::fs::copy(&live, &other).unwrap();
    insert(&token, Action::Register);
    std::fs::copy(&live, &older).unwrap();
    std::fs::copy(&other, &live).unwrap();
    insert(&by_hash, Action::Import);
    end(&mut copies.open(), &by_hash, true);
    let (live, plan) = copies.restore();
    assert_eq!(plan.count(Effect::Changed), 1);
    assert_eq!(live.key(token.id, time(100)).unwrap().unwrap().lifecycle.status(time(100)), Status::Revoked);
}

#[test]
fn a_key_purged_since_the_backup_is_not_restored() {
    let copies = Copies::new(&[key(1), key(2)]);
    let saved = copies.path("older");
    let mut live = copies.open();
    end(&mut live, &key(1), true);
    end(&mut live, &key(2), false);
    let saved = copies.0.place.open_backup(&saved, false).unwrap();
    let plan = plan(&live, saved.keyring().unwrap(), time(100)).unwrap();
    assert!(plan.is_empty());
    assert_eq!(plan.count(Effect::LeftOut), 1);
}

#[test]
fn a_change_after_the_plan_is_respected() {
    let copies = Copies::new(&[key(1)]);
    let mut live = copies.open();
    transact(&mut live, &entry(5), |t| {
        let renamed = key(1).with_name("other");
        t.update(&key(1), &renamed, Action::Update)
    })
    .unwrap();
    let saved = copies.0.place.open_backup(&copies.path("older"), false).unwrap();
    let saved = saved.keyring().unwrap();
    let plan = plan(&live, saved, time(100)).unwrap();
    assert_eq!(plan.count(Effect::Changed), 1);
    let mut other = copies.open();
    let current = other.key(key(1).id, time(50)).unwrap().unwrap();
    end(&mut other, &current, false);
    restore(&mut live, saved, &plan, &entry(100)).unwrap();
    let found = live.key(key(1).id, time(100)).unwrap().unwrap();
    assert_eq!((found.description.name.as_str(), found.lifecycle.revoked), ("key-1", Some(time(10))));
}
