//! The scopes of keys.

use super::{Field, Members, ScopeSet, SetEdit};
use crate::error::{Code, Error, Result};
use serde_json::Value;
use std::{fmt, str::FromStr};

/// The maximum number of characters in a scope.
const SCOPE_MAX: usize = 128;
/// The maximum number of scopes that a key can have.
const SCOPES_MAX: usize = 100;

/// A scope, which is a `scope-token` as defined in RFC 6749, section 3.3: 1 to 128 printable ASCII characters other
/// than space, `"` and `\`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope(String);

impl Scope {
    /// Returns the scope as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if text.is_empty() || text.len() > SCOPE_MAX || !text.bytes().all(allowed) {
            return Err(Error::new(
                Code::InvalidScope,
                "the scope is empty, is too long, or contains a character that is not allowed",
                format!(
                    "give 1 to {SCOPE_MAX} printable ASCII characters other than spaces, double quotes and backslashes, for example `orders:read`"
                ),
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// The scopes of a key, stored as text in the format of RFC 6749, section 3.3: separated by single spaces. The scopes
/// are sorted and have no duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    text: String,
    wildcards: bool,
}

impl Scopes {
    /// Creates a sorted set of scopes, without duplicates. If `wildcards` is `true`, each `*` that is a whole segment
    /// of a scope is a wildcard: see [`ScopeSet::grants`].
    ///
    /// # Errors
    /// Returns `invalid_scope` if there are more than 100 different scopes.
    pub fn new(scopes: &[Scope], wildcards: bool) -> Result<Self> {
        let mut all: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
        all.sort_unstable();
        all.dedup();
        if all.len() > SCOPES_MAX {
            return Err(Error::new(
                Code::InvalidScope,
                format!("there are {} scopes; at most {SCOPES_MAX} are allowed", all.len()),
                "use fewer, broader scopes",
            ));
        }
        Ok(Self { text: all.join(" "), wildcards: false }.read_with(wildcards))
    }

    /// Creates a set of scopes from its stored values, without checking them.
    #[must_use]
    pub const fn from_stored(text: String, wildcards: bool) -> Self {
        Self { text, wildcards }
    }

    /// Returns the same scopes, in which each `*` that is a whole segment is a wildcard if `wildcards` is `true`, and
    /// literal otherwise. Without such a segment, the scopes stay literal.
    #[must_use]
    pub fn read_with(self, wildcards: bool) -> Self {
        let wildcards = wildcards && self.as_set().has_star_segment();
        Self { wildcards, ..self }
    }

    /// Returns a borrowed view of the scopes.
    #[must_use]
    pub fn as_set(&self) -> ScopeSet<'_> {
        ScopeSet { text: &self.text, wildcards: self.wildcards }
    }

    /// Reads the scopes from a member of a JSON object, or returns `None` if the member is missing or null. The value
    /// of the member is either an array of strings or a string in the format of RFC 6749, section 3.3. Commas separate
    /// scopes as well.
    ///
    /// # Errors
    /// - `invalid_scope` if a scope is invalid.
    /// - The error code for malformed objects if the value is neither a string nor an array of strings.
    pub(super) fn from_json(members: &mut Members) -> Result<Option<Vec<Scope>>> {
        Self::separated(members, &[' ', ','])
    }

    /// Reads the scopes of an exported key from a member of a JSON object, or returns `None` if the member is missing
    /// or null. Commas do not separate scopes, because earlier versions of keywright accepted scopes with commas.
    ///
    /// # Errors
    /// - `invalid_scope` if a scope is invalid.
    /// - The error code for malformed objects if the value is neither a string nor an array of strings.
    pub fn exported(members: &mut Members) -> Result<Option<Vec<Scope>>> {
        Self::separated(members, &[' '])
    }

    fn separated(members: &mut Members, separators: &[char]) -> Result<Option<Vec<Scope>>> {
        members.read(Field::Scopes.word(), "an array of strings, or a string with spaces between the scopes", |value| {
            let words: Vec<&str> = match value {
                Value::String(text) => text.split(separators).filter(|word| !word.is_empty()).collect(),
                Value::Array(words) => {
                    let words = words.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
                    // A space in an element is a mistake, and is reported as one.
                    words.into_iter().flat_map(|word| word.split(|c| c != ' ' && separators.contains(&c))).collect()
                }
                _ => return None,
            };
            Some(words.into_iter().map(str::parse).collect())
        })
    }

    /// Returns a copy with a change applied. If the change adds scopes, `wildcards` determines whether each `*` that is
    /// a whole segment of any scope is a wildcard. Otherwise, wildcards stay wildcards, and literal scopes stay
    /// literal.
    ///
    /// # Errors
    /// - `usage` if a scope is both added and removed.
    /// - `invalid_scope` if there would be more than 100 scopes, or if the stored text is damaged.
    pub(super) fn edited(&self, edit: &SetEdit<Scope>, wildcards: bool) -> Result<Self> {
        if edit.is_keep() {
            return Ok(self.clone());
        }
        edit.refuse_contradiction(Scope::to_string, Scope::to_string)?;
        let stays = |scope: &&str| !edit.clear && edit.remove.iter().all(|gone| gone.as_str() != *scope);
        let mut scopes: Vec<Scope> = self.iter().filter(stays).map(str::parse).collect::<Result<_>>()?;
        scopes.extend_from_slice(&edit.add);
        Self::new(&scopes, if edit.add.is_empty() { self.wildcards } else { wildcards })
    }

    /// Returns an iterator over the scopes.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.as_set().iter()
    }

    /// Returns the scopes as text, separated by single spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_a_sorted_set() {
        let scopes: Vec<Scope> = ["write", "read", "write::trade", "read"].iter().map(|s| s.parse().unwrap()).collect();
        assert_eq!(Scopes::new(&scopes, true).unwrap().as_str(), "read write write::trade");
        assert_eq!(Scopes::new(&[], true).unwrap().as_str(), "");
    }

    #[test]
    fn scopes_outside_rfc_6749_are_refused() {
        for text in ["", "a b", "a\"b", "a\\b", "ä", "a\n", &"x".repeat(129)] {
            assert_eq!(text.parse::<Scope>().unwrap_err().code(), Code::InvalidScope, "{text:?}");
        }
        let many: Vec<Scope> = (0..101).map(|n| format!("s{n}").parse().unwrap()).collect();
        assert_eq!(Scopes::new(&many, false).unwrap_err().code(), Code::InvalidScope);
    }

    #[test]
    fn only_a_change_that_adds_scopes_changes_how_they_are_read() {
        let scope = |text: &str| text.parse::<Scope>().unwrap();
        let literal = Scopes::new(&[scope("orders:*"), scope("read")], false).unwrap();
        let remove = SetEdit { remove: vec![scope("read")], ..SetEdit::default() };
        assert!(!literal.edited(&remove, true).unwrap().as_set().wildcards);
        let add = SetEdit { add: vec![scope("orders:*")], ..SetEdit::default() };
        let read = literal.edited(&add, true).unwrap();
        assert_eq!((read.as_str(), read.as_set().wildcards), ("orders:* read", true));
        assert!(read.edited(&remove, false).unwrap().as_set().wildcards, "as before");
        let all = SetEdit { remove: vec![scope("orders:*")], ..SetEdit::default() };
        assert!(!read.edited(&all, true).unwrap().as_set().wildcards, "no segment is a wildcard");
        assert!(!read.edited(&add, false).unwrap().as_set().wildcards);
    }
}
