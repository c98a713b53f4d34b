//! The states of objects in the audit log.
//!
//! Every audit row about the change of a single object contains digests of the object's stored values before and after
//! the change, as the last member `state` of its facts. Objects are keys, tombstones, owners, bearer tokens and the
//! keyring itself. The hash chain covers the digests, so a replay of the log finds every stored value that differs from
//! the log. The hash of a secret is hashed again before a digest covers it, so the log cannot be used to verify a
//! secret.

use super::record::{self, COUNT, Cell, Column, Composed, Digester};
use crate::key::Key;
use base16ct::lower;
use sha2::{Digest as _, Sha256};

/// The id of an object: the key id for a key or its tombstone, and the first 16 bytes of a hash for any other object.
pub(super) type ObjectId = [u8; 16];

/// The name of the member that contains the states.
const MEMBER: &[u8] = b"\"state\":";

/// The name of the member that contains the id of a bearer token, up to its value.
const BEARER: &[u8] = b"\"bearer\":\"";

/// The maximum length, in bytes, of the members that [`Change::append`] adds.
const LONGEST: usize = 320;

/// The state of an object. The state of a key covers every column except the time of the last use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ObjectState {
    /// The SHA-256 digest of the column values of the object, in which the hash of a secret is hashed again. The digest
    /// of a key does not cover the times of the activation and of the last use.
    digest: [u8; 32],
    /// The time at which a key was activated, in seconds since 1970, or `None` for a pending key or another object. The
    /// digest does not cover this time, so that a single audit row can activate many keys.
    activated: Option<i64>,
}

impl ObjectState {
    /// Returns the state of a key.
    pub(super) fn of(key: &Key) -> Self {
        let composed = Composed::of(key);
        Self::of_key(&record::cells(key, &composed), &mut Digester::default())
    }

    /// Returns the state of the key whose row has the given values.
    pub(super) fn of_key(cells: &[Cell<'_>; COUNT], digester: &mut Digester) -> Self {
        let hash;
        let mut cells = *cells;
        if let Cell::Blob(secret_hash) = cells[Column::SecretHash as usize] {
            hash = Sha256::digest(secret_hash);
            cells[Column::SecretHash as usize] = Cell::Blob(&hash);
        }
        let activated = match cells[Column::ActivatedAt as usize] {
            Cell::Integer(seconds) => Some(seconds),
            _ => None,
        };
        cells[Column::ActivatedAt as usize] = Cell::Null;
        cells[Column::LastUsedAt as usize] = Cell::Null;
        Self { digest: digester.digest(cells.into_iter()), activated }
    }

    /// Returns the state of an object other than a key. `kind` is the kind of object, and `secret` is the index of the
    /// value that is the hash of a secret, or `None` if there is no such value.
    pub(super) fn of_row(kind: &'static str, cells: &[Cell<'_>], secret: Option<usize>) -> Self {
        // The row of a key begins with a blob, so no key has the same digest as another object.
        let kind = [Cell::Text(kind.as_bytes())];
        let hash = secret.and_then(|place| match cells[place] {
            Cell::Blob(bytes) => Some((place, Sha256::digest(bytes))),
            _ => None,
        });
        let values = cells.iter().enumerate().map(|(place, cell)| match &hash {
            Some((secret, hash)) if *secret == place => Cell::Blob(hash),
            _ => *cell,
        });
        Self { digest: record::digest(kind.into_iter().chain(values)), activated: None }
    }

    /// Returns the state that stands for a row that does not match its own digest. No intact object has this state.
    pub(super) const fn of_damage() -> Self {
        Self { digest: [0; 32], activated: None }
    }

    /// Returns `true` if the object is a key that has been activated.
    pub(super) const fn is_activated(&self) -> bool {
        self.activated.is_some()
    }

    /// Returns the state after an activation at the given time, in seconds since 1970.
    pub(super) fn activated(self, at: i64) -> Self {
        Self { activated: self.activated.or(Some(at)), ..self }
    }

    /// Passes the state to a hash function.
    pub(super) fn hash_into(&self, hash: &mut Sha256) {
        hash.update(self.digest);
        hash.update([u8::from(self.activated.is_some())]);
        hash.update(self.activated.unwrap_or_default().to_be_bytes());
    }

    fn write(&self, out: &mut Vec<u8>) {
        write_hex(&self.digest, out);
        if let Some(seconds) = self.activated {
            out.extend_from_slice(format!(" {seconds}").as_bytes());
        }
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let (hex, rest) = text.split_at_checked(64)?;
        let activated = match rest {
            [] => None,
            [b' ', seconds @ ..] => Some(std::str::from_utf8(seconds).ok()?.parse().ok()?),
            _ => return None,
        };
        Some(Self { digest: parse_hex(hex)?, activated })
    }
}

/// Returns the id of an object of the given kind that is identified by bytes of any length.
pub(super) fn object_id(kind: &str, identity: &[u8]) -> ObjectId {
    let hash = Sha256::new().chain_update(kind).chain_update([0]).chain_update(identity).finalize();
    std::array::from_fn(|index| hash[index])
}

/// The change of an object that an audit row records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    /// The id of the object if it is a bearer token.
    pub(super) bearer: Option<ObjectId>,
    /// The state before the change, or `None` if the object is added.
    pub(super) old: Option<ObjectState>,
    /// The state after the change, or `None` if the object is deleted.
    pub(super) new: Option<ObjectState>,
}

impl Change {
    /// Creates the change that adds an object.
    pub(super) fn added(new: ObjectState) -> Self {
        Self { new: Some(new), ..Self::default() }
    }

    /// Creates the change that deletes an object.
    pub(super) fn deleted(old: ObjectState) -> Self {
        Self { old: Some(old), ..Self::default() }
    }

    /// Appends the members that describe this change to `facts`, a JSON object in text form, and returns the result.
    pub(super) fn append_to(&self, facts: &str) -> String {
        let mut bytes = facts.as_bytes().to_vec();
        self.append(&mut bytes);
        // JSON text is always UTF-8.
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// Adds the change as the last members of the JSON object at the end of `out`.
    pub(super) fn append(&self, out: &mut Vec<u8>) {
        out.pop();
        if out.last() != Some(&b'{') {
            out.push(b',');
        }
        if let Some(id) = &self.bearer {
            out.extend_from_slice(BEARER);
            write_hex(id, out);
            out.extend_from_slice(b"\",");
        }
        out.extend_from_slice(MEMBER);
        let mut put = |before: &[u8], state: Option<ObjectState>, after: &[u8]| {
            out.extend_from_slice(before);
            match state {
                Some(state) => {
                    out.push(b'"');
                    state.write(out);
                    out.push(b'"');
                }
                None => out.extend_from_slice(b"null"),
            }
            out.extend_from_slice(after);
        };
        if self.old.is_some() {
            put(b"[", self.old, b",");
            put(b"", self.new, b"]}");
        } else {
            put(b"", self.new, b"}");
        }
    }

    /// Reads the change from the end of the facts of an audit row. Returns `None` if the facts contain no valid change,
    /// as in a row that an early version of keywright wrote.
    ///
    /// Text that a user chose cannot contain the names of these members, because quotation marks in such text are
    /// escaped. A label can have such a name, but not at the end of the whole object.
    pub(super) fn parse(facts: &[u8]) -> Option<Self> {
        let tail = &facts[facts.len().saturating_sub(LONGEST)..];
        let at = tail.windows(MEMBER.len()).rposition(|window| window == MEMBER)?;
        let value = tail[at + MEMBER.len()..].strip_suffix(b"}")?;
        let state = |text: &[u8]| match text {
            b"null" => Some(None),
            text => text.strip_prefix(b"\"")?.strip_suffix(b"\"").and_then(ObjectState::parse).map(Some),
        };
        let (old, new) = match value.strip_prefix(b"[") {
            None => (None, state(value)?),
            Some(pair) => {
                let pair = pair.strip_suffix(b"]")?;
                let comma = pair.iter().position(|byte| *byte == b',')?;
                (state(&pair[..comma])?, state(&pair[comma + 1..])?)
            }
        };
        let bearer = tail[..at].strip_suffix(b"\",").and_then(|before| {
            let (name, hex) = before.split_at_checked(before.len().checked_sub(32)?)?;
            name.ends_with(BEARER).then(|| parse_hex(hex))?
        });
        Some(Self { bearer, old, new })
    }
}

/// Appends up to 32 bytes as lowercase hexadecimal digits.
fn write_hex(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(lower::encode(bytes, &mut [0; 64]).unwrap_or_default());
}

fn parse_hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    (lower::decode(text, &mut bytes).ok()?.len() == N).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn state(n: u8, activated: Option<i64>) -> ObjectState {
        ObjectState { digest: [n; 32], activated }
    }

    #[test]
    fn a_change_is_read_back_from_the_facts() {
        for facts in ["{}", r#"{"name":"a","labels":{"state":"x"}}"#] {
            for bearer in [None, Some([9; 16])] {
                for old in [None, Some(state(1, None)), Some(state(2, Some(-5)))] {
                    for new in [None, Some(state(3, None)), Some(state(4, Some(i64::MAX)))] {
                        let change = Change { bearer, old, new };
                        let text = change.append_to(facts);
                        assert!(serde_json::from_str::<serde_json::Value>(&text).unwrap().is_object(), "{text}");
                        assert_eq!(Change::parse(text.as_bytes()), Some(change), "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn text_that_a_user_chose_is_not_a_change() {
        let digest = "ab".repeat(32);
        for facts in [
            "{}".to_owned(),
            serde_json::json!({ "note": format!("\"state\":\"{digest}\"") }).to_string(),
            serde_json::json!({ "note": format!("x\",\"state\":\"{digest}") }).to_string(),
            serde_json::json!({ "labels": { "state": digest } }).to_string(),
            serde_json::json!({ "labels": [{ "state": digest }, { "state": digest }] }).to_string(),
            format!("{{\"state\":\"{}\"}}", &digest[1..]),
        ] {
            assert_eq!(Change::parse(facts.as_bytes()), None, "{facts}");
        }
    }

    #[test]
    fn every_field_of_a_key_changes_its_state_except_the_last_use() {
        let key = testing::key(1).with_name("a");
        let base = ObjectState::of(&key);
        let changed = |change: &dyn Fn(&mut Key)| {
            let mut key = key.clone();
            change(&mut key);
            ObjectState::of(&key) != base
        };
        assert!(changed(&|key| key.description.name = "b".parse().unwrap()));
        assert!(changed(&|key| key.lifecycle.activated = None));
        assert!(changed(&|key| key.lifecycle.expires = Some(testing::time(5))));
        assert!(changed(&|key| key.registered = !key.registered));
        assert!(!changed(&|key| key.lifecycle.last_used = Some(testing::time(5))));
        let mut pending = key.clone();
        pending.lifecycle.activated = None;
        let at = key.lifecycle.activated.unwrap();
        assert_eq!(ObjectState::of(&pending).activated(at.seconds()), base);
    }
}
