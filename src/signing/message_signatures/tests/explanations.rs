//! Explanations of the mistakes of signers.

use super::*;

const LINES: [&str; 2] = ["POST /a/b?c=d HTTP/1.1", "Host: Example.com:8443"];

/// Returns a request that is signed with a key for another message than the signature base. `change` receives the
/// signature base and returns the message to sign.
fn wrong(
    lines: &[&str],
    body: &str,
    pair: &KeyPair,
    algorithm: SignatureAlgorithm,
    change: &dyn Fn(&str) -> String,
) -> HttpRequest {
    let config = MessageSignatures::default();
    let mut request = signed(&config, &http(lines, body), pair);
    let found = config.presented(&request).unwrap();
    let message = change(str::from_utf8(&found[0].message).unwrap());
    let signature = pair.sign(algorithm, message.as_bytes()).unwrap();
    let encoded = <base64ct::Base64 as base64ct::Encoding>::encode_string(&signature);
    let (_, field) = request.fields.iter_mut().find(|(name, _)| name == "signature").unwrap();
    *field = format!("sig1=:{encoded}:");
    request
}

fn explained(request: &HttpRequest, pair: &KeyPair) -> Option<(&'static str, String)> {
    let config = MessageSignatures::default();
    let key = pair.public().unwrap().verifier().unwrap();
    let found = config.presented(request).unwrap();
    config.explain(request, Refused::Signature(&found[0], &key))
}

#[test]
fn a_message_that_was_signed_by_mistake_is_explained() {
    type Change = fn(&str) -> String;
    let changes: [(&str, &str, Change); 16] = [
        ("query_signed", "without the query", |base| base.replace("\"@path\": /a/b", "\"@path\": /a/b?c=d")),
        ("no_question_mark", "leading `?`", |base| base.replace("?c=d", "c=d")),
        ("lower_case_method", "POST", |base| base.replace("POST", "post")),
        ("no_port", "with the port", |base| base.replace("example.com:8443", "example.com")),
        ("upper_case_authority", "in lowercase", |base| base.replace("example.com:8443", "Example.com:8443")),
        ("final_newline", "newline", |base| format!("{base}\n")),
        ("crlf", "LF", |base| base.replace('\n', "\r\n")),
        ("crlf", "LF", |base| base.replace('\n', "\r\n") + "\r\n"),
        ("no_signature_params", "signature-params", |base| base[..base.find("\n\"@signature").unwrap()].to_owned()),
        ("no_signature_params", "signature-params", |base| base[..=base.find("\n\"@signature").unwrap()].to_owned()),
        ("no_signature_params", "signature-params", |base| base.replace("\"@signature-params\": ", "")),
        ("unquoted_names", "double quotes", |base| {
            base.lines().map(|line| line.replacen('"', "", 2)).collect::<Vec<_>>().join("\n")
        }),
        ("lower_case_method", "without the query", |base| {
            base.replace("POST", "post").replace("\"@path\": /a/b", "\"@path\": /a/b?c=d")
        }),
        ("lower_case_method", "newline", |base| base.replace("POST", "post") + "\n"),
        ("query_signed", "LF", |base| base.replace("\"@path\": /a/b", "\"@path\": /a/b?c=d").replace('\n', "\r\n")),
        ("upper_case_authority", "leading", |base| {
            base.replace("example.com:8443", "Example.com:8443").replace("?c=d", "c=d")
        }),
    ];
    for (pair, algorithm) in [(ed25519(), SignatureAlgorithm::Ed25519), (rsa(), SignatureAlgorithm::RsaPssSha512)] {
        for (mistake, hint, change) in changes {
            let request = wrong(&LINES, "body", &pair, algorithm, &change);
            let (found, text) = explained(&request, &pair).unwrap_or_else(|| panic!("{mistake} {hint}"));
            assert_eq!(found, mistake, "{text}");
            assert!(text.contains(hint), "{mistake}: {text}");
        }
        assert_eq!(explained(&wrong(&LINES, "body", &pair, algorithm, &str::to_owned), &pair), None);
        assert_eq!(explained(&wrong(&LINES, "body", &pair, algorithm, &|_| "other".to_owned()), &pair), None);
        let lines = ["GET / HTTP/1.1", "Host: example.com:443"];
        for port in [":443", ":80"] {
            let change = |base: &str| base.replace("example.com", &format!("example.com{port}"));
            let request = wrong(&lines, "", &pair, algorithm, &change);
            assert_eq!(explained(&request, &pair).unwrap().0, "default_port");
        }
        let request = wrong(&lines, "", &pair, algorithm, &|base| base.replace("\"@query\": ?", "\"@query\": "));
        assert_eq!(explained(&request, &pair).unwrap().0, "no_question_mark");
    }
}

#[test]
fn another_algorithm_is_explained() {
    let pair = rsa();
    for algorithm in [SignatureAlgorithm::RsaPssSha256, SignatureAlgorithm::RsaPkcs1Sha256] {
        let request = wrong(&LINES, "", &pair, algorithm, &str::to_owned);
        let (mistake, hint) = explained(&request, &pair).unwrap();
        assert_eq!(mistake, "wrong_algorithm");
        assert!(hint.contains(&format!("rsa-pss-sha512, not {algorithm}")) && hint.contains("64 bytes"), "{hint}");
        let request = wrong(&LINES, "", &pair, algorithm, &|base| base.replace("POST", "post"));
        let (mistake, hint) = explained(&request, &pair).unwrap();
        assert_eq!(mistake, "lower_case_method");
        assert!(hint.contains(&format!("not {algorithm}")), "{hint}");
    }
    // The parameter `alg` is that of another type of key.
    let request = wrong(&LINES, "", &pair, SignatureAlgorithm::RsaPssSha512, &str::to_owned);
    let config = MessageSignatures::default();
    let mut found = config.presented(&request).unwrap().remove(0);
    found.algorithm = Some(SignatureAlgorithm::Ed25519);
    let key = pair.public().unwrap().verifier().unwrap();
    let (mistake, hint) = config.explain(&request, Refused::Signature(&found, &key)).unwrap();
    assert_eq!((mistake, hint.contains("rsa-pss-sha512")), ("wrong_algorithm", true));
    found.algorithm = None;
    found.timestamp = Timestamp::from_millis(1_700_000_000_000_000);
    assert_eq!(config.explain(&request, Refused::Signature(&found, &key)).unwrap().0, "milliseconds");
    found.timestamp = Timestamp::from_millis(1_700_000_000_000);
    found.signature.pop();
    assert_eq!(config.explain(&request, Refused::Signature(&found, &key)), None);
}

const COVERED: &str = r#"s=("@method" "@authority" "@path" "@query" "content-digest");created=1;keyid="k";tag="t""#;

/// Checks the explanation of a flaw. Empty fields are not sent.
fn check(input: &str, signature: &str, body: &str, field: &str, mistake: &str, part: &str) {
    let config = MessageSignatures { tag: Some("t".into()), ..MessageSignatures::default() };
    let mut request = http(&["POST / HTTP/1.1", "Host: x"], body);
    for (name, value) in [("signature-input", input), ("signature", signature), ("content-digest", field)] {
        if !value.is_empty() {
            request.fields.push((name.to_owned(), value.to_owned()));
        }
    }
    let flaw = config.presented(&request).unwrap_err();
    let (found, hint) = config.explain(&request, Refused::Flaw(&flaw)).unwrap_or_else(|| panic!("{mistake}: {flaw:?}"));
    assert_eq!(found, mistake, "{input}: {flaw:?}");
    assert!(hint.contains(part), "{mistake}: {hint}");
}

#[test]
fn a_flaw_is_explained() {
    let components = r#"s=("@method" "@authority" "@path" "@query")"#;
    let good = format!(r#"{components};created=1;keyid="k";tag="t""#);
    for (input, signature, body, field, mistake, part) in [
        ("", "s=:AAAA:", "", "", "no_signature_input", "Signature-Input"),
        (
            &*format!(r#"{components};created=1;keyid=key_1;tag="t""#),
            "s=:AAAA:",
            "",
            "",
            "unquoted_keyid",
            "keyid=\"...\"",
        ),
        (
            &format!(r#"{components};created=1; keyid=3f2b-4c;tag="t""#),
            "s=:AAAA:",
            "",
            "",
            "unquoted_keyid",
            "keyid=\"...\"",
        ),
        (
            &format!(r#"{components};created=1;keyid="k";nonce=1a"#),
            "s=:AAAA:",
            "",
            "",
            "unquoted_parameter",
            "nonce=\"...\"",
        ),
        (
            &format!(r#"{components};created=1;keyid="k";tag=t"#),
            "s=:AAAA:",
            "",
            "",
            "unquoted_parameter",
            "tag=\"...\"",
        ),
        (
            &format!(r#"{components};created=1;keyid="k";tag="t";alg=ed25519"#),
            "s=:AAAA:",
            "",
            "",
            "unquoted_parameter",
            "alg=",
        ),
        (r#"s=(@method @path);created=1;keyid="k""#, "s=:AAAA:", "", "", "unquoted_component", "double quotes"),
        (r#"s=("@method", "@path");created=1;keyid="k""#, "s=:AAAA:", "", "", "commas_in_components", "spaces"),
        (&format!(r#"{components};keyid="k";tag="t""#), "s=:AAAA:", "", "", "no_created", "created"),
        (
            &format!(r#"{components};created="1";keyid="k";tag="t""#),
            "s=:AAAA:",
            "",
            "",
            "quoted_created",
            "without quotes",
        ),
        (
            &format!(r#"{components};created=1.5;keyid="k";tag="t""#),
            "s=:AAAA:",
            "",
            "",
            "fraction_in_created",
            "fraction",
        ),
        (
            &format!(r#"{components};created=1;keyid="k";tag="t";alg="rsa""#),
            "s=:AAAA:",
            "",
            "",
            "wrong_algorithm",
            "alg=\"ed25519\"",
        ),
        (&format!(r#"{components};created=1;keyid="k""#), "s=:AAAA:", "", "", "wrong_tag", "tag=\"t\""),
        (&good, "", "", "", "no_signature", "Signature"),
        (&good, "s=\"AAAA\"", "", "", "signature_encoding", "colons"),
        (&good, "AAAA", "", "", "signature_encoding", "colons"),
        (&good, "other=:AAAA:", "", "", "other_label", "same label"),
        (
            r#"s=("@method" "@path");created=1;keyid="k";tag="t""#,
            "s=:AAAA:",
            "",
            "",
            "not_covered",
            "\"@authority\" \"@query\"",
        ),
        (&good, "s=:AAAA:", "body", "", "not_covered", "\"content-digest\""),
    ] {
        check(input, signature, body, field, mistake, part);
    }
    let config = MessageSignatures::default();
    let request = http(&["post / HTTP/1.1", "Host: x"], "");
    let flaw = config.presented(&request).unwrap_err();
    assert_eq!(config.explain(&request, Refused::Flaw(&flaw)).unwrap().0, "lower_case_method");
}

#[test]
fn a_wrong_digest_is_explained() {
    let of = |body: &[u8]| digest::of(body);
    for (body, field, mistake, part) in [
        ("body", &*of(b"other"), "digest_of_other_body", "exactly"),
        ("body", &of(b"body\n"), "digest_of_other_body", "with a newline"),
        ("body\n", &of(b"body"), "digest_of_other_body", "without the final newline"),
        ("body", &of(b""), "digest_of_other_body", "empty body"),
        ("body", "sha-256=\"AAAA\"", "digest_encoding", "colons"),
        ("body", "SHA-256=AAAA", "digest_encoding", "colons"),
        ("body", "md5=:AAAA:", "unknown_digest", "sha-256"),
    ] {
        check(COVERED, "s=:AAAA:", body, field, mistake, part);
    }
    let config = MessageSignatures::default();
    let input = format!("Signature-Input: {COVERED}");
    let mut request = http(&["GET / HTTP/1.1", "Host: x", &input, "Signature: s=:AAAA:"], "");
    request.fields.push(("content-digest".to_owned(), of(b"")));
    request.body = None;
    let flaw = config.presented(&request).unwrap_err();
    assert_eq!(config.explain(&request, Refused::Flaw(&flaw)).unwrap().0, "unknown_body");
}
