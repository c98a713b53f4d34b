//! Tests of the behavior that all storage engines share. To test a new engine, add its fixture to [`ENGINES`].

mod base;
mod batches;
mod collation;
mod concurrency;
mod transactions;

use super::*;
use crate::{
    error::{Code, Error},
    key::{
        Bearer, Env, Handover, Label, LabelFilter, Labels, Lifecycle, Lookup, Material, Name, Owner, Pattern,
        Reference, RevocationReason, Scope, SecretHash, Status, TokenPrefix, token,
    },
    keypair::JwkThumbprint,
    testing::{self, entry, id, insert, scopes, time},
};
use std::{any::Any, collections::BTreeSet, ops::ControlFlow};
use uuid::Uuid;

/// A location that does not contain a keyring yet, and a guard that deletes the location when it is dropped.
type Fixture = (Location, Box<dyn Any>);

/// The functions that create the fixtures of all engines.
const ENGINES: &[fn() -> Fixture] = &[sqlite];

fn sqlite() -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::named_or_default(Some(&directory.path().join("keyring.db"))).unwrap();
    (location, Box::new(directory))
}

/// An empty keyring of one engine.
struct Store {
    location: Location,
    keyring: Box<dyn Keyring>,
    _guard: Box<dyn Any>,
}

impl Store {
    /// Opens the keyring again on a separate connection.
    fn open(&self) -> Box<dyn Keyring> {
        self.location.open().unwrap()
    }
}

/// Runs a test on an empty keyring of every engine.
fn for_each_engine(test: impl Fn(Store)) {
    for fixture in ENGINES {
        let (location, guard) = fixture();
        assert!(location.create(Uuid::new_v4(), None, &entry(0)).unwrap());
        let keyring = location.open().unwrap();
        test(Store { location, keyring, _guard: guard });
    }
}

/// Builds a key of type `token` that was created `n` seconds after the reference time of the tests.
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
