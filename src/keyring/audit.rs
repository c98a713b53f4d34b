//! The audit log: who did what to which key, when, from which command.
//!
//! Rows form a hash chain: each carries the SHA-256 of the row before it and of its own content, so that a row that is
//! edited, removed or moved breaks the chain from there on.

use crate::key::{Document, Facts, KeyId, Time};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The keyring was made.
    Init,
    /// A key was made and is not yet delivered.
    Reserve,
    /// A key was delivered, or its holder has proved that they have the secret.
    Activate,
    /// A key whose secret could not be delivered was removed.
    Discard,
    /// A key that was never activated was removed after its time to live.
    Sweep,
    /// A public key was registered.
    Register,
    /// A key was taken over from by another.
    Rotate,
    /// A key was revoked, or is to be.
    Revoke,
    /// What describes a key was changed.
    Update,
    /// A key was suspended.
    Disable,
    /// A key that was suspended works again.
    Enable,
    /// A key that was over was removed.
    Purge,
    /// The contract was changed.
    Policy,
    /// What an owner is entitled to was changed.
    Owner,
}

impl Action {
    /// The word in the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Reserve => "reserve",
            Self::Activate => "activate",
            Self::Discard => "discard",
            Self::Sweep => "sweep",
            Self::Register => "register",
            Self::Rotate => "rotate",
            Self::Revoke => "revoke",
            Self::Update => "update",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Purge => "purge",
            Self::Policy => "policy",
            Self::Owner => "owner",
        }
    }
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

/// One audit row as the chain sees it.
pub(super) struct Link<'a> {
    pub(super) entry: &'a Entry,
    pub(super) action: Action,
    pub(super) key: Option<KeyId>,
    pub(super) facts: &'a str,
}

impl Link<'_> {
    /// The hash that closes this row: over the one before and every column, each with its length, so that no two
    /// contents run together.
    pub(super) fn hash(&self, before: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut put = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        put(before);
        put(&self.entry.at.seconds().to_be_bytes());
        put(&[u8::from(self.entry.clock_set)]);
        put(self.entry.user.as_bytes());
        put(self.entry.host.as_bytes());
        put(self.entry.command.as_bytes());
        put(self.action.word().as_bytes());
        put(self.key.as_ref().map_or(&[][..], |id| id.as_bytes()));
        put(self.facts.as_bytes());
        hash.finalize().into()
    }
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
pub(super) fn whole(facts: &Facts<'_>, at: Time) -> String {
    let mut map = object(facts, at);
    map.retain(|_, value| !value.is_null());
    Value::Object(map).to_string()
}

/// The facts that changed, each as `[old, new]`.
pub(super) fn difference(old: &Facts<'_>, new: &Facts<'_>, at: Time) -> String {
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
    Value::Object(changed).to_string()
}
