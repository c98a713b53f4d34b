//! Signing requests, and finding the signatures in the signed requests again.

use super::*;
use crate::error::Code;

/// Returns requests of many kinds: with and without a body and a query, and with unusual hosts and characters.
fn requests() -> Vec<HttpRequest> {
    vec![
        http(&["GET / HTTP/1.1", "Host: api.example.com"], ""),
        http(&["GET /orders?id=1&id=2 HTTP/1.1", "Host: API.example.com:8443"], ""),
        http(&["GET /orders? HTTP/1.1", "host: api.example.com:443"], ""),
        http(&["DELETE /a%20b/%C3%A4;x=1,2?q=%26+%3D&/?:@ HTTP/1.1", "Host: [2001:DB8::1]:8080"], ""),
        http(&["POST /orders HTTP/1.1", "Host: [::1]", "Content-Type: application/json"], r#"{"side":"buy"}"#),
        http(&["PUT https://api.example.com/orders?x HTTP/1.1", "Content-Length: 3"], "\0\n\u{e4}"),
        HttpRequest::read(br#"{"method":"PATCH","url":"https://api.example.com","body":"x"}"#).unwrap(),
        HttpRequest::read(br#"{"method":"GET","path":"/a?b=c","headers":{"host":"x"}}"#).unwrap(),
        HttpRequest::read(br#"{"method":"POST","url":"http://x:80/?a","body":""}"#).unwrap(),
    ]
}

/// Returns `true` if the default configuration finds a single signature and it is valid for the key.
fn is_accepted(config: &MessageSignatures, request: &HttpRequest, key: &Verifier) -> bool {
    config.presented(request).is_ok_and(|found| match &found[..] {
        [found] => found.algorithm.is_some_and(|algorithm| key.accepts(algorithm, &found.message, &found.signature)),
        _ => false,
    })
}

#[test]
fn a_signed_request_is_accepted() {
    let config = MessageSignatures { tag: Some("app \"one\"".into()), ..MessageSignatures::default() };
    for pair in [ed25519(), rsa()] {
        let key = pair.public().unwrap().verifier().unwrap();
        for request in requests() {
            let signed = signed(&config, &request, &pair);
            let found = config.presented(&signed).unwrap_or_else(|flaw| panic!("{signed:?}: {flaw:?}"));
            assert_eq!((found.len(), &*found[0].key, found[0].expires), (1, "key_1", None));
            assert_eq!(found[0].timestamp, Timestamp::from_millis(1_700_000_000_000));
            assert!(is_accepted(&config, &signed, &key), "{signed:?}");
            let has_body = request.body.as_ref().is_some_and(|body| !body.is_empty());
            assert_eq!(signed.field_values("content-digest").count(), usize::from(has_body));
        }
    }
}

#[test]
fn every_covered_byte_counts() {
    let config = config(&["@method", "@authority", "@path", "@query", "x-a", "x-b;bs"]);
    let pair = ed25519();
    let key = pair.public().unwrap().verifier().unwrap();
    let lines = ["POST /a/b?c=d HTTP/1.1", "Host: example.com", "X-A: value", "X-B: one", "X-B: two"];
    let signed = signed(&config, &http(&lines, "body"), &pair);
    assert!(is_accepted(&config, &signed, &key));
    let mut tried = 0;
    let mut refuse = |change: &dyn Fn(&mut HttpRequest)| {
        let mut changed = signed.clone();
        change(&mut changed);
        assert_ne!(changed, signed);
        assert!(!is_accepted(&config, &changed, &key), "{changed:?}");
        tried += 1;
    };
    let flipped = |text: &str, at: usize, bit: u8| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] ^= 1 << bit;
        String::from_utf8_lossy(&bytes).into_owned()
    };
    for bit in 0..8 {
        (0..4).for_each(|at| refuse(&|request| request.method = flipped(&request.method, at, bit)));
        (0..4).for_each(|at| refuse(&|request| request.path = flipped(&request.path, at, bit)));
        (0..4).for_each(|at| refuse(&|request| request.query = flipped(&request.query, at, bit)));
        (0..4).for_each(|at| refuse(&|request| request.body.as_mut().unwrap()[at] ^= 1 << bit));
        for (field, (name, value)) in signed.fields.iter().enumerate() {
            for at in 0..value.len() {
                // The host is compared without case, and base64 has unused bits in its last digits.
                let is_case = name == "host" && bit == 5 && value.as_bytes()[at].is_ascii_alphabetic();
                let is_padding = matches!(&**name, "signature" | "content-digest") && at + 5 > value.len();
                if !is_case && !is_padding {
                    refuse(&|request| request.fields[field].1 = flipped(value, at, bit));
                }
            }
        }
    }
    for field in 0..signed.fields.len() {
        refuse(&|request| _ = request.fields.remove(field));
        refuse(&|request| {
            let again = request.fields[field].clone();
            request.fields.push(again);
        });
    }
    refuse(&|request| request.body = None);
    refuse(&|request| request.body = Some(Vec::new()));
    refuse(&|request| request.query = String::new());
    refuse(&|request| request.query.push_str("#fragment"));
    refuse(&|request| request.origin = Some("https://other.example".into()));
    refuse(&|request| request.fields.swap(2, 3));
    assert!(tried > 1000, "{tried}");
}

#[test]
fn only_acceptable_signatures_are_returned() {
    let config = MessageSignatures::default();
    let request = signed(&config, &http(&["GET / HTTP/1.1", "Host: x"], ""), &ed25519());
    let add = |input: &str, signature: &str| {
        let mut request = request.clone();
        request.fields.push(("signature-input".into(), input.into()));
        request.fields.push(("signature".into(), signature.into()));
        config.presented(&request)
    };
    for (input, signature) in [
        (r#"proxy=();created=1;keyid="p""#, "proxy=:AAAA:"),
        (r#"proxy=("@status");created=1;keyid="p""#, "proxy=:AAAA:"),
        (r#"proxy=("@method" "@authority" "@path" "@query");created=1;keyid="p";alg="hmac-sha256""#, "proxy=:AAAA:"),
        (r#"proxy=("@method" "@authority" "@path" "@query");created=1;keyid="p""#, "proxy=1"),
        (r#"proxy=("@method" "@authority" "@path" "@query");created=1;keyid="p""#, "other=:AAAA:"),
        (r#"proxy="@method";created=1;keyid="p""#, "proxy=:AAAA:"),
    ] {
        let found = add(input, signature).unwrap();
        assert_eq!((found.len(), &*found[0].key), (1, "key_1"), "{input}");
    }
    let found = add(r#"proxy=("@query" "@path" "@authority" "@method");created=1;keyid="p""#, "proxy=:AAAA:").unwrap();
    assert_eq!((found.len(), &*found[1].key), (2, "p"));
    assert_eq!(
        str::from_utf8(&found[1].message).unwrap(),
        "\"@query\": ?\n\"@path\": /\n\"@authority\": x\n\"@method\": GET\n\
         \"@signature-params\": (\"@query\" \"@path\" \"@authority\" \"@method\");created=1;keyid=\"p\""
    );
}

#[test]
fn the_parameters_are_serialized_as_received() {
    let config = config(&["a", "b"]);
    let request = http(
        &[
            "GET / HTTP/1.1",
            "A: 1",
            "B: 2",
            r#"Signature-Input:  s=(  "b";sf   "a" ) ;  keyid="k\"\\";created=01;future=@2;x=1.50;y;z=?0;t=a/b;n=:AQ==:;expires=5"#,
            "Signature: s=:AAAA:",
        ],
        "",
    );
    // A space before a semicolon is not allowed.
    assert_eq!(config.presented(&request).unwrap_err().kind, FlawKind::SignatureInput);
    let mut request = request;
    request.fields[2].1 = request.fields[2].1.replace(") ;", ");");
    let [found] = &config.presented(&request).unwrap()[..] else { panic!() };
    assert_eq!(
        str::from_utf8(&found.message).unwrap(),
        "\"b\";sf: 2\n\"a\": 1\n\"@signature-params\": (\"b\";sf \"a\");keyid=\"k\\\"\\\\\";created=1;future=@2;x=1.5;y;z=?0;t=a/b;n=:AQ==:;expires=5"
    );
    assert_eq!((&*found.key, found.timestamp.millis()), ("k\"\\", 1000));
    assert_eq!(found.expires, Some(Timestamp::from_millis(5000)));
}

#[test]
fn the_nonce_makes_two_signatures_of_the_same_second_different() {
    let config = MessageSignatures::default();
    let pair = ed25519();
    let request = http(&["GET / HTTP/1.1", "Host: x"], "");
    assert_ne!(signed(&config, &request, &pair), signed(&config, &request, &pair));
    let signer = Signer { pair: &pair, key_id: "k", timestamp: Timestamp::from_millis(1_000), expires: None };
    let parts = config.sign_with(&request, &signer, "n").unwrap();
    assert_eq!(parts, config.sign_with(&request, &signer, "n").unwrap());
    let [(input, value), (signature, _)] = &parts.headers[..] else { panic!() };
    assert_eq!((&**input, &**signature), ("Signature-Input", "Signature"));
    assert_eq!(value, r#"sig1=("@method" "@authority" "@path" "@query");created=1;keyid="k";alg="ed25519";nonce="n""#);
    let signer = Signer { expires: Some(crate::key::Time::from_seconds(61)), ..signer };
    let parts = config.sign_with(&request, &signer, "n").unwrap();
    assert!(parts.headers[0].1.contains(";created=1;expires=61;keyid=\"k\";"), "{parts:?}");
}

#[test]
fn a_request_that_cannot_be_signed_is_refused_with_the_next_step() {
    let default = MessageSignatures::default();
    let rsa_only = MessageSignatures { algorithms: vec![SignatureAlgorithm::RsaPssSha512], ..default.clone() };
    let pair = ed25519();
    let get = http(&["GET / HTTP/1.1", "Host: x"], "");
    let mut signed_already = get.clone();
    signed_already.fields.push(("signature".into(), "sig1=:AAAA:".into()));
    let mut other_digest = http(&["POST / HTTP/1.1", "Host: x"], "body");
    other_digest.fields.push(("content-digest".into(), digest::of(b"other")));
    let no_body = HttpRequest { body: None, ..get.clone() };
    for (config, request, key_id, code, hint) in [
        (&default, &http(&["GET / HTTP/1.1"], ""), "k", Code::InvalidRequest, "full URL"),
        (&config(&["@scheme"]), &get, "k", Code::InvalidRequest, "full URL"),
        (&config(&["@target-uri"]), &get, "k", Code::InvalidRequest, "full URL"),
        (&config(&["content-type"]), &get, "k", Code::InvalidRequest, "missing part"),
        (&config(&["content-digest"]), &no_body, "k", Code::InvalidRequest, "body"),
        (&default, &other_digest, "k", Code::InvalidRequest, "Content-Digest"),
        (&default, &http(&["POST / HTTP/1.1", "Host: x", "Content-Length: 5"], ""), "k", Code::InvalidRequest, "body"),
        (&default, &http(&["get / HTTP/1.1", "Host: x"], ""), "k", Code::InvalidRequest, "GET"),
        (&default, &http(&["GET /#a HTTP/1.1", "Host: x"], ""), "k", Code::InvalidRequest, "fragment"),
        (&default, &signed_already, "k", Code::InvalidRequest, "remove"),
        (&default, &get, "ä", Code::InvalidRequest, "printable"),
        (&default, &get, "a\nb", Code::InvalidRequest, "printable"),
        (&rsa_only, &get, "k", Code::InvalidSecret, "rsa-pss-sha512"),
    ] {
        let signer = Signer { pair: &pair, key_id, timestamp: Timestamp::from_millis(0), expires: None };
        let error = config.sign(request, &signer).unwrap_err();
        assert_eq!(error.code(), code, "{request:?}");
        assert!(error.hint().contains(hint), "{}: {}", error.message(), error.hint());
    }
}
