//! What every store does, whatever stands behind it. A new one is added to [`STORES`] and passes.

mod change;
mod copies;
mod history;
mod list;
mod purge;
mod usage;

use super::*;
use crate::{
    error::{Code, Error},
    key::{
        Env, Fingerprint, Handover, Label, LabelFilter, Labels, Lifecycle, Material, Name, Reference, RevocationReason,
        Scope, Scopes, SecretHash, Status, TokenPrefix, token,
    },
};
use std::{collections::BTreeSet, ops::ControlFlow};
use tempfile::TempDir;

/// A keyring that is empty, and a way to open it a second time.
struct Store {
    keyring: Box<dyn Keyring>,
    again: Box<dyn Fn() -> Box<dyn Keyring>>,
    _directory: TempDir,
}

fn sqlite() -> Store {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::new(&directory.path().join("keyring.db")).unwrap();
    let keyring = Box::new(SqliteKeyring::open_or_create(&place, &entry(0)).unwrap());
    let again = Box::new(move || Box::new(SqliteKeyring::open(&place).unwrap()) as Box<dyn Keyring>);
    Store { keyring, again, _directory: directory }
}

const STORES: &[fn() -> Store] = &[sqlite];

fn every_store(test: impl Fn(Store)) {
    for make in STORES {
        test(make());
    }
}

const T0: i64 = 1_700_000_000;

fn time(offset: i64) -> Time {
    Time::from_seconds(T0 + offset)
}

fn entry(offset: i64) -> Entry {
    Entry { at: time(offset), clock_set: false, user: "u".into(), host: "h".into(), command: "test".into() }
}

fn token_key(n: u8, name: &str) -> Key {
    let id = KeyId::from_random([n; 16]);
    let prefix = token::display_prefix(&TokenPrefix::default(), Env::Test, id);
    let mut lifecycle = Lifecycle::new(time(i64::from(n)), None);
    lifecycle.activated = Some(time(i64::from(n)));
    let material = Material::Token { prefix, hash: SecretHash::of(&[n]) };
    Key::new(id, name.parse().unwrap(), Env::Test, material, lifecycle)
}

fn rsa_key(n: u8, name: &str) -> Key {
    let spki = vec![n; 300];
    let material = Material::Rsa { fingerprint: Fingerprint::of_spki(&spki), spki, modulus: [n; 32], bits: 2048 };
    Key { material, ..token_key(n, name) }
}

fn pair_key(n: u8, name: &str) -> Key {
    let key = token_key(n, name);
    let api_key = token::public_part(&TokenPrefix::default(), Env::Test, key.id);
    let Material::Token { prefix, hash } = key.material.clone() else { unreachable!() };
    Key { material: Material::Pair { prefix, api_key, hash }, ..key }
}

fn insert(keyring: &mut dyn Keyring, keys: &[Key]) {
    transact(keyring, &entry(0), |t| keys.iter().try_for_each(|key| t.insert(key, Action::Reserve))).unwrap();
}

fn names(keyring: &dyn Keyring, query: &Query) -> Vec<String> {
    let mut names = Vec::new();
    let mut cursor = Cursor::default();
    while keyring
        .page(query, &mut cursor, &mut |facts| {
            names.push(facts.name.to_owned());
            Ok(())
        })
        .unwrap()
    {}
    names
}
