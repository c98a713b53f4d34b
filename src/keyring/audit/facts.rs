//! The `facts` of an audit row, which are a JSON object. The object contains the fields of a key or bearer token that
//! was added or removed, an `[old, new]` pair for each field that changed, or other details of the action.

use crate::key::{Bearer, Field, FieldValue, KeyDocument, KeyView, Time};
use memchr::memmem;
use serde_json::{Map, Value};

/// Returns a JSON object with the fields of a key that have a value, for the audit row of an added or removed key.
pub(in crate::keyring) fn summary(view: &KeyView<'_>) -> String {
    let mut json = Vec::with_capacity(512);
    write_summary(view, &mut json);
    // JSON text is always UTF-8.
    String::from_utf8(json).unwrap_or_default()
}

/// Appends to `out` the same JSON that [`summary`] returns.
pub(in crate::keyring) fn write_summary(view: &KeyView<'_>, out: &mut Vec<u8>) {
    logged(view).summarize(out);
}

/// Wraps a key in a document, from which its stored fields can be read. The derived fields have placeholder values.
const fn logged<'a>(view: &'a KeyView<'a>) -> KeyDocument<'a> {
    KeyDocument { view, org_id: "", now: Time::LAST }
}

/// Returns a JSON object with the scopes and the expiry time of a bearer token, but without the token and its hash. If
/// the scopes have wildcards, the object also contains `scope_wildcards`.
pub(in crate::keyring) fn bearer_summary(bearer: &Bearer) -> String {
    let scopes: Vec<&str> = bearer.scopes.iter().collect();
    let mut facts = serde_json::json!({ "scopes": scopes, "expires_at": bearer.expires.to_string() });
    if bearer.scopes.as_set().wildcards {
        facts[Field::ScopeWildcards.word()] = true.into();
    }
    facts.to_string()
}

/// Returns the fields that differ between two versions of a key, each as an `[old, new]` pair.
#[must_use]
pub fn difference(old: &KeyView<'_>, new: &KeyView<'_>) -> Map<String, Value> {
    let (old, new) = (logged(old), logged(new));
    let json = |value: FieldValue<'_>| {
        let mut json = Vec::new();
        value.write_json(&mut json);
        serde_json::from_slice(&json).unwrap_or_default()
    };
    let differences = old.view.differences(new.view);
    let pair = |field: Field| Value::Array(vec![json(old.value(field)), json(new.value(field))]);
    differences.map(|field| (field.word().to_owned(), pair(field))).collect()
}

/// Returns the time that a field received according to the facts of an audit row, or `None` if the facts do not say it.
pub(in crate::keyring) fn new_time(facts: &[u8], field: Field) -> Option<Time> {
    // Most facts do not contain the name of the field, so they need not be parsed.
    memmem::find(facts, field.word().as_bytes())?;
    let facts: Value = serde_json::from_slice(facts).ok()?;
    let time = match &facts[field.word()] {
        Value::Array(pair) => pair.get(1)?,
        time => time,
    };
    time.as_str()?.parse().ok()
}

/// Formats the facts of an audit row as text: `name: old → new` for a field that changed, and `name: value` for any
/// other field. Unset fields, and facts for internal use such as `state`, are left out.
#[must_use]
pub fn describe_changes(facts: &Map<String, Value>) -> String {
    // These facts are for the program, not for people.
    let is_internal = |name: &str| matches!(name, "state" | "bearer" | "rows" | "digest");
    let said = facts.iter().filter(|(name, value)| !is_unset(value) && !is_internal(name));
    let each = said.map(|(name, value)| match value {
        // Two strings in a list field are the list itself. An `[old, new]` pair of such a field contains lists or null.
        Value::Array(pair) if pair.len() == 2 && !(is_list(name) && pair.iter().all(Value::is_string)) => {
            format!("{name}: {} \u{2192} {}", plain(&pair[0]), plain(&pair[1]))
        }
        value => format!("{name}: {}", plain(value)),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Returns `true` if the value of the field with the given name is a list.
fn is_list(name: &str) -> bool {
    name.parse().is_ok_and(Field::is_list)
}

/// Returns `true` if a JSON value is null, empty, or an object that contains only such values.
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
        key::{Handover, Key, Lifecycle, RevocationReason, Rotation},
        testing,
    };
    use serde_json::json;

    #[test]
    fn a_summary_has_the_fields_that_are_set_and_a_difference_those_that_changed() {
        let (at, id) = (testing::time(0), testing::id(7));
        let plain = testing::key(7).with_name("a \"b\"").with_material(testing::rsa(1)).pending();
        let mut full = Key {
            revocation_note: Some("r".parse().unwrap()),
            rotation: Rotation {
                from: Some(id),
                to: Some(id),
                retire_on_use: true,
                handover: Some(Handover::Overlap { seconds: 60, on_use: true }),
            },
            ..plain.clone().with_owner("acme")
        };
        full.description.note = Some("n".parse().unwrap());
        full.lifecycle = Lifecycle {
            activated: Some(at),
            expires: Some(at),
            last_used: Some(at),
            disabled: Some(at),
            revoked: Some(at),
            reason: Some(RevocationReason::Superseded),
            created: at,
        };
        let names = |text: String| {
            let fields: Map<String, Value> = serde_json::from_str(&text).unwrap();
            fields.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        let all = Field::ALL.iter().filter(|field| !field.is_derived()).map(|field| field.word());
        let unset = ["prefix", "api_key", "scope_wildcards"];
        assert_eq!(names(summary(&full.view())), all.filter(|name| !unset.contains(name)).collect::<Vec<_>>());
        let always = [
            "name",
            "type",
            "env",
            "scopes",
            "created_at",
            "rate_limit",
            "allowed_ips",
            "fingerprint",
            "key_bits",
            "labels",
        ];
        assert_eq!(names(summary(&plain.view())), always);
        let changed = difference(&plain.view(), &full.view());
        assert_eq!((changed.len(), &changed["owner"]), (13, &json!([null, "acme"])));
        assert_eq!(changed["revoked_at"], json!([null, at.to_string()]));
        assert!(difference(&full.view(), &full.view()).is_empty());
    }

    #[test]
    fn the_new_value_of_a_time_is_read_from_the_facts() {
        let of = |json: Value| new_time(json.to_string().as_bytes(), Field::RevokedAt);
        let at = testing::time(0);
        assert_eq!(of(json!({ "name": "a", "revoked_at": at.to_string() })), Some(at));
        assert_eq!(of(json!({ "revoked_at": [null, at.to_string()] })), Some(at));
        for facts in [
            json!({}),
            json!({ "revoked_at": [at.to_string(), null] }),
            json!({ "labels": { "revoked_at": at.to_string() } }),
        ] {
            assert_eq!(of(facts), None);
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
