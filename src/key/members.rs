//! Reading the members of a JSON object one by one, with errors that name the member.

use super::{DescriptionText, presented::excerpt};
use crate::{
    error::{Code, Error, Result},
    strict_json::{self, JsonProblem},
};
use serde_json::{Map, Value};
use std::str::FromStr;

/// The hint for a member that is missing or malformed.
const HINT: &str = "see docs/reference/formats.md for the list of fields";

/// The members of a JSON object that have not been read yet.
#[derive(Debug)]
pub struct Members {
    unread: Map<String, Value>,
    /// The error code for a malformed object.
    malformed: Code,
    /// `true` if the object is an exported key. The names, owners and notes of exported keys are read without changes.
    exported: bool,
}

impl Members {
    /// Parses a line that contains a single JSON object (RFC 8259). `malformed` is the error code for a malformed
    /// object.
    ///
    /// # Errors
    /// Returns the error code `malformed` if the line is not a JSON object, or if a member occurs twice. The line is
    /// not quoted in the message, because it could be a secret that was passed by mistake.
    pub fn parse(line: &[u8], malformed: Code) -> Result<Self> {
        const NO_OBJECT: &str = "the line is not a JSON object";
        match strict_json::parse(line) {
            Ok(Value::Object(unread)) => Ok(Self { unread, malformed, exported: false }),
            Err(problem @ JsonProblem::Repeated(_)) => {
                Err(Error::new(malformed, problem.describe(NO_OBJECT), "remove one of the two fields"))
            }
            _ => Err(Error::new(malformed, NO_OBJECT, "use one JSON object per line")),
        }
    }

    /// Returns `true` if a member is present and has not been read yet.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.unread.contains_key(name)
    }

    /// Discards the members with the given names.
    pub fn ignore(&mut self, names: &[&str]) {
        for name in names {
            self.unread.remove(*name);
        }
    }

    /// Reads a member, which then no longer counts as unread. Returns `None` if the member is missing or null. `read`
    /// converts the value, or returns `None` if the value is not of the type that `expected` describes, such as "a
    /// string".
    ///
    /// # Errors
    /// - The error code for malformed objects if the value is of another type.
    /// - The error code that `read` returns if the value is invalid.
    pub fn read<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl FnOnce(&Value) -> Option<Result<T>>,
    ) -> Result<Option<T>> {
        let value = match self.unread.remove(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(value) => value,
        };
        let wrong_form = || Err(self.malformed(format!("the value must be {expected}"), HINT));
        read(&value).unwrap_or_else(wrong_form).map(Some).map_err(|error| error.in_field(name))
    }

    /// Reads a member that is a string, and parses the string. Returns `None` if the member is missing or null.
    ///
    /// # Errors
    /// - The error code for malformed objects if the value is not a string.
    /// - The error code of the parser if the string is invalid.
    pub fn text<T: FromStr<Err = Error>>(&mut self, name: &'static str) -> Result<Option<T>> {
        self.read(name, "a string", |value| value.as_str().map(str::parse))
    }

    /// Declares that the object is an exported key, so that names, owners and notes are read without changes.
    pub const fn set_exported(&mut self) {
        self.exported = true;
    }

    /// Reads a member that is a name, an owner or a note. Returns `None` if the member is missing or null.
    ///
    /// # Errors
    /// - The error code for malformed objects if the value is not a string.
    /// - The error code for invalid text of this kind.
    pub(super) fn described<T: DescriptionText>(&mut self, name: &'static str) -> Result<Option<T>> {
        let read = if self.exported { T::from_exported } else { str::parse };
        self.read(name, "a string", |value| value.as_str().map(read))
    }

    /// Reads a member that is an array of strings, and parses each string. Returns `None` if the member is missing or
    /// null.
    ///
    /// # Errors
    /// - The error code for malformed objects if the value is not an array of strings.
    /// - The error code of the parser if one of the strings is invalid.
    pub fn list<T: FromStr<Err = Error>>(&mut self, name: &'static str) -> Result<Option<Vec<T>>> {
        self.read(name, "an array of strings", |value| {
            let words: Vec<&str> = value.as_array()?.iter().map(Value::as_str).collect::<Option<_>>()?;
            Some(words.into_iter().map(str::parse).collect())
        })
    }

    /// Unwraps the value of the member `name`.
    ///
    /// # Errors
    /// Returns the error code for malformed objects if the value is `None`.
    pub fn required<T>(&self, value: Option<T>, name: &str) -> Result<T> {
        value.ok_or_else(|| self.malformed(format!("{name} is missing"), HINT))
    }

    /// Returns the error for a malformed object.
    pub fn malformed(&self, message: impl Into<String>, hint: impl Into<String>) -> Error {
        Error::new(self.malformed, message, hint)
    }

    /// Checks that all members have been read, so that a misspelled name is not silently ignored. `known` is the part
    /// of the hint that describes the valid names.
    ///
    /// # Errors
    /// Returns the error code for malformed objects if there are unread members.
    pub fn finish(&self, known: &str) -> Result<()> {
        let Some(name) = self.unread.keys().next() else { return Ok(()) };
        let shown = excerpt(name);
        Err(self.malformed(format!("unknown field `{shown}`"), format!("remove the field; {known}")))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Name, Scope};
    use super::*;

    fn members(line: &str) -> Result<Members> {
        Members::parse(line.as_bytes(), Code::InvalidLine)
    }

    #[test]
    fn only_an_object_with_distinct_members_is_parsed() {
        for line in ["", "x", "1", "null", "[]", "\"a\"", "{", "{} {}", r#"{"a":1,"a":2}"#, r#"{"a":[{"b":1,"b":1}]}"#]
        {
            let error = members(line).unwrap_err();
            assert_eq!(error.code(), Code::InvalidLine, "{line}");
            assert!(!error.message().contains("column"), "{error}");
        }
        assert_eq!(members(r#"{"b":[{"a":1,"a":1}]}"#).unwrap_err().message(), "the field `a` is repeated");
        assert!(members("{}").unwrap().finish("").is_ok());
    }

    #[test]
    fn members_are_read_once_and_null_is_missing() {
        let mut read = members(r#"{"name":"ci","scopes":["a","b"],"note":null}"#).unwrap();
        assert!(read.contains("name") && read.finish("").is_err());
        assert_eq!(read.text::<Name>("name").unwrap().unwrap().as_str(), "ci");
        assert!(!read.contains("name") && read.text::<Name>("name").unwrap().is_none());
        assert_eq!(read.list::<Scope>("scopes").unwrap().unwrap().len(), 2);
        assert!(read.text::<Name>("note").unwrap().is_none());
        assert!(read.finish("").is_ok());
        assert_eq!(read.required(None::<u8>, "type").unwrap_err().message(), "type is missing");
    }

    #[test]
    fn a_value_of_the_wrong_form_is_not_quoted() {
        for line in [r#"{"name":["hunter2"]}"#, r#"{"name":{"hunter2":1}}"#, r#"{"name":2}"#] {
            let error = members(line).unwrap().text::<Name>("name").unwrap_err();
            assert_eq!(
                (error.code(), error.message()),
                (Code::InvalidLine, "name: the value must be a string".to_owned())
            );
        }
        for line in [r#"{"scopes":"hunter2"}"#, r#"{"scopes":["a",1]}"#] {
            let error = members(line).unwrap().list::<Scope>("scopes").unwrap_err();
            assert_eq!(error.message(), "scopes: the value must be an array of strings");
        }
        let unknown = members("{\"na\\u001bme\":1}").unwrap().finish("").unwrap_err();
        assert_eq!(unknown.message(), "unknown field `name`");
    }
}
