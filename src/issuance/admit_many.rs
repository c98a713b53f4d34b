//! Checks many new keys that are issued together.

use super::admit::{holder_of, issue_limit_exceeded, name_taken, sweep};
use crate::{
    contract::{Contract, Rules, Violation},
    error::{Code, Result},
    key::{Field, Name, Owner, Time},
    keyring::{Keys, NewKeys, Transaction},
};
use std::collections::BTreeMap;

/// Deletes the keys that have been pending for longer than [`PENDING_TTL`](super::PENDING_TTL), then checks that `keys`
/// may be issued together. `judged` is the text of the contract against which the caller has checked each key, or
/// `None` for the default contract. If the keyring has a different contract, each key is checked again.
///
/// `names` contains the first and the last name of the new keys in byte order.
///
/// # Errors
/// - `type_refused`, `scope_required` or the code of another broken rule, if a key breaks rules of the changed contract
/// - `name_taken` if names must be unique and another key that has not ended has the name of a new key in its
///   environment
/// - `issue_limit_exceeded` if the keys together exceed the issue limit of an owner
/// - `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written
pub(super) fn admit_many(
    transaction: &mut dyn Transaction,
    keys: NewKeys<'_>,
    names: &(Name, Name),
    judged: Option<&str>,
    now: Time,
) -> Result<()> {
    sweep(transaction, now)?;
    let contract = transaction.contract()?;
    let rules = Contract::stored(contract.as_deref())?.rules;
    if contract.as_deref() != judged {
        for index in 0..keys.count {
            rules.check_key(&keys.key(index)?)?;
        }
    }
    refuse_many(transaction, &rules, keys, names, now)
}

/// Checks that the names of new keys are free if names must be unique, and that the keys together do not exceed an
/// issue limit. The caller must have checked each key against the other rules.
///
/// `names` contains the first and the last name of the new keys in byte order.
///
/// # Errors
/// - `name_taken` if names must be unique and another key that has not ended has the name of a new key in its
///   environment
/// - `issue_limit_exceeded` if the keys together exceed the issue limit of an owner
/// - `keyring_corrupt` or another `keyring_*` code if the keyring cannot be read
pub fn refuse_many(
    known: &(impl Keys + ?Sized),
    rules: &Rules,
    keys: NewKeys<'_>,
    names: &(Name, Name),
    now: Time,
) -> Result<()> {
    if rules.name.unique && known.has_names_between(&names.0, &names.1)? {
        for index in 0..keys.count {
            let key = keys.key(index)?;
            if let Some(other) = holder_of(known, &key.description.name, key.description.env, now)? {
                return Err(name_taken(&other, now));
            }
        }
    }
    let Some(limit) = &rules.issue_limit else { return Ok(()) };
    let mut wanted: BTreeMap<String, (Owner, u32)> = BTreeMap::new();
    for index in 0..keys.count {
        if let Some(owner) = keys.key(index)?.description.owner {
            wanted.entry(owner.to_string()).or_insert((owner, 0)).1 += 1;
        }
    }
    for (owner, count) in wanted.into_values() {
        let since = Time::from_seconds(now.seconds() - limit.value().window);
        let most = limit.value().count;
        if count > most {
            let text = limit.text();
            let problem = format!("{count} keys for the owner `{owner}` exceed the limit of {text} (rule issue_limit)");
            return Err(Violation::new(Field::Owner, Code::IssueLimitExceeded, problem, "issue fewer keys").into());
        }
        // Find the key that must leave the window of the limit before all of the new keys can be issued.
        if let Some(made) = known.nth_newest(&owner, since, most + 1 - count)? {
            return Err(issue_limit_exceeded(limit, &owner, made));
        }
    }
    Ok(())
}
