//! Restoring a backup into an existing keyring.

use super::{
    reconcile::{Change, PlannedTombstone, RestoreOutcome, ended_by, reconcile},
    signatures,
};
use crate::{
    contract::Contract,
    error::{Code, Error, Problems, Result},
    issuance::registered_as,
    key::{Key, KeyId, Lookup, Material, Owner, Time},
    keyring::{
        Action, Entitlement, Entry, KeyCursor, Keyring, Keys, Reads, Snapshot, Tombstone, Transaction,
        at_least_keyring_time, difference, transact,
    },
    proof::max_skew,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

/// The maximum number of conflicts to report individually. Further conflicts are only counted.
const REPORTED: usize = 20;

/// The effect of a restore on a single key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The key is missing from the keyring and is added.
    Back,
    /// Some fields of the key change.
    Changed,
    /// The key is not restored, because it was deleted after the backup was taken or because another key has its
    /// identity.
    LeftOut,
}

impl Effect {
    /// Returns the word for this effect in the output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Back => "back",
            Self::Changed => "changed",
            Self::LeftOut => "left-out",
        }
    }
}

/// A key that a restore adds, changes or leaves out.
#[derive(Debug)]
pub struct Step {
    /// The id of the key.
    pub id: KeyId,
    /// The name of the key.
    pub name: String,
    /// The effect of the restore on the key.
    pub effect: Effect,
    /// The changed fields in the format of the audit log. For a key that is left out, the id of the other key that has the
    /// same identity. Empty if there is neither.
    pub facts: Map<String, Value>,
}

/// The changes that a restore would make.
#[derive(Debug, Default)]
pub struct RestorePlan {
    /// The keys that are added, changed or left out.
    pub steps: Vec<Step>,
    /// The contract in the backup, or `None` if that is the default contract or the keyring already has another one.
    contract: Option<String>,
    /// The entitlements in the backup of owners that have no entitlement in the keyring.
    owners: Vec<Entitlement>,
    /// The tombstones in the backup that are missing from the keyring or that end one of its keys.
    tombstones: Vec<PlannedTombstone>,
    /// The number of accepted signatures of which the keyring does not know, although it has not deleted their records.
    signatures: usize,
    /// `true` if the keyring was reset to a state before the backup, and the backup has not been restored since.
    is_reset: bool,
}

impl RestorePlan {
    /// Returns `true` if restoring would change nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count(Effect::Back) + self.count(Effect::Changed) == 0
            && self.contract.is_none()
            && self.owners.is_empty()
            && self.tombstones.is_empty()
            && self.signatures == 0
            && !self.is_reset
    }

    /// Returns the number of keys on which the restore has the given effect.
    #[must_use]
    pub fn count(&self, effect: Effect) -> usize {
        self.steps.iter().filter(|step| step.effect == effect).count()
    }

    /// Returns a phrase for each part of the plan that does not concern keys: the contract, the entitlements, the tombstones
    /// and the accepted signatures. A part that does not change is left out.
    #[must_use]
    pub fn beside(&self) -> Vec<String> {
        let mut beside = Vec::new();
        if self.contract.is_some() {
            beside.push("the contract".to_owned());
        }
        for (count, what, one) in [
            (self.owners.len(), "usage level", "owner"),
            (self.tombstones.len(), "tombstone", "purged key"),
            (self.signatures, "record", "accepted signature"),
        ] {
            if count > 0 {
                let plural = if count == 1 { "" } else { "s" };
                beside.push(format!("the {what}{plural} of {count} {one}{plural}"));
            }
        }
        let keys = self.count(Effect::Back) + self.count(Effect::Changed);
        if self.is_reset && beside.is_empty() && keys == 0 {
            beside.push("no keys, but a refusal of requests that may have been accepted since the backup".to_owned());
        }
        beside
    }
}

/// Plans a restore without changing anything.
///
/// # Errors
/// - `restore_conflict` if keys in the backup conflict with keys in the target; the details list at most 20 conflicts
/// - `key_registered` if another process is importing a key that a tombstone in the backup ends
/// - a [storage error](crate::keyring#storage-errors) if the target or the backup cannot be read
pub fn plan(target: &dyn Reads, backup: &dyn Reads, now: Time) -> Result<RestorePlan> {
    let mut plan = RestorePlan::default();
    let mut conflicts = Problems::at_most(REPORTED);
    let (mut cursor, mut hashes) = (KeyCursor::default(), HashMap::new());
    let mut peers = Peers { target, cursor: KeyCursor::default(), page: VecDeque::new(), is_complete: false };
    loop {
        let keys = backup.all_keys(&mut cursor)?;
        if keys.is_empty() {
            break;
        }
        for key in keys {
            let current = peers.find(key.id, now)?;
            let (effect, facts) = match reconcile(target, current, backup, &key, now) {
                Ok(RestoreOutcome::Same) => continue,
                Ok(RestoreOutcome::Change(change)) => (Effect::Changed, difference(&change.0.view(), &change.1.view())),
                Ok(RestoreOutcome::Add(_)) => {
                    if let Material::Opaque { hash, .. } = &key.material {
                        hashes.insert(*hash.as_bytes(), key.id);
                    }
                    (Effect::Back, Map::new())
                }
                Ok(RestoreOutcome::Removed) => (Effect::LeftOut, Map::new()),
                Ok(RestoreOutcome::Elsewhere(other)) => {
                    (Effect::LeftOut, Map::from_iter([("registered_as".to_owned(), json!(other.id.to_string()))]))
                }
                Err(error) if error.code() == Code::RestoreConflict => {
                    conflicts.push(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            plan.steps.push(Step { id: key.id, name: key.description.name.to_string(), effect, facts });
        }
    }
    let mut tombstones = planned_tombstones(&mut plan, target, backup, now)?;
    let tokens =
        tokens_with(target, hashes.keys().copied().chain(tombstones.iter().filter_map(PlannedTombstone::secret)))?;
    for (hash, id) in &tokens {
        if let Some(added) = hashes.get(hash) {
            conflicts.push(same_token(*added, *id));
        }
    }
    for planned in &mut tombstones {
        planned.token = planned.token_in(&tokens);
        if planned.token.is_some() {
            let change = ended_by(target, backup, planned, now)?;
            planned.is_needed |= change.is_some();
            plan.steps.extend(change.map(|change| step_of(&change)));
        }
    }
    plan.tombstones = tombstones.into_iter().filter(|planned| planned.is_needed).collect();
    conflicts.summarized(|count| {
        format!("{count} keys in the backup conflict with keys in the keyring; nothing was restored")
    })?;
    plan.contract = backup.contract()?;
    if !is_default(target.contract()?.as_deref())? || is_default(plan.contract.as_deref())? {
        plan.contract = None;
    }
    plan.signatures = signatures::count_unknown(target, backup)?;
    plan.is_reset = signatures::is_reset(target, backup)?;
    let known: BTreeSet<Owner> = target.entitlements(None)?.into_iter().map(|known| known.owner).collect();
    plan.owners = backup.entitlements(None)?.into_iter().filter(|backup| !known.contains(&backup.owner)).collect();
    Ok(plan)
}

/// Adds the steps for the keys that the tombstones in the backup end, and returns the tombstones that are needed, or that end
/// a token if there is one with their hash. The tokens are not known yet.
fn planned_tombstones(
    plan: &mut RestorePlan,
    target: &dyn Reads,
    backup: &dyn Reads,
    now: Time,
) -> Result<Vec<PlannedTombstone>> {
    let (mut after, mut found) = (None, Vec::new());
    loop {
        let tombstones = backup.tombstones(after)?;
        let Some(last) = tombstones.last() else { return Ok(found) };
        after = Some(last.id);
        for tombstone in tombstones {
            let mut planned = PlannedTombstone { tombstone, token: None, is_needed: false };
            let change = ended_by(target, backup, &planned, now)?;
            planned.is_needed = change.is_some() || is_missing(target, &tombstone, now)?;
            plan.steps.extend(change.map(|change| step_of(&change)));
            if planned.is_needed || planned.secret().is_some() {
                found.push(planned);
            }
        }
    }
}

/// Returns the tokens that contain their ids and have one of the given hashes. No index contains the hashes of such tokens,
/// so this function reads all of them, also those that another process is importing.
fn tokens_with(
    keys: &(impl Keys + ?Sized),
    hashes: impl Iterator<Item = [u8; 32]>,
) -> Result<HashMap<[u8; 32], KeyId>> {
    let (hashes, mut found): (HashSet<_>, _) = (hashes.collect(), HashMap::new());
    if !hashes.is_empty() {
        keys.each_token(&mut |id, hash| {
            if hashes.contains(hash.as_bytes()) {
                found.insert(*hash.as_bytes(), id);
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// Returns the error for a key in the backup that has the token of another key in the keyring.
fn same_token(added: KeyId, id: KeyId) -> Error {
    let message = format!("key {added} in the backup has the token of key {id} in the keyring");
    let hint = format!("revoke and purge key {id}, and restore again; or restore into another keyring");
    Error::new(Code::RestoreConflict, &message, hint).detail(&["FILE"], message, id.to_string())
}

/// Returns `true` if a tombstone is to be added to the target: it has no such tombstone, no key with its id, and no key with
/// its public key or secret. The tombstone of such a key follows when the key itself is purged.
///
/// # Errors
/// - `key_registered` if another process is importing such a key, which would be valid in spite of the tombstone
/// - a [storage error](crate::keyring#storage-errors) if the target cannot be read
fn is_missing(target: &(impl Keys + ?Sized), tombstone: &Tombstone, now: Time) -> Result<bool> {
    Ok(!target.has_tombstone(tombstone.id)?
        && registered_as(target, &tombstone.id.into(), now)?.is_none()
        && registered_as(target, &Lookup::from(tombstone.identity), now)?.is_none())
}

fn step_of(change: &Change) -> Step {
    Step {
        id: change.0.id,
        name: change.1.description.name.to_string(),
        effect: Effect::Changed,
        facts: difference(&change.0.view(), &change.1.view()),
    }
}

/// The keys of the target, read in stored order. A backup stores the keys that it shares with the keyring in the same
/// order, so most of them are found without a lookup.
struct Peers<'a> {
    target: &'a dyn Reads,
    cursor: KeyCursor,
    page: VecDeque<Key>,
    is_complete: bool,
}

impl Peers<'_> {
    /// Returns the key with the given id, or `None` if there is no such key.
    fn find(&mut self, id: KeyId, now: Time) -> Result<Option<Key>> {
        if self.page.is_empty() && !self.is_complete {
            self.page = self.target.all_keys(&mut self.cursor)?.into();
            self.is_complete = self.page.is_empty();
        }
        if self.page.front().is_some_and(|next| next.id == id) {
            return Ok(self.page.pop_front());
        }
        self.target.key(id, now)
    }
}

/// Carries out the plan in a single transaction, and appends an audit row for the restore. Each key is reconciled again
/// within the transaction, because the keyring may have changed since the plan was made.
///
/// # Errors
/// - `restore_conflict` if a key in the plan conflicts with a change that was made to the target after the plan
/// - a [storage error](crate::keyring#storage-errors) if the backup cannot be read or the target cannot be written
pub fn restore(target: &mut dyn Keyring, backup: &dyn Reads, plan: &RestorePlan, entry: &Entry) -> Result<()> {
    let snapshot = backup.snapshot()?;
    transact(target, entry, |transaction| {
        let now = at_least_keyring_time(transaction, entry, entry.clock())?;
        // The plan has the steps for the keys in the backup in the order in which they are read here, followed by the
        // steps for tombstones.
        let mut steps = plan.steps.iter().filter(|step| step.effect != Effect::LeftOut).peekable();
        let (mut cursor, mut hashes) = (KeyCursor::default(), HashMap::new());
        let mut forgets = plan.is_reset;
        while steps.peek().is_some() {
            let keys = backup.all_keys(&mut cursor)?;
            if keys.is_empty() {
                break;
            }
            for key in keys {
                if steps.next_if(|step| step.id == key.id).is_none() {
                    continue;
                }
                let current = transaction.key(key.id, now)?;
                match reconcile(&*transaction, current, backup, &key, now)? {
                    RestoreOutcome::Add(key) => {
                        if let Material::Opaque { hash, .. } = &key.material {
                            hashes.insert(*hash.as_bytes(), key.id);
                        }
                        forgets |= key.material.public_key().is_some();
                        transaction.insert(&key, Action::Restore)?;
                    }
                    RestoreOutcome::Change(change) => {
                        // A use that the keyring does not know of may have been a signed request.
                        let is_used = change.0.lifecycle.last_used != change.1.lifecycle.last_used;
                        forgets |= is_used && change.1.material.public_key().is_some();
                        transaction.update(&change.0, &change.1, Action::Restore)?;
                    }
                    RestoreOutcome::Same | RestoreOutcome::Removed | RestoreOutcome::Elsewhere(_) => {}
                }
            }
        }
        // A token may have been added since the plan was made.
        let secrets = plan.tombstones.iter().filter_map(PlannedTombstone::secret);
        let tokens = tokens_with(&*transaction, hashes.keys().copied().chain(secrets))?;
        if let Some((added, id)) = tokens.iter().find_map(|(hash, id)| Some((hashes.get(hash)?, id))) {
            return Err(same_token(*added, *id));
        }
        for planned in &plan.tombstones {
            let planned = &PlannedTombstone { token: planned.token_in(&tokens), ..*planned };
            if let Some(change) = ended_by(&*transaction, backup, planned, now)? {
                transaction.update(&change.0, &change.1, Action::Restore)?;
            }
            if is_missing(&*transaction, &planned.tombstone, now)? {
                transaction.insert_tombstone(&planned.tombstone)?;
            }
        }
        if let Some(contract) = &plan.contract
            && let old = transaction.contract()?
            && is_default(old.as_deref())?
        {
            let [old, new] = [old.as_deref(), Some(contract.as_str())]
                .map(|text| text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null));
            transaction.set_contract(contract, &json!({ "contract": [old, new] }).to_string())?;
        }
        for owner in &plan.owners {
            if transaction.entitlements(Some(&owner.owner))?.is_empty() {
                transaction.set_entitlement(owner)?;
            }
        }
        forgets |= signatures::restore(transaction, backup)?;
        if forgets {
            // Neither the keyring nor the backup knows which signatures of these keys were accepted after the backup.
            let skew = backup.accepted_skew()?.max(i64::try_from(max_skew(backup)?).unwrap_or(i64::MAX));
            transaction.forget_accepted(u64::try_from(skew).unwrap_or(0).max(max_skew(&*transaction)?))?;
        }
        log_restore(transaction, &snapshot, false)
    })
}

/// Returns `true` if a stored contract is one that keyrings have for which no contract was chosen.
///
/// # Errors
/// Returns `internal` if a contract cannot be serialized, which is a bug.
fn is_default(contract: Option<&str>) -> Result<bool> {
    match contract {
        Some(text) => Ok(text == Contract::of_new_keyrings()?.to_text()?),
        None => Ok(true),
    }
}

/// Appends an audit row that records the restore. The row identifies the backup by the hash of the backup's newest
/// audit row. `created` is `true` if the keyring was created from the backup, without the bearer tokens in it and without
/// the requests that were accepted after it. Such a keyring also refuses requests that may have been accepted within the
/// largest skew that its contract allows.
///
/// # Errors
/// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read or written.
pub fn log_restore(transaction: &mut dyn Transaction, backup: &Snapshot, created: bool) -> Result<()> {
    let mut facts = json!({ "head": backup.head.to_string(), "audit_rows": backup.rows, "keys": backup.keys });
    if created {
        facts["created"] = json!(true);
        transaction.forget_accepted(max_skew(&*transaction)?)?;
    }
    transaction.append_audit(Action::Restore, &facts.to_string())
}
