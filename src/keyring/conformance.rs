//! The conformance suite: what every storage engine must do. A new engine is added to [`STORES`].

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
        Env, Handover, Label, LabelFilter, Labels, Lifecycle, Material, Name, Reference, RevocationReason, Scope,
        SecretHash, Status, TokenPrefix, token,
    },
    testing::{self, entry, id, insert, scopes, time},
};
use std::{collections::BTreeSet, ops::ControlFlow};
use tempfile::TempDir;

/// An empty keyring, and a function that opens it again.
struct Store {
    keyring: Box<dyn Keyring>,
    again: Box<dyn Fn() -> Box<dyn Keyring>>,
    _directory: TempDir,
}

fn sqlite() -> Store {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::new(&directory.path().join("keyring.db")).unwrap();
    let keyring = place.open_or_create(&entry(0)).unwrap();
    let again = Box::new(move || place.open().unwrap());
    Store { keyring, again, _directory: directory }
}

const STORES: &[fn() -> Store] = &[sqlite];

fn every_store(test: impl Fn(Store)) {
    for make in STORES {
        test(make());
    }
}

/// Builds a token that was created `n` seconds after the start.
fn token_key(n: u8, name: &str) -> Key {
    testing::key(n).with_name(name).created_at(i64::from(n))
}

fn rsa_key(n: u8, name: &str) -> Key {
    token_key(n, name).with_material(testing::rsa(n))
}

fn pair_key(n: u8, name: &str) -> Key {
    token_key(n, name).with_material(testing::pair(n))
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
