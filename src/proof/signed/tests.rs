use super::super::{Aside, explain};
use super::*;
use crate::{
    issuance::recognise,
    key::{Env, Lifecycle, RevocationReason, Scopes, SecretHash},
    keypair::KeyPair,
    keyring::{Action, Place, SqliteKeyring},
};
use std::path::Path as FilePath;

const NOW: i64 = 1_700_000_000;
const WINDOW: Window = Window { now: Timestamp::from_millis(1_700_000_000_000), skew: 30_000 };

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/keys").join(name)).unwrap()
}

fn pair() -> KeyPair {
    KeyPair::from_private(&fixture("rsa2048.private.pkcs8.pem")).unwrap()
}

fn time(seconds: i64) -> Time {
    Time::from_seconds(seconds)
}

fn entry(at: i64) -> Entry {
    Entry { at: time(at), clock_set: true, user: "u".into(), host: "h".into(), command: "test".into() }
}

fn key(n: u8, name: &str, material: Material) -> Key {
    let mut lifecycle = Lifecycle::new(time(0), None);
    lifecycle.activated = Some(time(0));
    Key::new(KeyId::from_random([n; 16]), name.parse().unwrap(), Env::Live, material, lifecycle)
}

struct Store {
    keyring: SqliteKeyring,
    place: Place,
    rsa: Key,
    _directory: tempfile::TempDir,
}

/// A keyring with the pair's key, another RSA key and a token.
fn store() -> Store {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::new(&directory.path().join("keyring.db")).unwrap();
    let mut keyring = SqliteKeyring::open_or_create(&place, &entry(0)).unwrap();
    let rsa = key(1, "mine", recognise(&pair().public().unwrap()));
    let other = key(2, "other", recognise(&PublicKey::read(&fixture("rsa3072.spki.pem"), false).unwrap()));
    let token = key(3, "token", Material::Token { prefix: "kw_live_x".into(), hash: SecretHash::of(b"s") });
    transact(&mut keyring, &entry(0), |t| {
        [&rsa, &other, &token].into_iter().try_for_each(|key| t.insert(key, Action::Reserve))
    })
    .unwrap();
    Store { keyring, place, rsa, _directory: directory }
}

/// A request over `text`, whatever its other parts say.
fn over(text: &str) -> Presented {
    Presented {
        key_id: KeyId::from_random([1; 16]).to_string(),
        timestamp: "1700000000000".into(),
        method: "GET".into(),
        path: "/trade-api/v2/portfolio/balance".into(),
        signature: Base64::encode_string(&pair().sign(text.as_bytes()).unwrap()),
        aside: Aside::default(),
    }
}

fn good() -> Presented {
    over("1700000000000GET/trade-api/v2/portfolio/balance")
}

fn demand(at: i64) -> Demand {
    Demand { scopes: Vec::new(), env: None, at: time(at) }
}

fn found(keys: &dyn Keys, presented: &Presented, window: Window) -> (Ruling, Option<Accepted>) {
    let mut ruling = None;
    let mut proved = false;
    let accepted =
        verify_request(keys, &Ok(presented.clone()), &demand(NOW), window, &mut Verifiers::default(), &mut |verdict| {
            ruling = Some(verdict.ruling);
            proved = verdict.key.is_some();
        })
        .unwrap();
    let ruling = ruling.unwrap();
    assert_eq!(accepted.is_some(), ruling == Ruling::Valid);
    let before_proof = [Ruling::WrongSignature, Ruling::WrongType, Ruling::NotFound, Ruling::BadSignature];
    assert!(!proved || !before_proof.contains(&ruling), "nothing is told of a key that was not proved");
    (ruling, accepted)
}

#[test]
fn a_good_request_is_accepted_once() {
    let mut store = store();
    let (ruling, accepted) = found(&store.keyring, &good(), WINDOW);
    assert_eq!(ruling, Ruling::Valid);
    let accepted = accepted.unwrap();
    assert_eq!(accepted.until, time(NOW + 60));
    let (_, twin) = found(&store.keyring, &good(), WINDOW);
    let twin = twin.unwrap();
    let first = record(&mut store.keyring, &entry(NOW), &[&accepted, &twin, &accepted]).unwrap();
    assert_eq!(first, [true, true, false], "another signature over the same is another request");
    let same = |presented: &Presented| found(&store.keyring, presented, WINDOW).0;
    assert_eq!(same(&good()), Ruling::Valid);
    let key = store.keyring.key(store.rsa.id, time(NOW)).unwrap().unwrap();
    assert_eq!(key.lifecycle.last_used, Some(time(NOW)));
}

#[test]
fn what_is_on_record_is_a_replay_for_as_long_as_its_timestamp_counts() {
    let mut store = store();
    let presented = good();
    let (_, accepted) = found(&store.keyring, &presented, WINDOW);
    record(&mut store.keyring, &entry(NOW), &[&accepted.unwrap()]).unwrap();
    assert_eq!(found(&store.keyring, &presented, WINDOW).0, Ruling::Replayed);
    // When it is forgotten, it is too old for the window that it was accepted in, and for the default one.
    let other = found(&store.keyring, &good(), WINDOW).1.unwrap();
    record(&mut store.keyring, &entry(NOW + 61), &[&other]).unwrap();
    let late = Window { now: Timestamp::at(time(NOW + 61)), ..WINDOW };
    assert_eq!(found(&store.keyring, &presented, late).0, Ruling::TimestampSkewed);
}

#[test]
fn what_happens_to_the_key_between_look_and_record_counts() {
    let read = Scopes::new(&["read".parse().unwrap()]).unwrap();
    let scoped = Key { scopes: read, ..store().rsa };
    let with = |change: &dyn Fn(&mut Lifecycle)| {
        let mut key = scoped.clone();
        change(&mut key.lifecycle);
        key
    };
    for (what, new) in [
        ("revoked", scoped.revoked(time(NOW), RevocationReason::KeyCompromise, None).unwrap()),
        ("disabled", with(&|life| life.disabled = Some(time(NOW)))),
        ("expired", with(&|life| life.expires = Some(time(NOW)))),
        ("a scope less", Key { scopes: Scopes::default(), ..scoped.clone() }),
        ("another note", Key { note: Some("n".parse().unwrap()), ..scoped.clone() }),
    ] {
        let mut store = store();
        update(&mut store.keyring, &store.rsa, &scoped);
        let demand = Demand { scopes: vec!["read".parse().unwrap()], ..demand(NOW) };
        let presented = Ok(good());
        let look = |keyring: &SqliteKeyring| {
            verify_request(keyring, &presented, &demand, WINDOW, &mut Verifiers::default(), &mut |_| {}).unwrap()
        };
        let accepted = look(&store.keyring).unwrap();
        // Somebody else, with a connection of their own.
        let mut other = SqliteKeyring::open(&store.place).unwrap();
        update(&mut other, &scoped, &new);
        let good = what == "another note";
        assert_eq!(record(&mut store.keyring, &entry(NOW), &[&accepted]).unwrap(), [good], "{what}");
        assert!(look(&store.keyring).is_none(), "{what}: the next look tells");
        let after = store.keyring.key(scoped.id, time(NOW)).unwrap().unwrap();
        assert_eq!(after.lifecycle.last_used.is_some(), good, "{what}: no use is noted");
        assert_eq!(store.keyring.remembers(&accepted.seen).unwrap(), good, "{what}");
    }
}

fn update(keyring: &mut SqliteKeyring, old: &Key, new: &Key) {
    transact(keyring, &entry(NOW), |transaction| transaction.update(old, new, Action::Update)).unwrap();
}

#[test]
fn the_window_is_as_wide_on_either_side_and_closed() {
    let store = store();
    let at = |now| found(&store.keyring, &good(), Window { now: Timestamp::from_millis(now), skew: 30_000 }).0;
    let signed = 1_700_000_000_000;
    for now in [signed - 30_000, signed, signed + 30_000] {
        assert_eq!(at(now), Ruling::Valid, "{now}");
    }
    for now in [0, signed - 30_001, signed + 30_001, u64::MAX] {
        assert_eq!(at(now), Ruling::TimestampSkewed, "{now}");
    }
}

#[test]
fn what_comes_first_is_told() {
    let store = store();
    let with = |change: &dyn Fn(&mut Presented)| {
        let mut presented = good();
        change(&mut presented);
        found(&store.keyring, &presented, WINDOW).0
    };
    assert_eq!(with(&|p| (p.timestamp, p.path) = ("1".into(), "x".into())), Ruling::BadTimestamp);
    assert_eq!(with(&|p| (p.method, p.key_id) = ("get".into(), "x".into())), Ruling::BadMethod);
    assert_eq!(with(&|p| (p.path, p.signature) = ("/a?b".into(), "x".into())), Ruling::BadPath);
    assert_eq!(with(&|p| (p.signature, p.key_id) = ("x".into(), "x".into())), Ruling::BadSignature);
    assert_eq!(with(&|p| p.key_id = "mine".into()), Ruling::NotFound);
    assert_eq!(with(&|p| p.key_id = KeyId::from_random([9; 16]).to_string()), Ruling::NotFound);
    assert_eq!(with(&|p| p.key_id = KeyId::from_random([3; 16]).to_string()), Ruling::WrongType);
    assert_eq!(with(&|p| p.key_id = KeyId::from_random([2; 16]).to_string()), Ruling::BadSignature, "of 384 bytes");
    assert_eq!(with(&|p| p.method = "POST".into()), Ruling::WrongSignature);
    assert_eq!(with(&|p| p.signature = Base64::encode_string(&[0xff; 256])), Ruling::BadSignature, "over the modulus");
    assert_eq!(with(&|p| p.signature = Base64::encode_string(&[0; 256])), Ruling::WrongSignature);
}

#[test]
fn the_keys_status_goes_before_the_age_of_the_request() {
    let mut store = store();
    let old = Window { now: Timestamp::at(time(NOW + 1000)), ..WINDOW };
    let revoked = store.rsa.revoked(time(NOW), RevocationReason::KeyCompromise, None).unwrap();
    transact(&mut store.keyring, &entry(NOW), |t| t.update(&store.rsa, &revoked, Action::Revoke)).unwrap();
    assert_eq!(found(&store.keyring, &good(), old).0, Ruling::Revoked);
    let mut wrong = good();
    wrong.method = "POST".into();
    assert_eq!(found(&store.keyring, &wrong, old).0, Ruling::WrongSignature, "and the proof before the status");
}

#[test]
fn a_signature_is_standard_base64_on_one_line() {
    let good = good().signature;
    assert_eq!(decode(&good).unwrap().len(), 256);
    let bare = good.trim_end_matches('=');
    for (text, told) in [
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
        let mistake = decode(&text).unwrap_err();
        assert!(mistake.contains(told), "{text}: {mistake}");
    }
    assert_eq!(decode("").unwrap(), b"", "whose length is wrong for any key");
    // The last digit of a padded signature has bits that are not used; they must be zero.
    let at = bare.len() - 1;
    let twin = |c: u8| format!("{}{}{}", &bare[..at], char::from(c), &good[at + 1..]);
    let decoded =
        (b'A'..=b'Z').filter(|c| twin(*c) != good && decode(&twin(*c)).is_ok_and(|s| s == decode(&good).unwrap()));
    assert_eq!(decoded.count(), 0);
}

#[test]
fn no_changed_byte_is_accepted_and_none_panics() {
    let store = store();
    let fields: [fn(&mut Presented) -> &mut String; 5] =
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
                    // An id means the same in upper case.
                    continue;
                }
                text.replace_range(at..=at, &char::from(byte).to_string());
                assert_ne!(found(&store.keyring, &bent, WINDOW).0, Ruling::Valid, "{bent:?}");
            }
        }
    }
}

#[test]
fn a_bent_head_is_valid_only_if_it_says_the_same() {
    let store = store();
    let Presented { key_id, timestamp, method, path, signature, .. } = good();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nKALSHI-ACCESS-KEY: {key_id}\r\nKALSHI-ACCESS-TIMESTAMP: {timestamp}\r\n\
         KALSHI-ACCESS-SIGNATURE: {signature}\r\n\r\n"
    );
    let mut valid = 0;
    for at in 0..head.len() {
        for flip in [1, 0x20, 0x80] {
            let mut bent = head.clone().into_bytes();
            bent[at] ^= flip;
            let presented = Presented::read(&bent);
            let Ok(read) = &presented else { continue };
            if found(&store.keyring, read, WINDOW).0 == Ruling::Valid {
                valid += 1;
                assert!(read.key_id.eq_ignore_ascii_case(&key_id));
                assert_eq!(
                    (&read.timestamp, &read.method, &read.path, &read.signature),
                    (&timestamp, &method, &path, &signature)
                );
            }
        }
        let _ = Presented::read(&head.as_bytes()[..at]);
    }
    assert!(valid > 50, "the names of headers have no case: {valid}");
}

#[test]
fn each_usual_mistake_is_named_and_none_is_accepted() {
    let store = store();
    let path = "/trade-api/v2/portfolio/balance";
    let explained = |presented: &Presented| {
        let ruling = found(&store.keyring, presented, WINDOW).0;
        assert_ne!(ruling, Ruling::Valid);
        explain(&store.keyring, presented, ruling, time(NOW)).unwrap()
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
        presented.aside =
            Aside { origin: Some("https://x.example".into()), query: "?limit=5".into(), body: b"{\"a\":1}".to_vec() };
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
fn mistakes_in_the_form_are_explained_as_far_as_a_signature_can() {
    let store = store();
    let explained = |presented: &Presented, ruling| {
        assert_eq!(found(&store.keyring, presented, WINDOW).0, ruling);
        explain(&store.keyring, presented, ruling, time(NOW)).unwrap().map(|found| found.mistake)
    };
    let seconds = Presented { timestamp: "1700000000".into(), ..good() };
    assert_eq!(explained(&seconds, Ruling::BadTimestamp), Some("seconds"));
    let short = Presented { timestamp: "17000000000".into(), ..good() };
    assert_eq!(explained(&short, Ruling::BadTimestamp), None);
    let lower = Presented { method: "get".into(), ..good() };
    assert_eq!(explained(&lower, Ruling::BadMethod), Some("lower_case_method"));
    let path = "/trade-api/v2/portfolio/balance?limit=5";
    let signed = Presented { path: path.into(), ..over(&format!("1700000000000GET{path}")) };
    assert_eq!(explained(&signed, Ruling::BadPath), Some("query_signed"));
    let presented = Presented { path: path.into(), ..good() };
    assert_eq!(explained(&presented, Ruling::BadPath), Some("query_presented"));
    let nothing = Presented { path: "x".into(), ..good() };
    assert_eq!(explained(&nothing, Ruling::BadPath), None);
}

#[test]
fn another_key_of_the_keyring_is_found() {
    let mut store = store();
    // Of the same size; the signature may or may not be below its modulus.
    let stranger = key(4, "stranger", recognise(&PublicKey::read(&fixture("weak-biased.pem"), false).unwrap()));
    transact(&mut store.keyring, &entry(0), |t| t.insert(&stranger, Action::Reserve)).unwrap();
    for n in [2, 4] {
        let presented = Presented { key_id: KeyId::from_random([n; 16]).to_string(), ..good() };
        let ruling = found(&store.keyring, &presented, WINDOW).0;
        assert!(matches!(ruling, Ruling::BadSignature | Ruling::WrongSignature));
        let explanation = explain(&store.keyring, &presented, ruling, time(NOW)).unwrap().unwrap();
        assert_eq!(explanation.mistake, "wrong_key");
        assert!(explanation.hint.contains(&store.rsa.id.to_string()) && explanation.hint.contains("`mine`"));
    }
    // A key that is over signs nothing that anybody should be told of.
    let revoked = store.rsa.revoked(time(NOW), RevocationReason::KeyCompromise, None).unwrap();
    transact(&mut store.keyring, &entry(NOW), |t| t.update(&store.rsa, &revoked, Action::Revoke)).unwrap();
    let presented = Presented { key_id: stranger.id.to_string(), ..good() };
    assert_eq!(explain(&store.keyring, &presented, Ruling::WrongSignature, time(NOW)).unwrap(), None);
}
