//! The examples of RFC 9421 and RFC 9530, and requests that other implementations signed.

use super::*;
use crate::signing::{authority, request_body::RequestBody};

fn text<'a>(case: &'a Value, name: &str) -> Option<&'a str> {
    case[name].as_str()
}

#[test]
fn the_signature_bases_of_rfc_9421_are_built_and_its_signatures_verified() {
    let cases = json("rfc9421/cases.json");
    assert_eq!(cases.len(), 12);
    let mut verified = 0;
    for case in &cases {
        let name = text(case, "name").unwrap();
        let request = HttpRequest::read(text(case, "request").unwrap().as_bytes()).unwrap();
        let keyid = match text(case, "label").unwrap() {
            "proxy_sig" => Some("test-key-rsa"),
            _ => None,
        };
        let found =
            candidates(&request).into_iter().map(|candidate| candidate.unwrap_or_else(|e| panic!("{name}: {e:?}")));
        let found = found.filter(|found| keyid.is_none_or(|keyid| found.signature.key == keyid)).collect::<Vec<_>>();
        let [SignatureCandidate { signature, .. }] = &found[..] else { panic!("{name}") };
        let base = str::from_utf8(&signature.message).unwrap();
        if let Some(expected) = text(case, "base") {
            assert_eq!(base, expected, "{name}");
        }
        assert!((1_618_884_473_000..=1_618_884_480_000).contains(&signature.timestamp.millis()), "{name}");
        let Some(key) = text(case, "key") else { continue };
        assert_eq!(signature.key, key);
        let key = verifier(&data(&format!("rfc9421/{key}.public.pem")));
        let algorithm = text(case, "algorithm").unwrap().parse().unwrap();
        let is_valid = key.accepts(algorithm, &signature.message, &signature.signature);
        assert_eq!(is_valid, case["valid"] == true, "{name}");
        verified += 1;
    }
    assert_eq!(verified, 11);
}

#[test]
fn ed25519_makes_the_signatures_of_rfc_9421() {
    let pair = KeyPair::from_private(&data("rfc9421/test-key-ed25519.private.pem")).unwrap();
    let mut made = 0;
    for case in json("rfc9421/cases.json") {
        if case["key"] != "test-key-ed25519" || case["valid"] != true {
            continue;
        }
        let request = HttpRequest::read(text(&case, "request").unwrap().as_bytes()).unwrap();
        let [Ok(SignatureCandidate { signature, .. })] = &candidates(&request)[..] else { panic!("{case}") };
        let base = text(&case, "base").unwrap();
        assert_eq!(pair.sign(SignatureAlgorithm::Ed25519, base.as_bytes()).unwrap(), signature.signature);
        made += 1;
    }
    assert_eq!(made, 5);
}

#[test]
fn the_examples_of_rfc_9421_are_compared_with_a_configuration() {
    let cases = json("rfc9421/cases.json");
    let request = |name: &str| {
        let case = cases.iter().find(|case| case["name"] == name).unwrap();
        HttpRequest::read(text(case, "request").unwrap().as_bytes()).unwrap()
    };
    let kind =
        |config: &MessageSignatures, name| config.presented(&request(name)).map_err(|flaw| (flaw.kind, flaw.key));
    // The digests in these two examples match the body, and cover everything that is required.
    let full = MessageSignatures::default();
    let [found] = &kind(&full, "B.2.3").unwrap()[..] else { panic!() };
    assert_eq!((found.algorithm, &*found.key), (None, "test-key-rsa-pss"));
    let tagged = MessageSignatures {
        tag: Some("header-example".into()),
        ..config(&["@authority", "@query-param;name=\"Pet\""])
    };
    assert_eq!(kind(&tagged, "B.2.2").unwrap().len(), 1);
    let key = Some("test-key-rsa-pss".to_owned());
    assert_eq!(kind(&tagged, "B.2.3").unwrap_err(), (FlawKind::Tag, key.clone()));
    assert_eq!(kind(&full, "B.2.2").unwrap_err(), (FlawKind::NotCovered, key.clone()));
    // The body is not empty, so its digest must be covered.
    assert_eq!(kind(&config(&["@path"]), "B.2.6").unwrap_err().0, FlawKind::NotCovered);
    assert_eq!(kind(&config(&["@path"]), "B.2.1").unwrap_err(), (FlawKind::NotCovered, key));
    // Section 4.3: the signature of the client has another authority, but an acceptable form; that of the proxy has an
    // algorithm that must be listed.
    let [client] = &kind(&config(&["@method"]), "4.3").unwrap()[..] else { panic!() };
    assert_eq!(client.key, "test-key-ecc-p256");
    let pkcs1 = MessageSignatures { algorithms: vec![SignatureAlgorithm::RsaPkcs1Sha256], ..config(&["forwarded"]) };
    let [proxy] = &kind(&pkcs1, "4.3").unwrap()[..] else { panic!() };
    assert_eq!((proxy.algorithm, &*proxy.key), (Some(SignatureAlgorithm::RsaPkcs1Sha256), "test-key-rsa"));
    assert_eq!(proxy.expires, Some(Timestamp::from_millis(1_618_884_540_000)));
}

/// Returns the line of a component in the signature base, or the flaw.
fn line(request: &HttpRequest, component: &str) -> Result<String, FlawKind> {
    let component: Component = component.parse().unwrap();
    let message = Message::new(request).unwrap();
    message.value(&component).map(|value| format!("{}: {value}", component.identifier())).map_err(|flaw| flaw.kind)
}

#[test]
fn components_have_the_values_of_rfc_9421_section_2() {
    let fields = http(
        &[
            "GET / HTTP/1.1",
            "Host: www.example.com",
            "Date: Tue, 20 Apr 2021 02:07:56 GMT",
            "X-OWS-Header:   Leading and trailing whitespace.   ",
            "Cache-Control: max-age=60",
            "Cache-Control:    must-revalidate",
            "Example-Dict:  a=1,    b=2;x=1;y=2,   c=(a   b   c), d",
            "Example-Header: value, with, lots",
            "Example-Header: of, commas",
            "X-Empty-Header: ",
        ],
        "",
    );
    let query = http(&["GET /path?param=value&foo=bar&baz=batman&qux= HTTP/1.1", "Host: www.example.com"], "");
    let encoded = http(
        &[
            "GET /parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something HTTP/1.1",
        ],
        "",
    );
    let url = http(&["GET HTTPS://www.Example.com:443/path?param=value HTTP/1.1"], "");
    let dashes = http(&["GET /path?param=value&foo=bar&baz=bat%2Dman HTTP/1.1"], "");
    let plain = http(&["POST /path?queryString HTTP/1.1"], "");
    let none = http(&["POST /path HTTP/1.1"], "");
    let empty = http(&["POST http://example.com? HTTP/1.1"], "");
    for (request, component, expected) in [
        (&fields, "host", r#""host": www.example.com"#),
        (&fields, "date", r#""date": Tue, 20 Apr 2021 02:07:56 GMT"#),
        (&fields, "x-ows-header", r#""x-ows-header": Leading and trailing whitespace."#),
        (&fields, "cache-control", r#""cache-control": max-age=60, must-revalidate"#),
        (&fields, "example-dict", r#""example-dict": a=1,    b=2;x=1;y=2,   c=(a   b   c), d"#),
        (&fields, "example-dict;sf", r#""example-dict";sf: a=1, b=2;x=1;y=2, c=(a b c), d"#),
        (&fields, "cache-control;sf", r#""cache-control";sf: max-age=60, must-revalidate"#),
        (&fields, "example-dict;key=\"a\"", r#""example-dict";key="a": 1"#),
        (&fields, "example-dict;key=\"d\"", r#""example-dict";key="d": ?1"#),
        (&fields, "example-dict;key=\"b\"", r#""example-dict";key="b": 2;x=1;y=2"#),
        (&fields, "example-dict;key=\"c\"", r#""example-dict";key="c": (a b c)"#),
        (&fields, "example-header", r#""example-header": value, with, lots, of, commas"#),
        (&fields, "example-header;bs", r#""example-header";bs: :dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:"#),
        (&fields, "x-empty-header", r#""x-empty-header": "#),
        (&fields, "@query", r#""@query": ?"#),
        (&url, "@method", r#""@method": GET"#),
        (&url, "@authority", r#""@authority": www.example.com"#),
        (&url, "@scheme", r#""@scheme": https"#),
        (&url, "@target-uri", r#""@target-uri": https://www.example.com/path?param=value"#),
        (&url, "@request-target", r#""@request-target": /path?param=value"#),
        (&url, "@path", r#""@path": /path"#),
        (&dashes, "@query", r#""@query": ?param=value&foo=bar&baz=bat%2Dman"#),
        (&plain, "@query", r#""@query": ?queryString"#),
        (&none, "@query", r#""@query": ?"#),
        (&empty, "@query", r#""@query": ?"#),
        (&empty, "@path", r#""@path": /"#),
        (&empty, "@target-uri", r#""@target-uri": http://example.com/?"#),
        (&query, "@query-param;name=\"baz\"", r#""@query-param";name="baz": batman"#),
        (&query, "@query-param;name=\"qux\"", r#""@query-param";name="qux": "#),
        (&query, "@query-param;name=\"param\"", r#""@query-param";name="param": value"#),
        (
            &encoded,
            "@query-param;name=\"var\"",
            r#""@query-param";name="var": this%20is%20a%20big%0Amultiline%20value"#,
        ),
        (&encoded, "@query-param;name=\"bar\"", r#""@query-param";name="bar": with%20plus%20whitespace"#),
        (
            &encoded,
            "@query-param;name=\"fa%C3%A7ade%22%3A%20\"",
            r#""@query-param";name="fa%C3%A7ade%22%3A%20": something"#,
        ),
    ] {
        assert_eq!(line(request, component).as_deref(), Ok(expected), "{component}");
    }
    for (request, component) in [
        (&fields, "example-dict;key=\"e\""),
        (&fields, "example-header;key=\"value, with\""),
        (&fields, "date;sf"),
        (&fields, "absent"),
        (&fields, "@scheme"),
        (&fields, "@target-uri"),
        (&none, "@authority"),
        (&query, "@query-param;name=\"absent\""),
    ] {
        assert_eq!(line(request, component), Err(FlawKind::Component), "{component}");
    }
}

#[test]
fn an_authority_is_normalized() {
    for (authority, scheme, expected) in [
        ("API.Example.COM", None, Some("api.example.com")),
        ("example.com:443", None, Some("example.com")),
        ("example.com:443", Some("https"), Some("example.com")),
        ("example.com:80", Some("https"), Some("example.com:80")),
        ("example.com:80", Some("http"), Some("example.com")),
        ("example.com:443", Some("http"), Some("example.com:443")),
        ("example.com:8443", None, Some("example.com:8443")),
        ("example.com:", None, Some("example.com")),
        ("[2001:DB8::1]", None, Some("[2001:db8::1]")),
        ("[2001:db8::1]:443", Some("https"), Some("[2001:db8::1]")),
        ("[::1]:8080", None, Some("[::1]:8080")),
        ("127.0.0.1:80", Some("http"), Some("127.0.0.1")),
        ("", None, None),
        (":443", None, None),
        ("user@example.com", None, None),
        ("example.com:80:80", None, None),
        ("::1", None, None),
        ("[::1", None, None),
        ("[]", None, None),
        ("[::1]x", None, None),
        ("[example]", None, None),
        ("example.com:http", None, None),
        ("example.com:123456", None, None),
        ("exam ple.com", None, None),
        ("example.com/", None, None),
        ("ex\u{e4}mple.com", None, None),
        ("a\nb", None, None),
    ] {
        assert_eq!(authority::normalized(authority, scheme).as_deref(), expected, "{authority:?} {scheme:?}");
    }
}

#[test]
fn the_digests_of_rfc_9530_are_checked() {
    let body = "{\"hello\": \"world\"}\n";
    let sha256 = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
    let sha512 = "sha-512=:YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/WkppmM44T3qg==:";
    let brotli = "sha-256=:d435Qo+nKZ+gLcUHn7GQtQ72hiBVAgqoLsZnZPiTGPk=:";
    let empty = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    let check = |field: &str, body: &[u8]| {
        let request = HttpRequest {
            method: "PUT".into(),
            path: "/".into(),
            fields: vec![("content-digest".into(), field.into())],
            ..HttpRequest::default()
        };
        digest::check(&Message::new(&request).unwrap(), RequestBody::Known(body)).map_err(|flaw| flaw.kind)
    };
    for field in [
        sha256.to_owned(),
        sha512.to_owned(),
        format!("{sha256},   {sha512}"),
        format!("unixsum=:AAA=:, {sha512}"),
        format!("md5=1, {sha256};x"),
    ] {
        assert_eq!(check(&field, body.as_bytes()), Ok(()), "{field}");
    }
    assert_eq!(check(empty, b""), Ok(()));
    assert_eq!(digest::of(body.as_bytes()), sha256);
    for field in [
        String::new(),
        empty.to_owned(),
        brotli.to_owned(),
        format!("{empty}, {sha512}"),
        format!("{sha256}, {}", sha512.replace("YMA", "YMB")),
        format!("{sha256}, {sha256}"),
        "sha-256".to_owned(),
        "sha-256=\"RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=\"".to_owned(),
        "sha-256=()".to_owned(),
        "sha-256=::".to_owned(),
        "SHA-256=RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=".to_owned(),
        "unixsum=:AAA=:".to_owned(),
        sha256.replace("Dg=:", "Dg"),
        format!("{sha256}, x=\"{}\"", "x".repeat(4096)),
    ] {
        assert_eq!(check(&field, body.as_bytes()), Err(FlawKind::Digest), "{field}");
    }
}

#[test]
fn other_implementations_make_acceptable_signatures() {
    for file in ["foreign/node.json", "foreign/python.json"] {
        let cases = json(file);
        assert!(cases.len() >= 8, "{file}");
        for case in &cases {
            let name = format!("{file}: {}", case["name"]);
            let request = HttpRequest::from_json(case["request"].as_object().unwrap()).unwrap();
            let found = MessageSignatures::default().presented(&request).unwrap_or_else(|e| panic!("{name}: {e:?}"));
            let [signature] = &found[..] else { panic!("{name}") };
            assert_eq!(str::from_utf8(&signature.message).unwrap(), text(case, "base").unwrap(), "{name}");
            let algorithm: SignatureAlgorithm = text(case, "algorithm").unwrap().parse().unwrap();
            assert!(signature.algorithm.is_none_or(|stated| stated == algorithm), "{name}");
            let key = match algorithm {
                SignatureAlgorithm::Ed25519 => verifier(&key_file("ed25519.spki.pem")),
                _ => verifier(&key_file("rsa2048.spki.pem")),
            };
            // By default, the library for Node.js signs with another salt than RFC 9421, section 3.3.1, requires.
            let has_salt = case["salt"].as_u64().is_none_or(|salt| salt == 64);
            assert_eq!(key.accepts(algorithm, &signature.message, &signature.signature), has_salt, "{name}");
            if !has_salt {
                let config = MessageSignatures::default();
                let (mistake, hint) = config.explain(&request, Refused::Signature(signature, &key)).unwrap();
                assert_eq!(mistake, "salt_length", "{name}");
                assert!(hint.contains("64 bytes, not 190"), "{name}: {hint}");
            }
        }
    }
}
