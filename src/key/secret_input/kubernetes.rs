//! The entries of a Kubernetes Secret (v1), in the YAML that keywright and `kubectl` write, or in JSON.

use super::{Mistake, decoded, unquoted};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// The names and the values of entries.
type Entries = Result<Vec<(String, Zeroizing<Vec<u8>>)>, Mistake>;

/// The names of the two members that contain entries, each with `true` if the values of the entries are in base64.
const PLACES: [(&str, bool); 2] = [("stringData", false), ("data", true)];

/// Returns the entries of a Secret in YAML, or `None` if the text is not a Secret. A value is a scalar on one line,
/// with or without quotes, or a block scalar, which consists of the indented lines after `|` or `>`.
pub(super) fn entries(text: &str) -> Option<Entries> {
    text.lines().any(|line| line.trim_end() == "kind: Secret").then(|| read(text))
}

/// Takes the entries of a Secret out of the members of a JSON object, or returns `None` if the object is not a Secret.
/// Entries with values that are not strings are left out.
pub(super) fn json_entries(members: &mut Map<String, Value>) -> Option<Entries> {
    if members.get("kind").and_then(Value::as_str) != Some("Secret") {
        return None;
    }
    let mut found = Vec::new();
    for (place, is_encoded) in PLACES {
        let Some(Value::Object(entries)) = members.get_mut(place).map(Value::take) else { continue };
        for (name, value) in entries {
            let Value::String(text) = value else { continue };
            match value_of(&name, &Zeroizing::new(text), is_encoded) {
                Ok(value) => found.push((name, value)),
                Err(mistake) => return Some(Err(mistake)),
            }
        }
    }
    Some(Ok(found))
}

fn value_of(name: &str, text: &str, is_encoded: bool) -> Result<Zeroizing<Vec<u8>>, Mistake> {
    if !is_encoded {
        return Ok(Zeroizing::new(text.as_bytes().to_vec()));
    }
    let shown: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).take(24).collect();
    decoded(text).ok_or_else(|| format!("the entry `{shown}` of the Kubernetes Secret is not base64").into())
}

fn read(text: &str) -> Entries {
    let mut found = Vec::new();
    let mut place = None;
    let mut lines = text.lines().map(str::trim_end).peekable();
    while let Some(line) = lines.next() {
        let indent = indent(line);
        if indent == 0 {
            place = PLACES.into_iter().find(|(name, _)| line.strip_suffix(':') == Some(*name));
            continue;
        }
        let (Some((_, is_encoded)), Some((name, value))) = (place, line.trim().split_once(':')) else { continue };
        let value = value.trim();
        let mut scalar = Zeroizing::new(String::with_capacity(text.len()));
        if value.starts_with(['|', '>']) {
            while let Some(line) = lines.next_if(|line| line.is_empty() || self::indent(line) > indent) {
                scalar.push_str(line.trim_start());
                scalar.push('\n');
            }
        } else {
            scalar.push_str(unquoted(value).as_ref().map_or(value, |inner| inner.as_str()));
        }
        found.push((name.trim_matches(['"', '\'']).to_owned(), value_of(name, &scalar, is_encoded)?));
    }
    Ok(found)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}
