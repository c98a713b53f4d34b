//! Labels: key-value pairs that users attach to keys, for use by external tools.

use super::{Field, Members, SetEdit};
use crate::error::{Code, Error, Result};
use std::{collections::BTreeMap, str::FromStr};

/// The maximum number of labels that a key can have.
const LABELS_MAX: usize = 64;

/// A label, which is written as `key=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The label key: 1 to 63 characters, which are ASCII letters, ASCII digits, `.`, `_`, `-` and `/`.
    pub key: String,
    /// The value: 0 to 255 printable characters.
    pub value: String,
}

fn valid_key(key: &str) -> bool {
    (1..=63).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b))
}

fn refused() -> Error {
    Error::new(
        Code::InvalidLabel,
        "the label is malformed, or contains a character that is not allowed",
        "give key=value, with a key of 1 to 63 characters (letters, digits, and . _ - /) and a value of up to 255 printable characters",
    )
}

impl FromStr for Label {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (key, value) = text.split_once('=').ok_or_else(refused)?;
        if !valid_key(key) || value.chars().count() > 255 || super::unicode::first_deceptive(value).is_some() {
            return Err(refused());
        }
        Ok(Self { key: key.to_owned(), value: value.to_owned() })
    }
}

/// A filter that selects the keys that have a label with a given label key and, optionally, a given value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelFilter {
    /// The label key.
    pub key: String,
    /// The required value, or `None` to accept any value.
    pub value: Option<String>,
}

impl FromStr for LabelFilter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (key, value) = text.split_once('=').map_or((text, None), |(k, v)| (k, Some(v.to_owned())));
        if !valid_key(key) {
            return Err(refused());
        }
        Ok(Self { key: key.to_owned(), value })
    }
}

/// The key part of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelKey(String);

impl LabelKey {
    /// Returns the label key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LabelKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if valid_key(text) { Ok(Self(text.to_owned())) } else { Err(refused()) }
    }
}

/// The labels of a key, stored as the text of a JSON object of strings, sorted by label key and without whitespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels(String);

impl Default for Labels {
    fn default() -> Self {
        Self("{}".to_owned())
    }
}

impl Labels {
    /// Creates a set of labels.
    ///
    /// # Errors
    /// Returns `invalid_label` if a label key is given twice or there are more than 64 labels.
    pub fn new(labels: &[Label]) -> Result<Self> {
        let map: BTreeMap<&str, &str> = labels.iter().map(|l| (l.key.as_str(), l.value.as_str())).collect();
        if map.len() < labels.len() {
            return Err(Error::new(Code::InvalidLabel, "a label key is given twice", "remove one of the two labels"));
        }
        if map.len() > LABELS_MAX {
            let hint = "use fewer labels";
            return Err(Error::new(
                Code::InvalidLabel,
                format!("there are {} labels; at most {LABELS_MAX} are allowed", map.len()),
                hint,
            ));
        }
        let json =
            serde_json::to_string(&map).map_err(|e| Error::internal("could not serialize the labels").because(e))?;
        Ok(Self(json))
    }

    /// Creates a set of labels from its stored text, without checking it.
    #[must_use]
    pub fn from_stored(json: String) -> Self {
        Self(json)
    }

    /// Reads the labels from a member of a JSON object, or returns `None` if the member is missing or null. The value
    /// of the member is an object of strings.
    ///
    /// # Errors
    /// - `invalid_label` if a label is invalid.
    /// - The error code for malformed objects if the value is not an object of strings.
    pub(super) fn from_json(members: &mut Members) -> Result<Option<Vec<Label>>> {
        members.read(Field::Labels.word(), "an object of strings", |value| {
            let pairs = value.as_object()?.iter().map(|(key, value)| Some(format!("{key}={}", value.as_str()?)));
            let pairs: Vec<String> = pairs.collect::<Option<_>>()?;
            Some(pairs.iter().map(|pair| pair.parse()).collect())
        })
    }

    /// Returns a copy with a change applied. An added label replaces the label with the same label key.
    ///
    /// # Errors
    /// - `usage` if a label is both added and removed.
    /// - `invalid_label` if a label key is added twice, or if there would be more than 64 labels.
    pub(super) fn edited(&self, edit: &SetEdit<Label, LabelKey>) -> Result<Self> {
        if edit.is_keep() {
            return Ok(self.clone());
        }
        edit.refuse_contradiction(|label| label.key.clone(), |key| key.as_str().to_owned())?;
        let stays = |label: &Label| {
            !edit.clear
                && edit.add.iter().all(|new| new.key != label.key)
                && edit.remove.iter().all(|gone| gone.as_str() != label.key)
        };
        let mut labels: Vec<Label> = self.iter().filter(stays).collect();
        labels.extend_from_slice(&edit.add);
        Self::new(&labels)
    }

    /// Returns an iterator over the labels, which is empty if the stored text is damaged.
    pub fn iter(&self) -> impl Iterator<Item = Label> {
        // `new` wrote the text, which may have been stored in the keyring since then, so parsing it does not fail.
        let map: BTreeMap<String, String> = serde_json::from_str(&self.0).unwrap_or_default();
        map.into_iter().map(|(key, value)| Label { key, value })
    }

    /// Returns the labels as the text of a JSON object.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(texts: &[&str]) -> Result<Labels> {
        Labels::new(&texts.iter().map(|t| t.parse().unwrap()).collect::<Vec<_>>())
    }

    #[test]
    fn labels_are_a_sorted_object() {
        assert_eq!(
            labels(&["team=core", "app.io/tier=\"1\"", "x="]).unwrap().as_json(),
            r#"{"app.io/tier":"\"1\"","team":"core","x":""}"#
        );
        assert_eq!(labels(&[]).unwrap().as_json(), "{}");
        assert_eq!(labels(&["a=1", "a=2"]).unwrap_err().code(), Code::InvalidLabel);
    }

    #[test]
    fn invalid_labels_are_refused() {
        for text in
            ["", "a", "=b", "a b=c", "a=\u{1b}", &format!("{}=x", "k".repeat(64)), &format!("k={}", "v".repeat(256))]
        {
            assert_eq!(text.parse::<Label>().unwrap_err().code(), Code::InvalidLabel, "{text:?}");
        }
        assert_eq!("team".parse::<LabelFilter>().unwrap(), LabelFilter { key: "team".into(), value: None });
    }
}
