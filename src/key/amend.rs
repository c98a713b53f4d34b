//! Changes to the description and the expiry of a key.

use super::{
    AllowedIps, Description, Field, Key, Label, LabelKey, Labels, Name, Network, Note, Owner, RateLimit, Scope, Scopes,
    Time,
};
use crate::error::{Code, Error, Result};

/// A change to an optional field of a key.
#[derive(Clone, Copy, Debug, Default)]
pub enum Edit<T> {
    /// Keep the current value.
    #[default]
    Keep,
    /// Remove the value.
    Clear,
    /// Replace the value with this one.
    Set(T),
}

impl<T: Clone> Edit<T> {
    fn of(&self, old: Option<&T>) -> Option<T> {
        match self {
            Self::Keep => old.cloned(),
            Self::Clear => None,
            Self::Set(new) => Some(new.clone()),
        }
    }
}

/// A set of changes to the fields of a key.
#[derive(Clone, Debug, Default)]
pub struct Amendment {
    /// The new name, or `None` to keep the current one.
    pub name: Option<Name>,
    /// The change to the owner.
    pub owner: Edit<Owner>,
    /// The scopes to add.
    pub add_scopes: Vec<Scope>,
    /// The scopes to remove.
    pub remove_scopes: Vec<Scope>,
    /// The change to the expiry time.
    pub expires: Edit<Time>,
    /// The change to the rate limit. `Edit::Set` changes only the windows that are given.
    pub rate_limit: Edit<RateLimit>,
    /// The networks to add.
    pub allow_ips: Vec<Network>,
    /// The networks to remove.
    pub remove_ips: Vec<Network>,
    /// `true` to remove all networks, so that the key may be used from any address.
    pub clear_ips: bool,
    /// The labels to add. A label replaces the existing label with the same label key.
    pub labels: Vec<Label>,
    /// The label keys of the labels to remove.
    pub remove_labels: Vec<LabelKey>,
    /// The change to the note.
    pub note: Edit<Note>,
}

impl Amendment {
    /// Returns a copy of the key with the changes applied. Only the labels and the note of an ended key (NIST SP 800-57 Part 1,
    /// section 7: deactivated or compromised) can change; its other fields are a historical record.
    ///
    /// # Errors
    /// - `nothing_to_change` if the key already has the requested values.
    /// - `wrong_state` if the key has ended and a field other than the labels and the note would change.
    /// - `usage` if the same value is both added and removed.
    /// - `invalid_scope` or `invalid_label` if the key would have too many scopes or labels.
    /// - `invalid_allowed_ip` if the key would have too many networks, the last network would be removed, or the stored
    ///   networks are damaged.
    pub fn apply(&self, old: &Key, now: Time) -> Result<Key> {
        let kept = old.description.rate_limit;
        let description = Description {
            name: self.name.as_ref().unwrap_or(&old.description.name).clone(),
            owner: self.owner.of(old.description.owner.as_ref()),
            scopes: self.scopes(&old.description.scopes)?,
            rate_limit: match self.rate_limit {
                Edit::Keep => kept,
                Edit::Clear => RateLimit::default(),
                Edit::Set(given) => RateLimit {
                    minute: given.minute.or(kept.minute),
                    hour: given.hour.or(kept.hour),
                    day: given.day.or(kept.day),
                },
            },
            allowed_ips: self.allowed_ips(&old.description.allowed_ips)?,
            ..old.description.clone()
        };
        let mut new = Key { description, ..old.clone() };
        new.lifecycle.expires = self.expires.of(old.lifecycle.expires.as_ref());
        let status = old.lifecycle.status(now);
        if status.has_ended() && new.view() != old.view() {
            return Err(Error::new(
                Code::WrongState,
                format!(
                    "`{}` ({}) is {status}; only the labels and the note of an ended key can be changed",
                    old.description.name, old.id
                ),
                "generate a new key with `keywright generate`; an ended key cannot be brought back",
            ));
        }
        new.description.labels = self.labels(&old.description.labels)?;
        new.description.note = self.note.of(old.description.note.as_ref());
        if new.view() == old.view() {
            return Err(Error::new(
                Code::NothingToChange,
                format!("`{}` ({}) is that way already", old.description.name, old.id),
                format!("see `keywright show {}`", old.id),
            ));
        }
        Ok(new)
    }

    fn scopes(&self, old: &Scopes) -> Result<Scopes> {
        if let Some(both) = self.add_scopes.iter().find(|scope| self.remove_scopes.contains(scope)) {
            return Err(both_ways(both.as_str(), Field::Scopes));
        }
        let stays = |scope: &&str| self.remove_scopes.iter().all(|gone| gone.as_str() != *scope);
        let mut scopes: Vec<Scope> = old.iter().filter(stays).map(str::parse).collect::<Result<_>>()?;
        scopes.extend_from_slice(&self.add_scopes);
        Scopes::new(&scopes).map_err(|error| error.in_field(Field::Scopes.word()))
    }

    fn allowed_ips(&self, old: &AllowedIps) -> Result<AllowedIps> {
        if self.clear_ips {
            return Ok(AllowedIps::default());
        }
        if self.allow_ips.is_empty() && self.remove_ips.is_empty() {
            return Ok(old.clone());
        }
        if let Some(both) = self.allow_ips.iter().find(|network| self.remove_ips.contains(network)) {
            return Err(both_ways(&both.to_string(), Field::AllowedIps));
        }
        let mut networks = old.networks()?;
        networks.retain(|network| !self.remove_ips.contains(network));
        if networks.is_empty() && self.allow_ips.is_empty() && !old.as_str().is_empty() {
            let message = "removing the last network would allow every address";
            let hint = "pass --no-allow-ip to allow every address, or disable the key";
            return Err(Error::new(Code::InvalidAllowedIp, message, hint).in_field(Field::AllowedIps.word()));
        }
        networks.extend_from_slice(&self.allow_ips);
        AllowedIps::new(&networks).map_err(|error| error.in_field(Field::AllowedIps.word()))
    }

    fn labels(&self, old: &Labels) -> Result<Labels> {
        if let Some(both) =
            self.labels.iter().find(|label| self.remove_labels.iter().any(|gone| gone.as_str() == label.key))
        {
            return Err(both_ways(&both.key, Field::Labels));
        }
        let replaced = |key: &str| {
            self.labels.iter().any(|label| label.key == key)
                || self.remove_labels.iter().any(|gone| gone.as_str() == key)
        };
        let mut labels: Vec<Label> = old.iter().filter(|label| !replaced(&label.key)).collect();
        labels.extend_from_slice(&self.labels);
        Labels::new(&labels).map_err(|error| error.in_field(Field::Labels.word()))
    }
}

fn both_ways(what: &str, field: Field) -> Error {
    let message = format!("`{what}` is both added and removed");
    Error::new(Code::Usage, message, "either add it or remove it").in_field(field.word())
}

#[cfg(test)]
mod tests {
    use super::super::{Lifecycle, RevocationReason};
    use super::*;
    use crate::testing;

    const NOW: Time = Time::LAST;

    fn key() -> Key {
        let mut key = testing::key(1).with_scopes(&["read", "write"]);
        key.description.labels = Labels::new(&["team=core".parse().unwrap(), "tier=1".parse().unwrap()]).unwrap();
        key.description.rate_limit = "60/min,3000/hour".parse().unwrap();
        key
    }

    #[test]
    fn only_the_given_fields_change() {
        let amendment = Amendment {
            add_scopes: vec!["admin".parse().unwrap(), "read".parse().unwrap()],
            remove_scopes: vec!["write".parse().unwrap()],
            rate_limit: Edit::Set("90/min,9/day".parse().unwrap()),
            labels: vec!["tier=2".parse().unwrap()],
            remove_labels: vec!["team".parse().unwrap(), "absent".parse().unwrap()],
            ..Amendment::default()
        };
        let new = amendment.apply(&key(), NOW).unwrap();
        assert_eq!(new.description.scopes.as_str(), "admin read");
        assert_eq!(new.description.rate_limit.to_string(), "90/min,3000/hour,9/day", "window by window");
        assert_eq!(new.description.labels.as_json(), r#"{"tier":"2"}"#);
        assert_eq!(new.description.name, key().description.name);
        assert_eq!(amendment.apply(&new, NOW).unwrap_err().code(), Code::NothingToChange);
        let none = Amendment { rate_limit: Edit::Clear, ..Amendment::default() };
        assert!(none.apply(&key(), NOW).unwrap().description.rate_limit.is_empty());
    }

    #[test]
    fn adding_and_removing_the_same_value_is_refused() {
        for amendment in [
            Amendment {
                add_scopes: vec!["a".parse().unwrap()],
                remove_scopes: vec!["a".parse().unwrap()],
                ..Amendment::default()
            },
            Amendment {
                labels: vec!["a=1".parse().unwrap()],
                remove_labels: vec!["a".parse().unwrap()],
                ..Amendment::default()
            },
        ] {
            assert_eq!(amendment.apply(&key(), NOW).unwrap_err().code(), Code::Usage);
        }
    }

    #[test]
    fn only_note_and_labels_of_an_ended_key_change() {
        let mut expired = key();
        expired.lifecycle.expires = Some(Time::from_seconds(1));
        let revoked = key().revoked(Time::from_seconds(1), RevocationReason::Unspecified, None).unwrap();
        let remark = Amendment {
            note: Edit::Set("closed".parse().unwrap()),
            labels: vec!["ticket=7".parse().unwrap()],
            ..Amendment::default()
        };
        let revive = Amendment { expires: Edit::Clear, ..remark.clone() };
        let rename = Amendment { name: Some("other".parse().unwrap()), ..Amendment::default() };
        for over in [expired, revoked] {
            assert!(remark.apply(&over, NOW).is_ok());
            assert_eq!(rename.apply(&over, NOW).unwrap_err().code(), Code::WrongState);
        }
        assert_eq!(
            revive.apply(&Key { lifecycle: Lifecycle::new(NOW, Some(NOW)), ..key() }, NOW).unwrap_err().code(),
            Code::WrongState
        );
    }
}
