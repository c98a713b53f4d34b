//! Importing keys from another keyring, from another system, or from a directory of public keys.
//!
//! The input is read in pages, and each page is written in a transaction of its own, so that other processes can read
//! and write in between. The keys are part of a batch, which becomes visible as a whole. Each key is also checked
//! against the keys before it in the input, so a duplicate name is refused. If one key cannot be imported, no key is
//! imported. A dry run makes the same checks on a `Rehearsal` and writes nothing.

mod fields;
mod json_lines;
mod progress;
mod public_keys;
mod read;
mod record;
mod rehearsal;
mod token;

pub use fields::prefix;
use progress::ImportProgress;
pub use read::{Candidates, InputFormat, read};
use rehearsal::Rehearsal;

use crate::{
    contract::Rules,
    error::{Code, Error, Problems, Result},
    interrupt,
    issuance::{OpenBatch, Origin, holder_of, new_id, refuse, refuse_moved},
    key::{
        Description, DescriptionChange, Env, Field, Key, KeyId, Lifecycle, Lookup, Material, Name, Time, refuse_secret,
    },
    keyring::{Action, BATCH_PAGE, BatchKind, Entry, Keyring, Keys, Location, Transaction, refuse_clock_change},
};
use serde_json::{Map, json};

/// The maximum number of refused candidates to report individually. Further refused candidates are only counted.
const REPORTED: usize = 20;

/// The values for fields that the input omits.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// The values for the fields of the description.
    pub description: DescriptionChange,
    /// The environment of a key if neither the input nor `description` specifies one.
    pub env: Env,
    /// The time at which keys expire, or `None` if they do not expire.
    pub expires: Option<Time>,
    /// The public prefix of tokens from another system, or `None` if they have no known prefix.
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
        problems.keep(refuse_secret(empty.name.as_str()).map_err(|error| error.in_field(Field::Name.word())));
        let description = change.apply(&empty, &mut problems);
        problems.into_result()?;
        Ok(Key::new(id, description, material, lifecycle))
    }
}

/// A key to import, or the error that explains why it could not be read.
pub struct Candidate {
    /// The position in the input, such as `line 3` or the name of a file.
    pub place: String,
    /// The key, whose id is a placeholder unless the input contains an id.
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

impl Incoming {
    /// Returns `true` if only the hash of the token is known, and not the id of a key in it.
    fn is_hash(&self) -> bool {
        let (Self::Moved(key) | Self::Token(key) | Self::Public(key)) = self;
        matches!(key.material, Material::Opaque { .. })
    }
}

/// The result of an import.
#[derive(Debug, Default)]
pub struct Imported {
    /// The keys that were added.
    pub added: Vec<KeyId>,
    /// The number of keys that were skipped because they already exist in the keyring, with any status.
    pub there: u64,
    /// The number of keys that were skipped because they are pending: the delivery of their secret was never confirmed.
    pub pending: u64,
}

/// The target of an import: a transaction that writes a batch, or a `Rehearsal`.
pub trait Intake: Keys {
    /// Adds a key.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the key cannot be added.
    fn take_in(&mut self, key: Key) -> Result<()>;

    /// Returns `true` if a key was added by this import.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    fn is_new(&self, id: KeyId) -> Result<bool>;
}

impl Intake for dyn Transaction + '_ {
    fn take_in(&mut self, key: Key) -> Result<()> {
        self.insert(&key, Action::Import)
    }

    fn is_new(&self, id: KeyId) -> Result<bool> {
        self.is_in_batch(id)
    }
}

/// Returns the result that an import would have, without changing the keyring. `keys` is `None` if there is no keyring.
///
/// # Errors
/// - `import_refused` if a candidate cannot be imported; the details list at most 20 of the refused candidates
/// - `input_unreadable` if the input cannot be read
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
pub fn rehearse(keys: Option<&dyn Keys>, candidates: &mut Candidates<'_>, now: Time) -> Result<Imported> {
    let mut rehearsal = Rehearsal::of(keys);
    let mut progress = ImportProgress::default();
    loop {
        let page: Vec<Candidate> = candidates.by_ref().take(BATCH_PAGE).collect::<Result<_>>()?;
        if page.is_empty() {
            progress.refuse_issued_tokens(&rehearsal, now)?;
            return progress.finish();
        }
        progress.add(&mut rehearsal, &page, now)?;
    }
}

/// Returns the error for a token in the input that the keyring itself has issued.
fn issued_here(message: String) -> Error {
    Error::new(
        Code::KeyRegistered,
        message,
        "remove this token from the input, because the keyring already has its key",
    )
}

/// Returns the result that importing these candidates would have if there is no keyring.
///
/// # Errors
/// Returns `import_refused` if a candidate cannot be imported. The details list at most 20 of the refused candidates.
pub fn rehearse_first(candidates: &[Candidate], now: Time) -> Result<Imported> {
    let mut progress = ImportProgress::default();
    let mut rehearsal = Rehearsal::of(None);
    progress.add(&mut rehearsal, candidates, now)?;
    progress.refuse_issued_tokens(&rehearsal, now)?;
    progress.finish()
}

/// Imports all candidates, or none. The keys are written in several transactions, and become visible in the last one.
/// `farewell` is the message to print if a signal arrives after the last transaction.
///
/// # Errors
/// - `import_refused` if a candidate cannot be imported; the details list at most 20 of the refused candidates
/// - `input_unreadable` if the input cannot be read
/// - `wrong_state` if another process has changed the contract, or has deleted the batch, during the import
/// - `interrupted` if a signal has stopped the import
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read or written
pub fn import(
    keyring: &mut dyn Keyring,
    entry: &Entry,
    location: &Location,
    candidates: &mut Candidates<'_>,
    farewell: Vec<u8>,
    now: Time,
) -> Result<Imported> {
    let batch = OpenBatch::new(BatchKind::Imported, keyring, entry)?;
    let guard = batch.guard(location, entry);
    let mut import =
        BatchImport { judged: keyring.contract()?, batch: &batch, progress: ImportProgress::default(), now };
    let mut candidates = candidates.peekable();
    loop {
        let page: Result<Vec<Candidate>> = candidates.by_ref().take(BATCH_PAGE).collect();
        let page = page.inspect_err(|_| drop(batch.discard(keyring, entry)))?;
        if candidates.peek().is_some() {
            import.write(keyring, entry, &page)?;
            continue;
        }
        let closing = guard.close();
        let imported = import.finish(keyring, entry, &page);
        if imported.as_ref().is_ok_and(|imported| !imported.added.is_empty()) {
            interrupt::set_message(farewell);
        }
        // A signal came too late to stop the import, which is reported as usual.
        let _ = closing.finish();
        return imported;
    }
}

/// An import in progress.
struct BatchImport<'a> {
    /// The text of the contract at the beginning of the import, or `None` if the keyring stores no contract.
    judged: Option<String>,
    batch: &'a OpenBatch,
    progress: ImportProgress,
    now: Time,
}

impl BatchImport<'_> {
    /// Imports the keys of a page that are not refused. Returns the result for the page.
    fn add(&self, transaction: &mut dyn Transaction, entry: &Entry, page: &[Candidate]) -> Result<ImportProgress> {
        if transaction.contract()? != self.judged {
            let message = "the contract was changed during the import; nothing was imported";
            return Err(Error::new(Code::WrongState, message, "run the command again"));
        }
        refuse_clock_change(transaction, entry, self.now)?;
        let mut progress = ImportProgress::default();
        progress.add(transaction, page, self.now).map(|()| progress)
    }

    /// Writes a page that is not the last one.
    fn write(&mut self, keyring: &mut dyn Keyring, entry: &Entry, page: &[Candidate]) -> Result<()> {
        let mut found = ImportProgress::default();
        self.batch.write_page(keyring, entry, |transaction| {
            found = self.add(transaction, entry, page)?;
            Ok(())
        })?;
        self.progress.append(found);
        Ok(())
    }

    /// Writes the last page and completes the batch in one transaction. If a key was refused, or if there are no keys
    /// to import, nothing is written and the earlier pages are deleted.
    fn finish(mut self, keyring: &mut dyn Keyring, entry: &Entry, page: &[Candidate]) -> Result<Imported> {
        let mut found = ImportProgress::default();
        let completed = self.batch.complete(keyring, entry, Action::Import, |transaction| {
            found = self.add(transaction, entry, page)?;
            found.has_hashes |= self.progress.has_hashes;
            found.refuse_issued_tokens(transaction, self.now)?;
            let keys = self.progress.imported.added.len() + found.imported.added.len();
            if keys == 0 || self.progress.problems.count() + found.problems.count() > 0 {
                return Ok(None);
            }
            Ok(Some(Map::from_iter([("keys".to_owned(), json!(keys))])))
        });
        completed?;
        self.progress.append(found);
        self.progress.finish()
    }
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
) -> Result<ImportOutcome> {
    let (Incoming::Moved(key) | Incoming::Token(key) | Incoming::Public(key)) = incoming;
    if let Some(found) = find(intake, key, now)? {
        if intake.is_new(found.id)? {
            let message = format!("the input contains the key `{}` more than once", found.description.name);
            return Err(Error::new(Code::KeyRegistered, message, "remove the duplicate"));
        }
        return Ok(ImportOutcome::Exists);
    }
    if key.lifecycle.activated.is_none() {
        return Ok(ImportOutcome::Pending);
    }
    if let Material::Token { hash, .. } = &key.material
        && let Some(other) = intake.find(&Lookup::Secret(*hash), now, 1)?.pop()
    {
        let message = format!("the token is already registered by its hash, as key {}", other.id);
        return Err(Error::new(Code::KeyRegistered, message, "revoke and purge one of the two keys"));
    }
    if let Material::Opaque { hash, .. } = &key.material
        && let Some(bearer) = intake.bearer(hash)?
    {
        return Err(issued_here(format!("the hash is that of a bearer token of key {}", bearer.key)));
    }
    let mut key = Key::clone(key);
    if !matches!(incoming, Incoming::Moved(_)) {
        key.id = new_id()?;
        complete(&mut key, rules, now)?;
    }
    let admitted = if matches!(incoming, Incoming::Public(_)) {
        refuse(intake, rules, &key, Origin::Registered, now)
    } else {
        refuse_moved(intake, rules, &key, now)
    };
    match admitted {
        Err(error) if error.code() == Code::NameTaken => return Err(twin(intake, &key, now)?.unwrap_or(error)),
        admitted => admitted?,
    }
    let id = key.id;
    intake.take_in(key)?;
    Ok(ImportOutcome::Added(id))
}

/// Returns the error for a key with the name of another key in the input, or `None` if its name is that of a key in the
/// keyring. The id of the other key is not shown, because it means nothing if nothing is imported.
fn twin(intake: &(impl Intake + ?Sized), key: &Key, now: Time) -> Result<Option<Error>> {
    let Some(other) = holder_of(intake, &key.description.name, key.description.env, now)? else { return Ok(None) };
    if !intake.is_new(other.id)? {
        return Ok(None);
    }
    let message = format!("the input contains another active key with the name `{}`", other.description.name);
    let hint = "give one of the two keys another name in the input";
    Ok(Some(Error::new(Code::NameTaken, message, hint)))
}

/// Sets missing fields to the defaults of the contract. The default lifetime begins at the import, but it ends no later
/// than the longest lifetime, which begins with the creation of the key.
fn complete(key: &mut Key, rules: &Rules, now: Time) -> Result<()> {
    rules.complete(&mut key.description)?;
    if let (None, Some(default)) = (key.lifecycle.expires, &rules.expiry.default) {
        let end = default.value().after(now)?;
        let last = rules.expiry.longest.as_ref().and_then(|longest| longest.value().after(key.lifecycle.created).ok());
        key.lifecycle.expires = Some(last.map_or(end, |last| end.min(last)));
    }
    Ok(())
}

/// Returns the existing key that `key` duplicates, regardless of its status, or `None` if there is none. A duplicate
/// has the same material and, for a pair, also the same id.
fn find(keys: &(impl Keys + ?Sized), key: &Key, now: Time) -> Result<Option<Key>> {
    let is_same = |found: &Key| {
        let same_id = found.id == key.id || !matches!(key.material, Material::Pair { .. });
        same_id && found.material.is_same(&key.material)
    };
    Ok(keys.find(&key.lookup(), now, 1)?.pop().filter(is_same))
}
