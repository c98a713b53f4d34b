//! Patterns for names and scopes.

use super::scope_set;
use crate::error::{Code, Error, Result};
use std::{fmt, str::FromStr};

/// The maximum number of characters in a pattern, which is several times the maximum length of a name.
const MAX: usize = 1000;

/// A pattern that must match the whole text, with the semantics of `GLOB` in SQLite.
///
/// - `*` matches any number of characters, including none.
/// - `?` matches one character.
/// - `[…]` matches one character of a set, which is a list of characters and ranges such as `a-z`. `[^…]` matches one
///   character that is not in the set. A `]` directly after the opening `[` or `[^` is a member of the set. A set
///   without a closing `]` matches nothing.
///
/// Characters are compared by their code points, so matching is case-sensitive.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    AnyText,
    AnyChar,
    Char(char),
    Set { negated: bool, ranges: Vec<(char, char)> },
    Nothing,
}

impl Pattern {
    /// Returns the text from which the pattern was parsed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns `true` if the pattern has a set without a closing `]`, or a set with a reversed range such as `z-a`.
    #[must_use]
    pub fn has_empty_set(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Nothing => true,
            Part::Set { ranges, .. } => ranges.iter().any(|(low, high)| low > high),
            Part::AnyText | Part::AnyChar | Part::Char(_) => false,
        })
    }

    /// Returns `true` if the pattern matches the whole of `text`.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.matches_all(text.chars().map(Some))
    }

    /// Returns `true` if the pattern matches every scope that `scope` grants. A segment of `scope` that is just `*` is a
    /// wildcard, and only a `*` in the pattern matches it.
    #[must_use]
    pub fn matches_wildcards(&self, scope: &str) -> bool {
        self.matches_all(scope_set::characters(scope))
    }

    /// Returns `true` if the pattern matches a whole text, in which `None` stands for unknown characters.
    fn matches_all(&self, mut rest: impl Iterator<Item = Option<char>> + Clone) -> bool {
        let mut parts = self.parts.as_slice();
        // The state to return to after a mismatch: the parts after the last `*`, and the text that was last matched
        // against them.
        let mut retry = None;
        loop {
            let before = rest.clone();
            let matched = match parts.split_first() {
                Some((Part::AnyText, after)) => {
                    (parts, retry) = (after, Some((after, before)));
                    continue;
                }
                Some((part, after)) => match rest.next() {
                    Some(c) if part.matches(c) => {
                        parts = after;
                        true
                    }
                    Some(_) => false,
                    None => return false,
                },
                None if before.clone().next().is_none() => return true,
                None => false,
            };
            if !matched {
                let Some((after, mut left)) = retry.take() else { return false };
                if left.next().is_none() {
                    return false;
                }
                (parts, rest, retry) = (after, left.clone(), Some((after, left)));
            }
        }
    }
}

impl Part {
    fn matches(&self, c: Option<char>) -> bool {
        let Some(c) = c else { return matches!(self, Self::AnyText) };
        match self {
            Self::AnyText | Self::AnyChar => true,
            Self::Char(own) => *own == c,
            Self::Set { negated, ranges } => ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated,
            Self::Nothing => false,
        }
    }

    /// Parses a set, up to and including its closing bracket, or returns [`Part::Nothing`] if there is no closing
    /// bracket. The opening bracket has already been consumed.
    fn set(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Self {
        let negated = chars.next_if_eq(&'^').is_some();
        let mut ranges = Vec::new();
        // The previous character, if it can be the start of a range.
        let mut low = None;
        if chars.next_if_eq(&']').is_some() {
            ranges.push((']', ']'));
        }
        while let Some(c) = chars.next() {
            match (c, low, chars.peek()) {
                (']', ..) => return Self::Set { negated, ranges },
                ('-', Some(from), Some(&to)) if to != ']' => {
                    chars.next();
                    ranges.push((from, to));
                    low = None;
                }
                _ => {
                    ranges.push((c, c));
                    low = Some(c);
                }
            }
        }
        Self::Nothing
    }
}

impl FromStr for Pattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = |problem: String, hint: String| Err(Error::new(Code::Usage, problem, hint));
        if text.is_empty() {
            let hint = "use `*` to match any characters, `?` to match one, and `[abc]` to match one of a set";
            return refuse("the pattern is empty".to_owned(), hint.to_owned());
        }
        let length = text.chars().count();
        if length > MAX {
            let problem = format!("the pattern has {length} characters; the maximum is {MAX}");
            return refuse(problem, format!("use 1 to {MAX} characters"));
        }
        if text.chars().any(char::is_control) {
            let hint = "remove the control character, or use `?` to match it";
            return refuse("the pattern contains a control character".to_owned(), hint.to_owned());
        }
        let mut parts = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            parts.push(match c {
                '*' => Part::AnyText,
                '?' => Part::AnyChar,
                '[' => Part::set(&mut chars),
                c => Part::Char(c),
            });
        }
        Ok(Self { text: text.to_owned(), parts })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_texts() {
        let matches = |pattern: &str, text: &str| pattern.parse::<Pattern>().unwrap().matches(text);
        for (pattern, yes, no) in [
            ("write::*", &["write::trade", "write::"][..], &["write", "rewrite::x"][..]),
            ("c?", &["ci", "cé"], &["c", "cis"]),
            ("*a*b", &["ab", "xaxbxb"], &["ba", "abx"]),
            ("[a-c]x", &["ax", "cx"], &["dx", "x", "Ax"]),
            ("[^a-c]", &["d", "é"], &["a", ""]),
            ("[]a]", &["]", "a"], &["b"]),
            ("[a-]", &["a", "-"], &["b"]),
            ("[a", &[], &["a", "[a"]),
            ("**", &["", "x"], &[]),
        ] {
            assert!(yes.iter().all(|text| matches(pattern, text)), "{pattern}");
            assert!(!no.iter().any(|text| matches(pattern, text)), "{pattern}");
        }
    }

    #[test]
    fn a_wildcard_is_matched_only_by_a_star() {
        let matches = |pattern: &str, scope: &str| pattern.parse::<Pattern>().unwrap().matches_wildcards(scope);
        for (pattern, yes, no) in [
            ("orders:*", &["orders:*", "orders:read", "orders:*:all", "orders:"][..], &["*", "*:read", "orders"][..]),
            ("orders:?", &["orders:r", "orders:?"], &["orders:*"]),
            ("orders:[*r]", &["orders:r"], &["orders:*"]),
            ("[^a]", &["b"], &["*", "a"]),
            ("*:read", &["*:read", "a:b:read"], &["*", "a:*"]),
            ("*", &["*", "a:*"], &[]),
            ("a**", &["a*", "a:*"], &["*"]),
            ("a?", &["a*"], &[]),
        ] {
            assert!(yes.iter().all(|scope| matches(pattern, scope)), "{pattern}");
            assert!(!no.iter().any(|scope| matches(pattern, scope)), "{pattern}");
        }
    }

    #[test]
    fn many_stars_match_in_little_time() {
        let pattern: Pattern = "*a".repeat(400).parse().unwrap();
        assert!(!pattern.matches(&"b".repeat(10_000)));
        assert!(pattern.matches(&"a".repeat(1000)));
    }

    #[test]
    fn the_length_is_limited() {
        for text in ["", "a\n", &"a".repeat(MAX + 1)] {
            assert_eq!(text.parse::<Pattern>().unwrap_err().code(), Code::Usage);
        }
    }
}
