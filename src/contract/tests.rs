use super::*;

#[test]
fn the_built_in_contracts_are_valid() {
    for name in Contract::built_in_names() {
        let text = Contract::built_in(name).unwrap();
        let contract = Contract::parse(text.as_bytes()).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        assert_eq!(contract.contract, name);
        let again = Contract::parse(contract.to_text().unwrap().as_bytes()).unwrap();
        assert!(contract.changes(&again).unwrap().is_empty(), "{name}");
    }
    assert!(Contract::built_in("acme").is_none());
}

#[test]
fn one_rule_can_be_changed() {
    let contract = Contract::stored(None).unwrap();
    for (path, value) in [
        ("scopes.required", "true"),
        ("expiry.longest", "90d"),
        ("expiry.required_live", "true"),
        ("allowed_ips.required_live", "true"),
        ("allowed_ips.most", "10"),
        ("rsa.smallest", "3072"),
        ("name.pattern", "svc-*"),
        ("issue_limit", "5/hour"),
        ("scopes.known", r#"["read","write"]"#),
        ("issue_limit", "null"),
        ("bearer_audience", "https://api.example.com/token"),
        ("bearer_audience", "null"),
    ] {
        contract.with(path, value).unwrap_or_else(|e| panic!("{path}: {e:?}"));
    }
    for (path, value) in [
        ("scopes", "1"),
        ("nothing", "1"),
        ("scopes.nothing", "1"),
        ("rsa.smallest", "1024"),
        ("rsa.smallest", "many"),
        ("expiry.longest", "0d"),
        ("issue_limit", "0/day"),
        ("types", "[]"),
        ("types", r#"["ed448"]"#),
        ("name.min", "0"),
        ("bearer_minutes", "0"),
        ("bearer_audience", ""),
        ("bearer_audience", "a b"),
        ("bearer_audience", "[\"https://api.example.com\"]"),
    ] {
        let error = contract.with(path, value).expect_err(path);
        assert_eq!(error.code(), Code::ContractInvalid, "{path} {value}");
    }
}

#[test]
fn an_invalid_contract_is_refused_with_the_path() {
    for (text, place) in [
        ("", "line 1"),
        ("nonsense", "line 1"),
        ("[]", "line 1"),
        (r#"{"contract":"x","rule":{}}"#, "unknown field `rule`"),
        (r#"{"contract":"x","rules":{"typo":1}}"#, "unknown field `typo`"),
        (r#"{"contract":"a b"}"#, "at contract"),
        (r#"{"contract":"x","rules":{"expiry":{"default":"2y","longest":"1y"}}}"#, "expiry"),
        (r#"{"contract":"x","rules":{"scopes":{"known":["read"],"omitted":["write"]}}}"#, "scopes.omitted"),
        (r#"{"contract":"x","rules":{"scopes":{"known":["write"],"needs":{"write":["read"]}}}}"#, "scopes.needs"),
        (r#"{"contract":"x","rules":{"scopes":{"needs":{"write":["read"]},"omitted":["write"]}}}"#, "scopes.omitted"),
        (r#"{"contract":"x","rules":{"name":{"min":5,"max":4}}}"#, "name"),
        (r#"{"contract":"x","rules":{"name":{"default":"x","pattern":"y*"}}}"#, "name.default"),
        (r#"{"contract":"x","rules":{"environments":["live"],"prefix":{"test":"a"}}}"#, "prefix"),
        (r#"{"contract":"x","documents":{"list":{"k":"{token}"}}}"#, "documents.list"),
        (r#"{"contract":"x","documents":{"list":[{"k":"{private_key}"}]}}"#, "documents.list"),
        (r#"{"contract":"x","documents":{"show":{"k":"{shoe_size}"}}}"#, "documents.show"),
        (r#"{"contract":"x","documents":{"generate":{"k":"{name}"}}}"#, "documents.generate"),
        (r#"{"contract":"x","documents":{"list":{"k":1}}}"#, "documents.list"),
    ] {
        let error = Contract::parse(text.as_bytes()).expect_err(text);
        assert_eq!(error.code(), Code::ContractInvalid);
        assert!(error.message().contains(place), "{text}: {error}");
    }
    let nearly = format!(r#"{{"contract":"x","documents":{{"show":"{}"}}}}"#, "x".repeat(LIMIT - 50));
    let stored = Contract::parse(nearly.as_bytes()).unwrap().to_text().unwrap();
    assert!(stored.len() > LIMIT && Contract::stored(Some(&stored)).is_ok());
    let long = format!(r#"{{"contract":"x","description":"{}"}}"#, "x".repeat(LIMIT));
    assert_eq!(Contract::parse(long.as_bytes()).unwrap_err().code(), Code::ContractInvalid);
}

#[test]
fn the_signing_scheme_can_be_changed_and_restored() {
    assert_eq!(Contract::of_new_keyrings().unwrap().signing().name(), Some("http-message-signatures"));
    let contract = Contract::stored(None).unwrap();
    assert_eq!(contract.signing().name(), Some("kalshi"), "a keyring of the first version");
    let binance = contract.with("signing", "binance").unwrap();
    assert_eq!(binance.signing().name(), Some("binance"));
    assert_eq!(contract.changes(&binance).unwrap()["signing"], serde_json::json!(["kalshi", "binance"]));
    let again = Contract::stored(Some(&binance.to_text().unwrap())).unwrap();
    assert_eq!(again.signing().name(), Some("binance"));
    // `null` restores the value in the built-in contract of the same name, which the first version did not have.
    assert_eq!(binance.with("signing", "null").unwrap().signing().name(), Some("http-message-signatures"));
    let acme = Contract::parse(br#"{"contract":"acme","signing":"binance"}"#).unwrap();
    assert!(acme.with("signing", "null").unwrap().signing.is_none());
    let own = r#"{"scheme":"concatenation","message":["{timestamp}","{path}"],"headers":{"key":"K","timestamp":"T","signature":"S"},"algorithms":["ed25519"]}"#;
    let own = contract.with("signing", own).unwrap();
    assert_eq!((own.signing().name(), own.signing().max_skew()), (None, 30_000));
    for (value, expected) in [
        ("acme", "the scheme is unknown; choose from http-message-signatures, kalshi, binance, robinhood"),
        ("hmac", "HMAC is not supported"),
        ("1", "a name or an object"),
        (r#"{"scheme":"hmac"}"#, "scheme: the family must be"),
        (r#"{"scheme":"concatenation","message":["{timestamp}"],"headers":{"key":1}}"#, "headers.key: a place is"),
        (
            r#"{"scheme":"concatenation","message":["{path}"],"headers":{"key":"K","timestamp":"T","signature":"S"},"algorithms":["ed25519"]}"#,
            "the timestamp must be part",
        ),
        (r#"{"scheme":"concatenation","scheme":"concatenation"}"#, "`scheme` is repeated"),
    ] {
        let error = contract.with("signing", value).unwrap_err();
        assert_eq!(error.code(), Code::ContractInvalid, "{value}");
        assert!(error.message().contains(expected), "{value}: {}", error.message());
    }
}
