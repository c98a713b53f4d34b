use super::*;

fn options() -> Describe {
    Describe {
        name: Some("from-options".into()),
        env: None,
        owner: Some("acme".into()),
        scopes: vec!["read".into()],
        expires: None,
        rate_limit: None,
        allowed_ips: vec!["192.0.2.0/24".into()],
        labels: vec!["team=x".into()],
        note: None,
    }
}

fn described(line: &str) -> Describe {
    Line::read(line.as_bytes()).unwrap().describe(options())
}

#[test]
fn options_fill_the_fields_that_a_line_omits() {
    let own = described(r#"{"name":"own","scopes":[],"labels":{}}"#);
    assert_eq!(own.name.unwrap().value().unwrap().as_str(), "own");
    assert_eq!(own.owner.unwrap().value().unwrap().as_str(), "acme");
    assert_eq!((own.scopes.len(), own.labels.len()), (0, 0), "none is not left out");
    let left_out = described("{}");
    assert_eq!(left_out.name.unwrap().value().unwrap().as_str(), "from-options");
    assert_eq!((left_out.scopes.len(), left_out.labels.len()), (1, 1));
}

#[test]
fn a_rate_limit_is_text_or_the_object_of_a_key() {
    let limit = |line: &str| described(line).rate_limit.map(|given| given.value().unwrap());
    let text = limit(r#"{"rate_limit":"60/min,500/day"}"#);
    assert!(text.is_some());
    assert_eq!(limit(r#"{"rate_limit":{"requests_per_minute":60,"requests_per_day":500}}"#), text);
    assert_eq!(limit(r#"{"rate_limit":{"requests_per_minute":null}}"#), None, "as an unset one is printed");
}

#[test]
fn errors_of_a_line_do_not_name_a_column() {
    for line in [
        "",
        r#"["web",null,null,null,null,null,null,null,null]"#,
        "{\"name\":1}",
        "{\"nmae\":\"x\"}",
        "{\"rate_limit\":{\"per_minute\":1}}",
    ] {
        let error = Line::read(line.as_bytes()).err().unwrap();
        assert_eq!(error.code(), Code::InvalidLine, "{line}");
        assert!(!error.message().contains("column"), "{error}");
    }
    let wrong = Line::read(br#"{"type":"dsa"}"#).unwrap().key_type().unwrap_err();
    assert!(wrong.message().starts_with("--type: "), "{wrong}");
}
