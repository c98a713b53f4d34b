//! Tests of configurations, of the examples in RFC 9421 and RFC 9530, and of requests by other implementations.

use super::base::Message;
use super::*;
use crate::keypair::{KeyPair, PublicKey, Verifier};
use crate::signing::{SignedParts, Signer, request::Timestamp};
use crate::testing::key_file;
use serde_json::Value;

mod explanations;
mod malformed;
mod round_trips;
mod vectors;

/// Returns the signatures in a request without comparing them with a configuration.
fn candidates(request: &HttpRequest) -> Vec<Result<SignatureCandidate, RequestFlaw>> {
    input::candidates(&Message::new(request).unwrap()).unwrap()
}

/// Reads a file in `tests/data`.
fn data(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(name: &str) -> Vec<Value> {
    serde_json::from_slice(&data(name)).unwrap()
}

fn verifier(pem: &[u8]) -> Verifier {
    PublicKey::read(pem, true).unwrap().verifier().unwrap()
}

fn pair(name: &str) -> KeyPair {
    KeyPair::from_private(&key_file(name)).unwrap()
}

fn ed25519() -> KeyPair {
    pair("ed25519.private.pem")
}

fn rsa() -> KeyPair {
    pair("rsa2048.private.pkcs8.pem")
}

fn config(components: &[&str]) -> MessageSignatures {
    let components = components.iter().map(|component| component.parse().unwrap()).collect();
    MessageSignatures { components, ..MessageSignatures::default() }
}

/// Parses a request in HTTP/1.1 with the given lines.
fn http(lines: &[&str], body: &str) -> HttpRequest {
    HttpRequest::read(format!("{}\r\n\r\n{body}", lines.join("\r\n")).as_bytes()).unwrap()
}

/// Signs a request and adds the fields to it.
fn signed(config: &MessageSignatures, request: &HttpRequest, pair: &KeyPair) -> HttpRequest {
    let signer = Signer { pair, key_id: "key_1", timestamp: Timestamp::from_millis(1_700_000_000_999), expires: None };
    let SignedParts { headers, query } = config.sign(request, &signer).unwrap();
    assert!(query.is_empty());
    let mut request = request.clone();
    request.fields.extend(headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)));
    request
}

#[test]
fn a_configuration_is_read_and_written() {
    let parsed: MessageSignatures = serde_json::from_str("{}").unwrap();
    assert_eq!(serde_json::to_value(&parsed).unwrap(), serde_json::to_value(MessageSignatures::default()).unwrap());
    assert_eq!(
        serde_json::to_string(&parsed).unwrap(),
        r#"{"components":["@method","@authority","@path","@query"],"algorithms":["ed25519","rsa-pss-sha512"],"tag":null,"max_skew":"30s"}"#
    );
    let text = r#"{"components":["@query-param;name=\"a%20b\"","content-type","example-dict;key=\"a\\\"b\"","x;bs","y;sf"],"algorithms":["rsa-v1_5-sha256"],"tag":"app one","max_skew":"30s"}"#;
    let parsed: MessageSignatures = serde_json::from_str(text).unwrap();
    assert_eq!(parsed.validate(), Ok(()));
    assert_eq!(serde_json::to_string(&parsed).unwrap(), text);
    assert_eq!(parsed.components[0].identifier(), r#""@query-param";name="a%20b""#);
    for text in [
        r#"{"component":[]}"#,
        r#"{"components":["@status"]}"#,
        r#"{"components":["@signature-params"]}"#,
        r#"{"components":["@request-body"]}"#,
        r#"{"components":["@method;req"]}"#,
        r#"{"components":["x;tr"]}"#,
        r#"{"components":["x;unknown"]}"#,
        r#"{"components":["x;bs;sf"]}"#,
        r#"{"components":["x;bs;key=\"a\""]}"#,
        r#"{"components":["x;key"]}"#,
        r#"{"components":["x;sf=?0"]}"#,
        r#"{"components":["x;key=\"a\";key=\"b\""]}"#,
        r#"{"components":["@method;sf"]}"#,
        r#"{"components":["@path;name=\"a\""]}"#,
        r#"{"components":["@query-param"]}"#,
        r#"{"components":["@query-param;name=a"]}"#,
        r#"{"components":["Content-Type"]}"#,
        r#"{"components":["content type"]}"#,
        r#"{"components":["\"content-type\""]}"#,
        r#"{"components":["x\", \"y"]}"#,
        r#"{"components":["x;sf, \"y\""]}"#,
        r#"{"components":["x;"]}"#,
        r#"{"components":[""]}"#,
        r#"{"components":[";sf"]}"#,
        r#"{"components":["é"]}"#,
        r#"{"algorithms":["hmac-sha256"]}"#,
        r#"{"tag":1}"#,
    ] {
        assert!(serde_json::from_str::<MessageSignatures>(text).is_err(), "{text}");
    }
}

#[test]
fn a_configuration_that_no_signature_meets_is_refused() {
    assert_eq!(MessageSignatures::default().validate(), Ok(()));
    let many: Vec<_> = (0..65).map(|i| format!("x-{i}")).collect();
    for (text, reason) in [
        (r#"{"components":[]}"#.to_owned(), "empty"),
        (r#"{"components":["@path","@method","@path"]}"#.to_owned(), "twice"),
        (r#"{"components":["x;key=\"a\";sf","x;sf;key=\"a\""]}"#.to_owned(), "twice"),
        (r#"{"components":["signature"]}"#.to_owned(), "cannot cover"),
        (r#"{"components":["signature-input;sf"]}"#.to_owned(), "cannot cover"),
        (r#"{"components":["@query-param;name=\"a b\""]}"#.to_owned(), "percent-encoded"),
        (serde_json::json!({ "components": many }).to_string(), "more than 64"),
        (r#"{"algorithms":[]}"#.to_owned(), "empty"),
        (r#"{"algorithms":["ed25519","ed25519"]}"#.to_owned(), "twice"),
        (r#"{"algorithms":["rsa-pss-sha256"]}"#.to_owned(), "no name"),
        (r#"{"tag":""}"#.to_owned(), "1 to 64"),
        (r#"{"tag":"ä"}"#.to_owned(), "printable"),
        (r#"{"tag":"a\nb"}"#.to_owned(), "printable"),
        (format!(r#"{{"tag":"{}"}}"#, "t".repeat(65)), "1 to 64"),
    ] {
        let config: MessageSignatures = serde_json::from_str(&text).unwrap();
        let problem = config.validate().expect_err(&text);
        assert!(problem.contains(reason), "{text}: {problem}");
    }
}
