//! Ranges of rows of the audit log.

use serde_json::Value;

/// Returns `true` if one of the inclusive ranges, which must be in ascending order, contains the row.
pub(super) fn covers(ranges: &[(i64, i64)], row: i64) -> bool {
    let before = ranges.partition_point(|range| range.0 <= row);
    ranges[..before].last().is_some_and(|range| row <= range.1)
}

/// Inserts an item into a list that is in ascending order, and keeps the order.
pub(super) fn insert_sorted<T: Ord>(list: &mut Vec<T>, item: T) {
    let place = list.partition_point(|other| *other < item);
    list.insert(place, item);
}

/// Returns the inclusive ranges of rows in the facts of an audit row about many keys, or an empty list if the facts
/// contain no ranges.
pub(super) fn ranges(facts: &[u8]) -> Vec<(i64, i64)> {
    let facts: Value = serde_json::from_slice(facts).unwrap_or_default();
    serde_json::from_value(facts["rows"].clone()).unwrap_or_default()
}
