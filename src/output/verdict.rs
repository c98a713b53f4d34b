//! Printing verdicts.

use super::{DataStyle, Format, csv, table};
use crate::{
    key::Time,
    proof::{Explanation, Verdict},
};
use serde_json::{Map, Value, json};

/// Appends a verdict to `out`. [`Format::Id`] appends only the id of the key, and nothing if the verdict is not valid.
///
/// `explanation` is `None` if no explanation was requested, and `Some(None)` if none was found, which is written as
/// `null`. `at` is the time at which the status of the key is determined.
pub fn verdict(
    verdict: &Verdict<'_>,
    explanation: Option<Option<&Explanation>>,
    at: Time,
    style: &DataStyle,
    out: &mut Vec<u8>,
) {
    let mut json = Vec::new();
    verdict.write(at, &mut json);
    if let Some(explanation) = explanation {
        let explained = explanation.map(|Explanation { mistake, hint }| json!({ "mistake": mistake, "hint": hint }));
        json.pop();
        json.extend_from_slice(format!(",\"explanation\":{}}}", Value::from(explained)).as_bytes());
    }
    let chosen = || style.chosen(serde_json::from_slice(&json).unwrap_or_default());
    match style.format {
        Format::Json | Format::Jsonl | Format::Contract => {
            match style.fields {
                None => out.append(&mut json),
                Some(_) => out.extend_from_slice(Value::from(chosen()).to_string().as_bytes()),
            }
            out.push(b'\n');
        }
        Format::Id => {
            if let Some(key) = verdict.key.as_ref().filter(|_| verdict.is_valid()) {
                out.extend_from_slice(key.id.encode(&mut [0; 36]).as_bytes());
                out.push(b'\n');
            }
        }
        Format::Csv => {
            let (names, values): (Vec<String>, Vec<String>) = fields(chosen()).unzip();
            csv::record(out, &names);
            csv::values(out, names, values);
        }
        Format::Table => {
            let rate_limit = verdict.key.as_ref().map(|key| key.rate_limit.to_string()).unwrap_or_default();
            let mut rows: Vec<(String, String)> = fields(chosen())
                .map(|(name, value)| if name == "rate_limit" { (name, rate_limit.clone()) } else { (name, value) })
                .filter(|(name, value)| {
                    !value.is_empty() && name != "explanation" && (name != "labels" || value != "{}")
                })
                .collect();
            let is_explained = style.fields.as_deref().is_none_or(|fields| fields.contains(&"explanation"));
            match explanation.filter(|_| is_explained && !verdict.is_valid()) {
                Some(Some(Explanation { mistake, hint })) => {
                    rows.extend([("mistake".to_owned(), (*mistake).to_owned()), ("hint".to_owned(), hint.clone())]);
                }
                Some(None) => rows.push(("mistake".to_owned(), "no known mistake explains the verdict".to_owned())),
                None => {}
            }
            let good = style.is_colored().then_some(verdict.is_valid());
            table::append_pairs(out, &rows, good);
        }
    }
}

/// Returns the names and values of the fields of a JSON object. A list becomes words separated by spaces, an object
/// becomes JSON, and `null` becomes an empty string.
fn fields(document: Map<String, Value>) -> impl Iterator<Item = (String, String)> {
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
