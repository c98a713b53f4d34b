//! Importing keys from another keyring, from another system, or from a directory of public keys.
//!
//! The whole input is read first, because other processes cannot write during an import. Then all keys are imported in
//! order, in one transaction. Each key is checked against the ones before it, so a duplicate name is refused. If one
//! key cannot be imported, none is. A dry run makes the same checks on a [`Rehearsal`] and writes nothing.

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
    error::{Code, Detail, Error, Exit, Problems, Result},
    issuance::{Origin, contract, new_id, refuse, refuse_moved},
    key::{Description, DescriptionChange, Env, Key, KeyId, Lifecycle, Material, Name, Time},
    keyring::{Action, Keys, Transaction},
};
use std::collections::BTreeSet;

/// The maximum number of refused candidates that are reported individually; the rest are only counted.
const REPORTED: usize = 20;

/// The values for fields that the input omits.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// The values for the fields of the description.
    pub description: DescriptionChange,
    /// The environment of a key if neither the input nor `description` specifies one.
    pub env: Env,
    /// The time at which the keys expire, or `None` if they do not expire.
    pub expires: Option<Time>,
    /// The public prefix of tokens from another system.
    pub prefix: Option<String>,
    /// The time of the import.
    pub now: Time,
}

impl Defaults {
    /// Returns the key with the given fields, and with the defaults for all other fields of its description.
    fn describe(
        &self,
        given: DescriptionChange,
        name: Name,
        id: KeyId,
        material: Material,
        lifecycle: Lifecycle,
    ) -> Result<Key> {
        let change = given.or(self.description.clone());
        let empty = Description::new(name, change.env.unwrap_or(self.env));
        let mut problems = Problems::default();
        let description = change.apply(&empty, &mut problems);
        problems.into_result()?;
        Ok(Key::new(id, description, material, lifecycle))
    }
}

/// A key to import, or the error that explains why it could not be read.
pub struct Candidate {
    /// The position in the input, such as `line 3` or the name of a file.
    pub place: String,
    /// The key. Its id is a placeholder unless the input contains one.
    pub key: Result<Incoming>,
}

/// A key to import.
pub enum Incoming {
    /// A key from another keyring, with its id and lifecycle.
    Moved(Box<Key>),
    /// A token from another system.
    Token(Box<Key>),
    /// A public key whose private key stays with its holder.
    Public(Box<Key>),
}

/// The result of an import.
#[derive(Debug, Default)]
pub struct Imported {
    /// The keys that were added.
    pub added: Vec<KeyId>,
    /// The number of keys that already exist, regardless of their status.
    pub there: u64,
    /// The number of keys that were skipped because their secret was never delivered.
    pub pending: u64,
}

/// The target of an import: a transaction on a keyring, or a [`Rehearsal`].
pub trait Intake: Keys {
    /// Adds a key.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the key cannot be added.
    fn take_in(&mut self, key: Key) -> Result<()>;
}

impl Intake for dyn Transaction + '_ {
    fn take_in(&mut self, key: Key) -> Result<()> {
        self.insert(&key, Action::Import)
    }
}

/// Imports all candidates, or none.
///
/// # Errors
/// - `import_refused` if a candidate cannot be imported. The details list the refused candidates.
/// - A [storage error](crate::keyring#storage-errors) if the keyring cannot be read or written.
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

/// Returns the error of a candidate as a detail that starts with the candidate's position.
fn at(place: &str, error: &Error) -> Error {
    let problem = match error.details() {
        [] | [_] => error.message(),
        several => {
            let named = |detail: &Detail| match detail.field {
                Some(field) => format!("{field}: {}", detail.msg),
                None => detail.msg.clone(),
            };
            several.iter().map(named).collect::<Vec<_>>().join("; ")
        }
    };
    let problem = format!("{place}: {problem}");
    let code = error.code();
    Error::new(code, &problem, error.hint()).detail(&["FILE", place], problem, code.word())
}

/// The outcome for one candidate.
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
            let message = format!("the input contains the key `{}` more than once", found.description.name);
            return Err(Error::new(Code::KeyRegistered, message, "remove the duplicate"));
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
            refuse(intake, rules, &key, Origin::Registered, now)?;
        } else {
            refuse_moved(intake, rules, &key, now)?;
        }
    }
    let id = key.id;
    intake.take_in(key)?;
    Ok(ImportOutcome::Added(id))
}

/// Fills in missing fields with the values that the contract defines.
fn complete(key: &mut Key, rules: &Rules, now: Time) -> Result<()> {
    rules.complete(&mut key.description)?;
    if let (None, Some(default)) = (key.lifecycle.expires, &rules.expiry.default) {
        key.lifecycle.expires = Some(default.value().after(now)?);
    }
    Ok(())
}

/// Returns the existing key that `key` duplicates, regardless of its status: a key with the same material and, for a pair,
/// also with the same id.
fn find(keys: &(impl Keys + ?Sized), key: &Key, now: Time) -> Result<Option<Key>> {
    let is_same = |found: &Key| {
        let same_id = found.id == key.id || !matches!(key.material, Material::Pair { .. });
        same_id && found.material.is_same(&key.material)
    };
    Ok(keys.find(&key.lookup(), now, 1)?.pop().filter(is_same))
}
