//! Purges ended keys.

use super::{Page, contract};
use crate::{
    contract::IssueLimit,
    error::Result,
    key::{KeyId, KeyView, Lookup, Time},
    keyring::{Keys, Selection, Transaction},
};

/// The retention rules for ended keys.
///
/// - A key is kept while the issue limit counts it. Otherwise, its owner could be issued more keys than the limit allows.
/// - A key is kept while an older key of its rotation chain has not ended. Otherwise, nothing would connect the older key
///   to the chain, and a command that acts on the whole chain would miss it.
/// - A key is kept while it has a pending successor, whose activation depends on the state of the key.
pub struct Retention(Option<IssueLimit>);

impl Retention {
    /// Reads the rule from a keyring's contract.
    ///
    /// # Errors
    /// Returns `keyring_corrupt` if the stored contract is not valid, or another `keyring_*` code if the keyring cannot
    /// be read.
    pub fn of(keys: &(impl Keys + ?Sized)) -> Result<Self> {
        Ok(Self(contract(keys)?.rules.issue_limit.map(|limit| *limit.value())))
    }

    /// Returns `true` if an ended key must be retained at the time `now`. `before` is the time before which the keys that
    /// are deleted together have ended.
    ///
    /// # Errors
    /// Returns a [storage error](crate::keyring#storage-errors) if the keyring cannot be read.
    pub fn holds(&self, keys: &(impl Keys + ?Sized), key: &KeyView<'_>, before: Time, now: Time) -> Result<bool> {
        if self.0.is_some_and(|limit| limit.counts(key, now)) {
            return Ok(true);
        }
        let (mut older, mut seen) = (key.rotated_from, vec![key.id]);
        while let Some(id) = older.filter(|id| !seen.contains(id)) {
            let Some(key) = keys.key(id, now)? else { break };
            // A key that stays keeps its rotation chain, even if it has expired: it may be valid again after a correction
            // of the clock.
            if !key.lifecycle.status(before.min(now)).has_ended() {
                return Ok(true);
            }
            seen.push(id);
            older = key.rotation.from;
        }
        let successors = keys.find(&Lookup::Successors(key.id), now, usize::MAX)?;
        Ok(successors.iter().any(|successor| {
            // A successor that seems to have expired may be pending again after a correction of the clock.
            successor.lifecycle.activated.is_none() && successor.lifecycle.revoked.is_none()
        }))
    }
}

/// Deletes the keys of a page that are still in the selection, have ended and need not be retained, and returns their
/// ids. The keys and the contract are read again, because they may have changed since the keys were chosen.
///
/// # Errors
/// Returns `keyring_corrupt` or another `keyring_*` code if the keyring cannot be read or written.
pub fn purge_page(transaction: &mut dyn Transaction, page: &Page<'_>, selection: &Selection) -> Result<Vec<KeyId>> {
    let retention = Retention::of(transaction)?;
    let selection = Selection { now: page.now, ..selection.clone() }.ended();
    let mut purged = Vec::new();
    for key in transaction.selected(page.ids, &selection)? {
        if !retention.holds(transaction, &key.view(), selection.ended_before.unwrap_or(page.now), page.now)? {
            transaction.purge(&key)?;
            purged.push(key.id);
        }
    }
    Ok(purged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contract::Contract,
        key::Key,
        keyring::{Action, Entry, Keyring, transact},
        testing::{self, DAY, ScratchKeyring, entry, time},
    };

    fn purge(keyring: &mut dyn Keyring, entry: &Entry, ids: &[KeyId], before: Time) -> Result<Vec<KeyId>> {
        let selection = Selection { ended_before: Some(before), ..Selection::all(entry.at) };
        let page = Page { ids, now: entry.at, entry };
        transact(keyring, entry, |transaction| purge_page(transaction, &page, &selection))
    }

    /// Builds a key with the given owner, creation time and expiry time.
    fn key(n: u8, owner: Option<&str>, created: i64, expires: i64) -> Key {
        let mut key = testing::key(n).created_at(created).expiring_at(expires);
        key.description.owner = owner.map(|owner| owner.parse().unwrap());
        key
    }

    #[test]
    fn a_key_that_the_issue_limit_counts_is_retained() {
        let mut scratch = ScratchKeyring::new();
        let keyring = &mut scratch.keyring;
        let limited = Contract::stored(None).unwrap().with("issue_limit", "1/day").unwrap().to_text().unwrap();
        let keys = [
            key(1, Some("acme"), -DAY + 1, -60),
            key(2, Some("acme"), -DAY, -60),
            key(3, None, -DAY + 1, -60),
            key(4, Some("acme"), 60, 120),
        ];
        transact(keyring, &entry(0), |t| {
            t.set_contract(&limited, "{}")?;
            keys.iter().try_for_each(|key| t.insert(key, Action::Import))
        })
        .unwrap();
        let all: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
        assert_eq!(purge(keyring, &entry(0), &all, time(0)).unwrap(), all[1..3]);
        let retention = Retention::of(&*keyring).unwrap();
        let holds = retention.holds(&*keyring, &keys[3].view(), time(0), time(0)).unwrap();
        assert!(holds, "issued in what is now the future");
        assert_eq!(purge(keyring, &entry(DAY), &all, time(0)).unwrap(), all[..1]);
    }

    #[test]
    fn a_key_that_changed_since_it_was_chosen_stays() {
        let mut scratch = ScratchKeyring::new();
        let keyring = &mut scratch.keyring;
        let keys = [key(1, None, -DAY, -60), key(2, None, -DAY, 60)];
        transact(keyring, &entry(0), |t| keys.iter().try_for_each(|key| t.insert(key, Action::Import))).unwrap();
        let chosen = [keys[0].id, keys[1].id, testing::id(9)];
        assert_eq!(
            purge(keyring, &entry(0), &chosen, time(-60)).unwrap(),
            [],
            "the key ended at that time, not before"
        );
        assert_eq!(
            purge(keyring, &entry(0), &chosen, time(DAY)).unwrap(),
            chosen[..1],
            "no key that ends in the future"
        );
    }
}
