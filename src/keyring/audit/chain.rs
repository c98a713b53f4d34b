//! The hash chain of the audit log. Each row contains a SHA-256 hash over the hash of the preceding row and its own
//! content, so verification detects rows that were edited, inserted, removed or moved. If rows were removed from the
//! end, or if all hashes after a change were computed again, only a comparison with a row hash that was recorded
//! elsewhere detects the change.

use super::{Action, Entry};
use crate::{
    error::{Code, Error},
    key::{KeyId, Time},
};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// The head of the audit log: the number and the hash of its newest row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The number of the row, or 0 if the log is empty.
    pub(in crate::keyring) seq: i64,
    /// The hash of the row, or zeros if the log is empty.
    pub(in crate::keyring) hash: [u8; 32],
}

impl Head {
    /// Returns the number of the row, or 0 if the log is empty.
    #[must_use]
    pub const fn row(&self) -> i64 {
        self.seq
    }

    /// Returns the hash of the row, or zeros if the log is empty.
    #[must_use]
    pub const fn hash(&self) -> RowHash {
        RowHash::from_bytes(self.hash)
    }
}

/// The SHA-256 hash of an audit row and all rows before it, displayed as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowHash([u8; 32]);

impl RowHash {
    /// Creates a hash from the bytes that are stored in the audit log.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for RowHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl FromStr for RowHash {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut bytes = [0; 32];
        match base16ct::mixed::decode(text, &mut bytes) {
            Ok(digits) if digits.len() == 32 => Ok(Self(bytes)),
            _ => {
                let hint = "use the hash that `keywright audit verify` printed";
                Err(Error::new(Code::Usage, "the hash of an audit row must be 64 hexadecimal digits", hint))
            }
        }
    }
}

/// The content of an audit row to append.
pub(in crate::keyring) struct Link<'a> {
    pub(in crate::keyring) entry: &'a Entry,
    pub(in crate::keyring) action: Action,
    pub(in crate::keyring) key: Option<KeyId>,
    pub(in crate::keyring) facts: &'a str,
}

impl Link<'_> {
    /// Computes the hash of this row from its content and `before`, the hash of the row before it.
    pub(in crate::keyring) fn hash(&self, before: &[u8]) -> [u8; 32] {
        let Entry { at, clock_set, user, host, command } = self.entry;
        close(
            before,
            &RowContent {
                at: at.seconds(),
                clock_set: u8::from(*clock_set),
                texts: [user, host, command, self.action.word()].map(str::as_bytes),
                key: self.key.as_ref().map_or(&[][..], |id| id.as_bytes()),
                facts: self.facts.as_bytes(),
            },
        )
    }
}

/// The content of a stored row. The values can be arbitrary if somebody has edited the log.
pub(in crate::keyring) struct RowContent<'a> {
    pub(in crate::keyring) at: i64,
    pub(in crate::keyring) clock_set: u8,
    /// The user, the host, the command and the action, in this order.
    pub(in crate::keyring) texts: [&'a [u8]; 4],
    pub(in crate::keyring) key: &'a [u8],
    pub(in crate::keyring) facts: &'a [u8],
}

/// Computes the hash of a row over `before`, the hash of the row before it, and every column of the row except its
/// number. Each value is preceded by its length, so adjacent values cannot run together.
pub(in crate::keyring) fn close(before: &[u8], row: &RowContent<'_>) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut put = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    put(before);
    put(&row.at.to_be_bytes());
    put(&[row.clock_set]);
    row.texts.iter().for_each(|text| put(text));
    put(row.key);
    put(row.facts);
    hash.finalize().into()
}

/// The result of verifying the audit log.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The number of rows in the log.
    pub rows: u64,
    /// The hash of the newest row, or zeros if the log is empty.
    pub head: RowHash,
    /// The latest time in any row, or `None` if the log is empty.
    pub latest: Option<Time>,
    /// The [keyring time](crate::keyring::Keys::time), or `None` if the clock of every row was set with `--now`.
    pub keyring_time: Option<Time>,
    /// The first fault, or `None` if the log is intact.
    pub broken: Option<Break>,
    /// The number of faults, including the one in `broken`.
    pub breaks: u64,
    /// The number of rows after the row with the hash that was looked for, or `None` if there is no such row or no hash
    /// was looked for.
    pub after: Option<u64>,
}

/// The first fault in the audit log, and the row in which it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The number of the row, or 1 if the log is empty.
    pub seq: i64,
    /// The time in the row, or 1970-01-01T00:00:00Z if the log is empty.
    pub at: Time,
    /// The action in the row, or an empty string if the log is empty.
    pub action: String,
    /// The id of the key that the row concerns, or `None` if it does not concern a particular key.
    pub key: Option<KeyId>,
    /// The kind of fault.
    pub flaw: Flaw,
}

/// A kind of fault in the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The log has no rows, not even the row that `init` appends.
    Empty,
    /// The first row of the log does not record the creation of a keyring for this organization.
    Origin,
    /// The rows from this number up to, but not including, the faulty row are missing.
    Missing(i64),
    /// The stored hash does not match the content of the row and the hash of the row before it.
    Content,
}

impl Flaw {
    /// Returns the word for this fault, which scripts can rely on.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Origin => "origin",
            Self::Missing(_) => "missing",
            Self::Content => "content",
        }
    }
}

impl Break {
    /// Returns a human-readable description of the fault.
    #[must_use]
    pub fn describe(&self) -> String {
        let Self { seq, at, action, .. } = self;
        match self.flaw {
            Flaw::Empty => "the audit log is empty, although it must begin with the creation of the keyring".to_owned(),
            Flaw::Origin => {
                format!("row {seq} ({action}, {at}) does not record the creation of a keyring for this organization")
            }
            Flaw::Missing(from) if *seq < from => {
                format!("row {seq} ({action}, {at}) stands where row {from} belongs")
            }
            Flaw::Missing(from) if from == seq - 1 => {
                format!("row {from} is missing before row {seq} ({action}, {at})")
            }
            Flaw::Missing(from) => {
                format!("rows {from} to {} are missing before row {seq} ({action}, {at})", seq - 1)
            }
            Flaw::Content => format!(
                "row {seq} ({action}, {at}) does not match its hash: rows were edited, inserted, removed or moved here"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_parses_from_its_text() {
        let hash = RowHash::from_bytes(std::array::from_fn(|i| u8::try_from(i * 7 % 256).unwrap()));
        assert_eq!(hash.to_string().parse::<RowHash>().unwrap(), hash);
        assert_eq!("".parse::<RowHash>().unwrap_err().code(), Code::Usage);
        assert!(format!("{}g", &hash.to_string()[1..]).parse::<RowHash>().is_err());
    }
}
