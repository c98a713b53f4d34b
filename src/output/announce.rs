//! Messages about a new key and about the key that it replaces.

use super::Console;
use crate::{delivery::Destination, key::Key};

impl Console {
    /// Reports a new key, the replaced key `old`, if any, and the destination of the new secret.
    pub fn announce(self, key: &Key, old: Option<&Key>, destination: &Destination) {
        let facts = key.view();
        self.done(&format!(
            "generated the {} `{}` ({}), id {}",
            facts.kind(),
            key.description.name,
            key.description.env,
            key.id
        ));
        let worth_noting = [
            ("fingerprint", facts.fingerprint.map(|fingerprint| format!("{fingerprint} (SHA-256 of the SPKI)"))),
            ("api_key", facts.api_key.map(ToOwned::to_owned)),
            ("prefix", facts.prefix.filter(|_| facts.api_key.is_none()).map(ToOwned::to_owned)),
            ("expires", key.lifecycle.expires.map(|time| time.to_string())),
        ];
        for (name, value) in worth_noting.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))) {
            self.fact(name, &value);
        }
        if let Some(old) = old {
            self.announce_takeover(old);
        }
        let place = match destination {
            Destination::Stdout => "went to standard output".to_owned(),
            Destination::File(file) => format!("is in {}", file.display()),
            Destination::Command { argv, .. } => {
                format!(
                    "was passed to {}",
                    argv.first().map_or_else(Default::default, |program| program.display().to_string())
                )
            }
        };
        self.say(&format!("The secret {place}. It will not be shown again."));
    }

    /// Reports when and how the replaced key ends. `old` is the key in its state after the rotation.
    pub fn announce_takeover(self, old: &Key) {
        self.fact("replaces", &format!("{}, which {}", old.id, ending(old)));
    }

    fn fact(self, name: &str, value: &str) {
        self.say(&format!("  {name:<12}{value}"));
    }
}

/// Returns a phrase that describes how a replaced key ends.
fn ending(old: &Key) -> String {
    let life = old.lifecycle;
    match (life.revoked, life.reason, life.expires) {
        (Some(at), Some(reason), expires) if expires.is_none_or(|expires| at <= expires) => {
            format!("is revoked as of {at} ({reason})")
        }
        (_, _, Some(expires)) if old.rotation.retire_on_use => {
            format!("ends when the new key is first used, or at {expires} at the latest")
        }
        (_, _, Some(expires)) => format!("works until {expires}"),
        _ => "keeps working".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        key::RevocationReason,
        testing::{self, time},
    };

    fn old(expires: Option<i64>, retire_on_use: bool, revoked: Option<i64>) -> Key {
        let mut key = testing::key(1).expiring_at(expires);
        if let Some(at) = revoked {
            key.lifecycle.revoke(time(at), RevocationReason::Superseded);
        }
        key.rotation.retire_on_use = retire_on_use;
        key
    }

    #[test]
    fn the_earliest_end_of_a_replaced_key_is_reported() {
        for (old, expected) in [
            (old(None, false, None), "keeps working"),
            (old(Some(60), false, None), "works until 2023-11-14T22:14:20Z"),
            (
                old(Some(60), true, None),
                "ends when the new key is first used, or at 2023-11-14T22:14:20Z at the latest",
            ),
            (old(None, false, Some(0)), "is revoked as of 2023-11-14T22:13:20Z (superseded)"),
            (old(Some(60), false, Some(60)), "is revoked as of 2023-11-14T22:14:20Z (superseded)"),
            (old(Some(60), false, Some(61)), "works until 2023-11-14T22:14:20Z"),
        ] {
            assert_eq!(ending(&old), expected);
        }
    }
}
