//! Ranges of rows of the audit log.

use super::logged_row::LoggedRow;
use serde_json::Value;

/// A set of row numbers, with a value for each. If a row is added twice, the first value counts.
#[derive(Default)]
pub(super) struct RowRanges(
    /// The first row, the last row and the value of each range. The ranges are in ascending order and do not overlap.
    Vec<(i64, i64, i64)>,
);

impl RowRanges {
    /// Adds the rows in the facts of an audit row about many keys. Leaves out the rows that follow the audit row, about
    /// which it cannot know.
    pub(super) fn add_all(&mut self, row: &LoggedRow<'_>, value: i64) {
        let facts: Value = serde_json::from_slice(row.facts).unwrap_or_default();
        let ranges: Vec<(i64, i64)> = serde_json::from_value(facts["rows"].clone()).unwrap_or_default();
        for (from, to) in ranges {
            self.add(from, to.min(row.seq.saturating_sub(1)), value);
        }
    }

    /// Adds the rows from `from` to `to` inclusive, except those that the set already contains.
    fn add(&mut self, mut from: i64, to: i64, value: i64) {
        let mut place = self.0.partition_point(|range| range.1 < from);
        while from <= to {
            let next = self.0.get(place).copied().filter(|range| range.0 <= to);
            let end = next.map_or(to, |range| range.0.saturating_sub(1));
            if from <= end {
                self.0.insert(place, (from, end, value));
                place += 1;
            }
            let Some((_, covered, _)) = next.filter(|range| range.1 < to) else { return };
            from = covered + 1;
            place += 1;
        }
    }

    /// Returns the value of a row, or `None` if the set does not contain the row.
    pub(super) fn get(&self, row: i64) -> Option<i64> {
        let before = self.0.partition_point(|range| range.0 <= row);
        self.0[..before].last().filter(|range| row <= range.1).map(|range| range.2)
    }

    /// Returns `true` if the set contains the row.
    pub(super) fn contains(&self, row: i64) -> bool {
        self.get(row).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_of_a_row_counts() {
        let mut ranges = RowRanges::default();
        for (from, to, value) in [(8, 11, 1), (9, 8, 2), (9, 11, 2), (5, 20, 3), (20, 21, 4), (i64::MIN, i64::MAX, 5)] {
            ranges.add(from, to, value);
        }
        let values = [4, 5, 7, 8, 11, 12, 20, 21, 22].map(|row| ranges.get(row).unwrap());
        assert_eq!(values, [5, 3, 3, 1, 1, 3, 3, 4, 5]);
        assert_eq!((ranges.get(i64::MIN), ranges.get(i64::MAX)), (Some(5), Some(5)));
    }

    #[test]
    fn rows_outside_are_not_contained() {
        let mut ranges = RowRanges::default();
        ranges.add(8, 11, 0);
        ranges.add(3, 2, 0);
        assert_eq!([2, 3, 7, 8, 11, 12].map(|row| ranges.contains(row)), [false, false, false, true, true, false]);
        let row = LoggedRow { seq: 5, at: 0, action: b"sweep", key: None, facts: br#"{"rows":[[4,9]]}"# };
        ranges.add_all(&row, 0);
        assert_eq!([4, 5].map(|row| ranges.contains(row)), [true, false]);
    }
}
