//! Admitting many keys together.

use super::admit::{holder_of, issue_limit_exceeded, name_taken, sweep};
use crate::{
    contract::{Contract, Rules, Violation},
    error::{Code, Result},
    key::{Field, Name, Owner, Time},
    keyring::{Batch, Keys, Transaction},
};
use std::collections::BTreeMap;

/// Admits keys that have already been checked against the contract text `judged`, and checks them again if the contract
/// has changed since then. First deletes keys that have been pending for too long.
///
/// # Errors
/// - Any error from [`Rules::check_key`], if the keys are checked again.
/// - `name_taken` if the name of a key is taken.
/// - `issue_limit_exceeded` if the keys together exceed the issue limit of an owner.
pub(super) fn admit_many(
    transaction: &mut dyn Transaction,
    keys: Batch<'_>,
    names: &(Name, Name),
    judged: Option<&str>,
    now: Time,
) -> Result<()> {
    sweep(transaction, now)?;
    let contract = transaction.contract()?;
    let rules = Contract::stored(contract.as_deref())?.rules;
    if contract.as_deref() != judged {
        for index in 0..keys.count {
            rules.check_key(&keys.key(index))?;
        }
    }
    refuse_many(transaction, &rules, keys, names, now)
}

/// Returns an error if the name of a key is taken, or if the keys together exceed an issue limit. The caller must have
/// checked each key against the other rules.
///
/// # Errors
/// - `name_taken` if the name of a key is taken.
/// - `issue_limit_exceeded` if the keys together exceed the issue limit of an owner.
pub fn refuse_many(
    known: &(impl Keys + ?Sized),
    rules: &Rules,
    keys: Batch<'_>,
    names: &(Name, Name),
    now: Time,
) -> Result<()> {
    if rules.name.unique && known.has_names_between(&names.0, &names.1)? {
        for index in 0..keys.count {
            let key = keys.key(index);
            if let Some(other) = holder_of(known, &key.description.name, key.description.env, now)? {
                return Err(name_taken(&other, now));
            }
        }
    }
    let Some(limit) = &rules.issue_limit else { return Ok(()) };
    let mut wanted: BTreeMap<String, (Owner, u32)> = BTreeMap::new();
    for owner in (0..keys.count).filter_map(|index| keys.key(index).description.owner) {
        wanted.entry(owner.to_string()).or_insert((owner, 0)).1 += 1;
    }
    for (owner, count) in wanted.into_values() {
        let since = Time::from_seconds(now.seconds() - limit.value().window);
        let most = limit.value().count;
        if count > most {
            let text = limit.text();
            let problem = format!("{count} keys for the owner `{owner}` exceed the limit of {text} (rule issue_limit)");
            return Err(Violation::new(Field::Owner, Code::IssueLimitExceeded, problem, "issue fewer keys").into());
        }
        // Find the key that must leave the window before all of the new keys can be issued.
        if let Some(made) = known.nth_newest(&owner, since, most + 1 - count)? {
            return Err(issue_limit_exceeded(limit, &owner, made));
        }
    }
    Ok(())
}
