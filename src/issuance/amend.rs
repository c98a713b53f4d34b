//! Whether the facts of a key may change: its contract, its names, its quotas.

use super::admit::{holder_of, name_taken, refuse_too_many};
use crate::{
    contract::Rules,
    error::{Code, Error, Problems, Result},
    key::{Key, Time},
    keyring::Keys,
};

/// Refuses a change that a rule forbids. Rules may have become stricter since the key was made, so only what changes is
/// judged: a new value as that of a new key; of scopes, what was not broken before. Nobody is kept from taking one of two
/// scopes away because the contract does not know the other any more.
///
/// # Errors
/// Every rule that the change breaks in one failure; else `owner_required`, `name_taken` or `issue_limit_exceeded`.
pub fn refuse_change(keys: &(impl Keys + ?Sized), rules: &Rules, old: &Key, new: &Key, now: Time) -> Result<()> {
    let before: Vec<String> = rules.judge(old).iter().map(Error::message).collect();
    let is_new = |error: &Error| match error.details().first().and_then(|detail| detail.loc.first()).map(String::as_str)
    {
        Some("--name") => old.name != new.name,
        Some("--expires") => old.lifecycle.expires != new.lifecycle.expires,
        Some("--rate-limit") => old.rate_limit != new.rate_limit,
        _ => !before.contains(&error.message()),
    };
    rules.judge(new).into_iter().filter(is_new).collect::<Problems>().into_result()?;
    if old.owner != new.owner {
        if new.owner.is_none() && rules.by_owner() {
            let message = "keys are counted or allowed by owner here (rules issue_limit, own_public_key)";
            return Err(
                Error::new(Code::OwnerRequired, message, "name another owner with --owner").in_option("--owner")
            );
        }
        // A key that counts goes on counting, now for the new owner.
        if rules.issue_limit.as_ref().is_some_and(|limit| limit.value().counts(&new.facts(), now)) {
            refuse_too_many(keys, rules, new, now)?;
        }
    }
    if rules.name.unique && old.name != new.name {
        return match holder_of(keys, &new.name, new.env, now)? {
            Some(other) if other.id != new.id => Err(name_taken(&other, now)),
            _ => Ok(()),
        };
    }
    Ok(())
}
