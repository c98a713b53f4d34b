//! What is left behind by lines that are answered together.

use super::*;
use crate::{
    issuance::recognise,
    key::{Env, Key, Lifecycle, Material, RevocationReason, SecretHash},
    keypair::KeyPair,
    keyring::{Action, Keys as _, Place, Scratch, SqliteKeyring, transact},
    proof::request::Timestamp,
};
use base64ct::{Base64, Encoding as _};

const NOW: i64 = 1_700_000_000;

fn time(seconds: i64) -> Time {
    Time::from_seconds(seconds)
}

fn entry() -> Entry {
    Entry { at: time(NOW), clock_set: true, user: "u".into(), host: "h".into(), command: "verify".into() }
}

fn key(n: u8, material: Material) -> Key {
    let mut lifecycle = Lifecycle::new(time(0), None);
    lifecycle.activated = Some(time(0));
    Key::new(KeyId::from_random([n; 16]), format!("k{n}").parse().unwrap(), Env::Live, material, lifecycle)
}

fn request(id: u8, pair: &KeyPair) -> String {
    let signature = pair.sign(format!("{NOW}000GET/{id}").as_bytes()).unwrap();
    let (key, signature) = (KeyId::from_random([id; 16]), Base64::encode_string(&signature));
    format!(
        "{{\"request\":{{\"key_id\":\"{key}\",\"timestamp\":\"{NOW}000\",\"method\":\"GET\",\"path\":\"/{id}\",\"signature\":\"{signature}\"}}}}\n"
    )
}

#[test]
fn what_ends_a_key_between_look_and_record_counts() {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::new(&directory.path().join("keyring.db")).unwrap();
    let mut keyring = SqliteKeyring::open_or_create(&place, &entry()).unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys/rsa2048.private.pkcs8.pem");
    let mine = KeyPair::from_private(&std::fs::read(file).unwrap()).unwrap();
    let other =
        KeyPair::generate(crate::keypair::Bits::B2048, crate::keypair::PrimeSearch::default(), &0.into()).unwrap();
    let keys = [key(1, recognise(&mine.public().unwrap())), key(2, recognise(&other.public().unwrap()))];
    let token = Material::Opaque { prefix: None, hash: SecretHash::of(b"a secret of old") };
    transact(&mut keyring, &entry(), |transaction| {
        transaction.insert(&key(3, token.clone()), Action::Import)?;
        keys.iter().try_for_each(|key| transaction.insert(key, Action::Import))
    })
    .unwrap();

    let asked = "{\"token\":\"a secret of old\"}\n";
    let questions = format!("{asked}{}{asked}{}{asked}", request(1, &mine), request(2, &other));
    let mut lines = Lines::new(questions.as_bytes());
    while lines.read().unwrap() {}
    let clock = Clock { now: time(NOW), timestamp: Timestamp::at(time(NOW)) };
    let mut answers = Answers::new(entry(), true);
    answers.add(&keyring, &mut lines, clock).unwrap();
    let codes = |answers: &Answers| -> Vec<String> {
        let code = |line: &[u8]| {
            serde_json::from_slice::<serde_json::Value>(line).unwrap()["code"].as_str().unwrap().to_owned()
        };
        answers.out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(code).collect()
    };
    assert_eq!((codes(&answers), answers.held.len()), (vec!["valid".to_owned(); 5], 2));

    // Somebody else, with a connection of their own.
    let mut elsewhere = SqliteKeyring::open(&place).unwrap();
    let revoked = keys[0].revoked(time(NOW), RevocationReason::KeyCompromise, None).unwrap();
    transact(&mut elsewhere, &entry(), |transaction| transaction.update(&keys[0], &revoked, Action::Revoke)).unwrap();
    answers.settle(&mut keyring, clock);
    assert_eq!(codes(&answers), ["valid", "revoked", "valid", "valid", "valid"]);
    assert!(keyring.key(keys[0].id, time(NOW)).unwrap().unwrap().lifecycle.last_used.is_none());
}

#[test]
fn answers_come_in_order_and_a_use_is_noted_if_it_is_wanted() {
    for wanted in [true, false] {
        let mut scratch = Scratch::new(&entry()).unwrap();
        let keyring = scratch.keyring();
        let token = Material::Opaque { prefix: None, hash: SecretHash::of(b"a secret of old") };
        let key = key(1, token);
        transact(keyring, &entry(), |transaction| transaction.insert(&key, Action::Import)).unwrap();

        let asked = |id: u8| format!("{{\"id\":{id},\"token\":\"a secret of old\"}}\n");
        let questions = format!("{}none\n{}", asked(1), asked(2));
        let mut lines = Lines::new(questions.as_bytes());
        while lines.read().unwrap() {}
        let clock = Clock { now: time(NOW), timestamp: Timestamp::at(time(NOW)) };
        let mut answers = Answers::new(entry(), wanted);
        answers.add(keyring, &mut lines, clock).unwrap();
        assert!(!answers.is_holding(), "only requests are put on record");
        let mut written = Vec::new();
        let mut write = |answers: &[u8]| {
            written.extend_from_slice(answers);
            Ok(())
        };
        answers.finish(keyring, clock, &mut write).unwrap();
        answers.finish(keyring, clock, &mut write).unwrap();
        let told: Vec<serde_json::Value> =
            str::from_utf8(&written).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let told: Vec<_> = told.iter().map(|answer| (answer["id"].as_u64(), answer["code"].as_str())).collect();
        assert_eq!(told, [(Some(1), Some("valid")), (None, Some("bad_request")), (Some(2), Some("valid"))]);
        let noted = keyring.key(key.id, time(NOW)).unwrap().unwrap().lifecycle.last_used;
        assert_eq!(noted, wanted.then_some(time(NOW)));
    }
}
