//! Merging two copies of a key, one from a backup and one from the keyring. If either copy has ended, the result has
//! ended.

use crate::key::{Description, Key, Rotation, Time};

/// Merges the live copy of a key with the copy in a backup, and returns the key to store.
///
/// The name, the owner, the labels and the note come from the backup. The environment, the scopes, the allowed networks
/// and the rate limit do not change, so that a restore never allows a key more than it is allowed now. For the activation,
/// the expiry, the disabling and the revocation, the earlier time wins, so that a restore never reactivates a key that has
/// ended or is disabled, and never extends its life.
#[must_use]
pub fn merged(live: &Key, saved: &Key) -> Key {
    let mut key = Key {
        description: Description {
            name: saved.description.name.clone(),
            owner: saved.description.owner.clone(),
            labels: saved.description.labels.clone(),
            note: saved.description.note.clone(),
            ..live.description.clone()
        },
        rotation: Rotation {
            from: live.rotation.from.or(saved.rotation.from),
            to: live.rotation.to.or(saved.rotation.to),
            retire_on_use: live.rotation.retire_on_use || saved.rotation.retire_on_use,
            handover: live.rotation.handover,
        },
        ..live.clone()
    };
    let (ours, theirs) = (live.lifecycle, saved.lifecycle);
    key.lifecycle.activated = first(ours.activated, theirs.activated);
    key.lifecycle.expires = first(ours.expires, theirs.expires);
    key.lifecycle.disabled = first(ours.disabled, theirs.disabled);
    key.lifecycle.last_used = ours.last_used.max(theirs.last_used);
    if let (Some(at), Some(reason)) = (theirs.revoked, theirs.reason)
        && key.lifecycle.revoke(at, reason)
    {
        key.revocation_note.clone_from(&saved.revocation_note);
    }
    // If the key was activated in either copy, its handover has already been applied.
    key.rotation.handover = key.rotation.handover.filter(|_| key.lifecycle.activated.is_none());
    key
}

/// Returns the earlier of two optional times. `None` counts as later than any time.
fn first(one: Option<Time>, other: Option<Time>) -> Option<Time> {
    [one, other].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        key::{RevocationReason, Status},
        testing::{self, time},
    };

    const TIMES: [Option<i64>; 4] = [None, Some(10), Some(50), Some(90)];

    fn key(name: &str) -> Key {
        testing::key(1).with_name(name).pending()
    }

    /// Returns one key for every combination of activation, expiry, suspension and revocation times.
    fn copies() -> Vec<Key> {
        let mut all = Vec::new();
        for activated in [None, Some(5)] {
            for expires in TIMES {
                for disabled in TIMES {
                    for revoked in TIMES {
                        let mut key = key("saved");
                        key.lifecycle.activated = activated.map(time);
                        key.lifecycle.expires = expires.map(time);
                        key.lifecycle.disabled = disabled.map(time);
                        if let Some(at) = revoked {
                            key.lifecycle.revoke(time(at), RevocationReason::Superseded);
                        }
                        all.push(key);
                    }
                }
            }
        }
        all
    }

    #[test]
    fn a_key_that_ended_in_either_copy_has_ended() {
        let copies = copies();
        for live in &copies {
            for saved in &copies {
                let after = merged(live, saved);
                for now in [0, 10, 49, 50, 90, 1000].map(time) {
                    let [ours, theirs, status] = [live, saved, &after].map(|key| key.lifecycle.status(now));
                    let over = ours.has_ended() || theirs.has_ended();
                    assert_eq!(status.has_ended(), over, "{live:?} {saved:?} {now}");
                    if [ours, theirs].contains(&Status::Revoked) {
                        assert_eq!(status, Status::Revoked);
                    }
                    let suspended = |key: &Key| key.lifecycle.disabled.is_some_and(|at| at <= now);
                    assert_eq!(suspended(&after), suspended(live) || suspended(saved));
                }
                assert_eq!(merged(&after, saved), after, "a second time changes nothing");
            }
        }
    }

    #[test]
    fn a_key_is_described_as_in_the_backup_but_allowed_no_more_than_now() {
        let (mut live, mut saved) = (key("live"), key("saved"));
        live = live.with_owner("now");
        live.description.labels = crate::key::Labels::new(&["a=b".parse().unwrap()]).unwrap();
        live.lifecycle.last_used = Some(time(70));
        saved.lifecycle.last_used = Some(time(60));
        saved.description.note = Some("then".parse().unwrap());
        saved.rotation.to = Some(testing::id(2));
        saved.rotation.retire_on_use = true;
        saved = saved.with_scopes(&["read", "write"]);
        saved.description.rate_limit = "90/min".parse().unwrap();
        live = live.with_scopes(&["read"]);
        live.description.rate_limit = "9/min".parse().unwrap();
        let after = merged(&live, &saved);
        assert_eq!(after.description.scopes, live.description.scopes);
        assert_eq!(after.description.rate_limit, live.description.rate_limit);
        assert_eq!(
            (
                after.description.name,
                after.description.owner,
                after.description.labels.as_json(),
                after.description.note
            ),
            (saved.description.name, None, "{}", saved.description.note)
        );
        assert_eq!((after.lifecycle.last_used, after.rotation.to), (Some(time(70)), saved.rotation.to));
        assert!(after.rotation.retire_on_use);
    }

    #[test]
    fn the_earlier_revocation_keeps_its_reason_and_note() {
        let note = |text: &str| text.parse().ok();
        let ended = |at, reason, text| key("k").revoked(time(at), reason, note(text).as_ref()).unwrap();
        let early = ended(10, RevocationReason::KeyCompromise, "early");
        let late = ended(20, RevocationReason::Superseded, "late");
        for (live, saved) in [(&early, &late), (&late, &early), (&early, &early)] {
            let after = merged(live, saved);
            assert_eq!(after.lifecycle.revoked, Some(time(10)));
            assert_eq!(after.lifecycle.reason, Some(RevocationReason::KeyCompromise));
            assert_eq!(after.revocation_note, note("early"));
        }
    }
}
