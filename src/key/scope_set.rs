//! Sets of scopes, and the scopes that they grant.

use super::Scopes;
use std::{collections::BTreeSet, fmt};

/// The segment that can be a wildcard.
const STAR: &str = "*";

/// A borrowed set of scopes, in which `*` can be a wildcard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet<'a> {
    /// The scopes, separated by single spaces (RFC 6749, section 3.3).
    pub text: &'a str,
    /// `true` if each `*` that is a whole segment of a scope is a wildcard. Otherwise, every scope is literal.
    pub wildcards: bool,
}

impl<'a> ScopeSet<'a> {
    /// Returns an iterator over the scopes.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.text.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Returns `true` if the set contains a scope with `*` as a whole segment. Colons separate the segments of a scope.
    #[must_use]
    pub fn has_star_segment(&self) -> bool {
        self.text.contains(STAR) && self.iter().any(has_star_segment)
    }

    /// Returns the scopes in which `*` is a whole segment.
    pub fn with_star_segment(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.iter().filter(|scope| has_star_segment(scope))
    }

    /// Returns `true` if the set grants `scope`, which is always literal.
    ///
    /// A wildcard that is not at the end of a scope stands for one segment that is not empty. A wildcard at the end
    /// stands for one or more segments with at least one character: `orders:*` grants `orders:read` and
    /// `orders:read:all`, but not `orders`.
    #[must_use]
    pub fn grants(&self, scope: &str) -> bool {
        self.iter().any(|own| own == scope || (self.wildcards && covers(own, scope)))
    }

    /// Returns the set of scopes that grants exactly the scopes that both sets grant.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Scopes {
        let granted = |by: &Self, scopes: &Self| scopes.iter().filter(|scope| by.grants(scope)).collect::<Vec<_>>();
        let scopes = match (self.wildcards, other.wildcards) {
            (_, false) => granted(self, other).join(" "),
            (false, true) => granted(other, self).join(" "),
            (true, true) => {
                let mut all = BTreeSet::new();
                for own in self.iter() {
                    // This is the usual case, because the scopes of a bearer token come from its key.
                    if other.grants(own) {
                        all.insert(own.to_owned());
                    } else {
                        all.extend(other.iter().filter_map(|scope| overlap(own, scope)));
                    }
                }
                all.into_iter().collect::<Vec<_>>().join(" ")
            }
        };
        Scopes::from_stored(scopes, false).read_with(self.wildcards && other.wildcards)
    }
}

impl fmt::Display for ScopeSet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

/// Returns the characters of a scope with wildcards, with `None` in place of each wildcard.
pub(super) fn characters(scope: &str) -> impl Iterator<Item = Option<char>> + Clone {
    scope.split_inclusive(':').flat_map(|segment| {
        let is_wildcard = segment.strip_suffix(':').unwrap_or(segment) == STAR;
        segment.chars().enumerate().map(move |(at, c)| Some(c).filter(|_| !(is_wildcard && at == 0)))
    })
}

fn has_star_segment(scope: &str) -> bool {
    scope.split(':').any(|segment| segment == STAR)
}

/// Returns `true` if a scope with wildcards covers a literal scope, or covers every scope that another scope with
/// wildcards covers.
fn covers(pattern: &str, scope: &str) -> bool {
    let mut segments = pattern.split(':').peekable();
    let mut rest = Some(scope);
    while let Some(segment) = segments.next() {
        let Some(text) = rest else { return false };
        if segment == STAR && segments.peek().is_none() {
            return !text.is_empty();
        }
        let (first, after) = text.split_once(':').map_or((text, None), |(first, after)| (first, Some(after)));
        if if segment == STAR { first.is_empty() } else { segment != first } {
            return false;
        }
        rest = after;
    }
    rest.is_none()
}

/// Returns the scope with wildcards that covers exactly the scopes that `one` and `other` both cover, or `None` if
/// there are no such scopes.
fn overlap(one: &str, other: &str) -> Option<String> {
    let (mut left, mut right) = (one.split(':').peekable(), other.split(':').peekable());
    let mut common: Vec<&str> = Vec::new();
    loop {
        let (a, b) = match (left.next(), right.next()) {
            (None, None) => return Some(common.join(":")),
            (None, Some(_)) | (Some(_), None) => return None,
            (Some(a), Some(b)) => (a, b),
        };
        let tail = match (a == STAR && left.peek().is_none(), b == STAR && right.peek().is_none()) {
            (true, _) => Some((b, &mut right)),
            (_, true) => Some((a, &mut left)),
            (false, false) => None,
        };
        if let Some((first, rest)) = tail {
            // The wildcard at the end stands for at least one character.
            if first.is_empty() && rest.peek().is_none() {
                return None;
            }
            common.push(first);
            common.extend(rest);
            return Some(common.join(":"));
        }
        match (a, b) {
            (STAR, "") | ("", STAR) => return None,
            (STAR, segment) | (segment, STAR) => common.push(segment),
            (a, b) if a == b => common.push(a),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCOPES: [&str; 18] = [
        "*",
        "orders",
        "orders:*",
        "orders:read",
        "orders:read:all",
        "orders:*:all",
        "*:read",
        "*:*",
        "*:read:*",
        "orders:",
        ":read",
        "orders::all",
        "orders:**",
        "orders:re*",
        "?",
        "orders:?",
        "Orders:read",
        "a:b:c:d",
    ];

    fn wild(text: &str) -> ScopeSet<'_> {
        ScopeSet { text, wildcards: true }
    }

    #[test]
    fn a_wildcard_stands_for_segments() {
        for (pattern, yes, no) in [
            ("*", &["orders", "orders:read", "*", "?"][..], &[""][..]),
            (
                "orders:*",
                &["orders:read", "orders:read:all", "orders:*", "orders::all"],
                &["orders", "orders:", "Orders:read"],
            ),
            ("*:read", &["orders:read", "*:read"], &["read", ":read", "a:b:read", "orders:read:all"]),
            ("orders:*:all", &["orders:read:all"], &["orders:all", "orders::all", "orders:a:b:all", "orders:read"]),
            ("*:*", &["orders:read", "a:b:c:d"], &["orders", "orders:"]),
            ("orders:re*", &["orders:re*"], &["orders:read"]),
            ("orders:**", &["orders:**"], &["orders:read"]),
            ("orders:?", &["orders:?"], &["orders:r"]),
        ] {
            for scope in yes {
                assert!(wild(pattern).grants(scope), "{pattern} {scope}");
            }
            for scope in no {
                assert!(!wild(pattern).grants(scope), "{pattern} {scope}");
            }
        }
        let literal = ScopeSet { text: "orders:*", wildcards: false };
        assert!(literal.grants("orders:*") && !literal.grants("orders:read"));
        assert!(!wild("").grants("") && !wild("").grants("orders"));
    }

    #[test]
    fn an_intersection_grants_exactly_what_both_sets_grant() {
        let pairs: Vec<String> = SCOPES.iter().flat_map(|a| SCOPES.iter().map(move |b| format!("{a} {b}"))).collect();
        for (one, other) in pairs.iter().flat_map(|one| SCOPES.iter().map(move |other| (one, other))) {
            for (first, second) in [(true, true), (true, false), (false, true), (false, false)] {
                let one = ScopeSet { text: one, wildcards: first };
                let other = ScopeSet { text: other, wildcards: second };
                let both = one.intersection(&other);
                for scope in SCOPES {
                    let expected = one.grants(scope) && other.grants(scope);
                    assert_eq!(both.as_set().grants(scope), expected, "{one:?} {other:?} {scope}: {both:?}");
                }
            }
        }
    }

    #[test]
    fn covering_a_scope_with_wildcards_covers_all_that_it_covers() {
        for (one, other) in SCOPES.iter().flat_map(|one| SCOPES.iter().map(move |other| (one, other))) {
            let within = wild(one).grants(other);
            let all = SCOPES.iter().filter(|scope| wild(other).grants(scope)).all(|scope| wild(one).grants(scope));
            assert!(!within || all, "{one} {other}");
        }
    }
}
