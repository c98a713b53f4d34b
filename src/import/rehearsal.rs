//! The target of a dry-run import: an existing keyring, combined with the new keys, which are kept in memory.
//!
//! A dry run could also write the keys in a transaction and roll the transaction back. That transaction would hold the
//! write lock for the whole dry run. But `import --dry-run` must not block other writers or require write permission:
//! it also works with a keyring on a read-only file system, and without a keyring. A test compares the answers of a
//! rehearsal with those of a keyring after the import.

use super::Intake;
use crate::{
    error::Result,
    key::{Bearer, Field, Key, KeyId, KeyView, Lookup, Material, Name, Owner, SecretHash, Time},
    keyring::{Entitlement, Head, Keys, Tombstone},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

/// A view of a keyring, or of no keyring, together with the keys that an import would add.
pub(super) struct Rehearsal<'a> {
    there: Option<&'a dyn Keys>,
    added: Vec<Key>,
    by_id: BTreeMap<KeyId, usize>,
    /// The indexes of the added keys, by the Unicode Normalization Form C of their names.
    by_name: BTreeMap<String, Vec<usize>>,
    by_public_key: HashMap<[u8; 32], usize>,
    by_secret: HashMap<[u8; 32], usize>,
}

impl<'a> Rehearsal<'a> {
    /// Creates a rehearsal over a keyring, or over no keys if there is no keyring.
    #[must_use]
    pub(super) fn of(there: Option<&'a dyn Keys>) -> Self {
        Self {
            there,
            added: Vec::new(),
            by_id: BTreeMap::new(),
            by_name: BTreeMap::new(),
            by_public_key: HashMap::new(),
            by_secret: HashMap::new(),
        }
    }

    /// Queries the keyring, or returns the default value if there is none.
    fn ask<T: Default>(&self, ask: impl FnOnce(&dyn Keys) -> Result<T>) -> Result<T> {
        self.there.map_or_else(|| Ok(T::default()), ask)
    }

    /// Returns the added keys that match a lookup. Lookups that an import does not need match no keys.
    fn added(&self, lookup: &Lookup) -> Vec<&Key> {
        let indexes: Vec<usize> = match lookup {
            Lookup::Ids(low, high) => self.by_id.range(low..=high).map(|(_, index)| *index).collect(),
            Lookup::Name(name) => self.by_name.get(&form(name)).cloned().unwrap_or_default(),
            Lookup::PublicKey(identity) => self.by_public_key.get(identity).copied().into_iter().collect(),
            Lookup::Secret(hash) => self.by_secret.get(hash.as_bytes()).copied().into_iter().collect(),
            Lookup::Successors(id) => {
                (0..self.added.len()).filter(|index| self.added[*index].rotation.from == Some(*id)).collect()
            }
            // An import does not look up keys by KEY arguments, by bearer tokens or by the key ids of signatures.
            Lookup::Prefix(..) | Lookup::Fingerprints(..) | Lookup::Thumbprint(_) | Lookup::Bearer(_) => Vec::new(),
        };
        indexes.into_iter().rev().map(|index| &self.added[index]).collect()
    }
}

/// Returns the Unicode Normalization Form C of a name, by which keys are found.
fn form(name: &Name) -> String {
    let [nfc, _] = name.forms();
    nfc
}

impl Intake for Rehearsal<'_> {
    fn is_new(&self, id: KeyId) -> Result<bool> {
        Ok(self.by_id.contains_key(&id))
    }

    fn take_in(&mut self, key: Key) -> Result<()> {
        let index = self.added.len();
        self.by_id.insert(key.id, index);
        self.by_name.entry(form(&key.description.name)).or_default().push(index);
        match &key.material {
            Material::KeyPair(public) => self.by_public_key.insert(*public.identity(), index),
            // Tokens are looked up by id.
            Material::Token { .. } => None,
            Material::Opaque { hash, .. } | Material::Pair { hash, .. } => {
                self.by_secret.insert(*hash.as_bytes(), index)
            }
        };
        self.added.push(key);
        Ok(())
    }
}

impl Keys for Rehearsal<'_> {
    fn time(&self) -> Result<Option<Time>> {
        self.ask(|keys| keys.time())
    }

    fn head(&self) -> Result<Head> {
        self.ask(|keys| keys.head())
    }

    fn has_row(&self, head: &Head) -> Result<bool> {
        self.ask(|keys| keys.has_row(head))
    }

    fn find(&self, lookup: &Lookup, now: Time, limit: usize) -> Result<Vec<Key>> {
        let mut found: Vec<Key> = self.added(lookup).into_iter().cloned().collect();
        let own = !found.is_empty();
        found.append(&mut self.ask(|keys| keys.find(lookup, now, limit))?);
        if own {
            // The added keys come first, because they are newer than all others.
            found.sort_by_key(|key| key.lifecycle.status(now).has_ended());
            found.truncate(limit);
        }
        Ok(found)
    }

    fn find_in_import(&self, lookup: &Lookup, now: Time, limit: usize) -> Result<Vec<Key>> {
        self.ask(|keys| keys.find_in_import(lookup, now, limit))
    }

    fn each_token(&self, see: &mut dyn FnMut(KeyId, &SecretHash) -> Result<()>) -> Result<()> {
        for key in &self.added {
            if let Material::Token { hash, .. } = &key.material {
                see(key.id, hash)?;
            }
        }
        self.ask(|keys| keys.each_token(see))
    }

    fn is_unindexed(&self, lookup: &Lookup, now: Time) -> Result<bool> {
        self.ask(|keys| keys.is_unindexed(lookup, now))
    }

    fn peek(&self, lookup: &Lookup, now: Time, see: &mut dyn FnMut(&KeyView<'_>, Option<&SecretHash>)) -> Result<bool> {
        let found = self.find(lookup, now, 1)?.pop();
        if let Some(key) = &found {
            see(&key.view(), key.material.secret_hash());
        }
        Ok(found.is_some())
    }

    fn bearer(&self, hash: &SecretHash) -> Result<Option<Bearer>> {
        self.ask(|keys| keys.bearer(hash))
    }

    fn contract(&self) -> Result<Option<String>> {
        self.ask(|keys| keys.contract())
    }

    fn has_signature(&self, signature: &[u8; 32]) -> Result<bool> {
        self.ask(|keys| keys.has_signature(signature))
    }

    fn forgotten_requests(&self) -> Result<Option<i64>> {
        self.ask(|keys| keys.forgotten_requests())
    }

    fn accepted_skew(&self) -> Result<i64> {
        self.ask(|keys| keys.accepted_skew())
    }

    fn forgotten_assertions(&self) -> Result<Option<i64>> {
        self.ask(|keys| keys.forgotten_assertions())
    }

    fn audited_ids(&self, low: KeyId, high: KeyId, limit: usize) -> Result<Vec<KeyId>> {
        self.ask(|keys| keys.audited_ids(low, high, limit))
    }

    fn set_after(&self, since: Time, id: KeyId, field: Field, value: Time) -> Result<Option<Time>> {
        self.ask(|keys| keys.set_after(since, id, field, value))
    }

    fn has_tombstone(&self, id: KeyId) -> Result<bool> {
        self.ask(|keys| keys.has_tombstone(id))
    }

    fn tombstone(&self, id: KeyId, material: &Material) -> Result<Option<Tombstone>> {
        self.ask(|keys| keys.tombstone(id, material))
    }

    fn entitlements(&self, owner: Option<&Owner>) -> Result<Vec<Entitlement>> {
        self.ask(|keys| keys.entitlements(owner))
    }

    fn has_names_between(&self, low: &Name, high: &Name) -> Result<bool> {
        let own = low <= high && self.by_name.range(form(low)..=form(high)).next().is_some();
        Ok(own || self.ask(|keys| keys.has_names_between(low, high))?)
    }

    fn nth_newest(&self, owner: &Owner, since: Time, n: u32) -> Result<Option<Time>> {
        let counts = |key: &&Key| key.description.owner.as_ref() == Some(owner) && key.rotation.from.is_none();
        let mut own: Vec<Time> = self.added.iter().filter(counts).map(|key| key.lifecycle.created).collect();
        own.retain(|created| *created > since);
        own.sort_unstable_by_key(|created| Reverse(*created));
        // The number of the `n` keys that are in the keyring; the import would add the others.
        let mut there = 0;
        let mut own = own.into_iter().peekable();
        let mut newest = None;
        for _ in 0..n {
            let next = self.ask(|keys| keys.nth_newest(owner, since, there + 1))?;
            newest = match own.peek() {
                Some(created) if next.is_none_or(|next| *created >= next) => own.next(),
                _ => {
                    there += 1;
                    next
                }
            };
            if newest.is_none() {
                break;
            }
        }
        Ok(newest)
    }
}

#[cfg(test)]
mod tests;
