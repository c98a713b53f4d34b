//! The audience of assertions.

use super::unicode::first_deceptive;
use crate::error::{Code, Error, Result};
use std::{fmt, str::FromStr};

/// The maximum number of characters in an audience.
const LONGEST: usize = 500;

/// The audience for which an assertion is signed (the claim `aud` of RFC 7519, section 4.1.3), such as the URL of a token
/// endpoint. Audiences are compared character by character, without normalization (RFC 7523, section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience(String);

impl Audience {
    /// Returns the audience as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Audience {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let problem = match text.chars().count() {
            0 => "the audience is empty".to_owned(),
            length if length > LONGEST => format!("the audience has {length} characters; the maximum is {LONGEST}"),
            _ if text.contains(char::is_whitespace) => "the audience contains white space".to_owned(),
            // A quotation mark, which no URI contains, is more likely a JSON array than a part of an audience.
            _ if text.contains('"') => "the audience contains a quotation mark".to_owned(),
            _ => match first_deceptive(text) {
                Some(c) => format!("the audience contains the control or invisible character U+{:04X}", u32::from(c)),
                None => return Ok(Self(text.to_owned())),
            },
        };
        let hint = "use the URL of the service exactly as its clients write it, such as https://api.example.com/token";
        Err(Error::new(Code::ContractInvalid, problem, hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_text_without_white_space() {
        for text in ["https://api.example.com/token", "urn:example:keys", "api", &"a".repeat(LONGEST)] {
            assert_eq!(text.parse::<Audience>().unwrap().as_str(), text);
        }
        for text in ["", " api", "a b", "a\n", "a\u{7}", "a\u{202e}b", "[\"api\"]", &"a".repeat(LONGEST + 1)] {
            assert_eq!(text.parse::<Audience>().unwrap_err().code(), Code::ContractInvalid, "{text:?}");
        }
    }
}
