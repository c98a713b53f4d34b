//! Tests of the requests and uses that are recorded after lines have been answered.

use super::*;
use crate::{
    issuance::material_of,
    key::{Key, Material, RevocationReason},
    keypair::{KeyPair, SignatureAlgorithm},
    keyring::{Action, Keys as _, transact},
    signing::request::Timestamp,
    testing::{self, START, ScratchKeyring, entry, time},
};
use base64ct::{Base64, Encoding as _};

impl BatchLines for std::str::Lines<'_> {
    fn next_line(&mut self) -> Option<BatchLine<'_>> {
        self.next().map(|line| BatchLine::Complete(line.as_bytes()))
    }
}

fn key(n: u8, material: Material) -> Key {
    testing::key(n).with_material(material)
}

fn request(id: u8, pair: &KeyPair) -> String {
    let signature = pair.sign(SignatureAlgorithm::RsaPssSha256, format!("{START}000GET/{id}").as_bytes()).unwrap();
    let (key, signature) = (testing::id(id), Base64::encode_string(&signature));
    format!(
        "{{\"request\":{{\"key_id\":\"{key}\",\"timestamp\":\"{START}000\",\"method\":\"GET\",\"path\":\"/{id}\",\"signature\":\"{signature}\"}}}}\n"
    )
}

#[test]
fn a_key_that_ends_before_its_request_is_recorded_is_refused() {
    let mine = KeyPair::from_private(&testing::key_file("rsa2048.private.pkcs8.pem")).unwrap();
    let other =
        KeyPair::generate_rsa(crate::keypair::Bits::B2048, crate::keypair::PrimeSearch::default(), &0.into()).unwrap();
    let keys = [key(1, material_of(&mine.public().unwrap())), key(2, material_of(&other.public().unwrap()))];
    let token = key(3, testing::opaque(b"a secret of old"));
    let mut scratch = ScratchKeyring::with(&[&keys[..], &[token]].concat());
    let mut elsewhere = scratch.open();
    let keyring = &mut scratch.keyring;

    let asked = "{\"token\":\"a secret of old\"}\n";
    let questions = format!("{asked}{}{asked}{}{asked}", request(1, &mine), request(2, &other));
    let mut lines = questions.lines();
    let clock = Clock { now: time(0), timestamp: Timestamp::at(time(0)) };
    let mut answers = Answers::new(entry(0), true);
    answers.add(keyring, &mut lines, clock).unwrap();
    let codes = |answers: &Answers| -> Vec<String> {
        let code = |line: &[u8]| {
            serde_json::from_slice::<serde_json::Value>(line).unwrap()["code"].as_str().unwrap().to_owned()
        };
        answers.out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(code).collect()
    };
    assert_eq!((codes(&answers), answers.held.len()), (vec!["valid".to_owned(); 5], 2));

    // Revoke the key over a separate connection, as another process would.
    let revoked = keys[0].revoked(time(0), RevocationReason::KeyCompromise, None).unwrap();
    transact(&mut elsewhere, &entry(0), |transaction| transaction.update(&keys[0], &revoked, Action::Revoke)).unwrap();
    answers.record_held(keyring, clock);
    assert_eq!(codes(&answers), ["valid", "revoked", "valid", "valid", "valid"]);
    assert!(keyring.key(keys[0].id, time(0)).unwrap().unwrap().lifecycle.last_used.is_none());
}

#[test]
fn answers_are_in_order_and_uses_are_recorded_if_wanted() {
    for wanted in [true, false] {
        let key = key(1, testing::opaque(b"a secret of old"));
        let mut scratch = ScratchKeyring::with(std::slice::from_ref(&key));
        let keyring = &mut scratch.keyring;

        let asked = |id: u8| format!("{{\"id\":{id},\"token\":\"a secret of old\"}}\n");
        let questions = format!("{}none\n{}", asked(1), asked(2));
        let mut lines = questions.lines();
        let clock = Clock { now: time(0), timestamp: Timestamp::at(time(0)) };
        let mut answers = Answers::new(entry(0), wanted);
        answers.add(keyring, &mut lines, clock).unwrap();
        assert!(!answers.is_holding(), "only requests are put on record");
        let mut written = Vec::new();
        let mut write = |answers: &[u8]| {
            written.extend_from_slice(answers);
            Ok(())
        };
        answers.finish(keyring, clock, &mut write).unwrap();
        answers.finish(keyring, clock, &mut write).unwrap();
        let found: Vec<serde_json::Value> =
            str::from_utf8(&written).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let found: Vec<_> = found.iter().map(|answer| (answer["id"].as_u64(), answer["code"].as_str())).collect();
        assert_eq!(found, [(Some(1), Some("valid")), (None, Some("bad_request")), (Some(2), Some("valid"))]);
        let noted = keyring.key(key.id, time(0)).unwrap().unwrap().lifecycle.last_used;
        assert_eq!(noted, wanted.then_some(time(0)));
    }
}
