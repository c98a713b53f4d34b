//! Keys that come from elsewhere: another keyring, another system, a folder of public keys.
//!
//! Everything is read first, for others cannot write while keys come in. Then all in one transaction: what was given first is
//! there for what comes later, so a name that is given twice is found as one that was taken, and when anything cannot come in,
//! nothing does. A rehearsal does the same, and writes nothing.

mod fields;
mod json_lines;
mod public_keys;
mod read;
mod record;
mod rehearsal;
mod token;

pub use fields::prefix;
pub use read::read;
pub use rehearsal::Rehearsal;

use crate::{
    contract::Rules,
    error::{Code, Error, Exit, Problems, Result},
    issuance::{Origin, contract, new_id, refuse, refuse_moved},
    key::{Env, Key, KeyId, Labels, Lookup, Material, Owner, Scopes, Time},
    keyring::{Action, Keys, Transaction},
};
use std::collections::BTreeSet;

/// The most candidates that are refused one by one; the rest are counted.
const REPORTED: usize = 20;

/// What is said of keys that do not say it of themselves.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// Who holds them.
    pub owner: Option<Owner>,
    /// Where they are valid.
    pub env: Env,
    /// What they may be used for.
    pub scopes: Scopes,
    /// What an admin's tools know of them.
    pub labels: Labels,
    /// When they end.
    pub expires: Option<Time>,
    /// The public start of a token.
    pub prefix: Option<String>,
    /// The time that they come in.
    pub now: Time,
}

/// A key that is to come in, or what is wrong with it.
pub struct Candidate {
    /// Where it was read: `line 3`, or the name of a file.
    pub place: String,
    /// The key, without an id unless it brings one.
    pub key: Result<Incoming>,
}

/// A key that is to come in.
pub enum Incoming {
    /// From another keyring, with its id and its life.
    Moved(Box<Key>),
    /// A token of another system.
    Token(Box<Key>),
    /// A public key whose private half somebody has.
    Public(Box<Key>),
}

/// What came of an import.
#[derive(Debug, Default)]
pub struct Imported {
    /// The keys that came in.
    pub added: Vec<KeyId>,
    /// How many were there already, whatever became of them since.
    pub there: u64,
    /// How many were left out because their secret was never delivered.
    pub pending: u64,
}

/// Where keys come in: a keyring, or a [`Rehearsal`].
pub trait Intake: Keys {
    /// Adds a key.
    ///
    /// # Errors
    /// What the store reports.
    fn take_in(&mut self, key: Key) -> Result<()>;
}

impl Intake for dyn Transaction + '_ {
    fn take_in(&mut self, key: Key) -> Result<()> {
        self.insert(&key, Action::Import)
    }
}

/// Takes every candidate in, or none.
///
/// # Errors
/// `import_refused` with everything that is wrong, and what the store reports.
pub fn import(intake: &mut (impl Intake + ?Sized), candidates: &[Candidate], now: Time) -> Result<Imported> {
    let rules = contract(intake)?.rules;
    let mut imported = Imported::default();
    let mut added = BTreeSet::new();
    let mut problems = Problems::at_most(REPORTED);
    for Candidate { place, key } in candidates {
        let incoming = match key {
            Ok(incoming) => incoming,
            Err(error) => {
                problems.push(at(place, error));
                continue;
            }
        };
        match import_one(intake, &rules, incoming, now, &added) {
            Ok(ImportOutcome::Added(id)) => {
                added.insert(id);
                imported.added.push(id);
            }
            Ok(ImportOutcome::Exists) => imported.there += 1,
            Ok(ImportOutcome::Pending) => imported.pending += 1,
            Err(error) if error.code().exit() == Exit::Failed => return Err(error),
            Err(error) => problems.push(at(place, &error)),
        }
    }
    if problems.count() == 0 {
        return Ok(imported);
    }
    let message = format!("{} of {} keys cannot be imported; nothing was imported", problems.count(), candidates.len());
    Err(problems.into_error(Code::ImportRefused, message))
}

/// The error of a candidate, as one detail that names its place.
fn at(place: &str, error: &Error) -> Error {
    let problem = match error.details() {
        [] | [_] => error.message(),
        several => several.iter().map(|detail| detail.msg.as_str()).collect::<Vec<_>>().join("; "),
    };
    let problem = format!("{place}: {problem}");
    let code = error.code();
    Error::new(code, &problem, error.hint()).detail(&["FILE", place], problem, code.word())
}

/// What became of a candidate.
enum ImportOutcome {
    Added(KeyId),
    Exists,
    Pending,
}

fn import_one(
    intake: &mut (impl Intake + ?Sized),
    rules: &Rules,
    incoming: &Incoming,
    now: Time,
    added: &BTreeSet<KeyId>,
) -> Result<ImportOutcome> {
    let (Incoming::Moved(key) | Incoming::Token(key) | Incoming::Public(key)) = incoming;
    if let Some(found) = find(intake, key, now)? {
        if added.contains(&found.id) {
            let message = format!("that is the key `{}` once more", found.description.name);
            return Err(Error::new(Code::KeyRegistered, message, "give each key once"));
        }
        return Ok(ImportOutcome::Exists);
    }
    if key.lifecycle.activated.is_none() {
        return Ok(ImportOutcome::Pending);
    }
    let mut key = Key::clone(key);
    if matches!(incoming, Incoming::Moved(_)) {
        refuse_moved(intake, rules, &key, now)?;
    } else {
        key.id = new_id()?;
        complete(&mut key, rules, now)?;
        if matches!(incoming, Incoming::Public(_)) {
            refuse(intake, rules, &key, Origin::Brought, now)?;
        } else {
            refuse_moved(intake, rules, &key, now)?;
        }
    }
    let id = key.id;
    intake.take_in(key)?;
    Ok(ImportOutcome::Added(id))
}

/// What the rules add to a key of which it is not said.
fn complete(key: &mut Key, rules: &Rules, now: Time) -> Result<()> {
    key.description.rate_limit = rules.filled(Some(key.description.rate_limit));
    if key.description.scopes.as_str().is_empty() {
        let omitted: Vec<_> = rules.scopes.omitted.iter().map(|scope| scope.value().clone()).collect();
        key.description.scopes = Scopes::new(&omitted)?;
    }
    if let (None, Some(default)) = (key.lifecycle.expires, &rules.expiry.default) {
        key.lifecycle.expires = Some(default.value().after(now)?);
    }
    Ok(())
}

/// The key that is here and is recognised by the same, whatever its status: it came in before.
fn find(keys: &(impl Keys + ?Sized), key: &Key, now: Time) -> Result<Option<Key>> {
    let lookup = match &key.material {
        Material::Rsa { modulus, .. } => Lookup::Modulus(*modulus),
        Material::Pair { hash, .. } | Material::Opaque { hash, .. } => Lookup::Secret(*hash),
        Material::Token { .. } => Lookup::Ids(key.id, key.id),
    };
    Ok(keys.find(&lookup, now, 1)?.pop().filter(|found| match (&found.material, &key.material) {
        (Material::Token { hash, .. }, Material::Token { hash: other, .. }) => hash == other,
        (Material::Opaque { .. }, Material::Opaque { .. }) | (Material::Rsa { .. }, Material::Rsa { .. }) => true,
        (Material::Pair { .. }, Material::Pair { .. }) => found.id == key.id,
        _ => false,
    }))
}
