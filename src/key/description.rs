//! The fields of a key that users choose: its name, purpose and limits.

use super::{
    AllowedIps, Edit, Env, Field, Label, LabelKey, Labels, Members, Name, Network, Note, Owner, RateLimit, Scope,
    Scopes, SetEdit, refuse_secret,
};
use crate::error::{Problems, Result};

/// The fields of a key that users choose. The successor of a rotated key inherits these fields, and `update` can change
/// all of them except the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The name of the key.
    pub name: Name,
    /// The environment in which the key is valid.
    pub env: Env,
    /// The owner of the key: a customer, a team or a service.
    pub owner: Option<Owner>,
    /// The scopes that the key grants.
    pub scopes: Scopes,
    /// The labels of the key, for use by external tools.
    pub labels: Labels,
    /// The note about the key.
    pub note: Option<Note>,
    /// The maximum number of requests per minute, hour and day.
    pub rate_limit: RateLimit,
    /// The networks from which the key may be used. A key without networks may be used from any address.
    pub allowed_ips: AllowedIps,
}

impl Description {
    /// Creates a description in which only the name and the environment are set.
    #[must_use]
    pub fn new(name: Name, env: Env) -> Self {
        Self {
            name,
            env,
            owner: None,
            scopes: Scopes::default(),
            labels: Labels::default(),
            note: None,
            rate_limit: RateLimit::default(),
            allowed_ips: AllowedIps::default(),
        }
    }
}

/// A change to a description, which is read from the options of a command or from a line of JSON. The change is applied
/// to an empty description, to the defaults, or to the description of an existing key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescriptionChange {
    /// The new name, or `None` to keep the current one.
    pub name: Option<Name>,
    /// The new environment, or `None` to keep the current one.
    pub env: Option<Env>,
    /// The change to the owner.
    pub owner: Edit<Owner>,
    /// The change to the scopes.
    pub scopes: SetEdit<Scope>,
    /// `true` if each `*` that is a whole segment of a scope is a wildcard. The flag has an effect only if scopes are
    /// added.
    pub scope_wildcards: bool,
    /// The change to the labels. A label replaces the existing label with the same label key.
    pub labels: SetEdit<Label, LabelKey>,
    /// The change to the note.
    pub note: Edit<Note>,
    /// The change to the rate limit. [`Edit::Set`] changes only the given windows.
    pub rate_limit: Edit<RateLimit>,
    /// The change to the allowed networks.
    pub allowed_ips: SetEdit<Network>,
}

impl DescriptionChange {
    /// Reads the change from the members of a JSON object with the names of the fields. An array of scopes or networks,
    /// or an object of labels, replaces all current elements, even if the array or object is empty. A missing or null
    /// member changes nothing. An invalid member changes nothing either, and its error is added to `problems`.
    pub fn from_json(members: &mut Members, problems: &mut Problems) -> Self {
        Self {
            name: problems.keep(members.described(Field::Name.word())).flatten(),
            env: problems.keep(members.text(Field::Env.word())).flatten(),
            owner: Edit::new(false, problems.keep(members.described(Field::Owner.word())).flatten()),
            scopes: problems.keep(Scopes::from_json(members)).flatten().map_or_else(SetEdit::default, SetEdit::replace),
            scope_wildcards: false,
            labels: problems.keep(Labels::from_json(members)).flatten().map_or_else(SetEdit::default, SetEdit::replace),
            note: Edit::new(false, problems.keep(members.described(Field::Note.word())).flatten()),
            rate_limit: Edit::new(false, problems.keep(RateLimit::from_json(members)).flatten()),
            allowed_ips: problems
                .keep(members.list(Field::AllowedIps.word()))
                .flatten()
                .map_or_else(SetEdit::default, SetEdit::replace),
        }
    }

    /// Combines two changes. Each field that this change keeps is changed as in `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            name: self.name.or(other.name),
            env: self.env.or(other.env),
            owner: self.owner.or(other.owner),
            scopes: self.scopes.or(other.scopes),
            scope_wildcards: self.scope_wildcards || other.scope_wildcards,
            labels: self.labels.or(other.labels),
            note: self.note.or(other.note),
            rate_limit: self.rate_limit.or(other.rate_limit),
            allowed_ips: self.allowed_ips.or(other.allowed_ips),
        }
    }

    /// Adds an error to `problems` for each new text that contains a secret, which would be stored in the keyring and
    /// in the audit log.
    fn refuse_secrets(&self, problems: &mut Problems) {
        let mut check = |field: Field, text: &str| {
            problems.keep(refuse_secret(text).map_err(|error| error.in_field(field.word())));
        };
        self.name.iter().for_each(|name| check(Field::Name, name.as_str()));
        if let Edit::Set(owner) = &self.owner {
            check(Field::Owner, owner.as_str());
        }
        if let Edit::Set(note) = &self.note {
            check(Field::Note, note.as_str());
        }
        self.scopes.add.iter().for_each(|scope| check(Field::Scopes, scope.as_str()));
        for label in &self.labels.add {
            check(Field::Labels, &format!("{} {}", label.key, label.value));
        }
    }

    /// Returns a copy of a description with the change applied. The caller must discard the copy if an error is added
    /// to `problems`:
    ///
    /// - `secret_in_text` if a new text contains a secret
    /// - `usage` if the same element is both added to a list and removed from the list
    /// - `invalid_scope`, `invalid_label` or `invalid_allowed_ip` if the key would have too many scopes, labels or
    ///   networks
    /// - `invalid_scope` if the stored scopes are damaged
    /// - `invalid_label` if two labels with the same label key are added
    /// - `invalid_allowed_ip` if the last network would be removed, or the stored networks are damaged
    #[must_use]
    pub fn apply(&self, old: &Description, problems: &mut Problems) -> Description {
        fn keep<T: Clone>(field: Field, old: &T, new: Result<T>, problems: &mut Problems) -> T {
            problems.keep(new.map_err(|error| error.in_field(field.word()))).unwrap_or_else(|| old.clone())
        }
        self.refuse_secrets(problems);
        Description {
            name: self.name.as_ref().unwrap_or(&old.name).clone(),
            env: self.env.unwrap_or(old.env),
            owner: self.owner.apply(old.owner.as_ref()),
            scopes: keep(Field::Scopes, &old.scopes, old.scopes.edited(&self.scopes, self.scope_wildcards), problems),
            labels: keep(Field::Labels, &old.labels, old.labels.edited(&self.labels), problems),
            note: self.note.apply(old.note.as_ref()),
            rate_limit: old.rate_limit.edited(self.rate_limit),
            allowed_ips: keep(Field::AllowedIps, &old.allowed_ips, old.allowed_ips.edited(&self.allowed_ips), problems),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Code, Error};

    fn description() -> Description {
        Description {
            owner: Some("acme".parse().unwrap()),
            scopes: crate::testing::scopes(&["read", "write"]),
            labels: Labels::new(&["team=core".parse().unwrap(), "tier=1".parse().unwrap()]).unwrap(),
            rate_limit: "60/min,3000/hour".parse().unwrap(),
            allowed_ips: AllowedIps::new(&["192.0.2.0/24".parse().unwrap()]).unwrap(),
            ..Description::new("ci".parse().unwrap(), Env::Live)
        }
    }

    fn applied(change: &DescriptionChange) -> Result<Description> {
        let mut problems = Problems::default();
        let new = change.apply(&description(), &mut problems);
        problems.into_result().map(|()| new)
    }

    fn from_json(line: &str) -> Result<DescriptionChange> {
        let mut members = Members::parse(line.as_bytes(), Code::InvalidLine)?;
        let mut problems = Problems::default();
        let change = DescriptionChange::from_json(&mut members, &mut problems);
        members.finish("")?;
        problems.into_result().map(|()| change)
    }

    #[test]
    fn only_the_given_fields_change() {
        assert_eq!(applied(&DescriptionChange::default()).unwrap(), description());
        let change = DescriptionChange {
            scopes: SetEdit {
                add: vec!["admin".parse().unwrap(), "read".parse().unwrap()],
                remove: vec!["write".parse().unwrap()],
                ..SetEdit::default()
            },
            rate_limit: Edit::Set("90/min,9/day".parse().unwrap()),
            labels: SetEdit {
                add: vec!["tier=2".parse().unwrap()],
                remove: vec!["team".parse().unwrap(), "absent".parse().unwrap()],
                ..SetEdit::default()
            },
            allowed_ips: SetEdit { clear: true, ..SetEdit::default() },
            ..DescriptionChange::default()
        };
        let new = applied(&change).unwrap();
        assert_eq!(new.scopes.as_str(), "admin read");
        assert_eq!(new.rate_limit.to_string(), "90/min,3000/hour,9/day", "window by window");
        assert_eq!(new.labels.as_json(), r#"{"tier":"2"}"#);
        assert!(new.allowed_ips.is_empty());
        assert_eq!((new.name, new.owner), (description().name, description().owner));
        let none = DescriptionChange { rate_limit: Edit::Clear, ..DescriptionChange::default() };
        assert!(applied(&none).unwrap().rate_limit.is_empty());
    }

    #[test]
    fn adding_and_removing_the_same_element_is_refused() {
        let labels: SetEdit<Label, LabelKey> =
            SetEdit { add: vec!["a=1".parse().unwrap()], remove: vec!["a".parse().unwrap()], clear: false };
        let networks: SetEdit<Network> =
            SetEdit { add: vec!["::1".parse().unwrap()], remove: vec!["::1/128".parse().unwrap()], clear: false };
        let scopes: SetEdit<Scope> =
            SetEdit { add: vec!["a".parse().unwrap()], remove: vec!["a".parse().unwrap()], clear: false };
        let change = DescriptionChange { scopes, labels, allowed_ips: networks, ..DescriptionChange::default() };
        let error = applied(&change).unwrap_err();
        assert_eq!(error.code(), Code::Usage);
        let fields: Vec<_> = error.details().iter().filter_map(|detail| detail.field).collect();
        assert_eq!(fields, ["scopes", "labels", "allowed_ips"], "all problems at once");
    }

    #[test]
    fn the_last_network_is_not_removed_by_accident() {
        let remove: SetEdit<Network> = SetEdit { remove: vec!["192.0.2.0/24".parse().unwrap()], ..SetEdit::default() };
        let change = DescriptionChange { allowed_ips: remove, ..DescriptionChange::default() };
        assert_eq!(applied(&change).unwrap_err().code(), Code::InvalidAllowedIp);
    }

    #[test]
    fn a_change_fills_the_fields_that_another_one_keeps() {
        let options = DescriptionChange {
            name: Some("from-options".parse().unwrap()),
            owner: Edit::Set("acme".parse().unwrap()),
            scopes: SetEdit::replace(vec!["read".parse().unwrap()]),
            ..DescriptionChange::default()
        };
        let own = from_json(r#"{"name":"own","scopes":[],"labels":{}}"#).unwrap().or(options.clone());
        assert_eq!((own.name.as_ref().unwrap().as_str(), &own.owner), ("own", &options.owner));
        assert!(own.scopes.clear && own.scopes.add.is_empty(), "an empty list is not omitted");
        assert_eq!(from_json("{}").unwrap().or(options.clone()), options);
    }

    #[test]
    fn every_form_of_json_that_a_key_is_printed_in_can_be_read() {
        let text = from_json(r#"{"rate_limit":"60/min,500/day","scopes":"b a"}"#).unwrap();
        let object = from_json(
            r#"{"rate_limit":{"requests_per_minute":60,"requests_per_hour":null,"requests_per_day":500},"scopes":["b","a"]}"#,
        );
        assert_eq!(text, object.unwrap());
        let unset = from_json(r#"{"rate_limit":{"requests_per_minute":null},"owner":null}"#).unwrap();
        assert_eq!(unset, DescriptionChange::default());
        for line in [
            r#"{"name":1}"#,
            r#"{"nmae":"x"}"#,
            r#"{"labels":["a"]}"#,
            r#"{"labels":{"a":1}}"#,
            r#"{"rate_limit":{"requests_per_week":1}}"#,
            r#"{"rate_limit":{"requests_per_minute":1.5}}"#,
            r#"{"allowed_ips":"192.0.2.0/24"}"#,
        ] {
            assert_eq!(from_json(line).unwrap_err().code(), Code::InvalidLine, "{line}");
        }
        let several = from_json(r#"{"name":"\u001b","scopes":["a b"]}"#).unwrap_err();
        assert_eq!(
            several.details().iter().map(|detail| detail.kind.as_str()).collect::<Vec<_>>(),
            ["invalid_name", "invalid_scope"]
        );
        assert!(Error::details(&several).iter().all(|detail| detail.field.is_some()));
    }
}
