//! Serialization of a key as the JSON object that commands print.
//!
//! The serializer is written by hand because listing keys spends most of the time on serialization. The field names
//! never need escaping and most values are `null`, so this code takes a third of the time that `serde` takes. The unit
//! test parses the output with `serde_json`.

use super::{Field, KeyDocument};

impl KeyDocument<'_> {
    /// The fields of the JSON object, in the order in which they are written.
    pub const FIELDS: &'static [Field] = Field::ALL.split_at(Field::RetireOnUse as usize).0;

    /// Appends the key as a JSON object (RFC 8259) without whitespace. The object has every field in
    /// [`KeyDocument::FIELDS`], with `null` for a field without a value.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        self.write_members(out);
        // Remove the comma after the last member.
        out.pop();
        out.push(b'}');
    }

    /// Appends a JSON object (RFC 8259) without whitespace that has only the given fields, in the given order, with `null`
    /// for a field without a value. There must be at least one field.
    pub fn write_chosen(&self, fields: &[Field], out: &mut Vec<u8>) {
        let mut separator = b'{';
        for field in fields {
            out.push(separator);
            out.extend_from_slice(field.member());
            self.value(*field).write_json(out);
            separator = b',';
        }
        out.push(b'}');
    }

    /// Appends a JSON object with the fields that have a value, for an audit entry that describes a whole key. Derived
    /// fields are omitted.
    pub fn summarize(&self, out: &mut Vec<u8>) {
        let mut separator = b'{';
        for field in Field::ALL.iter().filter(|field| !field.is_derived()) {
            let value = self.value(*field);
            if value.is_unset() {
                continue;
            }
            out.push(separator);
            out.extend_from_slice(field.member());
            value.write_json(out);
            separator = b',';
        }
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::super::{KeyId, KeyView, Lifecycle, RateLimit, RevocationReason, Time};
    use super::*;
    use crate::testing;

    #[test]
    fn a_document_is_json_with_every_field() {
        let spki: Vec<u8> = (0..=255).collect();
        let mut lifecycle = Lifecycle::new(Time::from_seconds(0), Some(Time::from_seconds(86_400)));
        lifecycle.revoke(Time::from_seconds(60), RevocationReason::Superseded);
        let id = KeyId::from_random([1; 16]);
        let key = testing::key(1).with_owner("acme").with_scopes(&["read", "write"]);
        let view = KeyView {
            id,
            name: "a \"quoted\" \\ name ä",
            labels: r#"{"a":"b"}"#,
            rate_limit: RateLimit { minute: Some(60), ..RateLimit::default() },
            lifecycle,
            spki: Some(&spki),
            rotated_from: Some(id),
            ..key.view()
        };
        let mut out = Vec::new();
        KeyDocument { view: &view, org_id: "o", now: Time::from_seconds(61) }.write(&mut out);
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value.as_object().unwrap().len(), KeyDocument::FIELDS.len());
        let text = str::from_utf8(&out).unwrap();
        let places: Vec<_> =
            KeyDocument::FIELDS.iter().map(|field| text.find(&format!("\"{field}\":")).unwrap()).collect();
        assert!(places.is_sorted(), "the order of the contract");
        assert_eq!(value["name"], view.name);
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
