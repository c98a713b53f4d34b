//! Tests of `exchange` with assertions (RFC 7523, section 3).

use super::{lent, verified};
use crate::{
    home::{Ended, Home},
    promises::database,
    tools::fixture,
};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use keywright::{
    key::{Audience, KeyId, Time},
    keypair::{JwkAlgorithm, KeyPair, SignatureAlgorithm},
    proof::{NewAssertion, sign_assertion},
};
use serde_json::{Value, json};
use std::{process::Stdio, time::SystemTime};

pub(crate) const AUDIENCE: &str = "https://api.example.com/token";

/// Returns the time of the system clock, in seconds since 1970.
pub(crate) fn now() -> i64 {
    i64::try_from(SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap()
}

/// Builds a home whose contract has an audience, with an Ed25519 key and an RSA key. Their private keys are in `ed25519.pem`
/// and `rsa.pem`.
pub(crate) fn with_key_pairs() -> Home {
    let home = Home::new();
    home.run("generate --name ed25519 --type ed25519 --scope read --scope write --out ed25519.pem").ok();
    home.write("rsa.pem", std::fs::read(fixture("rsa2048.private.pkcs8.pem")).unwrap());
    let public = fixture("rsa2048.spki.pem");
    home.run(&format!("create --name rsa --scope read --public-key {public}")).ok();
    home.run(&format!("policy set bearer_audience {AUDIENCE}")).ok();
    home
}

fn id_of(home: &Home, name: &str) -> KeyId {
    home.run(&format!("show {name} --format id")).ok().out().trim().parse().unwrap()
}

fn pair_of(home: &Home, name: &str) -> KeyPair {
    KeyPair::from_private(home.read(&format!("{name}.pem")).as_bytes()).unwrap()
}

/// Returns an assertion of the key `name` for a minute from `issued` on.
pub(crate) fn signed_at(home: &Home, name: &str, algorithm: JwkAlgorithm, issued: i64) -> String {
    let audience: Audience = AUDIENCE.parse().unwrap();
    let [issued, expires] = [issued, issued + 60].map(Time::from_seconds);
    let new = NewAssertion { key: id_of(home, name), audience: &audience, issued, expires };
    let secret = sign_assertion(&pair_of(home, name), algorithm, &new).unwrap();
    String::from_utf8(secret.expose().to_vec()).unwrap()
}

/// Returns an assertion of the key `name` for the next minute.
pub(crate) fn signed_by(home: &Home, name: &str, algorithm: JwkAlgorithm) -> String {
    signed_at(home, name, algorithm, now())
}

/// Returns an assertion of the Ed25519 key for the next minute.
pub(crate) fn signed(home: &Home) -> String {
    signed_at(home, "ed25519", JwkAlgorithm::EdDsa, now())
}

/// Returns an assertion of the Ed25519 key, after `change` has changed its header and its claims.
fn changed(home: &Home, change: impl FnOnce(&mut Value, &mut Value)) -> String {
    let id = id_of(home, "ed25519").to_string();
    let mut header = json!({ "alg": "EdDSA", "typ": "JWT" });
    let (iat, exp) = (now(), now() + 60);
    let mut claims = json!({ "iss": id, "sub": id, "aud": AUDIENCE, "iat": iat, "exp": exp, "jti": "one" });
    change(&mut header, &mut claims);
    let [header, claims] = [header, claims].map(|part| Base64UrlUnpadded::encode_string(part.to_string().as_bytes()));
    let text = format!("{header}.{claims}");
    let signature = pair_of(home, "ed25519").sign(SignatureAlgorithm::Ed25519, text.as_bytes()).unwrap();
    format!("{text}.{}", Base64UrlUnpadded::encode_string(&signature))
}

/// Exchanges an assertion, and returns the response.
fn exchanged(home: &Home, assertion: &str, options: &str) -> Value {
    home.run_with(&format!("exchange --quiet {options}"), assertion).ok().json()
}

/// Asserts that an assertion is refused, and returns the verdict code. The error must not repeat the assertion.
#[track_caller]
pub(crate) fn refused(home: &Home, assertion: &str, options: &str) -> String {
    let ended = home.run_with(&format!("exchange --format json {options}"), assertion).refused(1, "invalid_client");
    assert_not_repeated(&ended, assertion);
    let error = ended.error();
    assert_eq!(error["details"][0]["loc"], json!(["assertion"]));
    error["details"][0]["type"].as_str().unwrap().to_owned()
}

#[track_caller]
fn assert_not_repeated(ended: &Ended, assertion: &str) {
    let shown = ended.out() + &ended.err();
    for part in assertion.split('.').filter(|part| part.len() > 12) {
        assert!(!shown.contains(&part[..12]) && !shown.contains(&part[part.len() - 12..]), "{shown}");
    }
}

#[test]
fn an_assertion_is_exchanged_like_a_pair() {
    let home = with_key_pairs();
    for (name, algorithm, scope) in [
        ("ed25519", JwkAlgorithm::EdDsa, "read write"),
        ("rsa", JwkAlgorithm::Ps256, "read"),
        ("rsa", JwkAlgorithm::Rs256, "read"),
    ] {
        let answer = exchanged(&home, &signed_by(&home, name, algorithm), "");
        assert!(answer.as_object().unwrap().keys().eq(["access_token", "token_type", "expires_in", "scope"]));
        assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(3600)));
        assert_eq!(answer["scope"], scope);
        let bearer = answer["access_token"].as_str().unwrap();
        assert!(bearer.starts_with("kw_bearer_"));
        let verdict = verified(&home, &answer["access_token"], "--scope read");
        assert_eq!(
            (&verdict["code"], &verdict["credential"], &verdict["type"], &verdict["name"]),
            (&json!("valid"), &json!("bearer"), &json!(name), &json!(name))
        );
        let line = json!({ "token": bearer, "scopes": ["read"] }).to_string();
        assert_eq!(home.run_with("verify --batch", line).ok().json()["code"], "valid");
        assert_eq!(home.run_with("show - --format json", bearer).ok().json()["name"], name);
        assert!(home.run(&format!("show {name} --format json")).ok().json()["last_used_at"].is_string());
    }
    let short = exchanged(&home, &signed(&home), "--scope read --ttl 10m");
    assert_eq!((&short["scope"], &short["expires_in"]), (&json!("read"), &json!(600)));
    home.run("audit verify --quiet").ok();
    home.run("check --skip unused --skip never-used").ok();
    assert_eq!(lent(&home), 4);
}

#[test]
fn an_assertion_is_accepted_in_every_form() {
    let home = with_key_pairs();
    let next = || signed(&home);
    home.write("assertion.jwt", next() + "\n");
    home.run("exchange --token-file assertion.jwt --quiet").ok();
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    exchanged(&home, &json!({ "client_assertion_type": kind, "client_assertion": next() }).to_string(), "");
    let kind = kind.replace(':', "%3A");
    let form = format!("grant_type=client_credentials&client_assertion_type={kind}&client_assertion={}", next());
    exchanged(&home, &form, "");
    exchanged(&home, &format!("CLIENT_ASSERTION={}\n", next()), "");
    let client = id_of(&home, "rsa");
    assert_eq!(refused(&home, &format!("client_id={client}&client_assertion={}", next()), ""), "bad_request");
    let both = format!("CLIENT_ASSERTION={}\nAPI_TOKEN=x\n", next());
    let ended = home.run_with("exchange", &both).refused(2, "invalid_secret");
    assert_not_repeated(&ended, &both[17..]);
    assert_eq!(lent(&home), 4);
}

#[test]
fn the_audience_is_that_of_the_option_or_of_the_contract() {
    let home = with_key_pairs();
    home.run("policy set bearer_audience null").ok();
    let ended = home.run_with("exchange", signed(&home)).refused(2, "usage");
    let command = ended.err().split("`keywright ").nth(1).unwrap().split('`').next().unwrap().to_owned();
    assert_eq!(command, format!("policy set bearer_audience {AUDIENCE}"));
    exchanged(&home, &signed(&home), &format!("--audience {AUDIENCE}"));
    home.run(&command).ok();
    assert!(home.run("policy show").ok().out().contains(AUDIENCE));
    exchanged(&home, &signed(&home), "");
    assert_eq!(refused(&home, &signed(&home), "--audience https://api.example.com"), "wrong_audience");
    let of_other = changed(&home, |_, claims| claims["aud"] = "https://other.example.com".into());
    assert_eq!(refused(&home, &of_other, ""), "wrong_audience");
    exchanged(&home, &of_other, "--audience https://other.example.com");
    home.run_with("exchange --audience a\u{a0}b", signed(&home)).refused(2, "usage");
    home.run_args(["policy", "set", "bearer_audience", "a b"]).refused(2, "contract_invalid");
    let rows = home.run("audit --action policy --format json").ok().json();
    assert_eq!(rows[0]["facts"]["bearer_audience"][1], AUDIENCE);
}

#[test]
fn an_assertion_is_spent_by_the_first_bearer_token() {
    let home = with_key_pairs();
    let assertion = signed(&home);
    let before = home.state();
    home.run_with("exchange --dry-run", &assertion).ok();
    home.run_with("exchange --scope admin", &assertion).refused(5, "scope_exceeded");
    home.run_with("exchange --ttl 2h", &assertion).refused(5, "lifetime_too_long");
    assert_eq!(home.state(), before, "nothing was spent");
    exchanged(&home, &assertion, "");
    assert_eq!(refused(&home, &assertion, ""), "replayed");
    assert_eq!(refused(&home, &assertion, "--dry-run"), "replayed");
    assert_eq!(lent(&home), 1);
    // The same `jti` in another assertion is spent as well.
    exchanged(&home, &changed(&home, |_, _| ()), "");
    assert_eq!(refused(&home, &changed(&home, |_, claims| claims["aud"] = json!([AUDIENCE])), ""), "replayed");
}

#[test]
fn an_assertion_whose_bearer_token_is_not_delivered_stays_spent() {
    let home = with_key_pairs();
    let assertion = signed(&home);
    home.write("assertion", &assertion);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = home.keywright(["exchange", "--token-file", "assertion"]);
    let ended = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
    Ended(ended).refused(6, "not_delivered");
    assert_eq!(lent(&home), 0);
    assert_eq!(refused(&home, &assertion, ""), "replayed");
    let assertion = signed(&home);
    home.write("taken", "");
    home.run_with("exchange --out taken", &assertion).refused(4, "file_exists");
    let ended = home.run_with("exchange --out access.json --format json", &assertion).ok();
    assert_eq!(ended.json()["secret_file"], home.file("access.json").to_str().unwrap());
    assert_not_repeated(&ended, &assertion);
}

#[test]
fn of_many_exchanges_of_one_assertion_exactly_one_succeeds() {
    let home = with_key_pairs();
    for _ in 0..3 {
        home.write("assertion", signed(&home));
        let before = lent(&home);
        let start = || {
            let mut command = home.keywright(["exchange", "--token-file", "assertion", "--format", "json"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let all: Vec<_> = (0..6).map(|_| start()).collect();
        let all: Vec<Ended> = all.into_iter().map(|child| Ended(child.wait_with_output().unwrap())).collect();
        assert_eq!(all.iter().filter(|ended| ended.code() == 0).count(), 1);
        for ended in all.into_iter().filter(|ended| ended.code() != 0) {
            let ended = ended.refused(1, "invalid_client");
            assert_eq!(ended.error()["details"][0]["type"], "replayed");
        }
        assert_eq!(lent(&home), before + 1);
    }
}

#[test]
fn a_bearer_token_of_a_key_pair_ends_with_its_key() {
    let home = with_key_pairs();
    let bearer = exchanged(&home, &signed(&home), "")["access_token"].clone();
    home.run("disable ed25519").ok();
    assert_eq!(verified(&home, &bearer, "")["code"], "disabled");
    assert_eq!(refused(&home, &signed(&home), ""), "disabled");
    home.run("enable ed25519").ok();
    home.run("update ed25519 --allow-ip 192.0.2.0/24").ok();
    assert_eq!(verified(&home, &bearer, "")["code"], "ip_not_allowed");
    assert_eq!(refused(&home, &signed(&home), ""), "ip_not_allowed");
    assert_eq!(refused(&home, &signed(&home), "--ip 203.0.113.9"), "ip_not_allowed");
    exchanged(&home, &signed(&home), "--ip 192.0.2.7");
    // A leaked bearer token revokes its key.
    home.run_with("revoke - --yes", bearer.as_str().unwrap()).ok();
    assert_eq!(verified(&home, &bearer, "--ip 192.0.2.7")["code"], "revoked");
    assert_eq!(refused(&home, &signed(&home), "--ip 192.0.2.7"), "revoked");
    let unsigned = signed(&home);
    let unsigned = format!("{}.{}", unsigned.rsplit_once('.').unwrap().0, "A".repeat(86));
    assert_eq!(refused(&home, &unsigned, ""), "wrong_signature", "says nothing about the status");
    home.run("audit verify --quiet").ok();
    home.run(&format!("purge --ended-before 1h --yes --now {}", Time::from_seconds(now() + 86_400))).ok();
    assert_eq!(lent(&home), 0, "purged with the key");
    home.run("audit verify --quiet").ok();
}

#[test]
fn a_rotated_key_and_a_restored_keyring_keep_their_promises() {
    let home = with_key_pairs();
    home.run("backup saved").ok();
    let assertion = signed(&home);
    let bearer = exchanged(&home, &assertion, "")["access_token"].clone();
    home.run("restore saved --yes").ok();
    assert_eq!(verified(&home, &bearer, "")["code"], "valid", "restoring into the keyring deletes nothing");
    assert_eq!(refused(&home, &assertion, ""), "replayed");
    std::fs::remove_file(home.keyring()).unwrap();
    home.run("restore saved --yes").ok();
    assert_eq!(verified(&home, &bearer, "")["code"], "not_found");
    assert_eq!(refused(&home, &assertion, ""), "forgotten", "it may have been accepted after the backup");
    assert_eq!(refused(&home, &changed(&home, |_, claims| claims["exp"] = (now() + 300).into()), ""), "forgotten");
    let later = signed_at(&home, "ed25519", JwkAlgorithm::EdDsa, now() + 40);
    exchanged(&home, &later, &format!("--now {}", Time::from_seconds(now() + 40)));
    let ours = home.run("status --format json").json()["org_id"].as_str().unwrap().to_owned();
    std::fs::remove_file(home.keyring()).unwrap();
    home.run(&format!("init --org-id {ours}")).ok();
    home.run("restore saved --yes").ok();
    assert_eq!(refused(&home, &assertion, ""), "forgotten", "the restore brought back the key");
    home.run("audit verify --quiet").ok();
    home.run("rotate ed25519 --overlap 0 --out new.pem").ok();
    // The name stands for the new key, but the file still has the old private key.
    let signed_later = || signed_at(&home, "ed25519", JwkAlgorithm::EdDsa, now() + 40);
    assert_eq!(refused(&home, &signed_later(), ""), "wrong_kid");
    std::fs::copy(home.file("new.pem"), home.file("ed25519.pem")).unwrap();
    exchanged(&home, &signed_later(), &format!("--now {}", Time::from_seconds(now() + 40)));
}

#[test]
fn an_assertion_whose_record_was_deleted_is_refused() {
    let home = with_key_pairs();
    let assertion = signed(&home);
    exchanged(&home, &assertion, "");
    // The records expire, as they do while a clock runs ahead.
    database(&home.keyring()).execute("UPDATE replay SET until = 1", []).unwrap();
    exchanged(&home, &changed(&home, |_, claims| claims["exp"] = (now() + 300).into()), "");
    assert_eq!(refused(&home, &assertion, ""), "forgotten");
    assert_eq!(lent(&home), 2);
}

#[test]
fn a_bearer_token_has_the_prefix_that_the_contract_requires() {
    let home = with_key_pairs();
    home.run("policy set prefix.test acme").ok();
    let answer = exchanged(&home, &signed(&home), "");
    assert!(answer["access_token"].as_str().unwrap().starts_with("acme_bearer_"), "{answer}");
    assert_eq!(verified(&home, &answer["access_token"], "")["code"], "valid");
}

#[test]
fn a_bad_assertion_is_refused_with_a_verdict_code() {
    let home = with_key_pairs();
    let before = home.state();
    let good = signed(&home);
    let header = |name: &'static str, value: Value| changed(&home, |header, _| header[name] = value);
    let claim = |name: &'static str, value: Value| changed(&home, |_, claims| claims[name] = value);
    let (start, rest) = good.split_once('.').unwrap();
    for (assertion, expected) in [
        (header("alg", "none".into()), "assertion_algorithm"),
        (format!("{}.", good.rsplit_once('.').unwrap().0), "bad_signature"),
        (header("alg", "HS256".into()), "assertion_algorithm"),
        (header("alg", "RS256".into()), "assertion_algorithm"),
        (header("jwk", json!({ "kty": "OKP" })), "assertion_header"),
        (header("crit", json!(["exp"])), "assertion_header"),
        (header("kid", "x".into()), "wrong_kid"),
        (claim("jti", Value::Null), "assertion_claims"),
        (claim("aud", json!([AUDIENCE, AUDIENCE])), "assertion_claims"),
        (claim("sub", "x".into()), "assertion_claims"),
        (claim("exp", (now() + 3600).into()), "assertion_too_long"),
        (signed_at(&home, "ed25519", JwkAlgorithm::EdDsa, now() + 600), "assertion_not_yet_valid"),
        (signed_at(&home, "ed25519", JwkAlgorithm::EdDsa, now() - 120), "assertion_expired"),
        (format!("{good}="), "bad_assertion"),
        (format!("{start}.\n{rest}"), "bad_assertion"),
        (format!("{good}.{good}"), "bad_assertion"),
        (format!("{good}{}", "A".repeat(9000)), "bad_assertion"),
        (format!("{}.{}", good.rsplit_once('.').unwrap().0, "A".repeat(86)), "wrong_signature"),
    ] {
        assert_eq!(refused(&home, &assertion, ""), expected, "{assertion}");
    }
    for format in ["table", "json"] {
        let ended = home.run_with(&format!("verify --format {format}"), &good);
        assert_eq!(ended.code(), 1, "an assertion is no token");
        assert_not_repeated(&ended, &good);
        let ended = home.run_with(&format!("show - --format {format}"), &good).refused(2, "invalid_secret");
        assert_not_repeated(&ended, &good);
        let ended = home.run_args(["exchange", "--format", format, &good]);
        assert_eq!(ended.code(), 2);
        assert_not_repeated(&ended, &good);
    }
    assert_eq!(home.state(), before, "nothing was recorded");
}

#[test]
fn the_scope_of_a_token_request_is_obeyed() {
    let home = with_key_pairs();
    let request = |scope: &str| {
        let assertion = signed(&home);
        format!("grant_type=client_credentials&scope={scope}&client_assertion={assertion}")
    };
    assert_eq!(exchanged(&home, &signed(&home), "")["scope"], "read write");
    assert_eq!(exchanged(&home, &request("write"), "")["scope"], "write");
    assert_eq!(exchanged(&home, &request("write"), "--scope read")["scope"], "read", "the option wins");
    let json = json!({ "client_assertion": signed(&home), "scope": "read" });
    assert_eq!(exchanged(&home, &json.to_string(), "")["scope"], "read");
    home.run_with("exchange", request("other")).refused(5, "scope_exceeded");
    home.run_with("exchange", request("write&scope=read")).refused(2, "invalid_secret");
}
