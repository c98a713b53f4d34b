//! Changes to the description and the expiry of a key.

use super::{DescriptionChange, Edit, Field, Key, Time};
use crate::error::{Code, Error, Problems, Result};

/// A set of changes to the fields of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amendment {
    /// The changes to the description.
    pub description: DescriptionChange,
    /// The change to the expiry time.
    pub expires: Edit<Time>,
}

impl Amendment {
    /// Returns a copy of the key with the changes applied, which is equal to the key if it already has the requested
    /// values. If the key has ended (is deactivated or compromised in the
    /// terms of NIST SP 800-57 Part 1, section 7), only the labels and the note can change, because the other fields
    /// are a historical record.
    ///
    /// # Errors
    /// - `secret_in_text`, `usage`, `invalid_scope`, `invalid_label` or `invalid_allowed_ip` if
    ///   [`DescriptionChange::apply`] finds problems, all of which the error lists.
    /// - `wrong_state` if the key has ended and a field other than the labels and the note would change.
    pub fn apply(&self, old: &Key, now: Time) -> Result<Key> {
        let mut problems = Problems::default();
        let description = self.description.apply(&old.description, &mut problems);
        problems.into_result()?;
        let mut new = Key { description, ..old.clone() };
        new.lifecycle.expires = self.expires.apply(old.lifecycle.expires.as_ref());
        let changed: Vec<Field> = new.view().differences(&old.view()).collect();
        let status = old.lifecycle.status(now);
        if status.has_ended() && changed.iter().any(|field| !matches!(field, Field::Labels | Field::Note)) {
            return Err(Error::new(
                Code::WrongState,
                format!(
                    "`{}` ({}) is {status}; only the labels and the note of an ended key can be changed",
                    old.description.name, old.id
                ),
                "generate a new key with `keywright generate`; an ended key cannot be reactivated",
            ));
        }
        Ok(new)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Lifecycle, RevocationReason, SetEdit};
    use super::*;
    use crate::testing;

    const NOW: Time = Time::LAST;

    fn rename() -> Amendment {
        let description = DescriptionChange { name: Some("other".parse().unwrap()), ..DescriptionChange::default() };
        Amendment { description, expires: Edit::Keep }
    }

    #[test]
    fn a_change_that_was_made_before_changes_nothing() {
        let new = rename().apply(&testing::key(1), NOW).unwrap();
        assert_eq!(new.description.name.as_str(), "other");
        assert_eq!(rename().apply(&new, NOW).unwrap(), new);
        assert_eq!(Amendment::default().apply(&new, NOW).unwrap(), new);
    }

    #[test]
    fn only_note_and_labels_of_an_ended_key_change() {
        let mut expired = testing::key(1);
        expired.lifecycle.expires = Some(Time::from_seconds(1));
        let revoked = testing::key(1).revoked(Time::from_seconds(1), RevocationReason::Unspecified, None).unwrap();
        let remark = Amendment {
            description: DescriptionChange {
                note: Edit::Set("closed".parse().unwrap()),
                labels: SetEdit { add: vec!["ticket=7".parse().unwrap()], ..SetEdit::default() },
                ..DescriptionChange::default()
            },
            expires: Edit::Keep,
        };
        let revive = Amendment { expires: Edit::Clear, ..remark.clone() };
        for ended in [expired, revoked] {
            assert!(remark.apply(&ended, NOW).is_ok());
            assert_eq!(rename().apply(&ended, NOW).unwrap_err().code(), Code::WrongState);
        }
        let key = Key { lifecycle: Lifecycle::new(NOW, Some(NOW)), ..testing::key(1) };
        assert_eq!(revive.apply(&key, NOW).unwrap_err().code(), Code::WrongState);
    }
}
