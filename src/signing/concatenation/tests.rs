use super::*;
use crate::{
    keypair::KeyPair,
    signing::{FlawKind, HttpRequest, Scheme, Signer, Signing, request::Timestamp},
    testing::key_file,
};
use base64ct::{Base64, Encoding as _};
use serde_json::json;

fn built_in(name: &str) -> Concatenation {
    match Signing::built_in(name).unwrap().scheme().clone() {
        Scheme::Concatenation(scheme) => scheme,
        Scheme::HttpMessageSignatures(_) => panic!("{name} is of another family"),
    }
}

fn kalshi() -> Concatenation {
    built_in("kalshi")
}

fn variants(path: &str, query: &str, origin: &str, body: &[u8]) -> Variants {
    let scheme = kalshi();
    let members = [("key_id", "x"), ("timestamp", "1700000000000"), ("signature", "c2ln")];
    let request = HttpRequest {
        method: "GET".to_owned(),
        origin: Some(origin.to_owned()),
        path: path.to_owned(),
        query: query.to_owned(),
        body: Some(body.to_vec()),
        members: members.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        ..HttpRequest::default()
    };
    scheme.variants(&request).unwrap()
}

#[test]
fn the_work_for_one_signature_is_bounded() {
    let work = |variants: &Variants| -> (usize, usize) {
        let tried = variants.combinations();
        let bytes = tried.iter().flatten().map(|part| part.0.len()).sum();
        (tried.len(), bytes)
    };
    let slashes = "/a".repeat(8 * 1024);
    let long = "b".repeat(16 * 1024);
    for (path, query, origin, body) in [
        (&*slashes, "", "https://x", &b""[..]),
        (&slashes, &long, &long, long.as_bytes()),
        ("/", &long, &long, long.as_bytes()),
        (&slashes, &"c".repeat(1 << 20), &"d".repeat(1 << 20), "e".repeat(1 << 20).as_bytes()),
    ] {
        let (combinations, bytes) = work(&variants(path, query, origin, body));
        assert!(combinations <= 160 && bytes <= 6 << 20, "{combinations} combinations, {bytes} bytes");
    }
    let usual = variants("/trade-api/v2/a/b", "?c", "https://x", b"body");
    assert!(usual.combinations().len() == 80, "a usual request is tried in full");
    assert_eq!(usual.right(), b"1700000000000GET/trade-api/v2/a/b");
}

#[test]
fn a_signature_is_standard_base64_on_one_line() {
    let good = Base64::encode_string(&[0xfb; 256]);
    assert_eq!(SignatureEncoding::Base64.decode(&good).unwrap().len(), 256);
    let bare = good.trim_end_matches('=');
    for (text, expected) in [
        (good.replace(['+', '/'], "-"), "URL-safe"),
        (bare.to_owned(), "padding"),
        (format!("{bare}="), "padding"),
        (format!("{good}=="), "padding"),
        (format!("{good}===="), "not base64"),
        (format!("{}\n{}", &good[..64], &good[64..]), "one line"),
        (format!("{good}\n"), "one line"),
        (format!(" {good}"), "one line"),
        (format!("{}*{}", &good[..9], &good[10..]), "not base64"),
        (format!("{}\0{}", &good[..9], &good[10..]), "not base64"),
        ("ä".repeat(172), "not base64"),
    ] {
        let mistake = SignatureEncoding::Base64.decode(&text).unwrap_err();
        assert!(mistake.contains(expected), "{text}: {mistake}");
    }
    assert_eq!(SignatureEncoding::Base64.decode("").unwrap(), b"", "whose length is wrong for any key");
    // The last digit of a padded signature has unused bits, which must be zero.
    let at = bare.len() - 1;
    let twin = |c: u8| format!("{}{}{}", &bare[..at], char::from(c), &good[at + 1..]);
    let decoded = (b'A'..=b'Z').filter(|c| {
        twin(*c) != good
            && SignatureEncoding::Base64
                .decode(&twin(*c))
                .is_ok_and(|s| s == SignatureEncoding::Base64.decode(&good).unwrap())
    });
    assert_eq!(decoded.count(), 0);
}

/// Returns the description of a scheme that covers everything and has one grammar.
fn description() -> serde_json::Value {
    json!({
        "message": ["{timestamp}", "\n", "{method}", "\n", "{host}", "{path}", "{query}", "\n", "{header:x-nonce}", "\n",
            "{body_sha256}"],
        "timestamp": "seconds",
        "headers": {
            "key": "X-Key",
            "timestamp": { "in": "header", "name": "X-Time" },
            "signature": { "in": "query", "name": "sig" }
        },
        "encoding": "base64url",
        "algorithms": ["ed25519", "rsa-pss-sha512"],
        "max_skew": "1min"
    })
}

fn read(description: &serde_json::Value) -> Result<Concatenation, String> {
    let scheme: Concatenation = serde_json::from_value(description.clone()).map_err(|error| error.to_string())?;
    scheme.validate().map(|()| scheme)
}

fn request(text: &str) -> HttpRequest {
    HttpRequest::read(text.as_bytes()).unwrap()
}

#[test]
fn a_description_keeps_its_text() {
    let scheme = read(&description()).unwrap();
    let mut expected = description();
    expected["headers"]["timestamp"] = "X-Time".into();
    expected["ambiguous"] = false.into();
    assert_eq!(serde_json::to_value(&scheme).unwrap(), expected);
    assert_eq!(
        scheme.algorithms().collect::<Vec<_>>(),
        [SignatureAlgorithm::Ed25519, SignatureAlgorithm::RsaPssSha512]
    );
}

#[test]
fn contradictory_and_weak_descriptions_are_refused() {
    let with = |path: &str, value: serde_json::Value| {
        let mut changed = description();
        *changed.pointer_mut(path).unwrap() = value;
        read(&changed).unwrap_err()
    };
    for (path, value, expected) in [
        ("/message", json!(["{timestamp}", "{path}", "{body}"]), "the end of `{path}` cannot be distinguished"),
        ("/message", json!(["{method}", "{path}"]), "the timestamp must be part of the message"),
        ("/message", json!([]), "the timestamp must be part of the message"),
        ("/message", json!(["{timestamp}", "{method}", "{method}"]), "`{method}` appears twice"),
        ("/message", json!(["{timestamp}", "{query}", "{params}"]), "both contain the query"),
        ("/message", json!(["{time}"]), "neither a placeholder nor text"),
        ("/message", json!(["{timestamp}{path}"]), "neither a placeholder nor text"),
        ("/message", json!(["{header:}"]), "name of a header"),
        ("/message", json!([""]), "empty"),
        ("/headers/key", json!("X Key"), "name of a header"),
        ("/headers/key", json!("x-time"), "`x-time` is used twice"),
        ("/headers/key", json!({"in": "cookie", "name": "a"}), "a place is the name of a header"),
        ("/headers/signature/name", json!("a b"), "name of a header"),
        ("/encoding", json!("base32"), "unknown variant"),
        ("/timestamp", json!("hours"), "unknown variant"),
        ("/algorithms", json!([]), "the list is empty"),
        ("/algorithms", json!(["ed25519", "ed25519"]), "appears twice"),
        ("/algorithms", json!(["hmac-sha256"]), "HMAC"),
        ("/max_skew", json!("2d"), "between 1s and 1d"),
        ("/max_skew", json!("1mo"), "between 1s and 1d"),
    ] {
        let found = with(path, value.clone());
        assert!(found.contains(expected), "{path} {value}: {found}");
    }
    let mut signed = description();
    signed["headers"]["signature"] = "X-Nonce".into();
    assert!(read(&signed).unwrap_err().contains("cannot be part of the message that it signs"));
    let mut needless = description();
    needless["ambiguous"] = true.into();
    assert!(read(&needless).unwrap_err().contains("in only one way"));
    needless["message"] = json!(["{timestamp}", "{path}", "{body}"]);
    assert_eq!(read(&needless).unwrap().confusions().len(), 1);
    let mut unknown = description();
    unknown["secret"] = "x".into();
    assert!(read(&unknown).unwrap_err().contains("unknown field"));
}

#[test]
fn every_part_of_a_request_is_found() {
    let scheme = read(&description()).unwrap();
    let head = "POST /a/b?c=d&sig=AQID&e HTTP/1.1\nHost: API.example.com:8443\nx-key: k\nX-TIME: 1700000000\n\
                X-Nonce: n 1\n\nbody";
    let found = scheme.presented(&request(head)).unwrap();
    let digest = "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5";
    let message = format!("1700000000\nPOST\napi.example.com:8443/a/b?c=d&e\nn 1\n{digest}");
    assert_eq!(String::from_utf8(found.message).unwrap(), message);
    assert_eq!((found.key.as_str(), found.signature, found.algorithm), ("k", vec![1, 2, 3], None));
    assert_eq!(found.timestamp, Timestamp::from_millis(1_700_000_000_000));
    // JSON with its own names, and a query in the path.
    let json = json!({
        "key_id": "k", "timestamp": 1_700_000_000, "signature": "AQID", "method": "POST", "path": "/a/b?c=d&e",
        "headers": { "Host": "api.example.com:8443", "x-nonce": "n 1" }, "body": "body"
    });
    let again = scheme.presented(&request(&json.to_string())).unwrap();
    assert_eq!(String::from_utf8(again.message).unwrap(), message);
}

#[test]
fn a_part_that_is_missing_repeated_or_malformed_is_reported() {
    let scheme = read(&description()).unwrap();
    let head = "POST /a?sig=AQID HTTP/1.1\nHost: x\nx-key: k\nx-time: 1700000000\nx-nonce: n\n\nbody";
    scheme.presented(&request(head)).unwrap();
    for (old, new, kind, expected) in [
        ("x-key: k\n", "", FlawKind::Request, "the header X-Key, or in JSON the field `key_id`, is missing"),
        ("x-key: k\n", "x-key: k\nX-Key: k\n", FlawKind::Request, "is repeated"),
        ("?sig=AQID", "", FlawKind::Request, "the parameter sig, or in JSON the field `signature`, is missing"),
        ("?sig=AQID", "?sig=AQID&sig=AQID", FlawKind::Request, "is repeated"),
        ("?sig=AQID", "?sig=%ff", FlawKind::Request, "not UTF-8"),
        ("?sig=AQID", "?sig=AQI%3D", FlawKind::Signature, "standard base64"),
        ("?sig=AQID", "?sig=A", FlawKind::Signature, "base64url"),
        ("1700000000", "1700000000000", FlawKind::Timestamp, "in milliseconds"),
        ("1700000000", "", FlawKind::Timestamp, "is empty"),
        ("1700000000", "17000000", FlawKind::Timestamp, "10 digits"),
        ("1700000000", "+170000000", FlawKind::Timestamp, "other than digits"),
        ("POST", "post", FlawKind::Method, "uppercase"),
        ("/a?", "a?", FlawKind::Path, "does not start with a slash"),
        ("?sig=AQID", "?sig=AQID#f", FlawKind::Path, "fragment"),
        ("x-nonce: n\n", "", FlawKind::Request, "the header x-nonce is missing"),
        ("x-nonce: n\n", "x-nonce: n\nX-Nonce: m\n", FlawKind::Request, "the header x-nonce is repeated"),
        ("Host: x\n", "", FlawKind::Request, "no host"),
        ("Host: x\n", "Host: x\nHost: y\n", FlawKind::Request, "no host, or more than one"),
        ("Host: x\n", "Host: x/y\n", FlawKind::Request, "host of the request is malformed"),
        ("Host: x\n", "Host: u@x\n", FlawKind::Request, "host of the request is malformed"),
        ("\n\nbody", "\nContent-Length: 4\n\n", FlawKind::Request, "only the head of the request is given"),
        ("\n\nbody", "\nTransfer-Encoding: chunked\n\n", FlawKind::Request, "only the head of the request is given"),
    ] {
        let flaw = scheme.presented(&request(&head.replace(old, new))).unwrap_err();
        assert_eq!(flaw.kind, kind, "{new}: {}", flaw.message);
        assert!(flaw.message.contains(expected), "{new}: {}", flaw.message);
    }
    let json = r#"{"key_id":"k","timestamp":"1700000000","signature":"AQID","method":"GET","url":"https://x/","headers":{"x-nonce":""}}"#;
    let flaw = scheme.presented(&request(json)).unwrap_err();
    assert!(flaw.message.contains("the signature covers the body, which is missing"), "{}", flaw.message);
    assert_eq!(flaw.key.as_deref(), Some("k"));
    let json = json.replace("\"x-nonce\":\"\"", "\"x-nonce\":\"a\\nb\"");
    let json = json.replace("\"method\"", "\"body\":\"\",\"method\"");
    let flaw = scheme.presented(&request(&json)).unwrap_err();
    assert!(flaw.message.contains("control character"), "{}", flaw.message);
}

#[test]
fn a_timestamp_outside_the_signed_query_does_not_count() {
    let json = r#"{"key_id":"k","timestamp":1700000000000,"method":"GET","path":"/a?b=c&signature=AQID","body":""}"#;
    let flaw = built_in("binance").presented(&request(json)).unwrap_err();
    assert_eq!(flaw.message, "the parameter timestamp is missing");
}

#[test]
fn what_is_signed_is_found_again_and_verifies() {
    let keys = ["ed25519.private.pem", "rsa2048.private.pkcs8.pem"];
    let keys = keys.map(|name| KeyPair::from_private(&key_file(name)).unwrap());
    for scheme in [kalshi(), built_in("binance"), built_in("robinhood"), read(&description()).unwrap()] {
        for pair in &keys {
            let own = pair.algorithm();
            let fits = scheme.algorithms().any(|algorithm| algorithm.of_keys() == own);
            let mut sent = request("POST https://x/a/b?c=d%20e HTTP/1.1\nx-nonce: 1\n\n{}");
            let key_id = "264dbd8e-7c98-4f11-a859-33b5fe3aa8fd";
            let signer = Signer { pair, key_id, timestamp: Timestamp::from_millis(1_700_000_000_999), expires: None };
            let added = match scheme.sign(&sent, &signer) {
                Ok(added) => added,
                Err(error) => {
                    assert!(!fits && error.message().contains("does not accept"), "{error}");
                    continue;
                }
            };
            sent.fields.extend(added.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())));
            sent.query = added.url(&sent.query);
            let found = scheme.presented(&sent).unwrap();
            let verifier = pair.public().unwrap().verifier().unwrap();
            let mut fitting = scheme.algorithms().filter(|algorithm| algorithm.of_keys() == own);
            assert!(fitting.any(|algorithm| verifier.accepts(algorithm, &found.message, &found.signature)));
            assert_eq!((found.key.as_str(), found.timestamp.millis() / 1000), (key_id, 1_700_000_000));
        }
    }
}

/// The example in Robinhood's documentation of its crypto trading API: "Authentication", with its key pair, API key and
/// signature. The body is the text that the example signs, which is not JSON.
#[test]
fn the_documented_example_of_robinhood_is_reproduced() {
    let seed = Base64::decode_vec("xQnTJVeQLmw1/Mg2YimEViSpw/SdJcgNXZ5kQkAXNPU=").unwrap();
    let der = [&base16ct::lower::decode_vec("302e020100300506032b657004220420").unwrap()[..], &seed].concat();
    let pair = KeyPair::from_private(&der).unwrap();
    let public = Base64::decode_vec("jPItx4TLjcnSUnmnXQQyAKL4eJj3+oWNNMmmm2vATqk=").unwrap();
    assert!(pair.public().unwrap().spki().ends_with(&public));
    let body = "{'client_order_id': '131de903-5a9c-4260-abc1-28d562a5dcf0', 'side': 'buy', 'symbol': 'BTC-USD', 'type': \
                'market', 'market_order_config': {'asset_quantity': '0.1'}}";
    let sent = HttpRequest {
        method: "POST".to_owned(),
        path: "/api/v1/crypto/trading/orders/".to_owned(),
        body: Some(body.as_bytes().to_vec()),
        ..HttpRequest::default()
    };
    let key_id = "rh-api-6148effc-c0b1-486c-8940-a1d099456be6";
    let signer = Signer { pair: &pair, key_id, timestamp: Timestamp::from_millis(1_698_708_981_000), expires: None };
    let added = built_in("robinhood").sign(&sent, &signer).unwrap();
    let expected = [
        ("x-api-key", key_id),
        ("x-timestamp", "1698708981"),
        ("x-signature", "q/nEtxp/P2Or3hph3KejBqnw5o9qeuQ+hYRnB56FaHbjDsNUY9KhB1asMxohDnzdVFSD7StaTqjSd9U9HvaRAw=="),
    ];
    let headers: Vec<_> = added.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(headers, expected);
}

/// The payload in Binance's documentation of its spot API: "SIGNED request example (RSA keys)". The documentation
/// contains a signature, but not the key, so only the signed text and the form of the request can be compared.
#[test]
fn the_documented_payload_of_binance_is_reproduced() {
    let payload = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&\
                   recvWindow=5000";
    let head = format!(
        "POST /api/v3/order?{payload}&signature=c2ln%2B%2F%3D HTTP/1.1\nHost: api.binance.com\nX-MBX-APIKEY: k\n\n"
    );
    // The documentation percent-encodes the signature.
    let head = head.replace("c2ln%2B%2F%3D", "%2B%2F%2B%2F");
    let found = built_in("binance").presented(&request(&head)).unwrap();
    assert_eq!(String::from_utf8(found.message).unwrap(), payload);
    assert_eq!((found.signature, found.timestamp.millis()), (vec![0xfb, 0xff, 0xbf], 1_668_481_559_918));
}
