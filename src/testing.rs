//! Builders for unit tests, which create times, keys of every type, audit entries, and keyrings in temporary
//! directories.

use crate::{
    key::{
        Description, Env, Fingerprint, Key, KeyId, Lifecycle, Material, Scopes, SecretHash, Time, TokenPrefix,
        token::{display_prefix, public_part},
    },
    keypair::{Algorithm, PublicKey, StoredPublicKey},
    keyring::{Action, Engine as _, Entry, Keyring, Place, SqliteKeyring, transact},
};
use std::path::Path;
use tempfile::TempDir;
use uuid::Uuid;

/// The reference time for the times in tests: 2023-11-14T22:13:20Z, in seconds since the epoch.
pub(crate) const START: i64 = 1_700_000_000;

/// The number of seconds in a day.
pub(crate) const DAY: i64 = 86_400;

/// Returns the time that is `offset` seconds after [`START`].
pub(crate) fn time(offset: i64) -> Time {
    Time::from_seconds(START + offset)
}

/// Returns the audit entry of a command that ran `offset` seconds after [`START`].
pub(crate) fn entry(offset: i64) -> Entry {
    Entry { at: time(offset), clock_set: true, user: "u".into(), host: "h".into(), command: "test".into() }
}

/// Returns the id of the key that [`key`] returns for the same number.
pub(crate) fn id(n: u8) -> KeyId {
    KeyId::from_random([n; 16])
}

/// Builds a key of type `token` that was created and activated at [`START`]. Its name is `key-` followed by the number,
/// and its environment is `test`.
pub(crate) fn key(n: u8) -> Key {
    let lifecycle = Lifecycle { activated: Some(time(0)), ..Lifecycle::new(time(0), None) };
    Key::new(id(n), Description::new(format!("key-{n}").parse().unwrap(), Env::Test), token(n), lifecycle)
}

/// Builds the material of a token in keywright's own format.
pub(crate) fn token(n: u8) -> Material {
    let prefix = display_prefix(&TokenPrefix::default(), Env::Test, id(n));
    Material::Token { prefix, hash: SecretHash::of(&[n]) }
}

/// Builds the material of a token that another system issued.
pub(crate) fn opaque(secret: &[u8]) -> Material {
    Material::Opaque { prefix: None, hash: SecretHash::of(secret) }
}

/// Builds the material of a pair.
pub(crate) fn pair(n: u8) -> Material {
    let prefix = display_prefix(&TokenPrefix::default(), Env::Test, id(n));
    let api_key = public_part(&TokenPrefix::default(), Env::Test, id(n));
    Material::Pair { prefix, api_key, hash: SecretHash::of(&[n]) }
}

/// Builds the material of a 2048-bit RSA key. The bytes of the public key are not a valid encoding.
pub(crate) fn rsa(n: u8) -> Material {
    let spki = vec![n; 300];
    let fingerprint = Fingerprint::of_spki(&spki);
    Material::KeyPair(StoredPublicKey::from_stored(Algorithm::Rsa, spki, fingerprint, [n; 32], 2048))
}

/// Builds the material of the public key in a file of `tests/data/keys`, which is PEM or DER.
pub(crate) fn public_key(name: &str) -> Material {
    Material::KeyPair(StoredPublicKey::from(&PublicKey::read(&key_file(name), false).unwrap()))
}

/// Parses a set of scopes.
pub(crate) fn scopes(scopes: &[&str]) -> Scopes {
    Scopes::new(&scopes.iter().map(|scope| scope.parse().unwrap()).collect::<Vec<_>>(), false).unwrap()
}

impl Key {
    /// Replaces the name.
    pub(crate) fn with_name(mut self, name: &str) -> Self {
        self.description.name = name.parse().unwrap();
        self
    }

    /// Replaces the environment.
    pub(crate) fn with_env(mut self, env: Env) -> Self {
        self.description.env = env;
        self
    }

    /// Replaces the material.
    pub(crate) fn with_material(mut self, material: Material) -> Self {
        self.material = material;
        self
    }

    /// Sets the owner.
    pub(crate) fn with_owner(mut self, owner: &str) -> Self {
        self.description.owner = Some(owner.parse().unwrap());
        self
    }

    /// Replaces the scopes.
    pub(crate) fn with_scopes(mut self, new: &[&str]) -> Self {
        self.description.scopes = scopes(new);
        self
    }

    /// Sets the creation time, and the activation time if the key is activated, to `offset` seconds after [`START`].
    pub(crate) fn created_at(mut self, offset: i64) -> Self {
        self.lifecycle.created = time(offset);
        self.lifecycle.activated = self.lifecycle.activated.and(Some(time(offset)));
        self
    }

    /// Removes the activation time, so that the key is pending.
    pub(crate) fn pending(mut self) -> Self {
        self.lifecycle.activated = None;
        self
    }

    /// Sets the expiry time to `offset` seconds after [`START`], or removes it if `offset` is `None`.
    pub(crate) fn expiring_at(mut self, offset: impl Into<Option<i64>>) -> Self {
        self.lifecycle.expires = offset.into().map(time);
        self
    }
}

/// A keyring in a temporary directory, which is deleted when the value is dropped.
pub(crate) struct ScratchKeyring {
    pub(crate) keyring: SqliteKeyring,
    pub(crate) place: Place,
    pub(crate) directory: TempDir,
}

impl ScratchKeyring {
    /// Creates a keyring that contains the given keys.
    pub(crate) fn with(keys: &[Key]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let place = Place::new(&directory.path().join("keyring.db")).unwrap();
        assert!(place.create(Uuid::new_v4(), None, &entry(0)).unwrap());
        let mut keyring = SqliteKeyring::open(&place).unwrap();
        if !keys.is_empty() {
            insert(&mut keyring, keys);
        }
        Self { keyring, place, directory }
    }

    /// Creates an empty keyring.
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// Opens the keyring a second time.
    pub(crate) fn open(&self) -> SqliteKeyring {
        SqliteKeyring::open(&self.place).unwrap()
    }
}

/// Inserts the keys in a single transaction.
pub(crate) fn insert(keyring: &mut dyn Keyring, keys: &[Key]) {
    transact(keyring, &entry(0), |t| keys.iter().try_for_each(|key| t.insert(key, Action::Reserve))).unwrap();
}

/// Reads a file from `tests/data/keys`. The README in that directory documents the origin of each file.
pub(crate) fn key_file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/keys").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Reports that a test was skipped. Panics if `KEYWRIGHT_TESTS_MUST_NOT_SKIP` is set, as it is in CI, where every
/// program that the tests need is installed.
pub(crate) fn skipped(reason: &str) {
    assert!(std::env::var_os("KEYWRIGHT_TESTS_MUST_NOT_SKIP").is_none(), "must not be skipped: {reason}");
    eprintln!("skipped: {reason}");
}
