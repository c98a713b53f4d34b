use super::super::explain;
use super::*;
use crate::{
    issuance::material_of,
    key::{Description, Lifecycle, Material, RevocationReason, Scopes},
    keypair::{KeyPair, PublicKey, SignatureAlgorithm},
    keyring::{Action, SqliteKeyring},
    testing::{self, ScratchKeyring, entry, key_file, time},
};
use base64ct::Base64;

const WINDOW: TimestampWindow = TimestampWindow { now: Timestamp::from_millis(1_700_000_000_000), skew: 30_000 };

fn pair() -> KeyPair {
    KeyPair::from_private(&key_file("rsa2048.private.pkcs8.pem")).unwrap()
}

fn key(n: u8, name: &str, material: Material) -> Key {
    testing::key(n).with_name(name).with_material(material)
}

struct Store {
    scratch: ScratchKeyring,
    rsa: Key,
}

/// Creates a keyring with the public key of the test key pair, another RSA key and a token.
fn store() -> Store {
    let rsa = key(1, "mine", material_of(&pair().public().unwrap()));
    let other = key(2, "other", material_of(&PublicKey::read(&key_file("rsa3072.spki.pem"), false).unwrap()));
    let token = key(3, "token", testing::token(3));
    Store { scratch: ScratchKeyring::with(&[rsa.clone(), other, token]), rsa }
}

/// The parts of a signed request.
#[derive(Clone, Debug)]
struct SignedRequest {
    key_id: String,
    timestamp: String,
    method: String,
    path: String,
    signature: String,
    unsigned: UnsignedParts,
}

/// The parts of a request that the signature does not cover.
#[derive(Clone, Debug, Default)]
struct UnsignedParts {
    origin: Option<String>,
    query: String,
    body: Vec<u8>,
}

impl SignedRequest {
    fn request(&self) -> HttpRequest {
        let members = [("key_id", &self.key_id), ("timestamp", &self.timestamp), ("signature", &self.signature)];
        HttpRequest {
            method: self.method.clone(),
            origin: self.unsigned.origin.clone(),
            path: self.path.clone(),
            query: self.unsigned.query.clone(),
            body: Some(self.unsigned.body.clone()),
            members: members.map(|(name, value)| (name.to_owned(), value.clone())).to_vec(),
            ..HttpRequest::default()
        }
    }
}

/// Judges a request in the scheme of Kalshi.
fn judge_request(
    keys: &dyn Keys,
    presented: &Result<HttpRequest, Mistake>,
    demand: &Demand,
    window: TimestampWindow,
    tell: &mut dyn FnMut(&Verdict<'_>),
) -> Option<Accepted> {
    verify_request(keys, &Signing::unstated(), presented, demand, window, &mut Verifiers::default(), tell).unwrap()
}

/// Returns a request whose signature covers `text`, regardless of the other parts of the request.
fn over(text: &str) -> SignedRequest {
    SignedRequest {
        key_id: testing::id(1).to_string(),
        timestamp: "1700000000000".into(),
        method: "GET".into(),
        path: "/trade-api/v2/portfolio/balance".into(),
        signature: Base64::encode_string(&pair().sign(SignatureAlgorithm::RsaPssSha256, text.as_bytes()).unwrap()),
        unsigned: UnsignedParts::default(),
    }
}

fn good() -> SignedRequest {
    over("1700000000000GET/trade-api/v2/portfolio/balance")
}

fn demand(at: i64) -> Demand {
    Demand { scopes: Vec::new(), env: None, ip: None, at: time(at) }
}

fn found(keys: &dyn Keys, presented: &SignedRequest, window: TimestampWindow) -> (VerdictCode, Option<Accepted>) {
    found_in(keys, presented.request(), window)
}

fn found_in(keys: &dyn Keys, request: HttpRequest, window: TimestampWindow) -> (VerdictCode, Option<Accepted>) {
    let mut code = None;
    let mut proved = false;
    let accepted = judge_request(keys, &Ok(request), &demand(0), window, &mut |verdict| {
        code = Some(verdict.code);
        proved = verdict.key.is_some();
    });
    let code = code.unwrap();
    assert_eq!(accepted.is_some(), code == VerdictCode::Valid);
    let before_proof =
        [VerdictCode::WrongSignature, VerdictCode::WrongType, VerdictCode::NotFound, VerdictCode::BadSignature];
    assert!(!proved || !before_proof.contains(&code), "nothing is reported about a key that was not proved");
    (code, accepted)
}

#[test]
fn a_good_request_is_accepted_once() {
    let mut store = store();
    let (code, accepted) = found(&store.scratch.keyring, &good(), WINDOW);
    assert_eq!(code, VerdictCode::Valid);
    let accepted = accepted.unwrap();
    assert_eq!(accepted.seen[0].until, time(60));
    let (_, twin) = found(&store.scratch.keyring, &good(), WINDOW);
    let twin = twin.unwrap();
    let first = record_accepted(&mut store.scratch.keyring, &entry(0), &[&accepted, &twin, &accepted]).unwrap();
    assert_eq!(first, [true, true, false], "another signature over the same is another request");
    let same = |presented: &SignedRequest| found(&store.scratch.keyring, presented, WINDOW).0;
    assert_eq!(same(&good()), VerdictCode::Valid);
    let key = store.scratch.keyring.key(store.rsa.id, time(0)).unwrap().unwrap();
    assert_eq!(key.lifecycle.last_used, Some(time(0)));
}

#[test]
fn a_recorded_request_is_a_replay_while_its_timestamp_is_in_the_window() {
    let mut store = store();
    let presented = good();
    let (_, accepted) = found(&store.scratch.keyring, &presented, WINDOW);
    record_accepted(&mut store.scratch.keyring, &entry(0), &[&accepted.unwrap()]).unwrap();
    assert_eq!(found(&store.scratch.keyring, &presented, WINDOW).0, VerdictCode::Replayed);
    // By the time a signature is deleted, its request is too old both for the window in which it was accepted and for
    // the default window.
    let other = found(&store.scratch.keyring, &good(), WINDOW).1.unwrap();
    record_accepted(&mut store.scratch.keyring, &entry(61), &[&other]).unwrap();
    let late = TimestampWindow { now: Timestamp::at(time(61)), ..WINDOW };
    assert_eq!(found(&store.scratch.keyring, &presented, late).0, VerdictCode::TimestampSkewed);
}

#[test]
fn changes_to_the_key_before_the_request_is_recorded_count() {
    let read = testing::scopes(&["read"]);
    let mut scoped = store().rsa;
    scoped.description.scopes = read;
    let with = |change: &dyn Fn(&mut Lifecycle)| {
        let mut key = scoped.clone();
        change(&mut key.lifecycle);
        key
    };
    let described = |change: &dyn Fn(&mut Description)| {
        let mut key = scoped.clone();
        change(&mut key.description);
        key
    };
    for (what, new) in [
        ("revoked", scoped.revoked(time(0), RevocationReason::KeyCompromise, None).unwrap()),
        ("disabled", with(&|life| life.disabled = Some(time(0)))),
        ("expired", with(&|life| life.expires = Some(time(0)))),
        ("a scope less", described(&|description| description.scopes = Scopes::default())),
        ("another note", described(&|description| description.note = "n".parse().ok())),
    ] {
        let mut store = store();
        update(&mut store.scratch.keyring, &store.rsa, &scoped);
        let demand = Demand { scopes: vec!["read".parse().unwrap()], ..demand(0) };
        let presented = Ok(good().request());
        let look = |keyring: &SqliteKeyring| judge_request(keyring, &presented, &demand, WINDOW, &mut |_| {});
        let accepted = look(&store.scratch.keyring).unwrap();
        // Change the key over a separate connection, as another process would.
        let mut other = store.scratch.open();
        update(&mut other, &scoped, &new);
        let good = what == "another note";
        assert_eq!(record_accepted(&mut store.scratch.keyring, &entry(0), &[&accepted]).unwrap(), [good], "{what}");
        assert!(look(&store.scratch.keyring).is_none(), "{what}: the next look tells");
        let after = store.scratch.keyring.key(scoped.id, time(0)).unwrap().unwrap();
        assert_eq!(after.lifecycle.last_used.is_some(), good, "{what}: no use is noted");
        assert_eq!(store.scratch.keyring.has_signature(&accepted.seen[0].digest).unwrap(), good, "{what}");
    }
}

fn update(keyring: &mut SqliteKeyring, old: &Key, new: &Key) {
    transact(keyring, &entry(0), |transaction| transaction.update(old, new, Action::Update)).unwrap();
}

#[test]
fn the_window_has_the_same_width_on_both_sides() {
    let store = store();
    let at = |now| {
        found(&store.scratch.keyring, &good(), TimestampWindow { now: Timestamp::from_millis(now), skew: 30_000 }).0
    };
    let signed = 1_700_000_000_000;
    for now in [signed - 30_000, signed, signed + 30_000] {
        assert_eq!(at(now), VerdictCode::Valid, "{now}");
    }
    for now in [0, signed - 30_001, signed + 30_001, u64::MAX] {
        assert_eq!(at(now), VerdictCode::TimestampSkewed, "{now}");
    }
}

#[test]
fn the_first_problem_is_reported() {
    let store = store();
    let with = |change: &dyn Fn(&mut SignedRequest)| {
        let mut presented = good();
        change(&mut presented);
        found(&store.scratch.keyring, &presented, WINDOW).0
    };
    assert_eq!(with(&|p| (p.timestamp, p.path) = ("1".into(), "x".into())), VerdictCode::BadTimestamp);
    assert_eq!(with(&|p| (p.method, p.key_id) = ("get".into(), "x".into())), VerdictCode::BadMethod);
    assert_eq!(with(&|p| (p.path, p.signature) = ("/a?b".into(), "x".into())), VerdictCode::BadPath);
    assert_eq!(with(&|p| (p.signature, p.key_id) = ("x".into(), "x".into())), VerdictCode::BadSignature);
    assert_eq!(with(&|p| p.key_id = "mine".into()), VerdictCode::NotFound);
    assert_eq!(with(&|p| p.key_id = testing::id(9).to_string()), VerdictCode::NotFound);
    assert_eq!(with(&|p| p.key_id = testing::id(3).to_string()), VerdictCode::WrongType);
    assert_eq!(with(&|p| p.key_id = testing::id(2).to_string()), VerdictCode::BadSignature, "of 384 bytes");
    assert_eq!(with(&|p| p.method = "POST".into()), VerdictCode::WrongSignature);
    assert_eq!(
        with(&|p| p.signature = Base64::encode_string(&[0xff; 256])),
        VerdictCode::BadSignature,
        "over the modulus"
    );
    assert_eq!(with(&|p| p.signature = Base64::encode_string(&[0; 256])), VerdictCode::WrongSignature);
}

#[test]
fn the_status_of_the_key_ranks_before_the_age_of_the_request() {
    let mut store = store();
    let old = TimestampWindow { now: Timestamp::at(time(1000)), ..WINDOW };
    let revoked = store.rsa.revoked(time(0), RevocationReason::KeyCompromise, None).unwrap();
    transact(&mut store.scratch.keyring, &entry(0), |t| t.update(&store.rsa, &revoked, Action::Revoke)).unwrap();
    assert_eq!(found(&store.scratch.keyring, &good(), old).0, VerdictCode::Revoked);
    let mut wrong = good();
    wrong.method = "POST".into();
    assert_eq!(
        found(&store.scratch.keyring, &wrong, old).0,
        VerdictCode::WrongSignature,
        "a wrong proof is reported before the status of the key"
    );
}

#[test]
fn a_changed_byte_is_never_accepted_and_never_panics() {
    let store = store();
    let fields: [fn(&mut SignedRequest) -> &mut String; 5] =
        [|p| &mut p.key_id, |p| &mut p.timestamp, |p| &mut p.method, |p| &mut p.path, |p| &mut p.signature];
    let presented = good();
    for field in fields {
        let length = field(&mut presented.clone()).len();
        for at in 0..length {
            for other in [1, 0x20, 0x40] {
                let mut bent = presented.clone();
                let text = field(&mut bent);
                let byte = text.as_bytes()[at] ^ other;
                if !byte.is_ascii() || text.as_bytes()[at].eq_ignore_ascii_case(&byte) && length == 36 {
                    // An id in upper case is equivalent.
                    continue;
                }
                text.replace_range(at..=at, &char::from(byte).to_string());
                assert_ne!(found(&store.scratch.keyring, &bent, WINDOW).0, VerdictCode::Valid, "{bent:?}");
            }
        }
    }
}

#[test]
fn a_changed_head_is_valid_only_if_it_means_the_same() {
    let store = store();
    let SignedRequest { key_id, timestamp, method, path, signature, .. } = good();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nKALSHI-ACCESS-KEY: {key_id}\r\nKALSHI-ACCESS-TIMESTAMP: {timestamp}\r\n\
         KALSHI-ACCESS-SIGNATURE: {signature}\r\n\r\n"
    );
    let mut valid = 0;
    for at in 0..head.len() {
        for flip in [1, 0x20, 0x80] {
            let mut bent = head.clone().into_bytes();
            bent[at] ^= flip;
            let Ok(read) = HttpRequest::read(&bent) else { continue };
            if found_in(&store.scratch.keyring, read.clone(), WINDOW).0 == VerdictCode::Valid {
                valid += 1;
                let field = |name: &str| read.field_values(name).next().unwrap();
                assert!(field("kalshi-access-key").eq_ignore_ascii_case(&key_id));
                assert_eq!(field("kalshi-access-timestamp"), timestamp);
                assert_eq!(field("kalshi-access-signature"), signature);
                assert_eq!((&read.method, &read.path), (&method, &path));
            }
        }
        let _ = HttpRequest::read(&head.as_bytes()[..at]);
    }
    assert!(valid > 50, "the names of headers have no case: {valid}");
}

#[test]
fn each_common_mistake_is_explained_and_none_is_accepted() {
    let store = store();
    let path = "/trade-api/v2/portfolio/balance";
    let explained = |presented: &SignedRequest| {
        let code = found(&store.scratch.keyring, presented, WINDOW).0;
        assert_ne!(code, VerdictCode::Valid);
        explain(&store.scratch.keyring, &Signing::unstated(), &presented.request(), code, time(0)).unwrap()
    };
    for (signed, mistake) in [
        (format!("1700000000GET{path}"), "seconds"),
        (format!("1700000000000get{path}"), "lower_case_method"),
        ("1700000000000GET/portfolio/balance".to_owned(), "path_prefix_missing"),
        ("1700000000000GET/balance".to_owned(), "path_prefix_missing"),
        (format!("1700000000000GET/trade-api/v2{path}"), "path_prefix_extra"),
        (format!("1700000000000GET{}", &path[1..]), "path_slash_missing"),
        (format!("1700000000000GET{path}/"), "path_end"),
        (format!("1700000000000GET{path}?limit=5"), "query_signed"),
        (format!("1700000000000GEThttps://x.example{path}"), "url_signed"),
        (format!("1700000000000GET{path}{{\"a\":1}}"), "body_signed"),
    ] {
        let mut presented = over(&signed);
        presented.unsigned = UnsignedParts {
            origin: Some("https://x.example".into()),
            query: "?limit=5".into(),
            body: b"{\"a\":1}".to_vec(),
        };
        let explanation = explained(&presented).unwrap_or_else(|| panic!("{signed}"));
        assert_eq!(explanation.mistake, mistake, "{signed}");
        assert!(explanation.hint.len() > 20);
    }
    let several = explained(&over("1700000000get/portfolio/balance")).unwrap();
    assert_eq!(several.mistake, "seconds");
    assert!(several.hint.contains("GET") && several.hint.contains("/trade-api/v2"), "{}", several.hint);
    assert_eq!(explained(&over("something else")), None);
}

#[test]
fn mistakes_in_the_form_are_explained() {
    let store = store();
    let explained = |presented: &SignedRequest, code| {
        assert_eq!(found(&store.scratch.keyring, presented, WINDOW).0, code);
        explain(&store.scratch.keyring, &Signing::unstated(), &presented.request(), code, time(0))
            .unwrap()
            .map(|found| found.mistake)
    };
    let seconds = SignedRequest { timestamp: "1700000000".into(), ..good() };
    assert_eq!(explained(&seconds, VerdictCode::BadTimestamp), Some("seconds"));
    let short = SignedRequest { timestamp: "17000000000".into(), ..good() };
    assert_eq!(explained(&short, VerdictCode::BadTimestamp), None);
    let lower = SignedRequest { method: "get".into(), ..good() };
    assert_eq!(explained(&lower, VerdictCode::BadMethod), Some("lower_case_method"));
    let path = "/trade-api/v2/portfolio/balance?limit=5";
    let signed = SignedRequest { path: path.into(), ..over(&format!("1700000000000GET{path}")) };
    assert_eq!(explained(&signed, VerdictCode::BadPath), Some("query_signed"));
    let presented = SignedRequest { path: path.into(), ..good() };
    assert_eq!(explained(&presented, VerdictCode::BadPath), Some("query_presented"));
    let nothing = SignedRequest { path: "x".into(), ..good() };
    assert_eq!(explained(&nothing, VerdictCode::BadPath), None);
}

#[test]
fn another_key_of_the_keyring_is_found() {
    let mut store = store();
    // A key of the same size: depending on its modulus, the value of the signature may or may not be in range.
    let stranger = key(4, "stranger", material_of(&PublicKey::read(&key_file("weak-biased.pem"), false).unwrap()));
    transact(&mut store.scratch.keyring, &entry(0), |t| t.insert(&stranger, Action::Reserve)).unwrap();
    for n in [2, 4] {
        let presented = SignedRequest { key_id: testing::id(n).to_string(), ..good() };
        let code = found(&store.scratch.keyring, &presented, WINDOW).0;
        assert!(matches!(code, VerdictCode::BadSignature | VerdictCode::WrongSignature));
        let explanation = explain(&store.scratch.keyring, &Signing::unstated(), &presented.request(), code, time(0))
            .unwrap()
            .unwrap();
        assert_eq!(explanation.mistake, "wrong_key");
        assert!(explanation.hint.contains(&store.rsa.id.to_string()) && explanation.hint.contains("`mine`"));
    }
    // A key that has ended is not tried.
    let revoked = store.rsa.revoked(time(0), RevocationReason::KeyCompromise, None).unwrap();
    transact(&mut store.scratch.keyring, &entry(0), |t| t.update(&store.rsa, &revoked, Action::Revoke)).unwrap();
    let presented = SignedRequest { key_id: stranger.id.to_string(), ..good() };
    assert_eq!(
        explain(
            &store.scratch.keyring,
            &Signing::unstated(),
            &presented.request(),
            VerdictCode::WrongSignature,
            time(0)
        )
        .unwrap(),
        None
    );
}
