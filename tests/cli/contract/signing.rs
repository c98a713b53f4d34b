//! Tests of signing schemes in contracts: `policy set signing`, `sign --scheme`, `verify-request` and `verify --batch`.

use crate::{
    home::{Ended, Home},
    tools::fixture,
};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt as _};

/// The time of the requests: 1,700,000,000 seconds after 1970-01-01T00:00:00Z.
pub(super) const NOW: &str = "2023-11-14T22:13:20Z";
pub(super) const URL: &str = "https://api.example/orders?symbol=X&side=buy";
/// A scheme that covers the whole request, with the signature in a header.
pub(super) const OWN: &str = r#"{"scheme":"concatenation","message":["{timestamp}","\n","{method}","\n","{host}","{path}","{query}","\n","{body_sha256}"],"timestamp":"seconds","headers":{"key":"X-Key","timestamp":"X-Time","signature":"X-Sig"},"encoding":"hex","algorithms":["rsa-pss-sha512","ed25519"],"max_skew":"5min"}"#;

/// Builds a keyring with the given scheme and an RSA and an Ed25519 key. Returns the home and the ids of the keys.
pub(super) fn home(signing: &str) -> (Home, [String; 2]) {
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

pub(super) const ID: &str = "264dbd8e-7c98-4f11-a859-33b5fe3aa8fd";
pub(super) const KEYS: [&str; 2] = ["rsa2048.private.pkcs8.pem", "ed25519.private.pem"];

/// Signs a POST request with a body, and returns the added headers and the URL.
pub(super) fn sign(home: &Home, key: &str, id: &str, more: &str) -> Value {
    home.write("body", "{\"a\":1}");
    let line = format!("sign --private-key {key} --key-id {id} --method POST --body body --now {NOW} --format json");
    home.run(&format!("{line} --path {URL} {more}")).ok().json()
}

/// Returns the HTTP request with the given added headers.
pub(super) fn head(added: &Value) -> String {
    let url = added.get("url").and_then(Value::as_str).unwrap_or(URL);
    let target = url.strip_prefix("https://api.example").unwrap();
    let headers = added.as_object().unwrap().iter().filter(|(name, _)| *name != "url");
    let headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {}\r\n", value.as_str().unwrap())).collect();
    let headers = headers.concat();
    format!("POST {target} HTTP/1.1\r\nHost: API.example\r\n{headers}\r\n{{\"a\":1}}")
}

pub(super) fn verify(home: &Home, request: &str, more: &str) -> Ended {
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
