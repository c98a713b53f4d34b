//! Admission of a key: the contract, the issue limit, the name, and the identity of the key.

use super::{PENDING_TTL, contract, rotate::refuse_succession};
use crate::{
    contract::{IssueLimit, Rules, Verbatim},
    error::{Code, Error, Result},
    key::{Env, Field, Key, Lookup, Name, Owner, Status, Time},
    keyring::{Action, Keys, Tombstone, Transaction, named},
};

/// The origin of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// keywright generated it.
    Generated,
    /// Somebody else generated it and registered its public key.
    Registered,
}

/// Admits a key by the contract as it is in this transaction. Deletes keys that were pending for too long first.
///
/// # Errors
/// The errors of [`refuse`].
pub fn admit(transaction: &mut dyn Transaction, key: &Key, origin: Origin, now: Time) -> Result<()> {
    sweep(transaction, now)?;
    let rules = contract(transaction)?.rules;
    refuse(transaction, &rules, key, origin, now)
}

/// Deletes the keys that were pending for longer than [`PENDING_TTL`].
pub(super) fn sweep(transaction: &mut dyn Transaction, now: Time) -> Result<()> {
    let before = Time::from_seconds(now.seconds() - PENDING_TTL);
    for stale in transaction.pending_since_before(before)? {
        if stale.lifecycle.revoked.is_none() {
            transaction.delete(&stale, Action::Sweep)?;
        }
    }
    Ok(())
}

/// Refuses a key that may not be issued or registered.
///
/// # Errors
/// One error for all rules that the key breaks; otherwise `own_key_refused`, `usage_level_insufficient`, `name_taken`,
/// `key_registered` or `issue_limit_exceeded`; for a successor, the errors of [`refuse_rotation`](super::refuse_rotation).
pub fn refuse(keys: &(impl Keys + ?Sized), rules: &Rules, key: &Key, origin: Origin, now: Time) -> Result<()> {
    rules.check_key(key)?;
    if origin == Origin::Registered {
        let entitled = match &key.description.owner {
            Some(owner) => keys.entitlements(Some(owner))?.pop(),
            None => None,
        };
        let owner = key.description.owner.as_ref().map_or("", |owner| owner.as_str());
        rules.check_own_key(owner, entitled.as_ref().map(|entitled| entitled.usage_level.as_str()))?;
    }
    if let Some(from) = key.rotation.from {
        // A successor takes the name of its predecessor, and does not count towards the issue limit.
        refuse_succession(keys, from, now)?;
        return refuse_known(keys, key, now);
    }
    if rules.name.unique
        && let Some(other) = holder_of(keys, &key.description.name, key.description.env, now)?
    {
        return Err(name_taken(&other, now));
    }
    refuse_known(keys, key, now)?;
    refuse_too_many(keys, rules, key, now)
}

/// Refuses a key that may not be imported with its history from another keyring or system.
///
/// An imported key does not count towards the issue limit, and the rules do not apply to a key that has ended.
///
/// # Errors
/// One error for all rules that the key breaks; otherwise `name_taken` or `key_registered`.
pub fn refuse_moved(keys: &(impl Keys + ?Sized), rules: &Rules, key: &Key, now: Time) -> Result<()> {
    refuse_known(keys, key, now)?;
    for lookup in [key.lookup(), Lookup::from(key.id)] {
        if let Some(other) = keys.find(&lookup, now, 1)?.pop() {
            return Err(registered(&other, now));
        }
    }
    if key.lifecycle.status(now).has_ended() {
        return Ok(());
    }
    rules.check_key(key)?;
    if rules.name.unique
        && let Some(other) = holder_of(keys, &key.description.name, key.description.env, now)?
        && !succeeds(keys, &other, key, now)?
        && !succeeds(keys, key, &other, now)?
    {
        return Err(name_taken(&other, now));
    }
    Ok(())
}

/// The most rotations that are followed to find that two keys of one name belong to one rotation chain.
const GENERATIONS: usize = 64;

/// Returns `true` if a key is a successor of another, directly or through others.
fn succeeds(keys: &(impl Keys + ?Sized), key: &Key, from: &Key, now: Time) -> Result<bool> {
    let mut before = key.rotation.from;
    for _ in 0..GENERATIONS {
        match before {
            None => return Ok(false),
            Some(id) if id == from.id => return Ok(true),
            Some(id) => before = keys.key(id, now)?.and_then(|key| key.rotation.from),
        }
    }
    Ok(false)
}

/// Refuses a key that exceeds the issue limit of its owner. Keys issued in the future count too, so that setting the clock back does
/// not lift the limit.
pub(super) fn refuse_too_many(keys: &(impl Keys + ?Sized), rules: &Rules, key: &Key, now: Time) -> Result<()> {
    let (Some(limit), Some(owner)) = (&rules.issue_limit, &key.description.owner) else {
        return Ok(());
    };
    let since = Time::from_seconds(now.seconds() - limit.value().window);
    match keys.nth_newest(owner, since, limit.value().count)? {
        Some(oldest) => Err(issue_limit_exceeded(limit, owner, oldest)),
        None => Ok(()),
    }
}

/// Returns the error for a key that exceeds the issue limit. `oldest` is the time of issue of the key that must leave the window
/// before another is allowed.
pub(super) fn issue_limit_exceeded(limit: &Verbatim<IssueLimit>, owner: &Owner, oldest: Time) -> Error {
    let free = Time::from_seconds(oldest.seconds() + limit.value().window);
    let text = limit.text();
    let message =
        format!("the limit of {text} for the owner `{owner}` is reached (rule issue_limit); try again at {free}");
    let hint = format!("try again at {free}, or use an existing key");
    let error = Error::new(Code::IssueLimitExceeded, &message, hint);
    error.field_detail(Field::Owner.word(), message, Code::IssueLimitExceeded.word())
}

/// Refuses a key that the keyring already has, in any encoding and status, or had until it was purged.
///
/// # Errors
/// `key_registered`.
pub fn refuse_known(keys: &(impl Keys + ?Sized), key: &Key, now: Time) -> Result<()> {
    if key.material.public_key().is_some()
        && let Some(other) = keys.find(&key.lookup(), now, 1)?.pop()
    {
        return Err(registered(&other, now));
    }
    match keys.tombstone(key.id, &key.material)? {
        Some(left) => Err(purged(&left)),
        None => Ok(()),
    }
}

/// Returns the key that has a name in an environment and has not ended.
///
/// # Errors
/// The errors of the store.
pub fn holder_of(keys: &(impl Keys + ?Sized), name: &Name, env: Env, now: Time) -> Result<Option<Key>> {
    let mut holders = keys.find(&Lookup::Name(name.clone()), now, usize::MAX)?;
    holders.retain(|key| key.description.env == env && !key.lifecycle.status(now).has_ended());
    Ok(named(holders, now).into_iter().next())
}

/// Returns the error for a name that a key already has.
#[must_use]
pub fn name_taken(other: &Key, now: Time) -> Error {
    let status = other.lifecycle.status(now);
    let hint = if status == Status::Pending {
        format!(
            "it is being delivered, or a crash left it pending: if its secret arrived, run `keywright activate {id} \
             --private-key FILE`, or `keywright activate --from FILE` if it was issued with others; if not, `keywright \
             revoke {id}`",
            id = other.id
        )
    } else {
        format!("choose another name, or replace the secret with `keywright rotate {}`", other.id)
    };
    Error::new(
        Code::NameTaken,
        format!(
            "the {status} {} key {} is already named `{}`",
            other.description.env, other.id, other.description.name
        ),
        hint,
    )
    .field_detail(Field::Name.word(), other.description.name.to_string(), other.id.to_string())
}

fn registered(other: &Key, now: Time) -> Error {
    let status = other.lifecycle.status(now);
    let (what, hint) = if status == Status::Revoked {
        ("was registered and is revoked", "generate a new key pair; a revoked key cannot be reinstated")
    } else {
        ("is already registered", "use the registered key, or generate a new key pair")
    };
    Error::new(Code::KeyRegistered, format!("this key {what}, as `{}` ({})", other.description.name, other.id), hint)
        .field_detail(Field::PublicKey.word(), other.description.name.to_string(), other.id.to_string())
}

/// Returns the error for a key that was purged.
fn purged(left: &Tombstone) -> Error {
    let ended = if left.revoked { "revoked" } else { "expired" };
    let message = format!("this key was registered, is {ended}, and was purged at {}, as {}", left.purged, left.id);
    Error::new(Code::KeyRegistered, message, "generate a new key pair; an ended key cannot be reinstated").field_detail(
        Field::PublicKey.word(),
        ended,
        left.id.to_string(),
    )
}
