//! The `facts` of an audit row: a JSON object with the fields of a key that was added or removed, or with `[old, new]` of each
//! field that changed.

use crate::key::{Bearer, Document, Facts, Time, summarise};
use serde_json::{Map, Value};

/// Returns the public fields of a key as a JSON object, without the public key, for which its fingerprint stands.
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

/// Returns all fields of a key that are set, for a row that adds or removes the key.
pub(in crate::keyring) fn summary(facts: &Facts<'_>) -> String {
    let mut json = Vec::with_capacity(512);
    summarise(facts, &mut json);
    // JSON text is always UTF-8.
    String::from_utf8(json).unwrap_or_default()
}

/// Returns the scopes and the end of a bearer token; neither the token nor its hash.
pub(in crate::keyring) fn bearer_summary(bearer: &Bearer) -> String {
    let scopes: Vec<&str> = bearer.scopes.iter().collect();
    serde_json::json!({ "scopes": scopes, "expires_at": bearer.expires.to_string() }).to_string()
}

/// Returns the fields that differ between two versions of a key, each as `[old, new]`.
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

/// Returns the facts of an audit row as text: `name: old → new` for a field that changed, `name: value` for all others.
#[must_use]
pub fn describe_changes(facts: &Map<String, Value>) -> String {
    let said = facts.iter().filter(|(_, value)| !is_unset(value));
    let each = said.map(|(name, value)| match value {
        // The list of a key's two scopes is no pair of old and new: those are lists or null.
        Value::Array(pair) if pair.len() == 2 && !(name == "scopes" && pair.iter().all(Value::is_string)) => {
            format!("{name}: {} \u{2192} {}", plain(&pair[0]), plain(&pair[1]))
        }
        value => format!("{name}: {}", plain(value)),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Returns `true` if a value is unset or empty.
fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(values) => values.values().all(is_unset),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(words) => words.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        key::{Handover, Key, Lifecycle, RevocationReason},
        testing,
    };
    use serde_json::json;

    #[test]
    fn a_summary_has_every_field_that_is_set() {
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
            let summarized: Value = serde_json::from_str(&summary(&key.facts())).unwrap();
            assert_eq!(summarized, Value::Object(expected));
        }
    }

    #[test]
    fn changes_are_described_as_text() {
        let of = |json: Value| describe_changes(json.as_object().unwrap());
        assert_eq!(
            of(json!({ "owner": [null, "acme"], "scopes": [["a"], ["a", "b"]] })),
            "owner: - → acme, scopes: a → a b"
        );
        assert_eq!(of(json!({ "scopes": ["a", "b"], "labels": {}, "rate_limit": { "x": null } })), "scopes: a b");
        assert_eq!(
            of(json!({ "usage_level": [null, "basic"], "owner": "acme" })),
            "usage_level: - → basic, owner: acme"
        );
    }
}
