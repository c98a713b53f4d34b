//! The digest of a row, which tells the bit that flipped under it.

use rusqlite::types::ValueRef;
use sha2::{Digest as _, Sha256};

/// How many columns every row of a key has had from the first schema on. A later one that is NULL is not part of the digest, so that
/// a migration need not compute all digests anew.
const FIRST: usize = 28;

/// SHA-256 over the columns, each with its type and length. SQLite's pages have no checksums; this finds the bit that
/// flipped under it, not somebody who can write the file.
pub(super) fn digest<'a>(values: impl Iterator<Item = ValueRef<'a>>) -> [u8; 32] {
    Digester::default().digest(values)
}

/// Makes digests, one after the other, of what is gathered in a buffer: the hash function is called once, and not twice for
/// each column.
#[derive(Default)]
pub(super) struct Digester(Vec<u8>);

impl Digester {
    /// The digest of these columns.
    pub(super) fn digest<'a>(&mut self, values: impl Iterator<Item = ValueRef<'a>>) -> [u8; 32] {
        self.0.clear();
        for (place, value) in values.enumerate() {
            if place >= FIRST {
                if value == ValueRef::Null {
                    continue;
                }
                self.0.push(u8::try_from(place).unwrap_or(u8::MAX));
            }
            match value {
                ValueRef::Null => self.0.push(0),
                ValueRef::Integer(number) => {
                    self.0.push(1);
                    self.0.extend_from_slice(&number.to_be_bytes());
                }
                ValueRef::Real(number) => {
                    self.0.push(2);
                    self.0.extend_from_slice(&number.to_be_bytes());
                }
                ValueRef::Text(bytes) => self.put(3, bytes),
                ValueRef::Blob(bytes) => self.put(4, bytes),
            }
        }
        Sha256::digest(&self.0).into()
    }

    fn put(&mut self, kind: u8, bytes: &[u8]) {
        self.0.push(kind);
        self.0.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
    }
}
