//! Tests of signing schemes in contracts: `policy set signing`, `sign --scheme`, `verify-request` and `verify --batch`.

use crate::{
    home::{Ended, Home},
    tools::fixture,
};
use base64ct::{Base64, Encoding as _};
use keywright::keypair::{KeyPair, SignatureAlgorithm};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt as _};

/// The time of the requests: 1,700,000,000 seconds after 1970-01-01T00:00:00Z.
const NOW: &str = "2023-11-14T22:13:20Z";
const URL: &str = "https://api.example/orders?symbol=X&side=buy";
/// A scheme that covers the whole request, with the signature in a header.
const OWN: &str = r#"{"scheme":"concatenation","message":["{timestamp}","\n","{method}","\n","{host}","{path}","{query}","\n","{body_sha256}"],"timestamp":"seconds","headers":{"key":"X-Key","timestamp":"X-Time","signature":"X-Sig"},"encoding":"hex","algorithms":["rsa-pss-sha512","ed25519"],"max_skew":"5min"}"#;

/// Builds a keyring with the given scheme and an RSA and an Ed25519 key. Returns the home and the ids of the keys.
fn home(signing: &str) -> (Home, [String; 2]) {
    let home = Home::new();
    home.run("init --now 2023-01-01").ok();
    home.run_args(["policy", "set", "signing", signing, "--now", "2023-01-01"]).ok();
    let ids = [("rsa2048.spki.pem", "rsa2048.private.pkcs8.pem"), ("ed25519.spki.pem", "ed25519.private.pem")];
    let ids = ids.map(|(public, private)| {
        let path = home.write(private, fs::read(fixture(private)).unwrap());
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        let line = format!("create --name {private} --public-key {} --now 2023-01-01 --format json", fixture(public));
        home.run(&line).ok().json()["api_key_id"].as_str().unwrap().to_owned()
    });
    (home, ids)
}

const ID: &str = "264dbd8e-7c98-4f11-a859-33b5fe3aa8fd";
const KEYS: [&str; 2] = ["rsa2048.private.pkcs8.pem", "ed25519.private.pem"];

/// Signs a POST request with a body, and returns the added headers and the URL.
fn sign(home: &Home, key: &str, id: &str, more: &str) -> Value {
    home.write("body", "{\"a\":1}");
    let line = format!("sign --private-key {key} --key-id {id} --method POST --body body --now {NOW} --format json");
    home.run(&format!("{line} --path {URL} {more}")).ok().json()
}

/// Returns the HTTP request with the given added headers.
fn head(added: &Value) -> String {
    let url = added.get("url").and_then(Value::as_str).unwrap_or(URL);
    let target = url.strip_prefix("https://api.example").unwrap();
    let headers = added.as_object().unwrap().iter().filter(|(name, _)| *name != "url");
    let headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {}\r\n", value.as_str().unwrap())).collect();
    let headers = headers.concat();
    format!("POST {target} HTTP/1.1\r\nHost: API.example\r\n{headers}\r\n{{\"a\":1}}")
}

fn verify(home: &Home, request: &str, more: &str) -> Ended {
    home.run_with(&format!("verify-request --format json --now {NOW} {more}"), request)
}

#[test]
fn each_scheme_signs_and_verifies_with_the_keys_that_fit() {
    for (scheme, fits) in [
        ("kalshi", [true, true]),
        ("binance", [true, true]),
        ("robinhood", [false, true]),
        (OWN, [true, true]),
        ("http-message-signatures", [true, true]),
    ] {
        let (home, ids) = home(scheme);
        for ((key, id), fits) in KEYS.iter().zip(&ids).zip(fits) {
            if !fits {
                home.write("body", "");
                let line = format!("sign --private-key {key} --key-id {id} --method GET --path / --body body");
                home.run(&line).refused(2, "invalid_secret");
                continue;
            }
            let added = sign(&home, key, id, "");
            let request = head(&added);
            let verdict = verify(&home, &request, "").ok().json();
            assert_eq!((&verdict["code"], &verdict["api_key_id"]), (&json!("valid"), &json!(id)), "{scheme}");
            let again = verify(&home, &request, "");
            assert_eq!((again.code(), &again.json()["code"]), (1, &json!("replayed")), "{scheme}");
            for (old, new) in [("symbol=X", "symbol=Y"), ("{\"a\":1}", "{\"a\":2}")] {
                let changed = verify(&home, &request.replace(old, new), "");
                let expected = match (scheme, new) {
                    ("kalshi", _) => "replayed",
                    ("http-message-signatures", "{\"a\":2}") => "wrong_digest",
                    _ => "wrong_signature",
                };
                assert_eq!(changed.json()["code"], expected, "{scheme}: {new}");
            }
        }
    }
}

#[test]
fn batch_and_json_follow_the_contract_even_after_it_changes() {
    let (home, [_, id]) = home(OWN);
    let added = sign(&home, KEYS[1], &id, "");
    let lines = [
        json!({"id": 1, "request": {"method": "POST", "url": URL, "headers": added, "body": "{\"a\":1}"}}),
        json!({"id": 2, "request": {"method": "POST", "url": URL, "headers": added, "body_base64": "eyJhIjoyfQ=="}}),
        json!({"id": 3, "request": {"method": "POST", "url": URL, "headers": added}}),
        json!({"id": 4, "request": {"method": "POST", "path": "/orders?symbol=X&side=buy", "key_id": id,
            "timestamp": 1_700_000_000, "signature": added["X-Sig"], "headers": {"host": "api.example"}, "body": "{\"a\":1}"}}),
    ];
    let input = lines.each_ref().map(|line| format!("{line}\n")).concat();
    let answers = home.run_with(&format!("verify --batch --no-record --now {NOW}"), &input).ok().out();
    let codes: Vec<Value> =
        answers.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["code"].clone()).collect();
    assert_eq!(codes, ["valid", "wrong_signature", "bad_request", "valid"]);
    home.run("policy set signing kalshi").ok();
    let answers = home.run_with(&format!("verify --batch --no-record --now {NOW}"), &input).ok().out();
    assert!(answers.lines().all(|line| line.contains("bad_request") || line.contains("bad_timestamp")), "{answers}");
}

#[test]
fn the_window_is_that_of_the_contract() {
    let (home, [_, id]) = home(OWN);
    let request = head(&sign(&home, KEYS[1], &id, "--timestamp 1699999701000"));
    verify(&home, &request, "--no-record").ok();
    assert_eq!(verify(&home, &request, "--no-record --max-skew 1min").json()["code"], "timestamp_skewed");
    let old = head(&sign(&home, KEYS[1], &id, "--timestamp 1699999699000"));
    assert_eq!(verify(&home, &old, "--no-record").json()["code"], "timestamp_skewed");
    verify(&home, &old, "--no-record --max-skew 10min").ok();
}

#[test]
fn a_scheme_can_be_given_without_a_keyring() {
    let (home, _) = home("kalshi");
    let id = "rh-api-6148effc-c0b1-486c-8940-a1d099456be6";
    let added = sign(&home, KEYS[1], id, "--scheme robinhood --keyring missing.db");
    assert_eq!((&added["x-api-key"], &added["x-timestamp"]), (&json!(id), &json!("1700000000")));
    let contract = home.run_args(["policy", "set", "signing", OWN, "--format", "json"]).ok().out();
    home.write("own.json", contract);
    home.run("policy set signing kalshi").ok();
    assert!(sign(&home, KEYS[0], "a", "--scheme own.json").get("X-Sig").is_some());
    let line = format!("sign --private-key {} --method GET --path / --key-id", KEYS[1]);
    home.run(&format!("{line} {id}")).refused(2, "invalid_reference");
    home.run_args(line.split(' ').chain(["a\nX: y", "--scheme", "robinhood"])).refused(2, "invalid_request");
    home.run(&format!("{line} a --scheme none")).refused(3, "contract_unknown");
    let url = home.run(&format!("{line} a --scheme binance")).refused(2, "invalid_request");
    assert!(url.err().contains("full URL"), "{}", url.err());
    let line = line.replace("--path /", "--path https://x/a");
    let headers = home.run(&format!("{line} a --scheme binance")).refused(2, "usage");
    assert!(headers.err().contains("--format curl"), "{}", headers.err());
    let curl = home.run(&format!("{line} a --scheme binance --format curl --now {NOW}")).ok().out();
    let words = shlex::split(&curl).unwrap();
    assert!(words.last().unwrap().starts_with("https://x/a?timestamp=1700000000000&signature="), "{curl}");
}

#[test]
fn an_explanation_knows_the_scheme() {
    let (home, [rsa, id]) = home(OWN);
    let explained = |request: &str| {
        let verdict = verify(&home, request, "--explain --no-record").json();
        (verdict["code"].clone(), verdict["explanation"]["mistake"].clone())
    };
    let request = head(&sign(&home, KEYS[1], &id, ""));
    let millis = request.replace("X-Time: 1700000000", "X-Time: 1700000000000");
    assert_eq!(explained(&millis), (json!("bad_timestamp"), json!("milliseconds")));
    let other = request.replace(&id, &rsa);
    assert_eq!(explained(&other), (json!("bad_signature"), json!("wrong_key")));
    let lower = request.replace("POST", "post");
    assert_eq!(explained(&lower), (json!("bad_method"), json!("lower_case_method")));
}

#[test]
fn an_ambiguous_scheme_is_reported_by_check() {
    let (home, _) = home("kalshi");
    let found = |home: &Home| home.run("check --only ambiguous-signing --format json").json();
    assert_eq!(found(&home), json!([]));
    home.run("policy set signing binance").ok();
    let findings = found(&home);
    assert_eq!(findings.as_array().unwrap().len(), 1);
    let message = findings[0]["msg"].as_str().unwrap();
    assert!(message.contains("`{params}`") && message.contains("`{body}`"), "{message}");
    let weak = r#"{"scheme":"concatenation","message":["{timestamp}","{path}","{body}"],"headers":{"key":"K","timestamp":"T","signature":"S"},"algorithms":["ed25519"]}"#;
    let refused = home.run_args(["policy", "set", "signing", weak]).refused(2, "contract_invalid");
    assert!(refused.err().contains("\"ambiguous\": true"), "{}", refused.err());
}

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
    // A wrong signature beside a good one does no harm.
    let good = head(&sign(&home, KEYS[1], &id, ""));
    let wrong = fields(&two.replace("sig2=:", "sig2=:AAAA"));
    verify(&home, &good.replace("Content-Digest", &format!("{wrong}Content-Digest")), "").ok();
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
        (&*id, &*rsa, "wrong_algorithm"),
    ] {
        assert_eq!(explained(&request.replace(old, new)), expected, "{old} -> {new}");
    }
    // The id of another Ed25519 key.
    let other = home.generate("--type ed25519 --name other");
    let other = other["api_key_id"].as_str().unwrap();
    let wrong = request.replace(&id, other);
    assert_eq!(verify(&home, &wrong, "--explain --no-record").json()["code"], "wrong_signature");
}

#[test]
fn a_part_of_the_body_cannot_be_moved_into_the_query() {
    let scheme = r#"{"scheme":"concatenation","message":["{timestamp}","{method}","{path}","{query}","\n","{body}"],"headers":{"key":"X-K","timestamp":"X-T","signature":"X-S"},"algorithms":["ed25519"]}"#;
    let (home, [_, id]) = home(scheme);
    home.write("body", "&amount=1\n{}");
    let line =
        format!("sign --private-key {} --key-id {id} --method POST --body body --now {NOW} --format json", KEYS[1]);
    let headers = home.run(&format!("{line} --path /pay?to=bob")).ok().json();
    let request = |path: &str, body: &str| json!({"method": "POST", "path": path, "headers": headers, "body": body});
    verify(&home, &request("/pay?to=bob", "&amount=1\n{}").to_string(), "--no-record").ok();
    for (path, body) in [("/pay?to=bob\n&amount=1", "{}"), ("/pay?to=bob\n&amount=1\n{}", ""), ("/pay?to=bob\t", "")] {
        let forged = verify(&home, &request(path, body).to_string(), "--no-record");
        assert_eq!(forged.json()["code"], "bad_path", "{path:?}");
    }
    let with_tab = format!("POST /pay?a\tb HTTP/1.1\nX-K: {id}\nX-T: 1700000000000\nX-S: AAAA\n\n");
    assert_eq!(verify(&home, &with_tab, "").json()["code"], "bad_path");
}

#[test]
fn another_spelling_of_the_key_id_is_not_part_of_a_message() {
    let scheme = r#"{"scheme":"concatenation","message":["{timestamp}","{method}","{path}","{key}"],"headers":{"key":"X-K","timestamp":"X-T","signature":"X-S"},"algorithms":["ed25519"]}"#;
    let (home, [_, id]) = home(scheme);
    let line =
        format!("sign --private-key {} --key-id urn:uuid:{id} --method GET --path /orders/ --now {NOW}", KEYS[1]);
    let headers = home.run(&line).ok().out();
    assert!(headers.contains(&format!("X-K: {id}\n")), "the canonical form is sent: {headers}");
    let request = |path: &str, headers: &str| format!("GET {path} HTTP/1.1\n{headers}\n");
    verify(&home, &request("/orders/", &headers), "--no-record").ok();
    let other = headers.replace("X-K: ", "X-K: urn:uuid:");
    assert_eq!(verify(&home, &request("/orders/", &other), "--no-record").json()["code"], "bad_request");
    let moved = request("/orders/urn:uuid:", &headers);
    assert_eq!(verify(&home, &moved, "--no-record").json()["code"], "wrong_signature");
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

#[test]
fn sign_adds_nothing_twice_and_sets_no_header_of_the_client() {
    let (home, [_, id]) = home("binance");
    let line = format!("sign --private-key {} --key-id {id} --method GET --format curl", KEYS[1]);
    for more in [
        "--path https://x/a?timestamp=1",
        "--path https://x/a?signature=x",
        "--path https://x/ --header X-MBX-APIKEY:k",
    ] {
        let refused = home.run(&format!("{line} {more}")).refused(2, "invalid_request");
        assert!(refused.err().contains("already has"), "{}", refused.err());
    }
    for header in ["Host: evil", "Content-Length: 1", "Transfer-Encoding: chunked"] {
        let arguments = line.split(' ').chain(["--path", "https://x/", "--header", header]);
        home.run_args(arguments).refused(2, "invalid_request");
    }
    for carrier in [r#"{"in":"query","name":"a&b"}"#, "\"Host\"", "\"content-length\""] {
        let scheme = format!(
            r#"{{"scheme":"concatenation","message":["{{timestamp}}"],"headers":{{"key":{carrier},"timestamp":"T","signature":"S"}},"algorithms":["ed25519"]}}"#
        );
        home.run_args(["policy", "set", "signing", &scheme]).refused(2, "contract_invalid");
    }
}

#[test]
fn a_change_of_the_scheme_is_never_silent() {
    let home = Home::new();
    home.run("init").ok();
    home.write("mini.json", r#"{"contract":"mini"}"#);
    let loaded = home.run("policy load mini.json").ok();
    assert!(loaded.err().contains("requests must now be signed in the scheme `kalshi`"), "{}", loaded.err());
    let shown = home.run("policy show").ok().out();
    assert!(shown.lines().any(|line| line.split_whitespace().eq(["signing", "kalshi"])), "{shown}");
    assert!(home.run("policy set signing kalshi").ok().err().contains("nothing was changed"));
    let key = fixture(KEYS[1]);
    let line = format!("sign --private-key {key} --insecure-permissions --key-id {ID} --method GET --path /");
    home.run(&format!("{line} --keyring ./missing.db")).refused(3, "keyring_missing");
    home.run(&format!("{line} --keyring ./missing.db --scheme kalshi")).ok();
}

#[test]
fn weak_and_mistyped_schemes_are_named() {
    let home = Home::new();
    home.run("init").ok();
    let set = |signing: &str| home.run_args(["policy", "set", "signing", signing]);
    for (signing, expected) in [
        (r#"{"scheme":"http-message-signatures","components":["method"]}"#, "did you mean `@method`?"),
        ("hmac-sha256", "HMAC is not supported"),
        ("kalshii", "choose from http-message-signatures, kalshi"),
    ] {
        let refused = set(signing).refused(2, "contract_invalid");
        assert!(refused.err().contains(expected) && refused.err().contains("signing.md"), "{}", refused.err());
    }
    let found = |signing: &str| {
        set(signing).ok();
        home.run("check --only uncovered-signing --format json").json().as_array().unwrap().len()
    };
    assert_eq!(found(r#"{"scheme":"http-message-signatures","components":["content-type"]}"#), 2);
    assert_eq!(found(r#"{"scheme":"http-message-signatures","components":["@method","@target-uri"]}"#), 0);
    assert_eq!(found("binance"), 2);
    assert_eq!(found("kalshi"), 0);
}
