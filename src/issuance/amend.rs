//! Rejects changes to keys that the contract does not allow.

use super::{
    admit::{holder_of, name_taken, refuse_too_many},
    rotate::in_progress,
};
use crate::{
    contract::{Rules, Violation},
    error::{Code, Problems, Result},
    key::{Field, Key, Lookup, Status, Time},
    keyring::Keys,
};

/// Checks that the contract allows the change of a key from `old` to `new`.
///
/// The rules may have become stricter since the key was issued, so they are applied only to the fields that change. The
/// scopes must not break a rule that they did not break before; for example, one of two unknown scopes can be removed.
/// The new value of any other field must comply with the rules for new keys.
///
/// # Errors
/// - `rotation_in_progress` if the key has a pending successor, which would not have the change
/// - the code of a broken rule, such as `scope_unknown`, in an error that lists all rules that the change breaks
/// - `owner_required` if the change removes the owner and the contract has per-owner rules
/// - `issue_limit_exceeded` if the key counts toward the issue limit and the new owner has reached it
/// - `name_taken` if names must be unique and another key that has not ended has the new name in the same environment
/// - a [storage error](crate::keyring#storage-errors) if the keyring cannot be read
pub fn refuse_change(keys: &(impl Keys + ?Sized), rules: &Rules, old: &Key, new: &Key, now: Time) -> Result<()> {
    let successors = keys.find(&Lookup::Successors(old.id), now, usize::MAX)?;
    if let Some(pending) = successors.iter().find(|key| key.lifecycle.status(now) == Status::Pending) {
        return Err(in_progress(old, pending.id));
    }
    let before = rules.judge(old);
    // The rules for scopes also apply if the scopes are only read in another way.
    let subject = |field| if field == Field::ScopeWildcards { Field::Scopes } else { field };
    let changed: Vec<Field> = new.view().differences(&old.view()).map(subject).collect();
    let is_new = |violation: &Violation| {
        changed.contains(&violation.field) && (violation.field != Field::Scopes || !before.contains(violation))
    };
    rules.judge(new).into_iter().filter(is_new).collect::<Problems>().into_result()?;
    if old.description.owner != new.description.owner {
        if new.description.owner.is_none() && rules.by_owner() {
            let message = "the contract requires every key to have an owner (rules issue_limit, own_public_key)";
            return Err(Violation::new(
                Field::Owner,
                Code::OwnerRequired,
                message,
                "name another owner instead of removing the owner",
            )
            .into());
        }
        // A key that counts toward the issue limit of its old owner now counts toward the limit of its new owner.
        if rules.issue_limit.as_ref().is_some_and(|limit| limit.value().counts(&new.view(), now)) {
            refuse_too_many(keys, rules, new, now)?;
        }
    }
    if rules.name.unique && old.description.name != new.description.name {
        return match holder_of(keys, &new.description.name, new.description.env, now)? {
            Some(other) if other.id != new.id => Err(name_taken(&other, now)),
            _ => Ok(()),
        };
    }
    Ok(())
}
