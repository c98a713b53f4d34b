//! Free text in the description of a key (names, owners and notes), and the usage levels of owners.
//!
//! The text is later printed to terminals. Therefore, text that a terminal would interpret or display misleadingly is
//! rejected (CWE-150; Unicode TR 36, section 3.1).

use super::unicode::{first_deceptive, is_deceptive, is_interpreted, nfc, nfd};
use crate::error::{Code, Error, Result};
use std::{fmt, str::FromStr};

/// The maximum number of characters in a name.
const NAME_MAX: usize = 120;
/// The maximum number of characters in an owner.
const OWNER_MAX: usize = 200;
/// The maximum number of characters in a note.
const NOTE_MAX: usize = 1000;

/// The maximum number of characters in a usage level.
const LEVEL_MAX: usize = 64;

/// Checks text that a user wrote, and returns the text in Normalization Form C, so that lookups do not depend on the
/// encoding of accents. `what` names the kind of text in the error, and `max` is the maximum number of characters.
fn checked(text: &str, what: &str, max: usize, code: Code) -> Result<String> {
    if let Some(c) = first_deceptive(text) {
        let problem = format!("the {what} contains the control or invisible character U+{:04X}", u32::from(c));
        return Err(Error::new(code, problem, format!("use 1 to {max} printable characters")));
    }
    if text.trim() != text {
        let problem = format!("the {what} begins or ends with a space");
        let hint = format!("use 1 to {max} printable characters, without spaces at the beginning or end");
        return Err(Error::new(code, problem, hint));
    }
    let text = nfc(text);
    let hint = format!("use 1 to {max} printable characters");
    match text.chars().count() {
        0 => Err(Error::new(code, format!("the {what} is empty"), hint)),
        length if length > max => {
            Err(Error::new(code, format!("the {what} has {length} characters; the maximum is {max}"), hint))
        }
        _ => Ok(text.into_owned()),
    }
}

/// Text in the description of a key. Stored and exported text may have been accepted under the rules of an earlier
/// version, so it is not checked like new text.
pub trait DescriptionText: FromStr<Err = Error> {
    /// Creates a value from text that is stored in the keyring, without checking or changing the text.
    fn from_stored(text: String) -> Self;

    /// Creates a value from the text of an exported key, without changing the text. Unlike in new text, invisible
    /// characters are allowed, because earlier versions accepted some of them. Characters that a terminal would
    /// interpret are not allowed.
    ///
    /// # Errors
    /// Returns the same error as the parser of the type if the text without its invisible characters is invalid.
    fn from_exported(text: &str) -> Result<Self> {
        let visible: String = text.chars().filter(|c| !is_deceptive(*c) || is_interpreted(*c)).collect();
        visible.parse::<Self>().map(|_| Self::from_stored(text.to_owned()))
    }
}

macro_rules! text {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $type(String);

        impl $type {
            /// Returns the value as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl DescriptionText for $type {
            fn from_stored(text: String) -> Self {
                Self(text)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

text! {
    /// The name of a key. By default, a name must be unique among the keys of an environment that have not ended.
    Name
}
text! {
    /// The owner of a key: a customer, a team or a service.
    Owner
}
text! {
    /// A note that users can attach to a key or to a revocation.
    Note
}
text! {
    /// The usage level of an owner, as named by the service, such as `basic` or `premier`.
    UsageLevel
}

macro_rules! forms {
    ($($type:ident)*) => {
        $(impl $type {
            /// Returns the same text in Normalization Form C, in which new text is stored, and in Normalization Form D.
            /// Text that an earlier version stored can have either form.
            #[must_use]
            pub fn forms(&self) -> [String; 2] {
                [nfc(&self.0).into_owned(), nfd(&self.0).into_owned()]
            }
        })*
    };
}

forms! { Name Owner }

/// Returns a description of the first misleading property of text that an earlier version of keywright stored, such as
/// an invisible character, or `None` if there is no such property.
#[must_use]
pub fn irregularity(text: &str) -> Option<String> {
    match first_deceptive(text) {
        Some(c) => Some(format!("contains the invisible character U+{:04X}", u32::from(c))),
        None if nfc(text) != text => {
            Some("is not in Unicode Normalization Form C, so a different string can look the same".to_owned())
        }
        None => None,
    }
}

impl FromStr for Name {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let name = checked(text, "name", NAME_MAX, Code::InvalidName)?;
        if text == "-" {
            let hint = "choose a name that says what the key is for, for example `ci-deploy`";
            return Err(Error::new(Code::InvalidName, "the name `-` stands for standard input", hint));
        }
        let hex = |s: &str| s.bytes().all(|b| b.is_ascii_hexdigit());
        let looks_like_id =
            uuid::Uuid::parse_str(text).is_ok() || (text.len() >= 32 && hex(text)) || super::token::looks_issued(text);
        if looks_like_id {
            return Err(Error::new(
                Code::InvalidName,
                "the name looks like an id, a fingerprint, a prefix or a token",
                "choose a name that says what the key is for, for example `ci-deploy`",
            ));
        }
        Ok(Self(name))
    }
}

impl Name {
    /// Returns the name followed by a hyphen and a number, which is padded with zeros to at least `digits` digits.
    ///
    /// # Errors
    /// Returns `invalid_name` if the result is too long. The result passes all other checks, because it never looks
    /// like an id, a prefix or a token.
    pub fn numbered(&self, number: usize, digits: usize) -> Result<Self> {
        let text = format!("{}-{number:0digits$}", self.0);
        if text.chars().count() > NAME_MAX { text.parse() } else { Ok(Self(text)) }
    }

    /// Returns the first and the last of several names in byte order, or `None` if there are no names.
    pub fn ends(names: impl IntoIterator<Item = Self>) -> Option<(Self, Self)> {
        let mut names = names.into_iter();
        let first = names.next()?;
        Some(names.fold((first.clone(), first), |(first, last), name| {
            if name.as_str() < first.as_str() {
                (name, last)
            } else if name.as_str() > last.as_str() {
                (first, name)
            } else {
                (first, last)
            }
        }))
    }
}

impl FromStr for Owner {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        checked(text, "owner", OWNER_MAX, Code::InvalidOwner).map(Self)
    }
}

impl FromStr for Note {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        checked(text, "note", NOTE_MAX, Code::InvalidNote).map(Self)
    }
}

impl FromStr for UsageLevel {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=LEVEL_MAX).contains(&text.len()) || !text.bytes().all(allowed) {
            return Err(Error::new(
                Code::InvalidUsageLevel,
                "the usage level is empty, is too long, or contains a character that is not allowed",
                format!("give 1 to {LEVEL_MAX} lowercase letters, digits and hyphens, for example `premier`"),
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<Code> {
        text.parse::<Name>().err().map(|e| e.code())
    }

    #[test]
    fn common_names_are_accepted() {
        for name in ["ci", "Production Backend", "Büro 3", "鍵", "a", "deploy/eu-1", "facade", &"x".repeat(120)] {
            assert_eq!(name.parse::<Name>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_numbered_name_is_a_valid_name() {
        let hex = "4ab2c9c0-5a4e-4c53-9d1c";
        for base in ["ci", "鍵", "kw_test", "kw_test_0", "kw", hex, "urn:uuid", &"x".repeat(113), &"x".repeat(114)] {
            for digits in [1, 4, 7] {
                let numbered = base.parse::<Name>().unwrap().numbered(7, digits);
                assert_eq!(numbered.ok(), format!("{base}-{:0digits$}", 7).parse().ok(), "{base} {digits}");
            }
        }
    }

    #[test]
    fn misleading_names_are_refused() {
        for name in [
            "",
            " ",
            " ci",
            "ci\n",
            "a\u{1b}[31mb",
            "a\0b",
            "a\u{202e}b",
            "a\u{200b}b",
            "a\u{9b}b",
            "\u{feff}a",
            "4ab2c9c0-5a4e-4c53-9d1c-8f0b6c1d2e3f",
            "4ab2c9c05a4e4c539d1c8f0b6c1d2e3f",
            &"ab".repeat(32),
            &"x".repeat(121),
            &"x".repeat(10_000),
        ] {
            assert_eq!(code(name), Some(Code::InvalidName), "{name:?}");
        }
    }

    #[test]
    fn owners_and_notes_have_their_own_error_codes() {
        assert_eq!("".parse::<Owner>().unwrap_err().code(), Code::InvalidOwner);
        assert_eq!("a\tb".parse::<Note>().unwrap_err().code(), Code::InvalidNote);
        for level in ["", "Premier", "a b", &"x".repeat(65)] {
            assert_eq!(level.parse::<UsageLevel>().unwrap_err().code(), Code::InvalidUsageLevel);
        }
        assert_eq!("acme".parse::<Owner>().unwrap().to_string(), "acme");
    }
}
