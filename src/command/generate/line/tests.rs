use super::*;
use crate::error::Error;

fn problems(line: &str) -> Result<()> {
    Line::read(line.as_bytes())?.request.problems.into_result()
}

#[test]
fn the_options_fill_the_fields_that_a_line_omits() {
    let options = Line::read(br#"{"name":"from-options","expires":"90d","owner":"acme"}"#).unwrap().request;
    let own = Line::read(br#"{"name":"own","type":"pair"}"#).unwrap().with_defaults(&options, Some(KeyType::Token));
    assert_eq!(own.key_type, Some(KeyType::Pair));
    assert_eq!(own.request.description.name.unwrap().as_str(), "own");
    assert_eq!(
        (own.request.description.owner, own.request.expires.is_some()),
        (options.description.owner.clone(), true)
    );
    let omitted = Line::read(b"{}").unwrap().with_defaults(&options, Some(KeyType::Token));
    assert_eq!((omitted.key_type, &omitted.request.description), (Some(KeyType::Token), &options.description));
}

#[test]
fn all_problems_of_a_line_are_reported() {
    for line in ["", r#"["web",null]"#, r#"{"name":1}"#, r#"{"nmae":"x"}"#, r#"{"rate_limit":{"per_minute":1}}"#] {
        let error = problems(line).unwrap_err();
        assert_eq!(error.code(), Code::InvalidLine, "{line}");
        assert!(!error.message().contains("column"), "{error}");
    }
    let several = problems(r#"{"type":"dsa","expires":"soon","name":"","note":3,"x":1}"#).unwrap_err();
    assert_eq!(several.details().len(), 5, "{several:?}");
    assert!(Error::message(&problems(r#"{"type":"dsa"}"#).unwrap_err()).starts_with("type: "));
}
