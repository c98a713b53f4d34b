//! Ranges of row numbers.

use serde_json::Value;

/// Ranges of row numbers in the order in which they were added. Both ends of a range are included.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ranges(Vec<(i64, i64)>);

impl Ranges {
    /// Appends the range from `from` to `to`, or extends the last range if the new range directly follows it.
    pub(super) fn add(&mut self, from: i64, to: i64) {
        match self.0.last_mut() {
            Some((_, end)) if *end + 1 == from => *end = to,
            _ => self.0.push((from, to)),
        }
    }

    /// Parses ranges from a JSON array of pairs. Returns no ranges if the text has any other format.
    pub(super) fn parse(json: &str) -> Self {
        Self(serde_json::from_str(json).unwrap_or_default())
    }

    /// Returns the ranges as a JSON array of pairs.
    pub(super) fn to_json(&self) -> Value {
        serde_json::json!(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjacent_ranges_are_merged() {
        let mut ranges = Ranges::parse("[[1,3]]");
        ranges.add(4, 4);
        ranges.add(6, 9);
        ranges.add(10, 12);
        assert_eq!(ranges.to_json().to_string(), "[[1,4],[6,12]]");
        assert_eq!(Ranges::parse("broken"), Ranges::default());
    }
}
