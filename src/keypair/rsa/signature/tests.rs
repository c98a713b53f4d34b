use super::*;
use crate::keypair::PublicKey;
use crate::testing::key_file;

const MESSAGE: &[u8] = b"1700000000000GET/trade-api/v2/portfolio/balance";

fn pair() -> RsaKeyPair {
    RsaKeyPair::from_pkcs1(&key_file("rsa2048.private.pkcs1.der")).unwrap()
}

fn verifier(pair: &RsaKeyPair) -> RsaVerifier {
    pair.public().unwrap().verifier().unwrap()
}

#[test]
fn signatures_verify_and_no_two_are_alike() {
    let pair = pair();
    let (first, second) = (
        pair.sign(SignatureAlgorithm::RsaPssSha256, MESSAGE).unwrap(),
        pair.sign(SignatureAlgorithm::RsaPssSha256, MESSAGE).unwrap(),
    );
    assert_ne!(first, second);
    let verifier = verifier(&pair);
    assert!(
        verifier.accepts(SignatureAlgorithm::RsaPssSha256, MESSAGE, &first)
            && verifier.accepts(SignatureAlgorithm::RsaPssSha256, MESSAGE, &second)
    );
    assert!(
        !verifier.accepts(SignatureAlgorithm::RsaPssSha256, &MESSAGE[1..], &first)
            && !verifier.accepts(SignatureAlgorithm::RsaPssSha256, b"", &first)
    );
    assert_eq!((first.len(), verifier.signature_length()), (256, 256));
}

#[test]
fn a_signature_with_a_flipped_bit_is_refused() {
    let pair = pair();
    let (verifier, signature) = (verifier(&pair), pair.sign(SignatureAlgorithm::RsaPssSha256, MESSAGE).unwrap());
    for at in 0..signature.len() {
        let mut flipped = signature.clone();
        flipped[at] ^= 1 << (at % 8);
        assert!(!verifier.accepts(SignatureAlgorithm::RsaPssSha256, MESSAGE, &flipped), "{at}");
    }
    let modulus = pair.key().n().to_be_bytes();
    for wrong in
        [&signature[1..], &signature[..255], &[&[0], &*signature].concat(), &[], &[0; 256], &[0xff; 256], &modulus]
    {
        assert!(!verifier.accepts(SignatureAlgorithm::RsaPssSha256, MESSAGE, wrong));
        assert!(
            verifier.recover(wrong).is_none_or(|recovered| recovered.scheme(&Sha256::digest(MESSAGE).into()).is_none())
        );
    }
    assert!(!verifier.could_be(&modulus) && verifier.could_be(&[0; 256]));
}

#[test]
fn a_signature_plus_the_modulus_is_refused() {
    let pair = pair();
    let verifier = verifier(&pair);
    // The sum must still fit into 256 bytes. The exponentiation alone could not distinguish it from the signature.
    let twin = std::iter::repeat_with(|| pair.sign(SignatureAlgorithm::RsaPssSha256, MESSAGE).unwrap())
        .take(400)
        .find_map(|signature| {
            let value = BoxedUint::from_be_slice_vartime(&signature);
            let n = pair.key().n().as_ref().clone();
            let room = BoxedUint::from_be_slice_vartime(&[0xff; 256]).wrapping_sub(&n);
            (value < room).then(|| value.wrapping_add(&n).to_be_bytes().to_vec())
        });
    // With this modulus, one in nineteen signatures is small enough.
    let twin = twin.unwrap();
    assert!(!verifier.could_be(&twin) && !verifier.accepts(SignatureAlgorithm::RsaPssSha256, MESSAGE, &twin));
}

#[test]
fn unusual_keys_do_not_panic() {
    for name in ["weak-8200.pem", "weak-16384.pem", "weak-even-modulus.pem", "weak-e1.pem", "weak-e65538.pem"] {
        let key = PublicKey::read(&key_file(name), false).unwrap();
        assert_eq!(key.verifier().err().unwrap().code(), Code::PublicKeyMalformed, "{name}");
    }
    for name in ["weak-1024.pem", "weak-2047.pem", "weak-2052.pem", "weak-e3.pem", "rsa4096.spki.pem"] {
        let verifier = PublicKey::read(&key_file(name), false).unwrap().verifier().unwrap();
        for length in [0, 1, 127, 128, 129, 255, 256, 257, 512] {
            for byte in [0, 1, 0xff] {
                let signature = vec![byte; length];
                assert!(!verifier.accepts(SignatureAlgorithm::RsaPssSha256, MESSAGE, &signature));
                let recovered = verifier.recover(&signature);
                assert!(recovered.is_none_or(|recovered| recovered.scheme(&Sha256::digest(MESSAGE).into()).is_none()));
            }
        }
    }
    let two = RsaPublicKey::from_numbers(&[15], &[3]).unwrap();
    assert!(two.verifier().is_err());
}
