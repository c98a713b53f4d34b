//! Tests of assertions with a fixed clock.

mod bad;
mod input;

use super::*;
use crate::{
    issuance::material_of,
    key::{Audience, Key, KeyId, RevocationReason},
    keypair::{JwkAlgorithm, KeyPair, PublicKey, SignatureAlgorithm},
    keyring::{Entry, Keyring, Keys, transact},
    proof::Demand,
    signing::request::Timestamp,
    testing::{self, ScratchKeyring, entry, key_file, time},
};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

const AUDIENCE: &str = "https://api.example.com/token";

fn ed25519() -> KeyPair {
    KeyPair::from_private(&key_file("ed25519.private.pem")).unwrap()
}

fn rsa() -> KeyPair {
    KeyPair::from_private(&key_file("rsa2048.private.pkcs8.pem")).unwrap()
}

fn pss_only() -> KeyPair {
    KeyPair::from_private(&key_file("pss.private.pem")).unwrap()
}

/// Creates a keyring with an Ed25519 key, an RSA key, an RSA key that is restricted to RSASSA-PSS, and a token.
fn keys() -> Vec<Key> {
    let of = |n, pair: &KeyPair| testing::key(n).with_material(material_of(&pair.public().unwrap()));
    vec![of(1, &ed25519()), of(2, &rsa()), of(3, &pss_only()), testing::key(4)]
}

fn id(n: u8) -> String {
    testing::id(n).to_string()
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    Base64UrlUnpadded::encode_string(bytes.as_ref())
}

/// An assertion that is valid until a test changes a part of it.
struct Draft {
    header: Value,
    claims: Value,
    pair: KeyPair,
    algorithm: SignatureAlgorithm,
}

impl Draft {
    fn new(n: u8, pair: KeyPair, algorithm: JwkAlgorithm) -> Self {
        let claims = json!({
            "iss": id(n), "sub": id(n), "aud": AUDIENCE, "iat": testing::START, "exp": testing::START + 60, "jti": "one",
        });
        let header = json!({ "alg": algorithm.word(), "typ": "JWT" });
        Self { header, claims, pair, algorithm: algorithm.signatures() }
    }

    fn ed25519() -> Self {
        Self::new(1, ed25519(), JwkAlgorithm::EdDsa)
    }

    fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name).unwrap();
        self
    }

    /// Returns the signed JWT of the given header and claims.
    fn signed(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        let text = format!("{}.{}", base64url(header), base64url(claims));
        let signature = self.pair.sign(self.algorithm, text.as_bytes()).unwrap();
        format!("{text}.{}", base64url(signature))
    }

    fn text(&self) -> String {
        self.signed(self.header.to_string(), self.claims.to_string())
    }
}

fn presented(text: &str) -> PresentedAssertion {
    PresentedAssertion { text: text.to_owned().into(), client: None, scope: None }
}

/// Returns the verdict code and the message for an assertion at `offset` seconds after the fixed time.
fn judged(keys: &dyn Keys, presented: &PresentedAssertion, offset: i64) -> (VerdictCode, String, Option<AssertionUse>) {
    let audience: Audience = AUDIENCE.parse().unwrap();
    let expected = ExpectedAssertion { audience: &audience, now: Timestamp::at(time(offset)) };
    let demand = Demand { scopes: Vec::new(), env: None, ip: None, at: time(offset) };
    let mut found = None;
    let accepted = verify_assertion(keys, presented, expected, &demand, &mut |verdict| {
        let proved = verdict.key.is_some();
        assert!(found.replace((verdict.code, verdict.message.to_string(), proved)).is_none(), "one verdict");
    });
    let (code, message, proved) = found.unwrap();
    let accepted = accepted.unwrap();
    assert_eq!(accepted.is_some(), code.is_valid());
    assert!(proved || !code.is_valid());
    (code, message, accepted.map(|accepted| accepted.spent))
}

fn code(keys: &dyn Keys, text: &str, offset: i64) -> VerdictCode {
    judged(keys, &presented(text), offset).0
}

fn record(keyring: &mut dyn Keyring, entry: &Entry, spent: &AssertionUse) -> Option<VerdictCode> {
    transact(keyring, entry, |transaction| spent.record(transaction)).unwrap()
}

#[test]
fn assertions_that_are_signed_here_are_valid() {
    let scratch = ScratchKeyring::with(&keys());
    let audience = AUDIENCE.parse().unwrap();
    for (n, pair, algorithm, name) in [
        (1, ed25519(), JwkAlgorithm::EdDsa, "EdDSA"),
        (1, ed25519(), JwkAlgorithm::Ed25519, "Ed25519"),
        (2, rsa(), JwkAlgorithm::Ps256, "PS256"),
        (2, rsa(), JwkAlgorithm::Rs256, "RS256"),
        (3, pss_only(), JwkAlgorithm::Ps256, "PS256"),
    ] {
        let new = NewAssertion { key: testing::id(n), audience: &audience, issued: time(0), expires: time(300) };
        let [one, two] = [(); 2].map(|()| {
            let secret = sign_assertion(&pair, algorithm, &new).unwrap();
            String::from_utf8(secret.expose().to_vec()).unwrap()
        });
        let part = |text: &str, at| -> Value {
            let part = text.split('.').nth(at).unwrap();
            serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap()
        };
        let kid = pair.public().unwrap().jwk_thumbprint().to_string();
        assert_eq!(part(&one, 0), json!({ "alg": name, "typ": "JWT", "kid": kid }));
        let claims = part(&one, 1);
        assert!(claims.as_object().unwrap().keys().eq(["iss", "sub", "aud", "iat", "exp", "jti"]), "{claims}");
        assert_eq!((&claims["iss"], &claims["sub"], &claims["aud"]), (&json!(id(n)), &json!(id(n)), &json!(AUDIENCE)));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
        assert_eq!(claims["jti"].as_str().unwrap().len(), 22, "16 bytes");
        assert_ne!(claims["jti"], part(&two, 1)["jti"]);
        assert_eq!(code(&scratch.keyring, &one, 299), VerdictCode::Valid, "{name}");
        assert_eq!(code(&scratch.keyring, &one, 300), VerdictCode::AssertionExpired, "{name}");
        assert!(crate::key::signed_tokens(&one) == [one.as_str()], "messages leave it out");
    }
    let new = NewAssertion { key: testing::id(2), audience: &audience, issued: time(0), expires: time(0) };
    for (pair, algorithm, expires, expected) in [
        (rsa(), JwkAlgorithm::Ps256, 0, crate::error::Code::InvalidTime),
        (rsa(), JwkAlgorithm::Ed25519, 60, crate::error::Code::InvalidSecret),
        (pss_only(), JwkAlgorithm::Rs256, 60, crate::error::Code::InvalidSecret),
    ] {
        let refused = sign_assertion(&pair, algorithm, &NewAssertion { expires: time(expires), ..new });
        assert_eq!(refused.err().unwrap().code(), expected);
    }
}

#[test]
fn every_accepted_form_is_valid() {
    let scratch = ScratchKeyring::with(&keys());
    let thumbprint = PublicKey::from_spki(ed25519().public().unwrap().spki()).unwrap().jwk_thumbprint();
    let start = testing::START;
    for (what, draft, offset) in [
        ("the plain one", Draft::ed25519(), 0),
        ("the name of RFC 9864", Draft::ed25519().header("alg", "Ed25519"), 0),
        ("the id as kid", Draft::ed25519().header("kid", id(1)), 0),
        ("the thumbprint as kid", Draft::ed25519().header("kid", thumbprint.to_string()), 0),
        ("a type in another case", Draft::ed25519().header("typ", "jwt"), 0),
        ("the newer type", Draft::ed25519().header("typ", "client-authentication+jwt"), 0),
        ("an unknown parameter", Draft::ed25519().header("nonce", "x"), 0),
        ("an array of one audience", Draft::ed25519().claim("aud", json!([AUDIENCE])), 0),
        ("a claim of another application", Draft::ed25519().claim("scope", json!({ "a": [1, null] })), 0),
        ("an integral number with a fraction", Draft::ed25519().claim("iat", 1_700_000_000.0), 0),
        ("the longest lifetime", Draft::ed25519().claim("exp", start + 300), 0),
        ("the last second", Draft::ed25519(), 59),
        ("the clock of the client ahead", Draft::ed25519(), -30),
        ("nbf that has come", Draft::ed25519().claim("nbf", start), 0),
        ("the longest jti", Draft::ed25519().claim("jti", "j".repeat(256)), 0),
        ("PS256", Draft::new(2, rsa(), JwkAlgorithm::Ps256), 0),
        ("RS256", Draft::new(2, rsa(), JwkAlgorithm::Rs256), 0),
        ("PS256 of a restricted key", Draft::new(3, pss_only(), JwkAlgorithm::Ps256), 0),
    ] {
        let (code, message, _) = judged(&scratch.keyring, &presented(&draft.text()), offset);
        assert_eq!(code, VerdictCode::Valid, "{what}: {message}");
    }
    let mut draft = Draft::ed25519();
    draft.header.as_object_mut().unwrap().remove("typ");
    assert_eq!(code(&scratch.keyring, &draft.text(), 0), VerdictCode::Valid, "no type");
}

#[test]
fn the_status_and_the_networks_of_the_key_count_only_with_a_correct_signature() {
    let key = keys().remove(0);
    let other = KeyPair::generate_ed25519().unwrap();
    let forged = Draft { pair: other, ..Draft::ed25519() }.text();
    let good = Draft::ed25519().claim("aud", "https://other.example.com").text();
    let mut disabled = key.clone();
    disabled.lifecycle.disabled = Some(time(0));
    let mut restricted = key.clone();
    restricted.description.allowed_ips = crate::key::AllowedIps::new(&["192.0.2.0/24".parse().unwrap()]).unwrap();
    let revoked = key.revoked(time(0), RevocationReason::KeyCompromise, None).unwrap();
    for (key, expected) in [
        (key.clone(), VerdictCode::WrongAudience),
        (key.clone().pending(), VerdictCode::Pending),
        (key.clone().expiring_at(0), VerdictCode::Expired),
        (disabled, VerdictCode::Disabled),
        (revoked, VerdictCode::Revoked),
        (restricted, VerdictCode::IpNotAllowed),
    ] {
        let scratch = ScratchKeyring::with(&[key]);
        assert_eq!(code(&scratch.keyring, &forged, 0), VerdictCode::WrongSignature, "{expected:?}");
        assert_eq!(code(&scratch.keyring, &good, 0), expected, "before the audience");
    }
}

#[test]
fn an_assertion_is_recorded_once_and_its_record_outlives_it() {
    let mut scratch = ScratchKeyring::with(&keys());
    let running = |offset| Entry { clock_set: false, ..entry(offset) };
    let keyring = &mut scratch.keyring;
    let text = Draft::ed25519().claim("exp", testing::START + 300).text();
    let (_, _, first) = judged(keyring, &presented(&text), 0);
    let (_, _, twin) = judged(keyring, &presented(&text), 0);
    assert_eq!(record(keyring, &running(0), &first.unwrap()), None);
    assert_eq!(record(keyring, &running(0), &twin.unwrap()), Some(VerdictCode::Replayed), "of two processes");
    let (found, message, _) = judged(keyring, &presented(&text), 1);
    assert_eq!((found, message.contains("`jti`")), (VerdictCode::Replayed, true), "{message}");
    // Another signature, and another lifetime, of the same `jti`.
    let again = Draft::ed25519().claim("exp", testing::START + 200).text();
    assert_eq!(code(keyring, &again, 1), VerdictCode::Replayed);
    // The `jti` of another key is another one.
    let other = Draft::new(2, rsa(), JwkAlgorithm::Ps256).text();
    assert_eq!(code(keyring, &other, 1), VerdictCode::Valid);
    // The records of other assertions and of signed requests that are deleted refuse no assertion that is valid.
    let short = Draft::ed25519().claim("jti", "short").claim("exp", testing::START + 1).text();
    let short = judged(keyring, &presented(&short), 0).2.unwrap();
    assert_eq!(record(keyring, &running(0), &short), None);
    let late = Draft::ed25519().claim("jti", "late").claim("exp", testing::START + 300).text();
    let late = judged(keyring, &presented(&late), 299).2.unwrap();
    assert_eq!(record(keyring, &running(299), &late), None);
    assert_eq!(keyring.forgotten_requests().unwrap(), Some(time(1).seconds() * 1000), "the short one was deleted");
    assert_eq!(code(keyring, &text, 299), VerdictCode::Replayed);
    assert_eq!(code(keyring, &text, 300), VerdictCode::AssertionExpired);
    // A record that was deleted refuses the assertion even if the clock is set back.
    let next =
        Draft::ed25519().claim("jti", "next").claim("iat", testing::START + 400).claim("exp", testing::START + 500);
    let next = judged(keyring, &presented(&next.text()), 400).2.unwrap();
    assert_eq!(record(keyring, &running(400), &next), None);
    assert!(!keyring.has_signature(&first.unwrap().seen).unwrap());
    assert_eq!(code(keyring, &text, 10), VerdictCode::Forgotten);
    assert_eq!(record(keyring, &running(10), &first.unwrap()), Some(VerdictCode::Forgotten));
}

#[test]
fn a_corrected_clock_accepts_no_assertion_twice() {
    let mut scratch = ScratchKeyring::with(&keys());
    let running = |offset| Entry { clock_set: false, ..entry(offset) };
    let keyring = &mut scratch.keyring;
    let text = Draft::ed25519().claim("exp", testing::START + 300).text();
    let spent = judged(keyring, &presented(&text), 0).2.unwrap();
    assert_eq!(record(keyring, &running(0), &spent), None);
    // The clock runs ahead for one assertion, which deletes the record.
    let ahead = testing::START + 9000;
    let other = Draft::ed25519().claim("jti", "ahead").claim("iat", ahead).claim("exp", ahead + 60).text();
    let other = judged(keyring, &presented(&other), 9000).2.unwrap();
    assert_eq!(record(keyring, &running(9000), &other), None);
    assert!(!keyring.has_signature(&spent.seen).unwrap());
    transact(keyring, &running(20), |transaction| transaction.accept_clock("{}", 0)).unwrap();
    assert_eq!(code(keyring, &text, 20), VerdictCode::Forgotten);
    let fresh = |issued: i64| {
        let (iat, exp) = (testing::START + issued, testing::START + issued + 60);
        Draft::ed25519().claim("jti", "fresh").claim("iat", iat).claim("exp", exp).text()
    };
    assert_eq!(code(keyring, &fresh(50), 50), VerdictCode::Forgotten, "accepted at most 30 s ahead of the clock");
    assert_eq!(code(keyring, &fresh(51), 51), VerdictCode::Valid);
}

#[test]
fn the_request_names_no_other_client() {
    let scratch = ScratchKeyring::with(&keys());
    let text = Draft::ed25519().text();
    let with = |client: KeyId| PresentedAssertion { client: Some(client.to_string()), ..presented(&text) };
    assert_eq!(judged(&scratch.keyring, &with(testing::id(1)), 0).0, VerdictCode::Valid);
    assert_eq!(judged(&scratch.keyring, &with(testing::id(2)), 0).0, VerdictCode::BadRequest);
}
