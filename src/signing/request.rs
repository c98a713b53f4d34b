//! The parts of a request that every signing scheme checks: the time of the signature, the method and the path.

use crate::{
    error::{Code, Error, Result},
    key::Time,
};
use std::{fmt, str::FromStr};

/// The maximum length of a method in bytes.
const LONGEST_METHOD: usize = 32;
/// The maximum length of a path in bytes. Servers have lower limits.
const LONGEST_PATH: usize = 16 * 1024;

/// The hint for a path with a character that has to be percent-encoded (RFC 3986, section 2.1).
const ENCODE: &str = "percent-encode the character; for example, write a space as %20";

/// A time in milliseconds since 1970-01-01T00:00:00Z, written with 13 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The number of digits of every timestamp between the years 2001 and 2286.
    const DIGITS: usize = 13;

    /// Creates a timestamp from the number of milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(milliseconds: u64) -> Self {
        Self(milliseconds)
    }

    /// Returns the number of milliseconds since 1970-01-01T00:00:00Z, or [`i64::MAX`] if the number is larger.
    #[must_use]
    pub fn millis(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }

    /// Converts a time in whole seconds to a timestamp. A time before 1970 becomes 0.
    #[must_use]
    pub fn at(time: Time) -> Self {
        Self(u64::try_from(time.seconds()).unwrap_or(0).saturating_mul(1000))
    }

    /// Returns the absolute difference between two timestamps in milliseconds.
    #[must_use]
    pub const fn distance(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }

    /// Returns the time `milliseconds` after the timestamp, rounded up to a whole second.
    #[must_use]
    pub fn second_after(self, milliseconds: u64) -> Time {
        let seconds = self.0.saturating_add(milliseconds).div_ceil(1000);
        Time::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
    }
}

impl Timestamp {
    /// Parses a number of seconds since 1970-01-01T00:00:00Z that is written with 10 digits.
    ///
    /// # Errors
    /// Returns `invalid_request` if the text has another form.
    pub fn from_seconds_text(text: &str) -> Result<Self> {
        let problem = match text.len() {
            0 => "the timestamp is empty",
            _ if !text.bytes().all(|b| b.is_ascii_digit()) => "the timestamp contains characters other than digits",
            Self::DIGITS => "the timestamp has 13 digits, so it is in milliseconds",
            10 => {
                let seconds = text.parse::<u64>().map_err(|_| invalid("the timestamp is not a number", ""))?;
                return Ok(Self(seconds * 1000));
            }
            _ => "the timestamp does not have 10 digits",
        };
        Err(invalid(problem, "use seconds since 1970, such as 1700000000"))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:013}", self.0)
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let problem = match text.len() {
            0 => "the timestamp is empty",
            _ if !text.bytes().all(|b| b.is_ascii_digit()) => "the timestamp contains characters other than digits",
            10 => "the timestamp has 10 digits, so it is in seconds",
            Self::DIGITS => return text.parse().map(Self).map_err(|_| invalid("the timestamp is not a number", "")),
            _ => "the timestamp does not have 13 digits",
        };
        Err(invalid(problem, "use milliseconds since 1970, such as 1700000000000"))
    }
}

/// An HTTP method (RFC 9110, section 9.1). Only methods of 1 to 32 uppercase ASCII letters are accepted, which includes
/// all common methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method(String);

impl Method {
    /// Returns the method as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Method {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let problem = if text.is_empty() {
            "the method is empty"
        } else if !text.bytes().all(|b| b.is_ascii_alphabetic()) {
            "the method contains characters other than letters"
        } else if !text.bytes().all(|b| b.is_ascii_uppercase()) {
            "the method is not in uppercase"
        } else if text.len() > LONGEST_METHOD {
            "the method is too long"
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(invalid(problem, "use a method such as GET, POST, PUT, PATCH or DELETE"))
    }
}

/// A path of at most 16 KiB that starts at the root of the host, without the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(String);

impl Path {
    /// Returns the path as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Path {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (problem, hint) = if !text.starts_with('/') {
            (
                "the path does not start with a slash",
                "use the path from the root of the host, such as /trade-api/v2/portfolio/balance",
            )
        } else if text.len() > LONGEST_PATH {
            ("the path is too long", "use a path of at most 16 KiB")
        } else if text.contains(['?', '#']) {
            ("the path has a query or a fragment, which are not signed", "omit the query and the fragment")
        } else if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            ("the path has a space or a control character", ENCODE)
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(invalid(problem, hint))
    }
}

/// The target of a request as the sender specified it: a path, or a complete URL (RFC 3986, section 3).
#[derive(Clone, Debug)]
pub struct RequestTarget {
    /// The path, which is the part that is signed.
    pub path: Path,
    /// The scheme and the host, or `None` if the target is a path.
    pub origin: Option<String>,
    /// The query and the fragment, including the leading `?` or `#`. Empty if there are none.
    pub rest: String,
}

impl FromStr for RequestTarget {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(invalid("the path or URL has a space or a control character", ENCODE));
        }
        let (origin, target) = match text.split_once("://") {
            Some((scheme, behind)) if scheme.bytes().all(|b| b.is_ascii_alphabetic()) && !scheme.is_empty() => {
                let host = behind.find(['/', '?', '#']).unwrap_or(behind.len());
                if host == 0 {
                    return Err(invalid("the URL has no host", "use a complete URL, or only the path"));
                }
                let (origin, target) = text.split_at(scheme.len() + 3 + host);
                (Some(origin.to_owned()), target)
            }
            _ => (None, text),
        };
        let (path, rest) = target.split_at(target.find(['?', '#']).unwrap_or(target.len()));
        // If a URL has no path, clients request `/` (RFC 9112, section 3.2.1).
        let path = if path.is_empty() && origin.is_some() { "/" } else { path };
        Ok(Self { path: path.parse()?, origin, rest: rest.to_owned() })
    }
}

/// A header that is given as one line, such as `Content-Type: application/json` (RFC 9112, section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderLine {
    /// The name in lowercase.
    pub name: String,
    /// The value without surrounding whitespace.
    pub value: String,
}

impl FromStr for HeaderLine {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let split = text.split_once(':').filter(|(name, _)| is_token(name));
        let (name, value) = split.ok_or_else(|| {
            invalid("the header is not a name, a colon and a value", "write it as `Content-Type: application/json`")
        })?;
        let value = value.trim_matches([' ', '\t']);
        if value.contains(|c: char| c.is_control() && c != '\t') {
            return Err(invalid("the header contains a control character", "remove the character"));
        }
        Ok(Self { name: name.to_ascii_lowercase(), value: value.to_owned() })
    }
}

/// Returns `true` if the text is a token (RFC 9110, section 5.6.2) of at most 256 bytes, like the name of a header.
#[must_use]
pub fn is_token(text: &str) -> bool {
    let is_token_byte = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    (1..=256).contains(&text.len()) && text.bytes().all(is_token_byte)
}

fn invalid(problem: &str, hint: &str) -> Error {
    Error::new(Code::InvalidRequest, problem, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T: FromStr<Err = Error>>(text: &str) -> String {
        let error = text.parse::<T>().err().unwrap_or_else(|| panic!("{text:?} was taken"));
        assert_eq!(error.code(), Code::InvalidRequest, "{text:?}");
        assert!(!error.hint().is_empty());
        error.message()
    }

    #[test]
    fn a_timestamp_is_thirteen_digits() {
        let timestamp: Timestamp = "1700000000000".parse().unwrap();
        assert_eq!(timestamp, Timestamp::at(Time::from_seconds(1_700_000_000)));
        assert_eq!("0000000000001".parse::<Timestamp>().unwrap().to_string(), "0000000000001");
        assert!(refused::<Timestamp>("1700000000").contains("seconds"));
        for text in ["", "170000000000", "17000000000000", "-170000000000", "-1700000000000", "1.70000000000"] {
            refused::<Timestamp>(text);
        }
        for text in ["+170000000000", " 700000000000", "1700000000000\n", "１７000000", "0x17000000000", "1e12"] {
            refused::<Timestamp>(text);
        }
        assert_eq!(timestamp.distance("1699999999999".parse().unwrap()), 1);
        assert_eq!(timestamp.second_after(1).seconds(), 1_700_000_001);
        assert_eq!(timestamp.second_after(0).seconds(), 1_700_000_000);
    }

    #[test]
    fn a_method_is_upper_case_letters() {
        assert_eq!("DELETE".parse::<Method>().unwrap().as_str(), "DELETE");
        assert!(refused::<Method>("get").contains("uppercase"));
        for text in ["", "Get", "GET ", "G\0T", "GET\r\n", "M-SEARCH", "ＧＥＴ", &"A".repeat(33)] {
            refused::<Method>(text);
        }
    }

    #[test]
    fn a_path_starts_at_the_root_and_ends_before_the_query() {
        for text in ["/", "/trade-api/v2/portfolio/balance", "/a%20b", "/ä", "//", "/a/../b"] {
            assert_eq!(text.parse::<Path>().unwrap().as_str(), text);
        }
        for text in
            ["", "a", "https://x/a", "/a?", "/a?b=c", "/a#b", "/a b", "/a\tb", "/a\nb", "/a\0", "/a\u{7f}", "/\u{85}"]
        {
            refused::<Path>(text);
        }
        refused::<Path>(&format!("/{}", "a".repeat(LONGEST_PATH)));
    }

    #[test]
    fn the_path_of_a_url_is_signed() {
        for (text, origin, path, rest) in [
            ("/a/b", None, "/a/b", ""),
            ("/a?b=c#d", None, "/a", "?b=c#d"),
            ("https://api.x.com/a/b?c=/d", Some("https://api.x.com"), "/a/b", "?c=/d"),
            ("http://[::1]:8080/a#?", Some("http://[::1]:8080"), "/a", "#?"),
            ("https://x", Some("https://x"), "/", ""),
            ("https://x?a", Some("https://x"), "/", "?a"),
            ("/go?to=https://x/y", None, "/go", "?to=https://x/y"),
        ] {
            let target: RequestTarget = text.parse().unwrap();
            assert_eq!((target.origin.as_deref(), target.path.as_str(), &*target.rest), (origin, path, rest), "{text}");
        }
        for text in ["", "a/b", "x.com/a", "https:///a", "://x/a", "https://x/a b", "https://x/\u{1b}[1m", "?a"] {
            refused::<RequestTarget>(text);
        }
    }
}
