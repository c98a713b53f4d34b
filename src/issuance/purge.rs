//! Purges ended keys.

use super::contract;
use crate::{
    contract::IssueLimit,
    error::Result,
    key::{Key, KeyId, KeyView, Time},
    keyring::{Entry, Keyring, Keys, transact},
};

/// The retention rule for ended keys: a key is kept while the issue limit still counts it. If it were purged earlier,
/// its owner could be issued more keys than the limit allows.
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

    /// Returns `true` if an ended key must be retained at the time `now`.
    #[must_use]
    pub fn holds(&self, key: &KeyView<'_>, now: Time) -> bool {
        self.0.is_some_and(|limit| limit.counts(key, now))
    }
}

/// Deletes the chosen keys that ended before the time `before` and need not be retained, in one transaction. Returns
/// the ids of the deleted keys. The keys and the contract are read again inside the transaction.
///
/// # Errors
/// Returns `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written.
pub fn purge(keyring: &mut dyn Keyring, entry: &Entry, chosen: &[KeyId], before: Time) -> Result<Vec<KeyId>> {
    let ended = |key: &Key| key.lifecycle.ends().is_some_and(|end| end < before && end <= entry.at);
    transact(keyring, entry, |transaction| {
        let retention = Retention::of(transaction)?;
        let mut purged = Vec::new();
        for id in chosen {
            // Another process may have purged the key since it was chosen.
            let Some(key) = transaction.key(*id, entry.at)? else { continue };
            if ended(&key) && !retention.holds(&key.view(), entry.at) {
                transaction.purge(&key)?;
                purged.push(*id);
            }
        }
        Ok(purged)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contract::Contract,
        keyring::Action,
        testing::{self, DAY, ScratchKeyring, entry, time},
    };

    /// Builds a key with the given creation time and expiry.
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
        assert!(Retention::of(&*keyring).unwrap().holds(&keys[3].view(), time(0)), "issued in what is now the future");
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
