//! Whether a key may come into the keyring: its contract, its quotas, its names, its moduli.

use super::{PENDING_TTL, contract, rotate::refuse_succession};
use crate::{
    contract::{IssueLimit, Rules, Verbatim},
    error::{Code, Error, Result},
    key::{Env, Field, Key, Lookup, Material, Name, Owner, Status, Time},
    keyring::{Action, Keys, Tombstone, Transaction, named},
};

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// keywright made it.
    Made,
    /// Somebody else made it, and has its private half.
    Brought,
}

/// Whether a key may come into the keyring, by the contract as it is in this transaction. Removes what was pending for
/// too long first.
///
/// # Errors
/// What [`refuse`] refuses.
pub fn admit(transaction: &mut dyn Transaction, key: &Key, origin: Origin, now: Time) -> Result<()> {
    sweep(transaction, now)?;
    let rules = contract(transaction)?.rules;
    refuse(transaction, &rules, key, origin, now)
}

/// Removes what was pending for too long.
pub(super) fn sweep(transaction: &mut dyn Transaction, now: Time) -> Result<()> {
    let before = Time::from_seconds(now.seconds() - PENDING_TTL);
    for stale in transaction.pending_since_before(before)? {
        if stale.lifecycle.revoked.is_none() {
            transaction.delete(&stale, Action::Sweep)?;
        }
    }
    Ok(())
}

/// Refuses a key that may not come in.
///
/// # Errors
/// Every rule that it breaks in one failure; else `own_key_refused`, `usage_level_insufficient`, `name_taken`,
/// `key_registered` or `issue_limit_exceeded`; of a successor, what [`refuse_rotation`](super::refuse_rotation) refuses.
pub fn refuse(keys: &(impl Keys + ?Sized), rules: &Rules, key: &Key, origin: Origin, now: Time) -> Result<()> {
    rules.check_key(key)?;
    if origin == Origin::Brought {
        let entitled = match &key.description.owner {
            Some(owner) => keys.entitlements(Some(owner))?.pop(),
            None => None,
        };
        let owner = key.description.owner.as_ref().map_or("", |owner| owner.as_str());
        rules.check_own_key(owner, entitled.as_ref().map(|entitled| entitled.usage_level.as_str()))?;
    }
    if let Some(from) = key.rotation.from {
        // The name passes on with the key, and a key that is replaced is not one more.
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

/// Refuses a key that moves here with its history, from another keyring or system, and may not come in. It is not issued, so
/// nothing is counted; and of one that is over no rule says anything.
///
/// # Errors
/// Every rule that it breaks in one failure; else `name_taken` or `key_registered`.
pub fn refuse_moved(keys: &(impl Keys + ?Sized), rules: &Rules, key: &Key, now: Time) -> Result<()> {
    refuse_known(keys, key, now)?;
    let same = match &key.material {
        Material::Pair { hash, .. } | Material::Opaque { hash, .. } => Lookup::Secret(*hash),
        Material::Rsa { .. } | Material::Token { .. } => Lookup::Ids(key.id, key.id),
    };
    for lookup in [same, Lookup::Ids(key.id, key.id)] {
        if let Some(other) = keys.find(&lookup, now, 1)?.pop() {
            return Err(registered(&other, now));
        }
    }
    if key.lifecycle.status(now).is_over() {
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

/// How many rotations are followed to find that two keys of one name are one line.
const GENERATIONS: usize = 64;

/// Whether a key took over from another, at once or by way of others.
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

/// Counts what the owner was issued. What lies ahead of now counts as well: a clock that is set back frees nothing.
pub(super) fn refuse_too_many(keys: &(impl Keys + ?Sized), rules: &Rules, key: &Key, now: Time) -> Result<()> {
    let (Some(limit), Some(owner)) = (&rules.issue_limit, &key.description.owner) else {
        return Ok(());
    };
    let since = Time::from_seconds(now.seconds() - limit.value().window);
    match keys.nth_newest(owner, since, limit.value().count)? {
        Some(made) => Err(issue_limit_exceeded(limit, owner, made)),
        None => Ok(()),
    }
}

/// The refusal of one key too many; `made` is when that one was made which has to leave the window first.
pub(super) fn issue_limit_exceeded(limit: &Verbatim<IssueLimit>, owner: &Owner, made: Time) -> Error {
    let free = Time::from_seconds(made.seconds() + limit.value().window);
    let text = limit.text();
    let message =
        format!("the limit of {text} for the owner `{owner}` is reached (rule issue_limit); try again at {free}");
    let hint = format!("try again at {free}, or use the key that is there");
    let error = Error::new(Code::IssueLimitExceeded, &message, hint);
    error.field_detail(Field::Owner.word(), message, Code::IssueLimitExceeded.word())
}

/// Refuses a key whose modulus the keyring knows, in whatever encoding and state, or that was purged.
///
/// # Errors
/// `key_registered`.
pub fn refuse_known(keys: &(impl Keys + ?Sized), key: &Key, now: Time) -> Result<()> {
    if let Material::Rsa { modulus, .. } = &key.material
        && let Some(other) = keys.find(&Lookup::Modulus(*modulus), now, 1)?.pop()
    {
        return Err(registered(&other, now));
    }
    match keys.tombstone(key.id, &key.material)? {
        Some(left) => Err(purged(&left)),
        None => Ok(()),
    }
}

/// The key that has a name in an environment and is not over.
///
/// # Errors
/// What the store reports.
pub fn holder_of(keys: &(impl Keys + ?Sized), name: &Name, env: Env, now: Time) -> Result<Option<Key>> {
    let mut holders = keys.find(&Lookup::Name(name.clone()), now, usize::MAX)?;
    holders.retain(|key| key.description.env == env && !key.lifecycle.status(now).is_over());
    Ok(named(holders, now).into_iter().next())
}

/// The conflict with a key that has the name already.
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

/// The conflict with a key that is gone.
fn purged(left: &Tombstone) -> Error {
    let ended = if left.revoked { "revoked" } else { "expired" };
    let message = format!("this key was registered, is {ended}, and was purged at {}, as {}", left.purged, left.id);
    Error::new(Code::KeyRegistered, message, "generate a new key pair; an ended key cannot be reinstated").field_detail(
        Field::PublicKey.word(),
        ended,
        left.id.to_string(),
    )
}
