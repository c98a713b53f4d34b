//! What is set of a key's facts, as JSON: what an audit row tells of a key as a whole.

use super::{
    Facts, RevocationReason, Time,
    json::{number, rate_limit, string, time, words},
};

/// Appends an object with the facts that are set, without what follows from others or is stored beside them.
pub fn summarise(facts: &Facts<'_>, out: &mut Vec<u8>) {
    let life = &facts.lifecycle;
    out.extend_from_slice(b"{\"name\":");
    string(out, facts.name);
    text(out, "type", Some(facts.key_type.word()));
    text(out, "env", Some(facts.env.word()));
    text(out, "prefix", facts.prefix);
    text(out, "owner", facts.owner);
    field(out, "scopes");
    words(out, facts.scopes);
    at(out, "created_at", Some(life.created));
    at(out, "activated_at", life.activated);
    at(out, "expires_at", life.expires);
    at(out, "last_used_at", life.last_used);
    at(out, "disabled_at", life.disabled);
    at(out, "revoked_at", life.revoked);
    text(out, "revocation_reason", life.reason.map(RevocationReason::word));
    field(out, "rate_limit");
    rate_limit(out, facts.rate_limit);
    text(out, "fingerprint", facts.fingerprint.map(|fingerprint| fingerprint.to_string()).as_deref());
    if facts.bits.is_some() {
        field(out, "key_bits");
        number(out, facts.bits);
    }
    text(out, "api_key", facts.api_key);
    text(out, "rotated_from", facts.rotated_from.map(|id| id.to_string()).as_deref());
    text(out, "rotated_to", facts.rotated_to.map(|id| id.to_string()).as_deref());
    field(out, "labels");
    out.extend_from_slice(facts.labels.as_bytes());
    text(out, "note", facts.note);
    if facts.retire_on_use {
        field(out, "retire_on_use");
        out.extend_from_slice(b"true");
    }
    text(out, "handover", facts.handover.map(|handover| handover.to_string()).as_deref());
    text(out, "revocation_note", facts.revocation_note);
    out.push(b'}');
}

fn field(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn text(out: &mut Vec<u8>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        field(out, name);
        string(out, value);
    }
}

fn at(out: &mut Vec<u8>, name: &str, value: Option<Time>) {
    if value.is_some() {
        field(out, name);
        time(out, value);
    }
}
