//! Templates for the documents of a service. A template is a JSON value in which each string of the form `{field}` is
//! replaced by the value of the field.
//!
//! The string `{{text}}` is replaced by the literal string `{text}`, and every other string is left unchanged. In a
//! document about several items, an array whose only element is an object with fields of an item is filled with one
//! such object for each item.

use serde_json::Value;

/// A compiled template.
#[derive(Clone, Debug)]
pub struct Template(Vec<TemplatePart>);

#[derive(Clone, Debug)]
enum TemplatePart {
    /// JSON text that contains no fields.
    Text(Vec<u8>),
    /// The value of a field. `follows` is `true` for an element of an array that is not the first: a comma is written
    /// before its value, and the element is omitted if the field has no value.
    Field { name: String, follows: bool },
    /// The part that is repeated for each item. The repetitions are separated by commas.
    Each(Vec<TemplatePart>),
}

/// A function that takes the name of a field and returns its value, or `None` if the field has no value.
pub type FieldValues<'a> = &'a dyn Fn(&str) -> Option<Value>;

impl Template {
    /// Compiles a template. For a document about several items, `repeats` returns `true` for the names of the fields
    /// that mark an object as the one to repeat for each item. For any other document, `repeats` is `None`.
    pub(super) fn new(value: &Value, repeats: Option<fn(&str) -> bool>) -> Self {
        let mut parts = Vec::new();
        compile(value, repeats, &mut parts);
        Self(parts)
    }

    /// Returns `true` if the template is `null`, which means that nothing is printed.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(self.0.as_slice(), [TemplatePart::Text(text)] if text == b"null")
    }

    /// Returns the name of each field in the template, paired with `true` if the field is in the repeated part.
    pub(super) fn fields(&self) -> Vec<(&str, bool)> {
        let mut found = Vec::new();
        collect(&self.0, false, &mut found);
        found
    }

    /// Returns the number of arrays that are repeated for each item.
    pub(super) fn repeated(&self) -> usize {
        self.0.iter().filter(|part| matches!(part, TemplatePart::Each(_))).count()
    }

    /// Appends to `out` the part of the document before the items, or the whole document if it has no repeated part.
    pub fn head(&self, field: FieldValues<'_>, out: &mut Vec<u8>) {
        let end = self.place().unwrap_or(self.0.len());
        fill(&self.0[..end], field, out);
    }

    /// Appends an item to `out`, preceded by a comma unless `first` is `true`. Does nothing if the document has no
    /// repeated part.
    pub fn row(&self, first: bool, field: FieldValues<'_>, out: &mut Vec<u8>) {
        if let Some(TemplatePart::Each(parts)) = self.place().and_then(|place| self.0.get(place)) {
            if !first {
                out.push(b',');
            }
            fill(parts, field, out);
        }
    }

    /// Appends to `out` the part of the document after the items. Does nothing if the document has no repeated part.
    pub fn tail(&self, field: FieldValues<'_>, out: &mut Vec<u8>) {
        if let Some(place) = self.place() {
            fill(&self.0[place + 1..], field, out);
        }
    }

    /// Fills in all fields except the one that `secret` names, and returns the document split at each occurrence of
    /// that field. The caller inserts the secret between the pieces, in a buffer that is wiped after use.
    #[must_use]
    pub fn around(&self, secret: &str, field: FieldValues<'_>) -> Vec<Vec<u8>> {
        let mut pieces = vec![Vec::new()];
        for part in &self.0 {
            match part {
                TemplatePart::Field { name, follows } if name == secret => {
                    if let Some(last) = pieces.last_mut().filter(|_| *follows) {
                        last.push(b',');
                    }
                    pieces.push(Vec::new());
                }
                part => {
                    if let Some(last) = pieces.last_mut() {
                        fill(std::slice::from_ref(part), field, last);
                    }
                }
            }
        }
        pieces
    }

    fn place(&self) -> Option<usize> {
        self.0.iter().position(|part| matches!(part, TemplatePart::Each(_)))
    }
}

/// Returns the name of the field if a string has the form `{field}`, or `None` otherwise.
fn field(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    (!name.starts_with('{')).then_some(name)
}

fn compile(value: &Value, repeats: Option<fn(&str) -> bool>, parts: &mut Vec<TemplatePart>) {
    match value {
        Value::String(string) => match field(string) {
            Some(name) => parts.push(TemplatePart::Field { name: name.to_owned(), follows: false }),
            None => text(parts, literal(string).to_string().as_bytes()),
        },
        Value::Array(elements) => {
            text(parts, b"[");
            match (repeats, elements.as_slice()) {
                (Some(is_row), [row @ Value::Object(_)]) if uses(row, is_row) => {
                    let mut each = Vec::new();
                    compile(row, None, &mut each);
                    parts.push(TemplatePart::Each(each));
                }
                _ => {
                    for (i, element) in elements.iter().enumerate() {
                        if let Some(name) = element.as_str().and_then(field).filter(|_| i > 0) {
                            parts.push(TemplatePart::Field { name: name.to_owned(), follows: true });
                        } else {
                            text(parts, if i > 0 { b"," } else { b"" });
                            compile(element, repeats, parts);
                        }
                    }
                }
            }
            text(parts, b"]");
        }
        Value::Object(members) => {
            text(parts, b"{");
            for (i, (name, member)) in members.iter().enumerate() {
                text(parts, if i > 0 { b"," } else { b"" });
                text(parts, Value::from(name.as_str()).to_string().as_bytes());
                text(parts, b":");
                compile(member, repeats, parts);
            }
            text(parts, b"}");
        }
        plain => text(parts, plain.to_string().as_bytes()),
    }
}

/// Returns the JSON string for a string that does not have the form `{field}`. A string in double braces is returned in
/// single braces.
fn literal(string: &str) -> Value {
    let doubled = string.starts_with("{{") && string.ends_with("}}");
    Value::from(if doubled { &string[1..string.len() - 1] } else { string })
}

fn uses(value: &Value, wanted: fn(&str) -> bool) -> bool {
    match value {
        Value::String(string) => field(string).is_some_and(wanted),
        Value::Array(elements) => elements.iter().any(|element| uses(element, wanted)),
        Value::Object(members) => members.values().any(|member| uses(member, wanted)),
        _ => false,
    }
}

fn text(parts: &mut Vec<TemplatePart>, bytes: &[u8]) {
    match parts.last_mut() {
        Some(TemplatePart::Text(before)) => before.extend_from_slice(bytes),
        _ if bytes.is_empty() => {}
        _ => parts.push(TemplatePart::Text(bytes.to_owned())),
    }
}

fn collect<'a>(parts: &'a [TemplatePart], inside: bool, found: &mut Vec<(&'a str, bool)>) {
    for part in parts {
        match part {
            TemplatePart::Text(_) => {}
            TemplatePart::Field { name, .. } => found.push((name, inside)),
            TemplatePart::Each(parts) => collect(parts, true, found),
        }
    }
}

fn fill(parts: &[TemplatePart], field: FieldValues<'_>, out: &mut Vec<u8>) {
    for part in parts {
        match part {
            TemplatePart::Text(text) => out.extend_from_slice(text),
            TemplatePart::Field { name, follows } => match field(name) {
                None if *follows => {}
                value => {
                    if *follows {
                        out.push(b',');
                    }
                    // Writing to a vector cannot fail.
                    let _ = serde_json::to_writer(&mut *out, &value);
                }
            },
            TemplatePart::Each(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn whole(template: &Value, repeats: Option<fn(&str) -> bool>, rows: usize) -> String {
        let template = Template::new(template, repeats);
        let known = json!({ "a": 1, "s": "x\"y", "n": null });
        let field = |name: &str| known.get(name).cloned();
        let mut out = Vec::new();
        template.head(&field, &mut out);
        for row in 0..rows {
            template.row(row == 0, &field, &mut out);
        }
        template.tail(&field, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn fields_are_replaced_and_other_strings_stay() {
        let template = json!({ "z": "{a}", "b": ["{s}", "{a}", "{gone}"], "c": "{{a}}", "d": " {a}", "e": "{n}", "f": "{gone}", "g": 1.5 });
        assert_eq!(
            whole(&template, None, 1),
            r#"{"z":1,"b":["x\"y",1],"c":"{a}","d":" {a}","e":null,"f":null,"g":1.5}"#
        );
    }

    #[test]
    fn an_array_of_one_object_is_repeated() {
        let is_row: fn(&str) -> bool = |name| name == "a";
        let template = json!({ "k": [{ "a": "{a}", "deep": [{ "a": "{a}" }] }], "other": [{ "s": "{s}" }] });
        assert_eq!(
            whole(&template, Some(is_row), 2),
            r#"{"k":[{"a":1,"deep":[{"a":1}]},{"a":1,"deep":[{"a":1}]}],"other":[{"s":"x\"y"}]}"#
        );
        assert_eq!(whole(&json!([{ "a": "{a}" }]), Some(is_row), 0), "[]");
        assert_eq!(Template::new(&template, Some(is_row)).repeated(), 1);
    }

    #[test]
    fn the_secret_is_not_in_the_pieces() {
        let template = Template::new(&json!({ "x": "{token}", "y": "{a}", "z": ["{a}", "{token}"] }), None);
        let pieces = template.around("token", &|_| Some(json!(1)));
        let pieces: Vec<_> = pieces.iter().map(|piece| str::from_utf8(piece).unwrap()).collect();
        assert_eq!(pieces, [r#"{"x":"#, r#","y":1,"z":[1,"#, "]}"]);
    }
}
