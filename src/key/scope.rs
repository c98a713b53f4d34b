//! The scopes of keys.

use super::{Field, Members, SetEdit};
use crate::error::{Code, Error, Result};
use serde_json::Value;
use std::{fmt, str::FromStr};

/// The maximum number of characters in a scope.
const SCOPE_MAX: usize = 128;
/// The maximum number of scopes that a key can have.
const SCOPES_MAX: usize = 100;

/// A scope, which is a `scope-token` as defined in RFC 6749, section 3.3: printable ASCII characters other than space,
/// `"` and `\`.
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
                "invalid scope",
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
pub struct Scopes(String);

impl Scopes {
    /// Creates a sorted set of scopes, without duplicates.
    ///
    /// # Errors
    /// Returns `invalid_scope` if there are more than 100 different scopes.
    pub fn new(scopes: &[Scope]) -> Result<Self> {
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
        Ok(Self(all.join(" ")))
    }

    /// Creates a set of scopes from its stored text, without checking it.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Reads the scopes from a JSON object. Their value is either an array or a string in the format of RFC 6749,
    /// section 3.3. Commas separate scopes as well.
    ///
    /// # Errors
    /// - `invalid_scope` if a scope is invalid.
    /// - The error code for malformed objects if the value has the wrong form.
    pub(super) fn from_json(members: &mut Members) -> Result<Option<Vec<Scope>>> {
        Self::separated(members, &[' ', ','])
    }

    /// Reads the scopes of an exported key from a JSON object. A scope that was granted before commas separated scopes may
    /// contain a comma, and is read as it is.
    ///
    /// # Errors
    /// - `invalid_scope` if a scope is invalid.
    /// - The error code for malformed objects if the value has the wrong form.
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

    /// Returns a copy with a change applied.
    ///
    /// # Errors
    /// - `usage` if a scope is both added and removed.
    /// - `invalid_scope` if there would be more than 100 scopes.
    pub(super) fn edited(&self, edit: &SetEdit<Scope>) -> Result<Self> {
        if edit.is_keep() {
            return Ok(self.clone());
        }
        edit.refuse_contradiction(Scope::to_string, Scope::to_string)?;
        let stays = |scope: &&str| !edit.clear && edit.remove.iter().all(|gone| gone.as_str() != *scope);
        let mut scopes: Vec<Scope> = self.iter().filter(stays).map(str::parse).collect::<Result<_>>()?;
        scopes.extend_from_slice(&edit.add);
        Self::new(&scopes)
    }

    /// Returns an iterator over the scopes.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Returns the scopes that are also in `others`, which is the text of other scopes. Both are separated by single spaces.
    #[must_use]
    pub fn shared_with(&self, others: &str) -> String {
        let shared = |scope: &&str| others.split(' ').any(|other| other == *scope);
        self.iter().filter(shared).collect::<Vec<_>>().join(" ")
    }

    /// Returns the scopes as text, separated by single spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_a_sorted_set() {
        let scopes: Vec<Scope> = ["write", "read", "write::trade", "read"].iter().map(|s| s.parse().unwrap()).collect();
        assert_eq!(Scopes::new(&scopes).unwrap().as_str(), "read write write::trade");
        assert_eq!(Scopes::new(&[]).unwrap().as_str(), "");
    }

    #[test]
    fn scopes_outside_rfc_6749_are_refused() {
        for text in ["", "a b", "a\"b", "a\\b", "ä", "a\n", &"x".repeat(129)] {
            assert_eq!(text.parse::<Scope>().unwrap_err().code(), Code::InvalidScope, "{text:?}");
        }
        let many: Vec<Scope> = (0..101).map(|n| format!("s{n}").parse().unwrap()).collect();
        assert_eq!(Scopes::new(&many).unwrap_err().code(), Code::InvalidScope);
    }
}
