//! What a secret or a signature proves, as it is printed.

use super::{ColorChoice, Format, csv, table};
use crate::{key::Time, proof::Verdict};
use serde_json::Value;
use std::io::{IsTerminal, stdout};

/// Appends a verdict; nothing where an id is asked for and there is none to be told.
pub fn verdict(verdict: &Verdict<'_>, at: Time, format: Format, color: ColorChoice, out: &mut Vec<u8>) {
    let mut json = Vec::new();
    verdict.write(at, &mut json);
    match format {
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
            let values: Vec<String> = fields(&json).map(|(_, value)| value).collect();
            csv::record(out, &Verdict::FIELDS);
            csv::record(out, &values.iter().map(String::as_str).collect::<Vec<_>>());
        }
        Format::Table => {
            let told = fields(&json).filter(|(name, value)| !value.is_empty() && name != "rate_limit");
            let mut rows: Vec<(String, String)> = told.collect();
            if let Some(key) = &verdict.key {
                rows.push(("rate_limit".to_owned(), key.rate_limit.to_string()));
                rows.retain(|(name, value)| !value.is_empty() && (name != "labels" || value != "{}"));
            }
            let good = color.applies(stdout().is_terminal()).then_some(verdict.is_valid());
            table::facts(out, &rows, good);
        }
    }
}

/// The fields of a document as text: a list as words, an object as JSON, `null` as nothing.
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
