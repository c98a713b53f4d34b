//! Taking over from a key: who may, and the moment when it happens.
//!
//! The successor is issued as any key is; its predecessor is looked at when it is reserved, and changed when it becomes
//! active, in the same transaction. Until then the predecessor is what it was, and afterwards whoever holds the new secret
//! can use it: there is no moment at which neither works, unless that was asked for.

use super::PENDING_TTL;
use crate::{
    contract::{Rules, Violation},
    error::{Code, Error, Problems, Result},
    key::{Field, Handover, Key, KeyId, Lifetime, Lookup, Material, Status, Time},
    keyring::{Action, Entry, Keys, Transaction},
};

/// How one key is to follow another.
#[derive(Clone, Copy, Debug)]
pub struct Succession {
    /// What becomes of the old key.
    pub handover: Handover,
    /// How long the new one lives.
    pub lifetime: Lifetime,
}

impl Succession {
    /// The successor of a key, pending and without an id, under the rules for new keys.
    ///
    /// # Errors
    /// Every rule that it breaks in one failure, and `invalid_time` when it would end before its predecessor, or after the
    /// year 9999.
    pub fn draft(self, old: &Key, material: Material, rules: &Rules, now: Time) -> Result<Key> {
        let mut new = old.successor(material, now, self.lifetime)?;
        new.rotation.handover = Some(self.handover);
        let mut problems: Problems = rules.judge(&new).into_iter().collect();
        let end = self.handover.end(old.lifecycle.expires, now);
        if let Some(expires) = new.lifecycle.expires
            && end > expires
        {
            let problem = format!("the old key would remain valid until {end}, but its successor expires at {expires}");
            let hint = "choose a shorter overlap or a later expiry";
            problems.push(Violation::new(Field::Handover, Code::InvalidTime, problem, hint).into());
        }
        problems.into_result().map(|()| new)
    }

    /// The old key as it is to be once its successor is with its holder.
    #[must_use]
    pub fn ending(self, old: &Key, now: Time) -> Key {
        let handed_over = old.handed_over(old.id, self.handover, now);
        match self.handover {
            Handover::Revoke(reason) => handed_over.revoked(now, reason, None).unwrap_or(handed_over),
            Handover::Overlap { .. } => handed_over,
        }
    }
}

/// Refuses a key whose private half was never here.
///
/// # Errors
/// `public_key_required`.
pub fn refuse_registered(old: &Key) -> Result<()> {
    if !old.registered {
        return Ok(());
    }
    Err(Error::new(
        Code::PublicKeyRequired,
        format!("`{}` was registered with a public key; only its holder can make the next one", old.description.name),
        format!("ask them for it, and `keywright rotate {} --public-key FILE`", old.id),
    ))
}

/// Refuses a key that nothing may take over from.
///
/// # Errors
/// `wrong_state` when it is not active or was rotated already; `rotation_in_progress` when its successor is pending.
pub fn refuse_rotation(keys: &(impl Keys + ?Sized), old: &Key, now: Time) -> Result<()> {
    let id = old.id;
    let wrong = |what: String, hint: String| Err(Error::new(Code::WrongState, what, hint));
    if let Some(to) = old.rotation.to {
        return wrong(
            format!("key {id} was rotated already, to {to}"),
            format!("use that one; `keywright rotate {to}` replaces it in its turn"),
        );
    }
    let again = "make a new key with `keywright generate`; what has ended cannot be continued".to_owned();
    match (old.lifecycle.status(now), old.lifecycle.revoked, old.lifecycle.expires) {
        (Status::Active, ..) => {}
        (Status::Revoked, Some(at), _) => {
            let reason = old.lifecycle.reason.unwrap_or_default();
            return wrong(format!("key {id} is revoked since {at} ({reason})"), again);
        }
        (Status::Expired, _, Some(at)) => return wrong(format!("key {id} is expired since {at}"), again),
        (Status::Disabled, ..) => {
            return wrong(
                format!("key {id} is disabled, and so would its successor have to be"),
                format!("`keywright enable {id}` first, or revoke it and make a new key"),
            );
        }
        (status, ..) => {
            return wrong(
                format!("key {id} is {status}: whether its own secret arrived is not known"),
                format!("`keywright activate {id} --private-key FILE` if it did, else `keywright revoke {id}`"),
            );
        }
    }
    let fresh = |key: &Key| key.lifecycle.created.seconds() >= now.seconds() - PENDING_TTL;
    let successors = keys.find(&Lookup::Successors(id), now, usize::MAX)?;
    match successors.iter().find(|key| key.lifecycle.status(now) == Status::Pending && fresh(key)) {
        Some(pending) => Err(in_progress(old, pending.id)),
        None => Ok(()),
    }
}

/// [`refuse_rotation`] for the key that a successor names, as it is now.
pub(super) fn refuse_succession(keys: &(impl Keys + ?Sized), from: KeyId, now: Time) -> Result<()> {
    match keys.key(from, now)? {
        Some(old) => refuse_rotation(keys, &old, now),
        None => Err(Error::new(
            Code::NotFound,
            format!("key {from} was removed meanwhile"),
            "look with `keywright list --all`",
        )),
    }
}

fn in_progress(old: &Key, pending: KeyId) -> Error {
    Error::new(
        Code::RotationInProgress,
        format!("`{}` is being rotated: its successor {pending} is pending", old.description.name),
        format!(
            "if a crash left it: `keywright activate {pending} --private-key FILE` finishes the rotation if the secret \
             arrived, and `keywright revoke {pending}` drops it if not"
        ),
    )
    .detail(&["KEY"], old.description.name.to_string(), pending.to_string())
}

/// The key that a successor takes over from; none of a key that is no successor, or whose predecessor was purged meanwhile, which
/// has nothing left to end.
///
/// # Errors
/// `wrong_state` when somebody has revoked, disabled or rotated it since the rotation began: what they wanted then holds for its
/// successor too, which must not become active.
pub(super) fn predecessor(keys: &(impl Keys + ?Sized), successor: &Key, now: Time) -> Result<Option<Key>> {
    let Some(from) = successor.rotation.from else { return Ok(None) };
    let Some(old) = keys.key(from, now)? else { return Ok(None) };
    let status = old.lifecycle.status(now);
    let meanwhile = match (old.rotation.to, status) {
        (Some(to), _) => format!("rotated to {to}"),
        (None, Status::Revoked | Status::Disabled) => status.to_string(),
        (None, _) => return Ok(Some(old)),
    };
    Err(Error::new(
        Code::WrongState,
        format!("key {from} was {meanwhile} while its successor {} was on the way", successor.id),
        format!("look with `keywright show {from}`; the new secret works nowhere"),
    ))
}

/// What happens to the predecessor of a key that is with its holder from now on.
///
/// # Errors
/// As [`predecessor`].
pub fn hand_over(transaction: &mut dyn Transaction, successor: &Key, handover: Handover, entry: &Entry) -> Result<()> {
    let Some(old) = predecessor(transaction, successor, entry.clock())? else { return Ok(()) };
    let ending = old.handed_over(successor.id, handover, entry.clock());
    transaction.update(&old, &ending, Action::Rotate)?;
    if let Handover::Revoke(reason) = handover
        && let Some(revoked) = ending.revoked(entry.at, reason, None)
    {
        transaction.update(&ending, &revoked, Action::Revoke)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contract::Contract,
        key::RevocationReason,
        testing::{self, time},
    };

    fn key(expires: Option<i64>) -> Key {
        testing::key(1).expiring_at(expires)
    }

    fn overlap(seconds: i64, lives: Lifetime) -> Succession {
        Succession { handover: Handover::Overlap { seconds, on_use: false }, lifetime: lives }
    }

    #[test]
    fn a_successor_comes_under_the_rules_and_does_not_end_first() {
        let rules = Contract::stored(None).unwrap().rules;
        let until = |at| Lifetime::Until(Some(time(at)));
        let draft = |old: &Key, by: Succession| by.draft(old, old.material.clone(), &rules, time(100));
        let new = draft(&key(None), overlap(50, until(150))).unwrap();
        assert_eq!((new.lifecycle.expires, new.rotation.from), (Some(time(150)), Some(key(None).id)));
        assert!(
            matches!(new.rotation.handover, Some(Handover::Overlap { seconds: 50, .. })),
            "kept until it is with its holder"
        );
        assert_eq!(draft(&key(None), overlap(51, until(150))).unwrap_err().code(), Code::InvalidTime);
        assert!(draft(&key(Some(140)), overlap(51, until(150))).is_ok(), "it ends at 140 anyway");
        let strict = Contract::stored(None).unwrap().with("scopes.required", "true").unwrap().rules;
        let refused = overlap(50, Lifetime::AsLong).draft(&key(None), key(None).material, &strict, time(100));
        assert_eq!(refused.unwrap_err().code(), Code::ScopeRequired);
    }

    #[test]
    fn what_is_foretold_of_an_old_key_is_what_happens_to_it() {
        let ended = overlap(50, Lifetime::AsLong).ending(&key(Some(400)), time(100));
        assert_eq!((ended.lifecycle.expires, ended.lifecycle.revoked), (Some(time(150)), None));
        let revoke = Handover::Revoke(RevocationReason::KeyCompromise);
        let revoked = Succession { handover: revoke, lifetime: Lifetime::AsLong }.ending(&key(Some(400)), time(100));
        assert_eq!(
            revoked.lifecycle.revoked.zip(revoked.lifecycle.reason),
            Some((time(100), RevocationReason::KeyCompromise))
        );
    }

    #[test]
    fn only_its_holder_makes_what_follows_a_registered_key() {
        assert!(refuse_registered(&key(None)).is_ok());
        let refused = refuse_registered(&Key { registered: true, ..key(None) }).unwrap_err();
        assert_eq!(refused.code(), Code::PublicKeyRequired);
    }
}
