//! A header field of a request, and the values of the components that refer to it (RFC 9421, section 2.1).

use super::structured::{self, DictionaryMember, Key, Limits};
use base64ct::{Base64, Encoding};
use std::borrow::Cow;
use std::cell::OnceCell;

/// The limits of a structured field that a signature covers.
const COVERED: Limits = Limits { members: 128, items: 1024 };

/// The reason why a signature cannot cover a field, as the end of a sentence that begins with the name of the field.
pub(super) type Problem = Cow<'static, str>;

/// The values of a header field, in the order in which they were sent. A structured field is parsed only once, however
/// many components refer to it.
#[derive(Default)]
pub(super) struct HeaderField<'a> {
    values: Vec<&'a str>,
    dictionary: OnceCell<Result<Vec<(Key, DictionaryMember)>, Problem>>,
    structured: OnceCell<Result<String, Problem>>,
}

impl<'a> HeaderField<'a> {
    /// Adds a value, without the white space around it.
    pub(super) fn add(&mut self, value: &'a str) {
        self.values.push(value.trim_matches([' ', '\t']));
    }

    /// Returns the combined value (RFC 9110, section 5.2).
    pub(super) fn combined(&self) -> Cow<'a, str> {
        match self.values[..] {
            [value] => Cow::Borrowed(value),
            _ => Cow::Owned(self.values.join(", ")),
        }
    }

    /// Returns the combined value, which a component without parameters covers.
    ///
    /// # Errors
    /// Returns the problem if the value has a control character or one that is not ASCII.
    pub(super) fn text(&self) -> Result<Cow<'a, str>, Problem> {
        self.refuse_control_characters()?;
        if !self.values.iter().all(|value| value.is_ascii()) {
            return Err("has a character that is not ASCII, so a signature can cover it only with `bs`".into());
        }
        Ok(self.combined())
    }

    /// Returns the encoded values, which a component with `bs` covers (RFC 9421, section 2.1.3).
    ///
    /// # Errors
    /// Returns the problem if a value has a control character.
    pub(super) fn bytes(&self) -> Result<String, Problem> {
        self.refuse_control_characters()?;
        let encode = |value: &&str| format!(":{}:", Base64::encode_string(value.as_bytes()));
        Ok(self.values.iter().map(encode).collect::<Vec<_>>().join(", "))
    }

    /// Returns the member of a dictionary that a component with `key` covers (RFC 9421, section 2.1.2).
    ///
    /// # Errors
    /// Returns the problem if the field is not a dictionary with this member.
    pub(super) fn member(&self, key: &str) -> Result<String, Problem> {
        let members = self.dictionary.get_or_init(|| {
            structured::parse_dictionary(&self.text()?, COVERED)
                .map_err(|problem| format!("is not a dictionary that a signature can cover: {problem}").into())
        });
        let mut members = members.as_ref().map_err(Problem::clone)?.iter();
        let member = members.find(|(known, _)| known.as_str() == key);
        member.map(|(_, member)| member.serialize()).ok_or("does not have the member that a signature covers".into())
    }

    /// Returns the field, serialized strictly as a list or a dictionary, which a component with `sf` covers (RFC 9421,
    /// section 2.1.1). The type of the field need not be known: text that is both a list and a dictionary without repeated
    /// keys is serialized in the same way, and a single item is serialized like a list with one member.
    ///
    /// # Errors
    /// Returns the problem if the field is neither a list nor a dictionary.
    pub(super) fn structured(&self) -> Result<&str, Problem> {
        let serialized = self.structured.get_or_init(|| {
            let text = self.text()?;
            structured::parse_list(&text, COVERED)
                .map(|members| structured::serialize_list(&members))
                .or_else(|_| {
                    structured::parse_dictionary(&text, COVERED).map(|all| structured::serialize_dictionary(&all))
                })
                .map_err(|_| "is not a structured field, so a signature cannot cover it with `sf`".into())
        });
        serialized.as_deref().map_err(Problem::clone)
    }

    fn refuse_control_characters(&self) -> Result<(), Problem> {
        let is_refused = |c: char| c.is_control() && c != '\t';
        if self.values.iter().any(|value| value.contains(is_refused)) {
            return Err("has a control character".into());
        }
        Ok(())
    }
}
