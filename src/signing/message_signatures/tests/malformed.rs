//! Malformed requests, and the limits of time and memory.

use super::*;
use std::time::{Duration, Instant};

const INPUT: &str = r#"s=("@method" "@authority" "@path" "@query");created=1;keyid="k""#;

/// Returns a request with the given fields `signature-input` and `signature`, and other fields.
fn request(input: &str, signature: &str, fields: &[(&str, &str)]) -> HttpRequest {
    let mut request = http(&["GET /a?p=1&q=2&q=3&r=%FF HTTP/1.1", "Host: x", "A: 1", "D: a=1, b=2, a=3"], "");
    let own = [("signature-input", input), ("signature", signature)];
    let fields = own.iter().chain(fields).filter(|(_, value)| !value.is_empty());
    request.fields.extend(fields.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    request
}

/// A field `signature-input` that the configuration of the tests accepts.
const VALID: &str = r#"s=("@method");created=1;keyid="k";tag="t""#;

/// Returns the configuration of the tests, which requires a tag.
fn tagged() -> MessageSignatures {
    MessageSignatures { tag: Some("t".into()), ..config(&["@method"]) }
}

fn components(list: &str) -> String {
    format!(r#"s=({list});created=1;keyid="k";tag="t""#)
}

fn parameters(parameters: &str) -> String {
    format!(r#"s=("@method"){parameters}"#)
}

/// Joins the results of a function for the numbers from 0.
fn listed(count: usize, separator: &str, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(separator)
}

/// Returns malformed fields `signature-input` and `signature`.
fn fields() -> Vec<(String, &'static str, FlawKind)> {
    use FlawKind::{Signature, SignatureInput};
    vec![
        (String::new(), "s=:AAAA:", SignatureInput),
        ("s".to_owned(), "s=:AAAA:", SignatureInput),
        ("s=1".to_owned(), "s=:AAAA:", SignatureInput),
        (r#"s="@method";created=1;keyid="k""#.to_owned(), "s=:AAAA:", SignatureInput),
        (r#"S=("@method");created=1;keyid="k""#.to_owned(), "s=:AAAA:", SignatureInput),
        (r#"s=("@method";created=1;keyid="k""#.to_owned(), "s=:AAAA:", SignatureInput),
        (r#"s=("@method"),;created=1"#.to_owned(), "s=:AAAA:", SignatureInput),
        (format!("{VALID},"), "s=:AAAA:", SignatureInput),
        (format!("{VALID}, {VALID}"), "s=:AAAA:", SignatureInput),
        (components("@method"), "s=:AAAA:", SignatureInput),
        (components("\"@method\",\"@path\""), "s=:AAAA:", SignatureInput),
        (components("\"@méthod\""), "s=:AAAA:", SignatureInput),
        (components("\"@method\n\""), "s=:AAAA:", SignatureInput),
        (parameters(r#";created=1;tag="t""#), "s=:AAAA:", SignatureInput),
        (parameters(r#";created=1;keyid=k;tag="t""#), "s=:AAAA:", SignatureInput),
        (parameters(r#";created=1;keyid=1a2b;tag="t""#), "s=:AAAA:", SignatureInput),
        (parameters(r#";created=1;keyid;tag="t""#), "s=:AAAA:", SignatureInput),
        (parameters(r#";created=1;keyid="k";keyid="l";tag="t""#), "s=:AAAA:", SignatureInput),
        (parameters(r#";created=1;created=2;keyid="k";tag="t""#), "s=:AAAA:", SignatureInput),
        (parameters(r#";created=1;keyid="k";nonce=n;tag="t""#), "s=:AAAA:", SignatureInput),
        (parameters(r#";created=1;keyid="k";tag="t"x"#), "s=:AAAA:", SignatureInput),
        (VALID.to_owned(), "", Signature),
        (VALID.to_owned(), "s", Signature),
        (VALID.to_owned(), "s=AAAA", Signature),
        (VALID.to_owned(), r#"s="AAAA""#, Signature),
        (VALID.to_owned(), "s=(:AAAA:)", Signature),
        (VALID.to_owned(), "s=:AA*A:", Signature),
        (VALID.to_owned(), "s=:AAAA", Signature),
        (VALID.to_owned(), "s=:AAAA:, s=:AAAA:", Signature),
        (VALID.to_owned(), "t=:AAAA:", Signature),
        (VALID.to_owned(), "AAAA", Signature),
    ]
}

/// Returns malformed times.
fn times() -> Vec<(String, &'static str, FlawKind)> {
    use FlawKind::{SignatureInput, Timestamp};
    vec![
        (parameters(r#";keyid="k";tag="t""#), "s=:AAAA:", Timestamp),
        (parameters(r#";created="1";keyid="k";tag="t""#), "s=:AAAA:", Timestamp),
        (parameters(r#";created=1.5;keyid="k";tag="t""#), "s=:AAAA:", Timestamp),
        (parameters(r#";created=-1;keyid="k";tag="t""#), "s=:AAAA:", Timestamp),
        (parameters(r#";created=@1;keyid="k";tag="t""#), "s=:AAAA:", Timestamp),
        (parameters(r#";created;keyid="k";tag="t""#), "s=:AAAA:", Timestamp),
        (parameters(r#";created=1;expires="2";keyid="k";tag="t""#), "s=:AAAA:", Timestamp),
        (parameters(r#";created=1;expires=2.0;keyid="k";tag="t""#), "s=:AAAA:", Timestamp),
        (parameters(r#";created=1;expires=-2;keyid="k";tag="t""#), "s=:AAAA:", Timestamp),
        (parameters(r#";created=1111111111111111;keyid="k";tag="t""#), "s=:AAAA:", SignatureInput),
    ]
}

/// Returns malformed lists of components.
fn listed_components() -> Vec<(String, &'static str, FlawKind)> {
    use FlawKind::Component;
    let long = "x".repeat(200);
    vec![
        (components("\"\""), "s=:AAAA:", Component),
        (components("token"), "s=:AAAA:", Component),
        (components("1"), "s=:AAAA:", Component),
        (components("\"@status\""), "s=:AAAA:", Component),
        (components("\"@signature-params\""), "s=:AAAA:", Component),
        (components("\"@unknown\""), "s=:AAAA:", Component),
        (components("\"@\""), "s=:AAAA:", Component),
        (components("\"@Method\""), "s=:AAAA:", Component),
        (components("\"@method\" \"@method\""), "s=:AAAA:", Component),
        (components("\"@method\";req"), "s=:AAAA:", Component),
        (components("\"a\";tr"), "s=:AAAA:", Component),
        (components("\"a\";unknown"), "s=:AAAA:", Component),
        (components("\"a\";sf=?0"), "s=:AAAA:", Component),
        (components("\"a\";sf=1"), "s=:AAAA:", Component),
        (components("\"a\";bs;sf"), "s=:AAAA:", Component),
        (components("\"a\";bs;key=\"a\""), "s=:AAAA:", Component),
        (components("\"a\";key"), "s=:AAAA:", Component),
        (components("\"a\";key=a"), "s=:AAAA:", Component),
        (components("\"a\";name=\"a\""), "s=:AAAA:", Component),
        (components("\"@path\";sf"), "s=:AAAA:", Component),
        (components("\"a\";sf \"a\";sf"), "s=:AAAA:", Component),
        (components("\"d\";key=\"b\";sf \"d\";sf;key=\"b\""), "s=:AAAA:", Component),
        (components("\"d\";key=\"b\""), "s=:AAAA:", Component),
        (components("\"a\";key=\"b\""), "s=:AAAA:", Component),
        (components("\"d\";sf"), "s=:AAAA:", Component),
        (components("\"absent\""), "s=:AAAA:", Component),
        (components("\"A\""), "s=:AAAA:", Component),
        (components("\"a:\""), "s=:AAAA:", Component),
        (components("\"a b\""), "s=:AAAA:", Component),
        (components(&format!("\"{long}\"")), "s=:AAAA:", Component),
        (components("\"@scheme\""), "s=:AAAA:", Component),
        (components("\"@target-uri\""), "s=:AAAA:", Component),
        (components("\"@query-param\""), "s=:AAAA:", Component),
        (components("\"@query-param\";name=p"), "s=:AAAA:", Component),
        (components("\"@query-param\";name=\"absent\""), "s=:AAAA:", Component),
        (components("\"@query-param\";name=\"q\""), "s=:AAAA:", Component),
        (components("\"@query-param\";name=\"r\""), "s=:AAAA:", Component),
        (components("\"@query-param\";name=\"p\" \"@query-param\";name=\"p\""), "s=:AAAA:", Component),
    ]
}

/// Returns signatures that the configuration refuses.
fn refused() -> Vec<(String, &'static str, FlawKind)> {
    use FlawKind::{Algorithm, Component, NotCovered, Tag, TooMany};
    let hundred = listed(101, " ", |i| format!("\"a{i}\""));
    let many = listed(40, "", |i| format!(";p{i}"));
    vec![
        (components(""), "s=:AAAA:", NotCovered),
        (components("\"@path\""), "s=:AAAA:", NotCovered),
        (components("\"@method\" \"content-digest\""), "s=:AAAA:", Component),
        (parameters(r#";created=1;keyid="k""#), "s=:AAAA:", Tag),
        (parameters(r#";created=1;keyid="k";tag="T""#), "s=:AAAA:", Tag),
        (parameters(r#";created=1;keyid="k";tag=t"#), "s=:AAAA:", Tag),
        (parameters(r#";created=1;keyid="k";tag="t";alg="rsa-v1_5-sha256""#), "s=:AAAA:", Algorithm),
        (parameters(r#";created=1;keyid="k";tag="t";alg="rsa-pss-sha256""#), "s=:AAAA:", Algorithm),
        (parameters(r#";created=1;keyid="k";tag="t";alg="hmac-sha256""#), "s=:AAAA:", Algorithm),
        (parameters(r#";created=1;keyid="k";tag="t";alg="ED25519""#), "s=:AAAA:", Algorithm),
        (parameters(r#";created=1;keyid="k";tag="t";alg="""#), "s=:AAAA:", Algorithm),
        (parameters(r#";created=1;keyid="k";tag="t";alg=ed25519"#), "s=:AAAA:", Algorithm),
        (components(&hundred), "s=:AAAA:", TooMany),
        (parameters(&many), "s=:AAAA:", TooMany),
        ("a=(), b=(), c=(), d=(), e=()".to_owned(), "a=:AAAA:", TooMany),
        (VALID.to_owned(), "a=1, b=2, c=3, d=4, s=:AAAA:", TooMany),
    ]
}

#[test]
fn a_malformed_request_is_refused_with_the_kind_of_its_flaw() {
    let config = tagged();
    assert!(config.presented(&request(VALID, "s=:AAAA:", &[])).is_ok());
    let cases: Vec<_> = [fields(), times(), listed_components(), refused()].into_iter().flatten().collect();
    assert!(cases.len() >= 40);
    for (input, signature, kind) in &cases {
        let flaw = config.presented(&request(input, signature, &[])).expect_err(input);
        assert_eq!(flaw.kind, *kind, "{input} {signature}: {flaw:?}");
        assert!(
            !flaw.message.contains("AAAA") && !flaw.message.contains("xxxxxxxx") && flaw.message.len() < 200,
            "{flaw:?}"
        );
        assert!(flaw.key.as_deref().is_none_or(|key| key == "k"), "{flaw:?}");
    }
}

#[test]
fn a_digest_of_another_body_is_refused() {
    use FlawKind::Digest;
    let config = tagged();
    let valid_digest = r#"s=("@method" "content-digest");created=1;keyid="k";tag="t""#;
    let empty = digest::of(b"");
    let known = config.presented(&request(valid_digest, "s=:AAAA:", &[("content-digest", &empty)]));
    assert!(known.is_ok());
    for (field, body, kind) in [
        (empty.clone(), None, Digest),
        (empty.clone(), Some("x"), Digest),
        (digest::of(b"x"), Some("y"), Digest),
        (format!("{}, sha-512=:AAAA:", digest::of(b"x")), Some("x"), Digest),
        ("sha-256=AAAA".to_owned(), Some("x"), Digest),
        ("md5=:AAAA:".to_owned(), Some("x"), Digest),
        ("a b".to_owned(), Some("x"), Digest),
    ] {
        let mut request = request(valid_digest, "s=:AAAA:", &[("content-digest", &field)]);
        request.body = body.map(|body| body.as_bytes().to_vec());
        assert_eq!(config.presented(&request).unwrap_err().kind, kind, "{field}");
    }
}

#[test]
fn the_whole_digest_must_be_covered() {
    let field = digest::of(b"body");
    for (component, is_accepted) in [
        (r#""content-digest""#, true),
        (r#""content-digest";sf"#, true),
        (r#""content-digest";bs"#, true),
        (r#""content-digest";key="sha-256""#, false),
        (r#""content-digest";sf;key="sha-256""#, false),
        (r#""digest""#, false),
    ] {
        let input = components(&format!("\"@method\" {component}"));
        let mut request = request(&input, "s=:AAAA:", &[("content-digest", &field), ("digest", "1")]);
        request.body = Some(b"body".to_vec());
        let found = tagged().presented(&request).map(drop).map_err(|flaw| flaw.kind);
        assert_eq!(found, if is_accepted { Ok(()) } else { Err(FlawKind::NotCovered) }, "{component}");
    }
}

#[test]
fn a_malformed_method_or_target_is_refused() {
    use FlawKind::{Component, Method, NotCovered, Path, SignatureInput};
    let change = |change: &dyn Fn(&mut HttpRequest)| {
        let mut request = request(INPUT, "s=:AAAA:", &[]);
        change(&mut request);
        MessageSignatures::default().presented(&request).map(drop).map_err(|flaw| flaw.kind)
    };
    assert_eq!(change(&|_| ()), Ok(()));
    for (kind, modify) in [
        (Method, &(|request: &mut HttpRequest| request.method = "get".into()) as &dyn Fn(&mut HttpRequest)),
        (Method, &|request| request.method = "GET\n".into()),
        (Path, &|request| request.path = "a".into()),
        (Path, &|request| request.path = "/ä".into()),
        (Path, &|request| request.path = "/a b".into()),
        (Path, &|request| request.query = "#a".into()),
        (Path, &|request| request.query = "?a#".into()),
        (Path, &|request| request.query = "?ä".into()),
        (Path, &|request| request.query = "?a b".into()),
        (Component, &|request| request.fields[0].1 = "x/y".into()),
        (Component, &|request| request.fields.push(("host".into(), "y".into()))),
        (Component, &|request| request.fields[0].0 = "hosts".into()),
        (NotCovered, &|request| request.body = Some(b"x".to_vec())),
        (NotCovered, &|request| request.fields.push(("content-length".into(), "1".into()))),
        (NotCovered, &|request| request.fields.push(("transfer-encoding".into(), "chunked".into()))),
    ] {
        assert_eq!(change(modify), Err(kind));
    }
    assert_eq!(change(&|request| request.fields.push(("content-length".into(), "0".into()))), Ok(()));
    // A member of the JSON is not a header field.
    let mut outside = request("", "", &[]);
    outside.members = vec![("signature-input".into(), INPUT.into()), ("signature".into(), "s=:AAAA:".into())];
    assert_eq!(MessageSignatures::default().presented(&outside).unwrap_err().kind, SignatureInput);
}

#[test]
fn a_covered_field_has_only_printable_ascii() {
    let config = config(&["x"]);
    for (value, parameter, is_accepted) in [
        ("a\tb", "", true),
        ("a\nb", "", false),
        ("a\rb", "", false),
        ("a\0b", ";bs", false),
        ("a\u{7f}", "", false),
        ("a\u{85}", ";bs", false),
        ("ä", "", false),
        ("ä", ";sf", false),
        ("ä", ";bs", true),
        ("\"ä\"", ";key=\"a\"", false),
    ] {
        let input = format!(r#"s=("x"{parameter});created=1;keyid="k""#);
        let request = request(&input, "s=:AAAA:", &[("x", value)]);
        match config.presented(&request) {
            Ok(found) => assert!(is_accepted && found[0].message.is_ascii(), "{value:?}"),
            Err(flaw) => assert!(!is_accepted && flaw.kind == FlawKind::Component, "{value:?}: {flaw:?}"),
        }
    }
}

#[test]
fn large_requests_take_little_time_and_memory() {
    let config = config(&["@method"]);
    let start = Instant::now();
    let list = |count: usize| listed(count, " ", |i| format!("\"h{i}\""));
    let kind = |request: &HttpRequest| config.presented(request).unwrap_err().kind;
    // 10,000 components.
    for count in [101, 10_000] {
        let input = format!(r#"s=({});created=1;keyid="k""#, list(count));
        assert_eq!(kind(&request(&input, "s=:AAAA:", &[])), FlawKind::TooMany);
    }
    // 10,000 labels and parameters, and 1 MB of each field.
    let labels = (0..10_000).map(|i| format!("l{i}=()")).collect::<Vec<_>>().join(", ");
    assert_eq!(kind(&request(&labels, "l1=:AAAA:", &[])), FlawKind::TooMany);
    let parameters = listed(10_000, "", |i| format!(";p{i}"));
    assert_eq!(kind(&request(&format!("s=(){parameters}"), "s=:AAAA:", &[])), FlawKind::TooMany);
    let megabyte = "A".repeat(1024 * 1024);
    assert_eq!(kind(&request(&format!("s=(\"{megabyte}\")"), "s=:AAAA:", &[])), FlawKind::TooMany);
    assert_eq!(kind(&request(INPUT, &format!("s=:{megabyte}:"), &[])), FlawKind::TooMany);
    // 1 MB of headers that four signatures cover with a hundred components each.
    let headers: Vec<_> = (0..10_000).map(|i| (format!("h{i}"), "v".repeat(100))).collect();
    let mut fields: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let inputs: Vec<_> = (0..4).map(|i| format!(r#"s{i}=("@method" {});created=1;keyid="k""#, list(99))).collect();
    let signatures: Vec<_> = (0..4).map(|i| format!("s{i}=:AAAA:")).collect();
    let many = request(&inputs.join(", "), &signatures.join(", "), &fields);
    assert_eq!(config.presented(&many).unwrap().len(), 4);
    // A long field that is covered again and again.
    let dictionary =
        format!("{}, z=\"{}\"", (0..99).map(|i| format!("k{i}")).collect::<Vec<_>>().join(", "), "v".repeat(500_000));
    fields.push(("dict", &dictionary));
    let keys = (0..99).map(|i| format!("\"dict\";key=\"k{i}\"")).collect::<Vec<_>>().join(" ");
    let input = format!(r#"s=("@method" {keys});created=1;keyid="k""#);
    assert_eq!(config.presented(&request(&input, "s=:AAAA:", &fields)).unwrap().len(), 1);
    let input = r#"s=("@method" "dict" "dict";bs "dict";sf);created=1;keyid="k""#;
    assert_eq!(kind(&request(input, "s=:AAAA:", &fields)), FlawKind::TooMany);
    let query = (0..100_000).map(|i| format!("p{i}=1")).collect::<Vec<_>>().join("&");
    let names = (0..99).map(|i| format!("\"@query-param\";name=\"p{i}\"")).collect::<Vec<_>>().join(" ");
    let mut long = request(&format!(r#"s=("@method" {names});created=1;keyid="k""#), "s=:AAAA:", &[]);
    long.query = format!("?{query}");
    assert_eq!(config.presented(&long).unwrap().len(), 1);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
