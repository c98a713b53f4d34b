//! Removing keys that are over, for good: which may go.

use super::contract;
use crate::{
    contract::IssueLimit,
    error::Result,
    key::{Key, KeyId, KeyView, Time},
    keyring::{Entry, Keyring, Keys, transact},
};

/// Which of the keys that are over are kept back: those that an issue limit still counts, for an owner whose keys could be
/// purged could be issued more than the limit.
pub struct Retention(Option<IssueLimit>);

impl Retention {
    /// By the contract that the keyring is under.
    ///
    /// # Errors
    /// As [`contract`].
    pub fn of(keys: &(impl Keys + ?Sized)) -> Result<Self> {
        Ok(Self(contract(keys)?.rules.issue_limit.map(|limit| *limit.value())))
    }

    /// Whether a key that is over is kept back.
    #[must_use]
    pub fn holds(&self, key: &KeyView<'_>, now: Time) -> bool {
        self.0.is_some_and(|limit| limit.counts(key, now))
    }
}

/// Removes keys that ended before a time, in one transaction, and returns which: each that still is what it was when it was
/// chosen, by the contract as it is in this transaction.
///
/// # Errors
/// What the store reports.
pub fn purge(keyring: &mut dyn Keyring, entry: &Entry, chosen: &[KeyId], before: Time) -> Result<Vec<KeyId>> {
    let ended = |key: &Key| key.lifecycle.ends().is_some_and(|end| end < before && end <= entry.at);
    transact(keyring, entry, |transaction| {
        let retention = Retention::of(transaction)?;
        let mut purged = Vec::new();
        for id in chosen {
            // Somebody else may have purged it meanwhile.
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

    /// Builds a key that was created at one time and expires at another.
    fn key(n: u8, owner: Option<&str>, created: i64, expires: i64) -> Key {
        let mut key = testing::key(n).created_at(created).expiring_at(expires);
        key.description.owner = owner.map(|owner| owner.parse().unwrap());
        key
    }

    #[test]
    fn what_an_issue_limit_still_counts_is_kept_back() {
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
        assert!(Retention::of(&*keyring).unwrap().holds(&keys[3].view(), time(0)), "made in what is the future now");
        assert_eq!(purge(keyring, &entry(DAY), &all, time(0)).unwrap(), all[..1]);
    }

    #[test]
    fn what_is_not_as_it_was_when_it_was_chosen_stays() {
        let mut scratch = ScratchKeyring::new();
        let keyring = &mut scratch.keyring;
        let keys = [key(1, None, -DAY, -60), key(2, None, -DAY, 60)];
        transact(keyring, &entry(0), |t| keys.iter().try_for_each(|key| t.insert(key, Action::Import))).unwrap();
        let chosen = [keys[0].id, keys[1].id, testing::id(9)];
        assert_eq!(purge(keyring, &entry(0), &chosen, time(-60)).unwrap(), [], "it ended then, and not before");
        assert_eq!(purge(keyring, &entry(0), &chosen, time(DAY)).unwrap(), chosen[..1], "of what lies ahead nothing");
    }
}
