//! Rendering keys and errors with the document templates of the keyring's contract.

use crate::{
    contract::Template,
    error::{Detail, Error},
    key::KeyDocument,
};
use serde_json::{Value, json};

/// Returns a function that looks up a key's fields by name, and returns `None` for an unknown name. A name such as
/// `rate_limit.requests_per_minute` selects a nested field.
pub(super) fn fields(document: &KeyDocument<'_>) -> impl Fn(&str) -> Option<Value> + use<> {
    let mut json = Vec::new();
    document.write(&mut json);
    let whole: Value = serde_json::from_slice(&json).unwrap_or_default();
    move |name| match name.split_once('.') {
        Some((outer, inner)) => whole.get(outer)?.get(inner).cloned(),
        None => whole.get(name).cloned(),
    }
}

/// Renders an error with the contract's error template. Returns an empty vector if the template is `null`.
pub(super) fn failure(error: &Error, template: &Template) -> Vec<u8> {
    let message = error.field_message();
    let whole = |name: &str| match name {
        "code" => Some(Value::from(error.code().word())),
        "message" => Some(Value::from(message.as_str())),
        "hint" => Some(Value::from(error.hint())),
        _ => None,
    };
    let mut out = Vec::new();
    if template.is_nothing() {
        return out;
    }
    template.head(&whole, &mut out);
    let alone = [Detail { loc: Vec::new(), field: None, msg: message.clone(), kind: error.code().word().to_owned() }];
    let details = if error.details().is_empty() { &alone } else { error.details() };
    for (i, detail) in details.iter().enumerate() {
        let option =
            detail.loc.first().and_then(|first| first.strip_prefix("--")).map(|option| option.replace('-', "_"));
        let about = detail.field.map(str::to_owned).or(option);
        let field = |name: &str| match name {
            "loc" => Some(json!(detail.loc)),
            "msg" => Some(Value::from(detail.msg.as_str())),
            "type" => Some(Value::from(detail.kind.as_str())),
            "field" => about.clone().map(Value::from),
            name => whole(name),
        };
        template.row(i == 0, &field, &mut out);
    }
    template.tail(&whole, &mut out);
    out.push(b'\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contract::{Contract, Operation},
        error::{Code, Problems},
    };

    fn rendered(contract: &str, error: &Error) -> Value {
        let contract = Contract::stored(Contract::built_in(contract)).unwrap();
        let template = contract.documents.template(Operation::Error).unwrap();
        serde_json::from_slice(&failure(error, &template)).unwrap()
    }

    #[test]
    fn every_violation_has_the_location_of_its_field() {
        let one = || Error::new(Code::InvalidName, "too short", "h").in_field("name");
        let mut two = Problems::default();
        two.push(one());
        two.push(Error::new(Code::ScopeUnknown, "no", "h").in_field("rate_limit"));
        assert_eq!(
            rendered("imtegrate", &two.into_result().unwrap_err()),
            json!({ "detail": [
                { "loc": ["body", "name"], "msg": "too short", "type": "invalid_name" },
                { "loc": ["body", "rate_limit"], "msg": "no", "type": "scope_unknown" },
            ] })
        );
        let other = Error::new(Code::NotFound, "gone", "h");
        assert_eq!(
            rendered("imtegrate", &other),
            json!({ "detail": [{ "loc": ["body"], "msg": "gone", "type": "not_found" }] })
        );
        assert_eq!(rendered("polynode", &one()), json!({ "error": "name: too short" }));
    }
}
