//! A table of assertions that must be refused, each with its own verdict code.

use super::*;
use VerdictCode::{
    AssertionAlgorithm, AssertionClaims, AssertionExpired, AssertionHeader, AssertionNotYetValid, AssertionTooLong,
    BadAssertion, BadSignature, NotFound, WrongAudience, WrongKid, WrongSignature, WrongType,
};
use sha2::{Digest, Sha256};

/// A line of the table: a description, the assertion, and the expected verdict code.
type Line = (&'static str, String, VerdictCode);

/// Computes HMAC with SHA-256 (RFC 2104) for a key that is longer than a block.
fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    let mut block = [0; 64];
    block[..32].copy_from_slice(&Sha256::digest(key));
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

/// Returns an assertion whose header states an algorithm for which the signature was not made.
fn with_signature(header: &Value, signature: impl Fn(&str) -> Vec<u8>) -> String {
    let text = format!("{}.{}", base64url(header.to_string()), base64url(Draft::ed25519().claims.to_string()));
    let signature = signature(&text);
    format!("{text}.{}", base64url(signature))
}

fn algorithms() -> Vec<Line> {
    let unsigned = |name: &str| with_signature(&json!({ "alg": name }), |_| Vec::new());
    let spki = ed25519().public().unwrap().spki().to_vec();
    let ed25519_header = |name: &str| Draft::ed25519().header("alg", name).text();
    vec![
        ("none", unsigned("none"), AssertionAlgorithm),
        ("None", unsigned("None"), AssertionAlgorithm),
        ("NONE", unsigned("NONE"), AssertionAlgorithm),
        ("nOnE with a signature", ed25519_header("nOnE"), AssertionAlgorithm),
        ("an empty name", ed25519_header(""), AssertionAlgorithm),
        (
            "HS256 with the public key as the secret",
            with_signature(&json!({ "alg": "HS256", "typ": "JWT" }), |text| hmac(&spki, text)),
            AssertionAlgorithm,
        ),
        (
            "HMAC under the name of an accepted algorithm",
            with_signature(&json!({ "alg": "EdDSA" }), |text| hmac(&spki, text).repeat(2)),
            WrongSignature,
        ),
        ("HS512", ed25519_header("HS512"), AssertionAlgorithm),
        ("ES256", ed25519_header("ES256"), AssertionAlgorithm),
        ("PS512", ed25519_header("PS512"), AssertionAlgorithm),
        ("eddsa in lower case", ed25519_header("eddsa"), AssertionAlgorithm),
        ("no algorithm", with_signature(&json!({ "typ": "JWT" }), |_| vec![0; 64]), AssertionAlgorithm),
        ("an algorithm that is a number", Draft::ed25519().header("alg", 1).text(), AssertionAlgorithm),
        ("an array of algorithms", Draft::ed25519().header("alg", json!(["EdDSA"])).text(), AssertionAlgorithm),
        ("PS256 for an Ed25519 key", ed25519_header("PS256"), AssertionAlgorithm),
        (
            "EdDSA for an RSA key",
            Draft::new(2, rsa(), JwkAlgorithm::Ps256).header("alg", "EdDSA").text(),
            AssertionAlgorithm,
        ),
        (
            "RS256 with a signature of PS256",
            Draft::new(2, rsa(), JwkAlgorithm::Ps256).header("alg", "RS256").text(),
            WrongSignature,
        ),
        (
            "PS256 with a signature of RS256",
            Draft::new(2, rsa(), JwkAlgorithm::Rs256).header("alg", "PS256").text(),
            WrongSignature,
        ),
        (
            "RS256 for a key that is restricted to RSASSA-PSS",
            Draft::new(3, pss_only(), JwkAlgorithm::Ps256).header("alg", "RS256").text(),
            AssertionAlgorithm,
        ),
    ]
}

fn headers() -> Vec<Line> {
    let with = |name: &str, value: Value| Draft::ed25519().header(name, value).text();
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    vec![
        ("an embedded key", with("jwk", jwk), AssertionHeader),
        ("an embedded key that is null", with("jwk", Value::Null), AssertionHeader),
        ("a URL of keys", with("jku", "https://attacker.example/keys".into()), AssertionHeader),
        ("a URL of certificates", with("x5u", "https://attacker.example/x".into()), AssertionHeader),
        ("certificates", with("x5c", json!(["MII"])), AssertionHeader),
        ("a thumbprint with SHA-1", with("x5t", "x".into()), AssertionHeader),
        ("a thumbprint with SHA-256", with("x5t#S256", "x".into()), AssertionHeader),
        ("critical parameters", with("crit", json!(["exp"])), AssertionHeader),
        ("no critical parameters", with("crit", json!([])), AssertionHeader),
        ("unencoded claims", with("b64", false.into()), AssertionHeader),
        ("compressed claims", with("zip", "DEF".into()), AssertionHeader),
        ("a nested JWT", with("cty", "JWT".into()), AssertionHeader),
        ("an encrypted JWT", with("enc", "A256GCM".into()), AssertionHeader),
        ("an access token", with("typ", "at+jwt".into()), AssertionHeader),
        ("a type that is null", with("typ", Value::Null), AssertionHeader),
        ("a kid that is a number", with("kid", 1.into()), AssertionHeader),
        ("the kid of another key", with("kid", id(2).into()), WrongKid),
        (
            "the thumbprint of another key",
            with("kid", rsa().public().unwrap().jwk_thumbprint().to_string().into()),
            WrongKid,
        ),
        ("an empty kid", with("kid", "".into()), WrongKid),
        ("a kid that is a path", with("kid", "../../dev/null".into()), WrongKid),
    ]
}

fn encodings() -> Vec<Line> {
    let text = Draft::ed25519().text();
    let parts: Vec<&str> = text.split('.').collect();
    let [header, claims, signature] = parts[..] else { unreachable!() };
    let draft = Draft::ed25519();
    let (plain_header, plain_claims) = (draft.header.to_string(), draft.claims.to_string());
    let of_claims = |claims: &[u8]| draft.signed(&plain_header, claims);
    // The last digit of 64 bytes in base64url has four unused bits.
    let last = signature.chars().last().unwrap();
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let next = digits.chars().nth(digits.find(last).unwrap() + 1).unwrap();
    let another_last = format!("{header}.{claims}.{}{next}", &signature[..signature.len() - 1]);
    let repeated = |text: &str, member: &str| text.replacen('{', &format!("{{{member},"), 1);
    let nested = format!("{{\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    let deep = repeated(&plain_claims, "\"x\":{\"y\":[{\"b\":1,\"b\":2}]}");
    let escaped = repeated(&plain_claims, "\"\\u0069ss\":\"x\"");
    vec![
        ("nothing but periods", "..".to_owned(), BadAssertion),
        ("one part", header.to_owned(), BadAssertion),
        ("two parts", format!("{header}.{claims}"), BadAssertion),
        ("a trailing period", format!("{text}."), BadAssertion),
        ("a leading period", format!(".{text}"), BadAssertion),
        ("five parts, as in JWE", format!("{header}.{claims}.{signature}.{claims}.{signature}"), BadAssertion),
        ("no signature", format!("{header}.{claims}."), BadSignature),
        ("a short signature", format!("{header}.{claims}.{}", base64url([1; 63])), BadSignature),
        ("a long signature", format!("{header}.{claims}.{}", base64url([1; 65])), BadSignature),
        ("another signature", format!("{header}.{claims}.{}", base64url([1; 64])), WrongSignature),
        (
            "other claims",
            format!("{header}.{}.{signature}", base64url(plain_claims.replace("one", "two"))),
            WrongSignature,
        ),
        ("padding", format!("{text}=="), BadAssertion),
        ("unused bits that are not zero", another_last, BadAssertion),
        ("a part of an impossible length", format!("{header}.{claims}.A"), BadAssertion),
        ("standard base64", format!("{header}.{claims}.+/{}", &signature[2..]), BadAssertion),
        ("a space", format!("{header}. {claims}.{signature}"), BadAssertion),
        ("a line feed", format!("{header}.{claims}\n.{signature}"), BadAssertion),
        ("another character", format!("{header}.{claims}.\u{e9}{signature}"), BadAssertion),
        (
            "more than 8 KiB",
            draft.signed(&plain_header, format!("{plain_claims}{}", " ".repeat(9 * 1024))),
            BadAssertion,
        ),
        ("claims that are not UTF-8", of_claims(b"{\"iss\":\"\xff\"}"), BadAssertion),
        ("claims that are not JSON", of_claims(b"iss=1"), BadAssertion),
        ("claims that are an array", of_claims(b"[]"), BadAssertion),
        ("claims that are null", of_claims(b"null"), BadAssertion),
        ("text after the claims", of_claims(format!("{plain_claims}x").as_bytes()), BadAssertion),
        ("claims that are nested deeply", of_claims(nested.as_bytes()), BadAssertion),
        ("a header that is empty", draft.signed("", &plain_claims), BadAssertion),
        ("a header that is a string", draft.signed("\"EdDSA\"", &plain_claims), BadAssertion),
        (
            "a repeated algorithm",
            draft.signed(repeated(&plain_header, "\"alg\":\"none\""), &plain_claims),
            BadAssertion,
        ),
        ("a repeated parameter", draft.signed(repeated(&plain_header, "\"x\":1,\"x\":1"), &plain_claims), BadAssertion),
        ("a repeated claim", of_claims(repeated(&plain_claims, "\"exp\":9999999999").as_bytes()), BadAssertion),
        ("a repeated claim, escaped", of_claims(escaped.as_bytes()), BadAssertion),
        ("a repeated member at depth", of_claims(deep.as_bytes()), BadAssertion),
    ]
}

fn claims() -> Vec<Line> {
    let with = |name: &str, value: Value| Draft::ed25519().claim(name, value).text();
    let without = |name: &str| Draft::ed25519().without(name).text();
    let both = |issuer: &str| Draft::ed25519().claim("iss", issuer).claim("sub", issuer).text();
    let start = testing::START;
    let lasting = |seconds: i64| with("exp", (start + seconds).into());
    vec![
        ("no iss", without("iss"), AssertionClaims),
        ("no sub", without("sub"), AssertionClaims),
        ("no aud", without("aud"), AssertionClaims),
        ("no iat", without("iat"), AssertionClaims),
        ("no exp", without("exp"), AssertionClaims),
        ("no jti", without("jti"), AssertionClaims),
        ("no claims", Draft::ed25519().signed(r#"{"alg":"EdDSA"}"#, "{}"), AssertionClaims),
        ("an iss that is a number", with("iss", 1.into()), AssertionClaims),
        ("a sub of another key", with("sub", id(2).into()), AssertionClaims),
        ("two audiences", with("aud", json!([AUDIENCE, "https://other.example.com"])), AssertionClaims),
        ("the audience twice", with("aud", json!([AUDIENCE, AUDIENCE])), AssertionClaims),
        ("no audience in the array", with("aud", json!([])), AssertionClaims),
        ("an audience that is null", with("aud", Value::Null), AssertionClaims),
        ("an audience that is an object", with("aud", json!({ "0": AUDIENCE })), AssertionClaims),
        ("a number in the array", with("aud", json!([1])), AssertionClaims),
        ("an iat that is a string", with("iat", start.to_string().into()), AssertionClaims),
        ("an exp that is a string", with("exp", (start + 60).to_string().into()), AssertionClaims),
        ("an exp with a fraction", with("exp", 1_700_000_060.5.into()), AssertionClaims),
        ("a negative iat", with("iat", (-1).into()), AssertionClaims),
        ("an exp after the year 9999", with("exp", 253_402_300_800_i64.into()), AssertionClaims),
        ("a huge exp", with("exp", u64::MAX.into()), AssertionClaims),
        ("an exp that is larger still", with("exp", 1e300.into()), AssertionClaims),
        ("an exp that is null", with("exp", Value::Null), AssertionClaims),
        ("an exp that is true", with("exp", true.into()), AssertionClaims),
        ("an nbf that is a string", with("nbf", start.to_string().into()), AssertionClaims),
        ("an exp at the iat", lasting(0), AssertionClaims),
        ("an exp before the iat", with("iat", (start + 61).into()), AssertionClaims),
        ("an empty jti", with("jti", "".into()), AssertionClaims),
        ("a jti of 257 bytes", with("jti", "j".repeat(257).into()), AssertionClaims),
        ("a jti with a control character", with("jti", "a\u{7}b".into()), AssertionClaims),
        ("a jti that is a number", with("jti", 1.into()), AssertionClaims),
        ("an iss that is no key id", both("web"), NotFound),
        ("an empty iss", both(""), NotFound),
        ("an iss that is unknown", both(&id(9)), NotFound),
        ("the key of a token", Draft::new(4, ed25519(), JwkAlgorithm::EdDsa).text(), WrongType),
        ("the id of another key pair", Draft::new(2, ed25519(), JwkAlgorithm::EdDsa).text(), AssertionAlgorithm),
        ("another audience", with("aud", "https://other.example.com".into()), WrongAudience),
        ("an audience with a slash more", with("aud", format!("{AUDIENCE}/").into()), WrongAudience),
        ("an audience in another case", with("aud", AUDIENCE.to_uppercase().into()), WrongAudience),
        ("an audience that begins like it", with("aud", AUDIENCE[..20].into()), WrongAudience),
        ("an empty audience", with("aud", "".into()), WrongAudience),
        ("another audience in the array", with("aud", json!(["https://other.example.com"])), WrongAudience),
        ("a lifetime of 301 s", lasting(301), AssertionTooLong),
        ("a lifetime of a year", lasting(31_536_000), AssertionTooLong),
        (
            "an iat 31 s ahead",
            Draft::ed25519().claim("iat", start + 31).claim("exp", start + 90).text(),
            AssertionNotYetValid,
        ),
        ("an nbf 31 s ahead", with("nbf", (start + 31).into()), AssertionNotYetValid),
        ("an expired one", Draft::ed25519().claim("iat", start - 60).claim("exp", start).text(), AssertionExpired),
    ]
}

#[test]
fn every_bad_assertion_is_refused_with_its_own_code_and_not_repeated() {
    let scratch = ScratchKeyring::with(&keys());
    let table: Vec<Line> = [algorithms(), headers(), encodings(), claims()].into_iter().flatten().collect();
    assert!(table.len() > 100, "{}", table.len());
    for (what, text, expected) in table {
        let (code, message, _) = judged(&scratch.keyring, &presented(&text), 0);
        assert_eq!(code, expected, "{what}: {message}");
        for part in text.split('.').filter(|part| part.len() > 8) {
            assert!(!message.contains(&part[..8]), "{what}: {message}");
        }
    }
}
