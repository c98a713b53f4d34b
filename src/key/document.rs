//! The key as JSON: the one shape in which a key leaves the program, in answers and in audit rows.
//!
//! Written by hand, not through `serde`: a list is mostly this, its 25 field names never need escaping, and most
//! values are `null`; it takes a third of the time. The unit test reads it back with `serde_json`.

use super::{
    Facts, RevocationReason, Time,
    json::{number, optional, rate_limit, string, time, words},
};
use base64ct::{Base64, Encoding};

/// The `SubjectPublicKeyInfo` as PEM (RFC 7468, section 13): 64 columns, line feeds, one at the end.
#[must_use]
pub fn spki_pem(der: &[u8]) -> String {
    // 48 bytes are one line of 64 digits.
    let mut pem = String::with_capacity(54 + der.len().div_ceil(48) * 65);
    pem.push_str("-----BEGIN PUBLIC KEY-----\n");
    let mut line = [0; 64];
    for chunk in der.chunks(48) {
        // A buffer of 64 always holds the digits of 48 bytes.
        pem.push_str(Base64::encode(chunk, &mut line).unwrap_or_default());
        pem.push('\n');
    }
    pem.push_str("-----END PUBLIC KEY-----\n");
    pem
}

/// A key as JSON (RFC 8259), always with all fields, `null` when unset.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    /// What is shown.
    pub facts: &'a Facts<'a>,
    /// The organisation that the keyring belongs to, in hyphenated text.
    pub org_id: &'a str,
    /// The time that the status is for.
    pub now: Time,
}

impl Document<'_> {
    /// The names of the fields, in order.
    pub const FIELDS: [&'static str; 25] = [
        "api_key_id",
        "org_id",
        "name",
        "type",
        "env",
        "prefix",
        "owner",
        "scopes",
        "status",
        "created_at",
        "activated_at",
        "expires_at",
        "last_used_at",
        "disabled_at",
        "revoked_at",
        "revocation_reason",
        "rate_limit",
        "fingerprint",
        "public_key",
        "key_bits",
        "api_key",
        "rotated_from",
        "rotated_to",
        "labels",
        "note",
    ];

    /// Appends the object, without white space.
    pub fn write(&self, out: &mut Vec<u8>) {
        let Facts { lifecycle: life, .. } = self.facts;
        let facts = self.facts;
        out.extend_from_slice(b"{\"api_key_id\":\"");
        out.extend_from_slice(facts.id.encode(&mut [0; 36]).as_bytes());
        out.extend_from_slice(b"\",\"org_id\":");
        string(out, self.org_id);
        out.extend_from_slice(b",\"name\":");
        string(out, facts.name);
        out.extend_from_slice(b",\"type\":");
        string(out, facts.key_type.word());
        out.extend_from_slice(b",\"env\":");
        string(out, facts.env.word());
        out.extend_from_slice(b",\"prefix\":");
        optional(out, facts.prefix);
        out.extend_from_slice(b",\"owner\":");
        optional(out, facts.owner);
        out.extend_from_slice(b",\"scopes\":");
        words(out, facts.scopes);
        out.extend_from_slice(b",\"status\":");
        string(out, life.status(self.now).word());
        out.extend_from_slice(b",\"created_at\":");
        time(out, Some(life.created));
        out.extend_from_slice(b",\"activated_at\":");
        time(out, life.activated);
        out.extend_from_slice(b",\"expires_at\":");
        time(out, life.expires);
        out.extend_from_slice(b",\"last_used_at\":");
        time(out, life.last_used);
        out.extend_from_slice(b",\"disabled_at\":");
        time(out, life.disabled);
        out.extend_from_slice(b",\"revoked_at\":");
        time(out, life.revoked);
        out.extend_from_slice(b",\"revocation_reason\":");
        optional(out, life.reason.map(RevocationReason::word));
        out.extend_from_slice(b",\"rate_limit\":");
        rate_limit(out, facts.rate_limit);
        out.extend_from_slice(b",\"fingerprint\":");
        optional(out, facts.fingerprint.map(|fingerprint| fingerprint.to_string()).as_deref());
        out.extend_from_slice(b",\"public_key\":");
        optional(out, facts.spki.map(spki_pem).as_deref());
        out.extend_from_slice(b",\"key_bits\":");
        number(out, facts.bits);
        out.extend_from_slice(b",\"api_key\":");
        optional(out, facts.api_key);
        out.extend_from_slice(b",\"rotated_from\":");
        optional(out, facts.rotated_from.map(|id| id.to_string()).as_deref());
        out.extend_from_slice(b",\"rotated_to\":");
        optional(out, facts.rotated_to.map(|id| id.to_string()).as_deref());
        out.extend_from_slice(b",\"labels\":");
        // Kept as JSON since they were parsed at the edge.
        out.extend_from_slice(facts.labels.as_bytes());
        out.extend_from_slice(b",\"note\":");
        optional(out, facts.note);
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Env, Fingerprint, KeyId, KeyType, Lifecycle, RateLimit};
    use super::*;

    #[test]
    fn it_is_json_with_every_field() {
        let spki: Vec<u8> = (0..=255).collect();
        let mut lifecycle = Lifecycle::new(Time::from_seconds(0), Some(Time::from_seconds(86_400)));
        lifecycle.revoke(Time::from_seconds(60), RevocationReason::Superseded);
        let id = KeyId::from_random([1; 16]);
        let facts = Facts {
            id,
            name: "a \"quoted\" \\ name ä",
            key_type: KeyType::Rsa,
            env: Env::Live,
            prefix: None,
            owner: Some("acme"),
            scopes: "read write",
            labels: r#"{"a":"b"}"#,
            note: Some("n"),
            rate_limit: RateLimit { minute: Some(60), hour: None, day: None },
            lifecycle,
            revocation_note: None,
            spki: Some(&spki),
            fingerprint: Some(Fingerprint::of_spki(&spki)),
            bits: Some(2048),
            api_key: None,
            rotated_from: Some(id),
            rotated_to: None,
            retire_on_use: false,
            handover: None,
        };
        let mut out = Vec::new();
        Document { facts: &facts, org_id: "o", now: Time::from_seconds(61) }.write(&mut out);
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value.as_object().unwrap().len(), Document::FIELDS.len());
        let text = str::from_utf8(&out).unwrap();
        let places: Vec<_> =
            Document::FIELDS.iter().map(|field| text.find(&format!("\"{field}\":")).unwrap()).collect();
        assert!(places.is_sorted(), "the order of the contract");
        assert_eq!(value["name"], facts.name);
        assert_eq!(value["status"], "revoked");
        assert_eq!(value["scopes"], serde_json::json!(["read", "write"]));
        assert_eq!(value["rate_limit"]["requests_per_minute"], 60);
        assert_eq!(value["rate_limit"]["requests_per_day"], serde_json::Value::Null);
        assert_eq!(value["labels"]["a"], "b");
        assert_eq!(value["expires_at"], "1970-01-02T00:00:00Z");
        assert_eq!(value["rotated_from"], id.to_string());
        let pem = value["public_key"].as_str().unwrap();
        assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n") && pem.ends_with("\n-----END PUBLIC KEY-----\n"));
        assert!(pem.lines().all(|line| line.len() <= 64));
    }
}
