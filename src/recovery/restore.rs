//! Bringing a copy of the keyring back into the one that is there.

use super::fate::{Fate, fate};
use crate::{
    error::{Code, Problems, Result},
    key::{Key, KeyId, Lookup, Owner, RevocationReason, Time},
    keyring::{
        Action, Entitlement, Entry, KeyCursor, Keyring, Keys, Snapshot, Tombstone, Transaction, difference, transact,
    },
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The most conflicts that are reported one by one; the rest are counted.
const REPORTED: usize = 20;

/// What a restore does to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It comes back.
    Back,
    /// Fields of the key change.
    Changed,
    /// The key is left out: it was deleted since, or its public key or secret belongs to another key.
    LeftOut,
}

impl Effect {
    /// The word that users see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Back => "back",
            Self::Changed => "changed",
            Self::LeftOut => "left-out",
        }
    }
}

/// One key that a restore touches, or leaves out.
#[derive(Debug)]
pub struct Step {
    /// The key in the backup.
    pub id: KeyId,
    /// What it is called there.
    pub name: String,
    /// What is done.
    pub effect: Effect,
    /// What changes, as the audit log tells it; for a key that is left out, the key that has its place, if any.
    pub facts: Map<String, Value>,
}

/// What a restore would do.
#[derive(Debug, Default)]
pub struct Plan {
    /// Key by key; those that stay as they are left out.
    pub steps: Vec<Step>,
    /// The keyring has no contract of its own, and the backup has one.
    contract: Option<String>,
    /// What the backup knows of owners, and the keyring does not.
    owners: Vec<Entitlement>,
    /// What was purged before the backup, and the keyring does not know of.
    tombstones: Vec<Tombstone>,
}

impl Plan {
    /// Whether everything is as it is to be already.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count(Effect::Back) + self.count(Effect::Changed) == 0
            && self.contract.is_none()
            && self.owners.is_empty()
            && self.tombstones.is_empty()
    }

    /// How many keys meet with an effect.
    #[must_use]
    pub fn count(&self, effect: Effect) -> usize {
        self.steps.iter().filter(|step| step.effect == effect).count()
    }

    /// What is done beside the keys, for people.
    #[must_use]
    pub fn beside(&self) -> Vec<String> {
        let mut beside = Vec::new();
        if self.contract.is_some() {
            beside.push("the contract".to_owned());
        }
        for (count, what) in [(self.owners.len(), "owners"), (self.tombstones.len(), "purged keys")] {
            if count > 0 {
                beside.push(format!("what is known of {count} {what}"));
            }
        }
        beside
    }
}

/// Works out what a restore would do; changes nothing.
///
/// # Errors
/// `restore_conflict` with every key that stands in the way, and what either store reports.
pub fn plan(live: &dyn Keyring, saved: &dyn Keyring, now: Time) -> Result<Plan> {
    let mut plan = Plan::default();
    let mut conflicts = Problems::at_most(REPORTED);
    let mut cursor = KeyCursor::default();
    loop {
        let keys = saved.all_keys(&mut cursor)?;
        if keys.is_empty() {
            break;
        }
        for key in keys {
            let (effect, facts) = match fate(live, saved, &key, now) {
                Ok(Fate::Same) => continue,
                Ok(Fate::Change(change)) => (Effect::Changed, difference(&change.0.view(), &change.1.view())),
                Ok(Fate::Add) => (Effect::Back, Map::new()),
                Ok(Fate::Removed) => (Effect::LeftOut, Map::new()),
                Ok(Fate::Elsewhere(other)) => {
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
    conflicts
        .summarized(|count| format!("{count} names of the backup are taken by other keys; nothing was restored"))?;
    plan.contract = saved.contract()?.filter(|_| live.contract().is_ok_and(|contract| contract.is_none()));
    let known: BTreeSet<Owner> = live.entitlements(None)?.into_iter().map(|known| known.owner).collect();
    plan.owners = saved.entitlements(None)?.into_iter().filter(|saved| !known.contains(&saved.owner)).collect();
    let mut after = None;
    loop {
        let tombstones = saved.tombstones(after)?;
        let Some(last) = tombstones.last() else { break };
        after = Some(last.id);
        for tombstone in tombstones {
            match raised(live, &tombstone, now)? {
                Some((old, new)) => plan.steps.push(Step {
                    id: old.id,
                    name: new.description.name.to_string(),
                    effect: Effect::Changed,
                    facts: difference(&old.view(), &new.view()),
                }),
                None if live.has_tombstone(tombstone.id)? || live.key(tombstone.id, now)?.is_some() => continue,
                None => {}
            }
            plan.tombstones.push(tombstone);
        }
    }
    Ok(plan)
}

/// Returns a key that is in the keyring although the backup has its tombstone, before and after it is ended. A revoked public key or
/// secret is revoked under any id.
fn raised(live: &dyn Keys, of: &Tombstone, now: Time) -> Result<Option<(Key, Key)>> {
    let same = of.revoked.then(|| Lookup::from(of.identity));
    let old = match (live.key(of.id, now)?, same) {
        (None, Some(same)) => live.find(&same, now, 1)?.pop(),
        (found, _) => found,
    };
    let Some(old) = old else { return Ok(None) };
    let mut new = old.clone();
    if of.revoked {
        new.lifecycle.revoke(of.ended, RevocationReason::Unspecified);
    } else {
        new.lifecycle.expires = [old.lifecycle.expires, Some(of.ended)].into_iter().flatten().min();
    }
    Ok((new.lifecycle != old.lifecycle).then_some((old, new)))
}

/// Does what was planned, in one transaction. What the plan was made from is read again inside.
///
/// # Errors
/// `restore_conflict` when a name was taken meanwhile, and what either store reports.
pub fn restore(live: &mut dyn Keyring, saved: &dyn Keyring, plan: &Plan, entry: &Entry) -> Result<()> {
    let now = entry.at;
    let snapshot = saved.snapshot()?;
    transact(live, entry, |transaction| {
        for step in plan.steps.iter().filter(|step| step.effect != Effect::LeftOut) {
            // What is not in the backup is there because of a tombstone.
            let Some(key) = saved.key(step.id, now)? else { continue };
            match fate(&*transaction, saved, &key, now)? {
                Fate::Add => transaction.insert(&key, Action::Restore)?,
                Fate::Change(change) => transaction.update(&change.0, &change.1, Action::Restore)?,
                Fate::Same | Fate::Removed | Fate::Elsewhere(_) => {}
            }
        }
        for tombstone in &plan.tombstones {
            if let Some((old, new)) = raised(&*transaction, tombstone, now)? {
                transaction.update(&old, &new, Action::Restore)?;
            } else if transaction.key(tombstone.id, now)?.is_none() && !transaction.has_tombstone(tombstone.id)? {
                transaction.insert_tombstone(tombstone)?;
            }
        }
        if let Some(contract) = plan.contract.as_ref().filter(|_| transaction.contract().is_ok_and(|c| c.is_none())) {
            let told: Value = serde_json::from_str(contract).unwrap_or_default();
            transaction.set_contract(contract, &json!({ "contract": [null, told] }).to_string())?;
        }
        for owner in &plan.owners {
            if transaction.entitlements(Some(&owner.owner))?.is_empty() {
                transaction.set_entitlement(owner)?;
            }
        }
        note(transaction, &snapshot)
    })
}

/// The row that tells which backup it was.
///
/// # Errors
/// What the store reports.
pub fn note(transaction: &mut dyn Transaction, of: &Snapshot) -> Result<()> {
    let facts = json!({ "head": of.head.to_string(), "audit_rows": of.rows, "keys": of.keys });
    transaction.append_audit(Action::Restore, &facts.to_string())
}
