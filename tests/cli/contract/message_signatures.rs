//! Tests of HTTP message signatures (RFC 9421) as the signing scheme of a contract.

use super::signing::{KEYS, NOW, URL, head, home, sign, verify};
use crate::{home::Home, tools::fixture};
use base64ct::{Base64, Encoding as _};
use keywright::keypair::{KeyPair, SignatureAlgorithm};
use serde_json::{Value, json};
use std::fs;

/// Builds a keyring with HTTP message signatures, and returns the id of its Ed25519 key.
fn message_signatures() -> (Home, String) {
    let (home, [_, id]) = home("http-message-signatures");
    (home, id)
}

#[test]
fn http_message_signatures_are_printed_in_every_format() {
    let (home, id) = message_signatures();
    let line = format!("sign --private-key {} --key-id {id} --method GET --path {URL} --now {NOW}", KEYS[1]);
    let headers = home.run_args(line.split(' ')).ok();
    assert_eq!(headers.err(), "", "the whole URL is signed");
    let input = format!(
        "Signature-Input: sig1=(\"@method\" \"@authority\" \"@path\" \"@query\");created=1700000000;keyid=\"{id}\";alg=\"ed25519\";nonce=\""
    );
    assert!(headers.out().starts_with(&input), "{}", headers.out());
    assert!(headers.out().lines().nth(1).unwrap().starts_with("Signature: sig1=:"), "{}", headers.out());
    let json = sign(&home, KEYS[1], &id, "");
    assert_eq!(
        json.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["Content-Digest", "Signature-Input", "Signature"]
    );
    let curl = home.run_args(line.split(' ').chain(["--format", "curl"])).ok().out();
    assert!(shlex::split(&curl).unwrap().last().unwrap() == URL && curl.contains("-H 'Signature: "), "{curl}");
    let bare = line.replace(URL, "/orders");
    let refused = home.run_args(bare.split(' ')).refused(2, "invalid_request");
    assert!(refused.err().contains("full URL"), "{}", refused.err());
}

#[test]
fn without_a_key_id_a_signature_names_its_key_by_the_thumbprint() {
    let (home, ids) = home("http-message-signatures");
    for (key, id) in KEYS.iter().zip(&ids) {
        let jwks = home.run(&format!("export --name {key} --format jwks --now {NOW}")).ok().json();
        let thumbprint = jwks["keys"][0]["kid"].as_str().unwrap();
        let line = format!("sign --private-key {key} --method GET --now {NOW} --format json --path {URL}");
        let added = home.run(&line).ok().json();
        assert!(added["Signature-Input"].as_str().unwrap().contains(&format!(";keyid=\"{thumbprint}\";")), "{added}");
        let request = head(&added).replace("POST", "GET").replace("{\"a\":1}", "");
        let verdict = verify(&home, &request, "").ok().json();
        assert_eq!((&verdict["code"], &verdict["api_key_id"]), (&json!("valid"), &json!(id)));
        assert_eq!(verify(&home, &request, "").json()["code"], "replayed");
        let explained = verify(&home, &request.replace("symbol=X", "symbol=x"), "--explain").json();
        assert_eq!((&explained["code"], &explained["api_key_id"]), (&json!("wrong_signature"), &json!(id)));
        // The thumbprint of no key, and a text that is no thumbprint.
        for other in ["NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", &format!("{thumbprint}=")] {
            let refused = verify(&home, &request.replace(thumbprint, other), "").json();
            assert_eq!((&refused["code"], &refused["api_key_id"]), (&json!("not_found"), &Value::Null), "{other}");
        }
        home.run(&format!("revoke {id} --yes --now {NOW}")).ok();
        let added = home.run(&line).ok().json();
        let request = head(&added).replace("POST", "GET").replace("{\"a\":1}", "");
        assert_eq!(verify(&home, &request, "").json()["code"], "revoked");
    }
    // Other schemes name keys only by their ids.
    let jwt = "--scheme jwt --audience https://api.example/token";
    let kalshi = format!("--scheme kalshi --method GET --path {URL}");
    for more in [jwt, &kalshi] {
        let refused = home.run(&format!("sign --private-key {} {more}", KEYS[1])).refused(2, "usage");
        assert!(refused.err().contains("--key-id"), "{}", refused.err());
    }
}

#[test]
fn each_flaw_of_a_message_signature_has_its_code() {
    let (home, id) = message_signatures();
    let request = head(&sign(&home, KEYS[1], &id, ""));
    let code = |request: &str| verify(&home, request, "--no-record").json()["code"].as_str().unwrap().to_owned();
    assert_eq!(code(&request), "valid");
    for (old, new, expected) in [
        ("Signature-Input:", "Other:", "bad_signature_input"),
        ("created=1700000000", "created=x", "bad_timestamp"),
        ("created=1700000000;", "", "bad_timestamp"),
        ("\"@query\"", "\"@query\" \"@query\"", "bad_component"),
        ("\"@query\"", "\"@query\" \"x-more\"", "bad_component"),
        (" \"@query\"", "", "component_not_covered"),
        (" \"content-digest\"", "", "component_not_covered"),
        ("sha-256=", "md5=", "wrong_digest"),
        ("{\"a\":1}", "", "wrong_digest"),
        ("alg=\"ed25519\"", "alg=\"rsa-v1_5-sha256\"", "wrong_algorithm"),
        ("alg=\"ed25519\"", "alg=\"rsa-pss-sha512\"", "wrong_algorithm"),
        ("created=1700000000", "created=1600000000", "wrong_signature"),
        ("sig1=:", "sig1=:AA", "bad_signature"),
        (&id, "nobody", "not_found"),
        ("POST", "post", "bad_method"),
        ("/orders", "orders", "bad_path"),
    ] {
        assert_eq!(code(&request.replace(old, new)), expected, "{old} -> {new}");
    }
    let components = "\"a\" ".repeat(2000);
    assert_eq!(code(&request.replace("(\"@method\"", &format!("({components}\"@method\""))), "too_many_signatures");
    home.run_args(["policy", "set", "signing", r#"{"scheme":"http-message-signatures","tag":"app"}"#]).ok();
    assert_eq!(code(&request), "wrong_tag");
    let tagged = head(&sign(&home, KEYS[1], &id, ""));
    assert_eq!(code(&tagged), "valid");
    assert!(tagged.contains(";tag=\"app\""), "{tagged}");
}

#[test]
fn a_request_with_two_signatures_is_accepted_once() {
    let (home, id) = message_signatures();
    let (one, two) = (sign(&home, KEYS[1], &id, ""), sign(&home, KEYS[1], &id, ""));
    let (one, two) = (head(&one), head(&two).replace("sig1=", "sig2="));
    let fields = |request: &str| {
        let lines = request.lines().filter(|line| line.starts_with("Signature"));
        lines.map(|line| format!("{line}\r\n")).collect::<Vec<_>>().concat()
    };
    let both = one.replace("Content-Digest", &format!("{}Content-Digest", fields(&two)));
    // Either signature proves the key, and neither can be used again, alone or with the other one.
    verify(&home, &both, "").ok();
    for request in [&both, &one, &two] {
        assert_eq!(verify(&home, request, "").json()["code"], "replayed");
    }
    // One signature with two labels is one signature.
    let good = head(&sign(&home, KEYS[1], &id, ""));
    let twin = good.replace("sig1=", "twin=");
    verify(&home, &good.replace("Content-Digest", &format!("{}Content-Digest", fields(&twin))), "").ok();
    assert_eq!(verify(&home, &good, "").json()["code"], "replayed");
    // A signature that could be used only later would make the request valid again then.
    let good = head(&sign(&home, KEYS[1], &id, ""));
    let late = head(&sign(&home, KEYS[1], &id, "--timestamp 1700000031000")).replace("sig1=", "late=");
    let both = good.replace("Content-Digest", &format!("{}Content-Digest", fields(&late)));
    let refused = verify(&home, &both, "").json();
    assert_eq!(refused["code"], "timestamp_skewed");
    assert!(refused["message"].as_str().unwrap().contains("another signature"), "{refused}");
    // A wrong signature does no harm, although it covers a long field again and again.
    let padding = "x".repeat(17_000);
    let input = |components: &str| {
        format!("Signature-Input: much=(\"@method\"{components});created=1700000000;keyid=\"{id}\"\r\n")
    };
    let parsed = (0..90).map(|n| format!(" \"x-long\";key=\"k{n}\"")).collect::<Vec<_>>().concat();
    let members = (0..90).map(|n| format!("k{n}=1, ")).collect::<Vec<_>>().concat();
    let extra = format!("X-Long: {members}p=\"{padding}\"\r\n{}Signature: much=:AAAA:\r\n", input(&parsed));
    verify(&home, &good.replace("Content-Digest", &format!("{extra}Content-Digest")), "").ok();
    let good = head(&sign(&home, KEYS[1], &id, ""));
    let wrong = fields(&two.replace("sig2=:", "sig2=:AAAA"));
    verify(&home, &good.replace("Content-Digest", &format!("{wrong}Content-Digest")), "").ok();
}

#[test]
fn a_body_of_one_mebibyte_is_verified_in_every_form() {
    let (home, id) = message_signatures();
    let signed = |size: usize| {
        let body = vec![0; size];
        home.write("large", &body);
        let line = format!("sign --private-key {} --key-id {id} --method POST --body large --now {NOW}", KEYS[1]);
        let added = home.run(&format!("{line} --path {URL} --format json")).ok().json();
        let head = head(&added).replace("{\"a\":1}", "");
        let json =
            json!({ "method": "POST", "url": URL, "headers": added, "body_base64": Base64::encode_string(&body) });
        (json, [head.into_bytes(), body].concat())
    };
    let code = |input: Vec<u8>, line: &str| {
        let answer = home.run_with(&format!("{line} --format json --no-record --now {NOW}"), input).out();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        (answer["code"].as_str().unwrap().to_owned(), answer["id"].clone())
    };
    let batched = |request: &Value, more: &str| {
        let line = json!({ "id": 7, "request": request, "scopes": [], "env": "test", "ip": more });
        code(line.to_string().into_bytes(), "verify --batch")
    };
    let (json, http) = signed(1 << 20);
    assert_eq!(code(json.to_string().into_bytes(), "verify-request").0, "valid");
    assert_eq!(code(http.clone(), "verify-request").0, "valid");
    assert_eq!(batched(&json, "192.0.2.1"), ("valid".to_owned(), json!(7)));
    // Anything else may not be so long.
    assert_eq!(batched(&json, &"1".repeat(70_000)), ("bad_request".to_owned(), json!(7)));
    let mut other = json.clone();
    other["more"] = "x".repeat(70_000).into();
    assert_eq!(batched(&other, "192.0.2.1"), ("bad_request".to_owned(), json!(7)));
    assert_eq!(code(other.to_string().into_bytes(), "verify-request").0, "bad_request");
    assert_eq!(code([http, b"x".to_vec()].concat(), "verify-request").0, "bad_request");
    let mut longer = json;
    longer["body_base64"] = Base64::encode_string(&vec![0; (1 << 20) + 1]).into();
    assert_eq!(batched(&longer, "192.0.2.1").0, "bad_request");
}

#[test]
fn a_message_signature_ends_after_the_given_time() {
    let (home, id) = message_signatures();
    let request = head(&sign(&home, KEYS[1], &id, "--ttl 20s"));
    assert!(request.contains(";created=1700000000;expires=1700000020;"), "{request}");
    let code = |now: &str| {
        let line = format!("verify-request --format json --no-record --now {now}");
        home.run_with(&line, &request).json()["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        (code("2023-11-14T22:13:39Z"), code("2023-11-14T22:13:40Z")),
        ("valid".into(), "signature_expired".into())
    );
    let line = format!("sign --private-key {} --key-id {id} --method GET --path {URL} --ttl 1min", KEYS[1]);
    let refused = home.run(&format!("{line} --scheme kalshi")).refused(2, "usage");
    assert!(refused.err().contains("--ttl"), "{}", refused.err());
    home.run(&line.replace("1min", "0s")).refused(2, "invalid_time");
}

#[test]
fn a_message_signature_ends_when_it_says_so() {
    let (home, id) = message_signatures();
    let pair = KeyPair::from_private(&fs::read(fixture(KEYS[1])).unwrap()).unwrap();
    let signed = |expires: i64| {
        let parameters = format!(
            "(\"@method\" \"@authority\" \"@path\" \"@query\");created=1700000000;expires={expires};keyid=\"{id}\""
        );
        let base = format!(
            "\"@method\": GET\n\"@authority\": api.example\n\"@path\": /a\n\"@query\": ?\n\"@signature-params\": {parameters}"
        );
        let signature = Base64::encode_string(&pair.sign(SignatureAlgorithm::Ed25519, base.as_bytes()).unwrap());
        format!("GET /a HTTP/1.1\nHost: api.example\nSignature-Input: s={parameters}\nSignature: s=:{signature}:\n\n")
    };
    verify(&home, &signed(1_700_000_001), "--no-record").ok();
    assert_eq!(verify(&home, &signed(1_700_000_000), "--no-record").json()["code"], "signature_expired");
}

#[test]
fn mistakes_in_message_signatures_are_explained() {
    let (home, [rsa, id]) = home("http-message-signatures");
    let request = head(&sign(&home, KEYS[1], &id, ""));
    let explained = |request: &str| {
        let verdict = verify(&home, request, "--explain --no-record").json();
        verdict["explanation"]["mistake"].as_str().unwrap_or("none").to_owned()
    };
    for (old, new, expected) in [
        (" \"@query\"", "", "not_covered"),
        (&*format!("keyid=\"{id}\""), "keyid=abc", "unquoted_keyid"),
        ("{\"a\":1}", "{\"a\":2}", "digest_of_other_body"),
        ("alg=\"ed25519\"", "alg=\"rsa-v1_5-sha256\"", "wrong_algorithm"),
        ("alg=\"ed25519\"", "alg=\"rsa-pss-sha512\"", "wrong_algorithm"),
        (&*id, &*rsa, "wrong_algorithm"),
    ] {
        assert_eq!(explained(&request.replace(old, new)), expected, "{old} -> {new}");
    }
    // The id of another Ed25519 key.
    let other = home.generate("--type ed25519 --name other");
    let other = other["api_key_id"].as_str().unwrap();
    let wrong = request.replace(&id, other);
    assert_eq!(verify(&home, &wrong, "--explain --no-record").json()["code"], "wrong_signature");
    // The service accepts no signatures of such keys.
    let rsa_only = r#"{"scheme":"http-message-signatures","algorithms":["rsa-pss-sha512"]}"#;
    home.run_args(["policy", "set", "signing", rsa_only, "--now", NOW]).ok();
    let refused = verify(&home, &request.replace(";alg=\"ed25519\"", ""), "--explain --no-record").json();
    assert_eq!(
        (&refused["code"], &refused["explanation"]["mistake"]),
        (&json!("wrong_algorithm"), &json!("wrong_algorithm"))
    );
    assert_eq!(refused["explanation"]["hint"], "sign with a key for \"rsa-pss-sha512\"");
}

#[test]
fn a_body_that_is_not_given_is_not_taken_for_an_empty_one() {
    let (home, id) = message_signatures();
    let sign = |method: &str| {
        let line = format!("sign --private-key {} --key-id {id} --method {method} --path https://x/pay", KEYS[1]);
        home.run(&format!("{line} --now {NOW} --format json")).ok().json()
    };
    let code = |method: &str, body: &Value| {
        let mut request = json!({"method": method, "url": "https://x/pay", "headers": sign(method)});
        if !body.is_null() {
            request["body"] = body.clone();
        }
        verify(&home, &request.to_string(), "--no-record").json()["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code("POST", &json!("")), "valid");
    assert_eq!(code("GET", &Value::Null), "valid");
    for (method, body) in [
        ("POST", json!({"amount": 1})),
        ("POST", json!([1])),
        ("POST", json!(5)),
        ("POST", json!("x")),
        ("POST", Value::Null),
        ("DELETE", Value::Null),
        ("GET", json!({})),
    ] {
        assert_eq!(code(method, &body), "component_not_covered", "{method} {body}");
    }
}

#[test]
fn the_options_cannot_express_a_message_signature() {
    let (home, id) = message_signatures();
    let line = format!("verify-request --key-id {id} --timestamp 1 --method GET --path / --signature AAAA");
    let refused = home.run(&line).refused(2, "usage");
    assert!(refused.err().contains("http-message-signatures"), "{}", refused.err());
}
