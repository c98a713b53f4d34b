//! The audit log: who did what to which key, when, from which command.
//!
//! Rows form a hash chain: each carries the SHA-256 of the row before it and of its own content, so that a row that is
//! edited, removed or moved breaks the chain from there on.

use crate::key::{Bearer, Document, Facts, KeyId, Time, summarise};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

macro_rules! actions {
    ($($variant:ident $word:literal $meaning:literal;)*) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action {
            $(#[doc = $meaning] $variant,)*
        }

        impl Action {
            /// Every action with its word in the log and what it means.
            pub const ALL: &[(Self, &'static str, &'static str)] = &[$((Self::$variant, $word, $meaning),)*];

            /// The word in the log.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

actions! {
    Init "init" "the keyring was made";
    Reserve "reserve" "a key was made and is not yet delivered";
    Activate "activate" "a key was delivered, or its holder has proved that they have the secret";
    Discard "discard" "a key whose secret could not be delivered was removed";
    Sweep "sweep" "a key that was never activated was removed after its time to live";
    Register "register" "a public key was registered";
    Rotate "rotate" "a key was taken over from by another";
    Revoke "revoke" "a key was revoked, or is to be";
    Update "update" "what describes a key was changed";
    Disable "disable" "a key was suspended";
    Enable "enable" "a key that was suspended works again";
    Purge "purge" "a key that was over was removed";
    Import "import" "a key came from another keyring or system";
    Restore "restore" "a backup was restored, and a key came back or changed by it";
    Retire "retire" "a key expires, because the one that took over was used";
    Exchange "exchange" "a pair was exchanged for a bearer token";
    Withdraw "withdraw" "a bearer token that could not be delivered was removed";
    Policy "policy" "the contract was changed";
    Owner "owner" "what an owner is entitled to was changed";
}

/// What every audit row of one transaction has in common.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When.
    pub at: Time,
    /// The clock was set by hand (`--now`).
    pub clock_set: bool,
    /// The account that ran the command.
    pub user: String,
    /// The machine it ran on.
    pub host: String,
    /// The subcommand, without its arguments.
    pub command: String,
}

impl Entry {
    /// The time now, for what is counted from the end of something that may have taken long.
    pub(crate) fn clock(&self) -> Time {
        if self.clock_set { self.at } else { Time::now().max(self.at) }
    }
}

/// One audit row as the chain sees it.
pub(super) struct Link<'a> {
    pub(super) entry: &'a Entry,
    pub(super) action: Action,
    pub(super) key: Option<KeyId>,
    pub(super) facts: &'a str,
}

impl Link<'_> {
    /// The hash that closes this row.
    pub(super) fn hash(&self, before: &[u8]) -> [u8; 32] {
        let Entry { at, clock_set, user, host, command } = self.entry;
        close(
            before,
            &Columns {
                at: at.seconds(),
                clock_set: u8::from(*clock_set),
                texts: [user, host, command, self.action.word()].map(str::as_bytes),
                key: self.key.as_ref().map_or(&[][..], |id| id.as_bytes()),
                facts: self.facts.as_bytes(),
            },
        )
    }
}

/// A row as it is stored, which may be anything that somebody has put there.
pub(super) struct Columns<'a> {
    pub(super) at: i64,
    pub(super) clock_set: u8,
    /// User, host, command and action.
    pub(super) texts: [&'a [u8]; 4],
    pub(super) key: &'a [u8],
    pub(super) facts: &'a [u8],
}

/// The hash that closes a row: over the one before and every column, each with its length, so that no two contents run
/// together.
pub(super) fn close(before: &[u8], row: &Columns<'_>) -> [u8; 32] {
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

/// The public facts of a key as a JSON object, without the key bytes that its fingerprint stands for.
fn object(facts: &Facts<'_>, at: Time) -> Map<String, Value> {
    let facts = Facts { spki: None, ..*facts };
    let mut json = Vec::new();
    Document { facts: &facts, org_id: "", now: at }.write(&mut json);
    match serde_json::from_slice(&json) {
        Ok(Value::Object(mut map)) => {
            for derived in ["org_id", "api_key_id", "public_key", "status"] {
                map.remove(derived);
            }
            if facts.retire_on_use {
                map.insert("retire_on_use".into(), true.into());
            }
            if let Some(handover) = facts.handover {
                map.insert("handover".into(), handover.to_string().into());
            }
            if let Some(note) = facts.revocation_note {
                map.insert("revocation_note".into(), note.into());
            }
            map
        }
        _ => Map::new(),
    }
}

/// All facts of a key that are set, for a row that adds or removes it.
pub(super) fn whole(facts: &Facts<'_>) -> String {
    let mut json = Vec::with_capacity(512);
    summarise(facts, &mut json);
    // It is made of texts.
    String::from_utf8(json).unwrap_or_default()
}

/// What is told of a bearer token: neither the token nor what it is known by.
pub(super) fn lent(bearer: &Bearer) -> String {
    let scopes: Vec<&str> = bearer.scopes.iter().collect();
    serde_json::json!({ "scopes": scopes, "expires_at": bearer.expires.to_string() }).to_string()
}

/// The facts that changed, each as `[old, new]`.
#[must_use]
pub fn difference(old: &Facts<'_>, new: &Facts<'_>, at: Time) -> Map<String, Value> {
    let (mut old, new) = (object(old, at), object(new, at));
    let mut changed: Map<String, Value> = Map::new();
    for (name, value) in new {
        let before = old.remove(&name).unwrap_or(Value::Null);
        if before != value {
            changed.insert(name, Value::Array(vec![before, value]));
        }
    }
    for (name, before) in old {
        changed.insert(name, Value::Array(vec![before, Value::Null]));
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        key::{Handover, Key, Lifecycle, RevocationReason},
        testing,
    };

    #[test]
    fn the_whole_of_a_key_is_what_is_set_of_its_facts() {
        let (at, id) = (testing::time(0), testing::id(7));
        let plain = testing::key(7).with_name("a \"b\"").with_material(testing::rsa(1)).pending();
        let mut full = Key {
            note: Some("n".parse().unwrap()),
            revocation_note: Some("r".parse().unwrap()),
            rotated_from: Some(id),
            rotated_to: Some(id),
            retire_on_use: true,
            handover: Some(Handover::Overlap { seconds: 60, on_use: true }),
            ..plain.clone().with_owner("acme")
        };
        full.lifecycle = Lifecycle {
            activated: Some(at),
            expires: Some(at),
            last_used: Some(at),
            disabled: Some(at),
            revoked: Some(at),
            reason: Some(RevocationReason::Superseded),
            created: at,
        };
        for key in [plain, full] {
            let mut expected = object(&key.facts(), at);
            expected.retain(|_, value| !value.is_null());
            let whole: Value = serde_json::from_str(&whole(&key.facts())).unwrap();
            assert_eq!(whole, Value::Object(expected));
        }
    }
}
