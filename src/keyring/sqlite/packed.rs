//! A buffer for SQL values that one thread computes and another thread stores.

use rusqlite::types::ValueRef;
use std::ops::Range;

/// A sequence of SQL values in two contiguous buffers. Passing the sequence to another thread hands over two
/// allocations instead of one for each text and blob.
#[derive(Default)]
pub(super) struct Packed {
    cells: Vec<PackedCell>,
    bytes: Vec<u8>,
}

enum PackedCell {
    Null,
    Integer(i64),
    Real(f64),
    Text(Range<usize>),
    Blob(Range<usize>),
}

impl Packed {
    /// Removes all values but keeps the allocated memory.
    pub(super) fn clear(&mut self) {
        self.cells.clear();
        self.bytes.clear();
    }

    /// Appends a value.
    pub(super) fn push(&mut self, value: ValueRef<'_>) {
        let cell = match value {
            ValueRef::Null => PackedCell::Null,
            ValueRef::Integer(number) => PackedCell::Integer(number),
            ValueRef::Real(number) => PackedCell::Real(number),
            ValueRef::Text(text) => PackedCell::Text(self.put(text)),
            ValueRef::Blob(blob) => PackedCell::Blob(self.put(blob)),
        };
        self.cells.push(cell);
    }

    fn put(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    /// Appends a text value, and returns the bytes of the text. `write` must append the text to the buffer that it
    /// receives, without changing the existing content.
    pub(super) fn push_text(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> &[u8] {
        let start = self.bytes.len();
        write(&mut self.bytes);
        self.cells.push(PackedCell::Text(start..self.bytes.len()));
        &self.bytes[start..]
    }

    /// Returns an iterator over the values.
    pub(super) fn values(&self) -> impl Iterator<Item = ValueRef<'_>> {
        self.cells.iter().map(|cell| match cell {
            PackedCell::Null => ValueRef::Null,
            PackedCell::Integer(number) => ValueRef::Integer(*number),
            PackedCell::Real(number) => ValueRef::Real(*number),
            PackedCell::Text(range) => ValueRef::Text(&self.bytes[range.clone()]),
            PackedCell::Blob(range) => ValueRef::Blob(&self.bytes[range.clone()]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back_unchanged() {
        let values = [
            ValueRef::Text(b"a"),
            ValueRef::Null,
            ValueRef::Integer(i64::MIN),
            ValueRef::Blob(b""),
            ValueRef::Real(0.5),
            ValueRef::Blob(b"bc"),
            ValueRef::Text(b""),
        ];
        let mut packed = Packed::default();
        for _ in 0..2 {
            packed.clear();
            for value in values {
                packed.push(value);
            }
            assert_eq!(packed.push_text(|bytes| bytes.extend_from_slice(b"def")), b"def");
            let expected: Vec<_> = values.into_iter().chain([ValueRef::Text(b"def")]).collect();
            assert_eq!(packed.values().collect::<Vec<_>>(), expected);
        }
    }
}
