//! Printing verdicts.

use super::{Format, Style, csv, table};
use crate::{
    key::Time,
    proof::{Explanation, Verdict},
};
use serde_json::{Value, json};

/// Appends a verdict to `out`. [`Format::Id`] appends only the id of the key, and nothing if the verdict is not valid.
///
/// `explanation` is `None` if no explanation was requested, and `Some(None)` if none was found, which is written as
/// `null`. `at` is the time at which the status of the key is determined.
pub fn verdict(
    verdict: &Verdict<'_>,
    explanation: Option<Option<&Explanation>>,
    at: Time,
    style: &Style,
    out: &mut Vec<u8>,
) {
    let mut json = Vec::new();
    verdict.write(at, &mut json);
    if let Some(explanation) = explanation {
        let explained = explanation.map(|Explanation { mistake, hint }| json!({ "mistake": mistake, "hint": hint }));
        json.pop();
        json.extend_from_slice(format!(",\"explanation\":{}}}", Value::from(explained)).as_bytes());
    }
    match style.format {
        Format::Json | Format::Jsonl | Format::Contract => {
            out.append(&mut json);
            out.push(b'\n');
        }
        Format::Id => {
            if let Some(key) = verdict.key.as_ref().filter(|_| verdict.is_valid()) {
                out.extend_from_slice(key.id.encode(&mut [0; 36]).as_bytes());
                out.push(b'\n');
            }
        }
        Format::Csv => {
            let (names, values): (Vec<String>, Vec<String>) = fields(&json).unzip();
            csv::record(out, &names);
            csv::values(out, names, values);
        }
        Format::Table => {
            let named = fields(&json)
                .filter(|(name, value)| !value.is_empty() && name != "rate_limit" && name != "explanation");
            let mut rows: Vec<(String, String)> = named.collect();
            if let Some(key) = &verdict.key {
                rows.push(("rate_limit".to_owned(), key.rate_limit.to_string()));
                rows.retain(|(name, value)| !value.is_empty() && (name != "labels" || value != "{}"));
            }
            if let Some(Some(Explanation { mistake, hint })) = explanation {
                rows.extend([("mistake".to_owned(), (*mistake).to_owned()), ("hint".to_owned(), hint.clone())]);
            }
            let good = style.is_colored().then_some(verdict.is_valid());
            table::append_pairs(out, &rows, good);
        }
    }
}

/// Returns the names and values of the fields of a JSON object. A list becomes words separated by spaces, an object
/// becomes JSON, and `null` becomes an empty string.
fn fields(json: &[u8]) -> impl Iterator<Item = (String, String)> + use<> {
    let document: serde_json::Map<String, Value> = serde_json::from_slice(json).unwrap_or_default();
    document.into_iter().map(|(name, value)| {
        let text = match value {
            Value::Null => String::new(),
            Value::String(text) => text,
            Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
            other => other.to_string(),
        };
        (name, text)
    })
}
